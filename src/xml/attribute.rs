//! The attributes of an element.

use std::borrow::Cow;

use quick_xml::events::attributes as parser;

use super::character::{REPLACEMENT, Reference, is_allowed, resolve};
use super::name::{local_start, prefix};

/// The attributes of a tag, in their order. The tag was found well-formed before.
///
/// Nearly all stand in the one form that writers give them, ` name="value"`, which is read here.
/// From the first that does not, the parser of quick-xml goes on.
pub(crate) struct Attributes<'i> {
    tag: &'i str,
    /// Where the next attribute begins with its space, or where the parser began.
    next: usize,
    parser: Option<parser::Attributes<'i>>,
}

/// An attribute of an element.
pub(crate) struct Attribute<'i> {
    name: &'i str,
    /// The value as it stands.
    raw: Cow<'i, str>,
}

impl<'i> Attributes<'i> {
    /// The attributes that stand in a tag from an offset on.
    #[inline]
    pub(super) fn new(tag: &'i str, offset: usize) -> Self {
        Self {
            tag,
            next: offset,
            parser: None,
        }
    }

    /// A place in the tag from where on the attributes that come next can be read again.
    pub(super) fn offset(&self) -> usize {
        self.next
    }

    /// The next attribute, if it stands in the usual form.
    #[inline]
    fn plain(&mut self) -> Option<Attribute<'i>> {
        let text = self.tag.get(self.next..)?.strip_prefix(' ')?;
        let end = text.bytes().position(|byte| byte == b'=' || byte <= b' ')?;
        let (name, rest) = text.split_at_checked(end)?;
        let quoted = rest.strip_prefix("=\"")?;
        let end = quoted.bytes().position(|byte| byte == b'"')?;
        let (raw, rest) = (quoted.get(..end)?, quoted.get(end + 1..)?);
        if name.is_empty() || !(rest.is_empty() || rest.starts_with(' ')) {
            return None;
        }
        self.next = self.tag.len() - rest.len();
        let raw = Cow::Borrowed(raw);
        Some(Attribute { name, raw })
    }

    /// What the parser makes of the rest; what it cannot read is left out.
    #[cold]
    fn parsed(&mut self) -> Option<Attribute<'i>> {
        let parser = self.parser.get_or_insert_with(|| {
            let mut parser = parser::Attributes::new(self.tag, self.next);
            parser.with_checks(false);
            parser
        });
        let attribute = parser.find_map(Result::ok)?;
        Some(Attribute {
            name: attribute.key.0,
            raw: attribute.value,
        })
    }
}

impl<'i> Iterator for Attributes<'i> {
    type Item = Attribute<'i>;

    #[inline]
    fn next(&mut self) -> Option<Attribute<'i>> {
        if self.parser.is_none() {
            if self.next >= self.tag.len() {
                return None;
            }
            if let Some(attribute) = self.plain() {
                return Some(attribute);
            }
        }
        self.parsed()
    }
}

impl<'i> Attribute<'i> {
    /// The name without its prefix.
    #[inline]
    pub(crate) fn local_name(&self) -> &'i str {
        self.name.get(local_start(self.name)..).unwrap_or_default()
    }

    /// The name as it stands.
    pub(super) fn name(&self) -> &'i str {
        self.name
    }

    /// The value; `None` if it holds a reference that cannot be resolved.
    #[inline]
    pub(crate) fn value(&self) -> Option<Cow<'i, str>> {
        // Without a jump for each byte, many are looked at in one step.
        let is_plain = |plain, byte| plain & (byte >= b' ') & (byte != b'&') & (byte != 0xef);
        if self.raw.bytes().fold(true, is_plain) {
            Some(self.raw.clone())
        } else {
            self.normalized()
        }
    }

    /// The value with its references resolved and its white space made spaces (XML 1.0, 3.3.3). What XML
    /// has no character for is here only where the caller asked to read on.
    #[cold]
    fn normalized(&self) -> Option<Cow<'i, str>> {
        let mut value = String::with_capacity(self.raw.len());
        let mut rest = &*self.raw;
        while let Some(character) = rest.chars().next() {
            let (read, length) = match character {
                '\r' if rest.starts_with("\r\n") => (' ', 2),
                '\t' | '\r' | '\n' => (' ', 1),
                '&' => {
                    let (name, _) = rest.get(1..)?.split_once(';')?;
                    let read = match resolve(name) {
                        Reference::Character(character) => character,
                        Reference::Forbidden(_) => REPLACEMENT,
                        Reference::Unknown => return None,
                    };
                    (read, name.len() + 2)
                }
                _ if is_allowed(character) => (character, character.len_utf8()),
                _ => (REPLACEMENT, character.len_utf8()),
            };
            value.push(read);
            rest = rest.get(length..)?;
        }
        Some(Cow::Owned(value))
    }

    /// The prefix of the name; empty without one.
    #[inline]
    pub(super) fn prefix(&self) -> &'i str {
        prefix(self.name, local_start(self.name))
    }

    /// Whether it declares a namespace.
    pub(crate) fn is_declaration(&self) -> bool {
        self.declared_prefix().is_some()
    }

    /// The prefix that it declares a namespace for, if it does: `xmlns` alone is for names without one.
    pub(super) fn declared_prefix(&self) -> Option<&'i str> {
        match self.name.strip_prefix("xmlns")? {
            "" => Some(""),
            rest => rest.strip_prefix(':'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: &str) -> Vec<(String, Option<String>)> {
        Attributes::new(tag, 1)
            .map(|one| {
                let value = one.value().map(Cow::into_owned);
                (one.name.to_owned(), value)
            })
            .collect()
    }

    #[test]
    fn an_attribute_is_the_same_in_every_form() {
        let usual = read(r#"p xsi:type="cim:a" b="c>'d""#);
        let both = [("xsi:type", "cim:a"), ("b", "c>'d")];
        let both = both.map(|(name, value)| (name.to_owned(), Some(value.to_owned())));
        assert_eq!(usual, both);
        for other in [
            r#"p  xsi:type="cim:a" b="c>'d" "#,
            "p\txsi:type = 'cim:a'\n b=\"c>'d\"",
            r#"p xsi:type="cim:a" b="c&gt;&apos;d""#,
            r#"p xsi:type="&#99;im:a" b="c>'d""#,
            r#"p xsi:type="cim:a"b="c>'d""#,
        ] {
            assert_eq!(read(other), both, "{other}");
        }
    }

    #[test]
    fn what_is_no_attribute_is_left_out_and_the_rest_is_read() {
        for (tag, names) in [
            ("p", ""),
            ("p ", ""),
            ("p a", ""),
            ("p a=", ""),
            (r#"p a="b"#, ""),
            (r#"p ="b""#, ""),
            (r#"p a="1" b c="2""#, "ac"),
            (r#"p a="1" b=2 c="3""#, "ac"),
            (r#"p é="1" a='2' b="3""#, "éab"),
        ] {
            let found: String = read(tag).into_iter().map(|(name, _)| name).collect();
            assert_eq!(found, names, "{tag}");
        }
    }

    #[test]
    fn a_value_is_normalised_and_a_reference_to_nothing_has_none() {
        let values = read("p a=\"1\t2\" b=\"&no;\" c=\"\"");
        let values: Vec<_> = values.iter().map(|(_, value)| value.as_deref()).collect();
        assert_eq!(values, [Some("1 2"), None, Some("")]);
    }
}
