//! Parses start tags, in the usual form and in every other.

use super::byte::{begins_ascii_name, ends_value, is_in_ascii_name};
use super::character::{Reference, resolve};
use super::error::XmlError;
use super::name::{is_qualified, local_start};
use crate::white_space::{is_blank, is_space};

/// A start tag that is well-formed except for its namespaces, which are validated later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag<'i> {
    /// The text between the brackets, without the slash of an empty element.
    pub(super) text: &'i str,
    /// The length of the name.
    pub(super) name: usize,
    /// The offset of the local name.
    pub(super) local: usize,
    pub(super) is_empty: bool,
    /// The number of its attributes, including namespace declarations.
    pub(super) attributes: usize,
    /// Whether any of them declares a namespace.
    pub(super) declares: bool,
}

impl<'i> Tag<'i> {
    /// Parses the tag at the start of a text if it has the usual form: `<name a="b" c="d">`, without
    /// references. Returns the text after it as well.
    #[inline]
    pub(super) fn plain(text: &'i str) -> Option<(Self, &'i str)> {
        let text = text.strip_prefix('<')?;
        let (local, name) = plain_name(text)?;
        let mut tag = Self {
            text,
            name,
            local,
            is_empty: false,
            attributes: 0,
            declares: false,
        };
        let mut rest = text.get(name..)?;
        while let Some(attribute) = rest.strip_prefix(' ') {
            let (_, end) = plain_name(attribute)?;
            let value = attribute.get(end..)?.strip_prefix("=\"")?;
            let length = value.bytes().position(ends_value)?;
            rest = value.get(length..)?.strip_prefix('"')?;
            tag.attributes += 1;
            tag.declares |= attribute.starts_with("xmlns");
        }
        let length = text.len() - rest.len();
        tag.text = text.get(..length)?;
        if let Some(behind) = rest.strip_prefix('>') {
            return Some((tag, behind));
        }
        tag.is_empty = true;
        Some((tag, rest.strip_prefix("/>")?))
    }

    /// Parses any tag, from the text between its brackets.
    #[cold]
    pub(super) fn any(text: &'i str, name: usize, is_empty: bool) -> Result<Self, XmlError> {
        let mut tag = Self {
            text,
            name,
            local: local_start(text.get(..name).unwrap_or_default()),
            is_empty,
            attributes: 0,
            declares: false,
        };
        check_name(text.get(..name).unwrap_or_default())?;
        let mut rest = text.get(name..).unwrap_or_default();
        while !is_blank(rest) {
            let name = check_attribute(&mut rest)?;
            tag.attributes += 1;
            tag.declares |= name.starts_with("xmlns");
        }
        Ok(tag)
    }
}

/// Returns the offsets of the local name and of the end of the name at the start of a text; `None` if
/// the name is invalid or not ASCII.
#[inline]
fn plain_name(text: &str) -> Option<(usize, usize)> {
    let first = plain_part(text)?;
    let Some(local) = text.get(first..)?.strip_prefix(':') else {
        return Some((0, first));
    };
    Some((first + 1, first + 1 + plain_part(local)?))
}

/// Does the same without a prefix.
#[inline]
fn plain_part(text: &str) -> Option<usize> {
    let mut bytes = text.bytes();
    if !bytes.next().is_some_and(begins_ascii_name) {
        return None;
    }
    let more = bytes.position(|byte| !is_in_ascii_name(byte))?;
    Some(more + 1)
}

fn check_name(text: &str) -> Result<(), XmlError> {
    if is_qualified(text) {
        Ok(())
    } else {
        Err(XmlError::Malformed(format!("{text:?} is not a valid name")))
    }
}

/// Takes an attribute and its leading white space from the start of a text; returns its name.
fn check_attribute<'i>(rest: &mut &'i str) -> Result<&'i str, XmlError> {
    let wrong = |why: &str| XmlError::Malformed(format!("an attribute {why}"));
    let text = rest.strip_prefix(is_space);
    let text = text.ok_or_else(|| wrong("without white space before it"))?;
    let text = text.trim_start_matches(is_space);
    let (name, text) = text
        .split_once('=')
        .ok_or_else(|| wrong("without a value"))?;
    let name = name.trim_end_matches(is_space);
    check_name(name)?;
    let text = text.trim_start_matches(is_space);
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let quote = quote.ok_or_else(|| wrong("without quotes"))?;
    let quoted = text.get(1..).and_then(|text| text.split_once(quote));
    let (value, behind) = quoted.ok_or_else(|| wrong("without its second quote"))?;
    if value.contains('<') {
        return Err(wrong("with < in its value"));
    }
    for reference in value.split('&').skip(1) {
        let name = reference.split_once(';').map(|(name, _)| name);
        if name.is_none_or(|name| resolve(name) == Reference::Unknown) {
            return Err(wrong("with an invalid reference in its value"));
        }
    }
    *rest = behind;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_usual_form() {
        let (tag, behind) = Tag::plain(r#"<p:a xmlns:p="u" b="1>2"/>x"#).unwrap();
        assert_eq!(tag.text, r#"p:a xmlns:p="u" b="1>2""#);
        assert_eq!((tag.name, tag.is_empty), (3, true));
        assert_eq!((tag.attributes, tag.declares), (2, true));
        assert_eq!(behind, "x");
        let (tag, behind) = Tag::plain("<a></a>").unwrap();
        assert_eq!(
            (tag.text, tag.name, tag.is_empty, behind),
            ("a", 1, false, "</a>")
        );
    }

    #[test]
    fn leaves_every_other_form_to_the_slow_path() {
        for text in [
            "",
            "x",
            "<",
            "<a",
            "</a>",
            "<!--",
            "<?a?>",
            "<9>",
            "<a:>",
            "<:a>",
            "<a:b:c>",
            "<é>",
            "<a é=\"\">",
            "<a  b=\"\">",
            "<a\tb=\"\">",
            "<a b=''>",
            "<a b>",
            "<a b=>",
            "<a b=\"",
            "<a b=\"&lt;\">",
            "<a b=\"<\">",
            "<a b=\"\t\">",
            "<a b=\"\u{ffff}\">",
            "<a b=\"\"c=\"\">",
            "<a b=\"\" >",
            "<a / >",
        ] {
            assert!(Tag::plain(text).is_none(), "{text}");
        }
    }

    #[test]
    fn checks_every_form() {
        let any = |text: &'static str| {
            let name = text.find(' ').unwrap_or(text.len());
            Tag::any(text, name, false).map(|tag| (tag.attributes, tag.declares))
        };
        for (text, found) in [
            ("a", (0, false)),
            ("a ", (0, false)),
            ("é \t b = 'x' \r\n c=\"'&amp;&#65;\"", (2, false)),
            ("a b='>' xmlns=''", (2, true)),
        ] {
            assert_eq!(any(text), Ok(found), "{text}");
        }
        for text in [
            "",
            "9",
            "a:b:c",
            "a/",
            "a b",
            "a b=",
            "a b=c",
            "a b='",
            "a b='c\"",
            "a ='c'",
            "a b='c'd='e'",
            "a b='<'",
            "a b='&'",
            "a b='&lt'",
            "a b='&nbsp;'",
            "a b='&#;'",
            "a b c='d'",
            "a 9='d'",
            "a b=''/",
            "a b==''",
            "a :b=''",
            "a b:=''",
        ] {
            assert!(any(text).is_err(), "{text}");
        }
    }
}
