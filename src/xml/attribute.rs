//! The attributes of an element.

use std::borrow::Cow;

use quick_xml::events::attributes as parser;

use super::character::{REPLACEMENT, Reference, is_allowed, resolve};
use super::name::{local_start, prefix};

/// The attributes of a tag, in order. The tag is already known to be well-formed.
///
/// Most attributes have the usual form ` name="value"`, which is read here. From the first other form
/// on, the parser of quick-xml continues.
pub(crate) struct Attributes<'i> {
    tag: &'i str,
    /// The offset of the next attribute with its leading space, or of the start of the parser.
    next: usize,
    parser: Option<parser::Attributes<'i>>,
}

/// An attribute of an element.
pub(crate) struct Attribute<'i> {
    name: &'i str,
    /// The raw value.
    raw: Cow<'i, str>,
}

impl<'i> Attributes<'i> {
    /// Returns the attributes of a tag from an offset on.
    #[inline]
    pub(super) fn new(tag: &'i str, offset: usize) -> Self {
        Self {
            tag,
            next: offset,
            parser: None,
        }
    }

    /// Returns an offset in the tag from which the following attributes can be read again.
    pub(super) fn offset(&self) -> usize {
        self.next
    }

    /// Returns the next attribute if it has the usual form.
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

    /// Parses the rest; skips what the parser cannot read.
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
    /// Returns an attribute whose raw value was checked before.
    pub(super) fn known(name: &'i str, raw: &'i str) -> Self {
        let raw = Cow::Borrowed(raw);
        Self { name, raw }
    }

    /// Returns the value if it stands in the tag as it is.
    pub(super) fn value_in_tag(&self) -> Option<&'i str> {
        match self.value() {
            Some(Cow::Borrowed(value)) => Some(value),
            _ => None,
        }
    }

    /// Returns the name without its prefix.
    #[inline]
    pub(crate) fn local_name(&self) -> &'i str {
        self.name.get(local_start(self.name)..).unwrap_or_default()
    }

    /// Returns the name with its prefix.
    pub(super) fn name(&self) -> &'i str {
        self.name
    }

    /// Returns the value; `None` if it holds an unresolvable reference.
    #[inline]
    pub(crate) fn value(&self) -> Option<Cow<'i, str>> {
        // Without early exits, the loop examines many bytes in one step.
        let is_plain = |plain, byte| plain & (byte >= b' ') & (byte != b'&') & (byte != 0xef);
        if self.raw.bytes().fold(true, is_plain) {
            Some(self.raw.clone())
        } else {
            self.normalized()
        }
    }

    /// Returns the value with its references resolved and its white space replaced by spaces (XML 1.0,
    /// 3.3.3). Invalid characters occur here only if the caller allowed lossy text.
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

    /// Returns the prefix of the name; empty without one.
    #[inline]
    pub(super) fn prefix(&self) -> &'i str {
        prefix(self.name, local_start(self.name))
    }

    /// Returns whether it declares a namespace.
    pub(crate) fn is_declaration(&self) -> bool {
        self.declared_prefix().is_some()
    }

    /// Returns the prefix that it declares; `xmlns` alone declares the default namespace.
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
    fn reads_an_attribute_in_every_form() {
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
    fn skips_invalid_attributes_and_reads_the_rest() {
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
    fn normalises_values_and_rejects_unknown_references() {
        let values = read("p a=\"1\t2\" b=\"&no;\" c=\"\"");
        let values: Vec<_> = values.iter().map(|(_, value)| value.as_deref()).collect();
        assert_eq!(values, [Some("1 2"), None, Some("")]);
    }
}
