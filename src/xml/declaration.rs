//! The XML declaration (XML 1.0, 2.8).

use super::error::XmlError;
use crate::white_space::trim;

/// Returns the encoding that a document declares, if its declaration is valid. White space inside the
/// quotes is ignored here.
pub(super) fn encoding(document: &str) -> Option<&str> {
    let rest = document.strip_prefix("<?xml")?;
    let (content, _) = rest.split_once("?>")?;
    read(content).ok()?
}

/// Validates the text between `<?xml` and `?>`.
pub(super) fn check(content: &str) -> Result<(), XmlError> {
    read(content).map(|_| ())
}

/// Reads the parts of a declaration; returns the encoding.
fn read(content: &str) -> Result<Option<&str>, XmlError> {
    let wrong = || XmlError::Malformed("invalid XML declaration".into());
    let mut rest = content;
    let mut part = |name| pseudo_attribute(&mut rest, name);
    let version = part("version").ok_or_else(wrong)?;
    let encoding = part("encoding");
    let standalone = part("standalone");
    let is_version = version
        .strip_prefix("1.")
        .is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit()));
    let is_encoding = |name: &str| is_encoding(unquoted(name));
    if is_version
        && encoding.is_none_or(is_encoding)
        && standalone.is_none_or(|value| matches!(value, "yes" | "no"))
        && trim(rest).is_empty()
    {
        Ok(encoding.map(unquoted))
    } else {
        Err(wrong())
    }
}

/// openwsman copies the charset of the request into its declaration unchanged, including quotes:
/// `encoding='"UTF-8"'` (recordings/openwsman/138-content-type-quoted-charset).
fn unquoted(name: &str) -> &str {
    let inner = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    inner.unwrap_or(name)
}

fn is_encoding(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(is_part)
}

/// Takes ` name="value"` from the start of a text, if it is there.
fn pseudo_attribute<'t>(rest: &mut &'t str, name: &str) -> Option<&'t str> {
    let space = |c| matches!(c, ' ' | '\t' | '\r' | '\n');
    let text = rest.strip_prefix(space)?.trim_start_matches(space);
    let text = text.strip_prefix(name)?.trim_start_matches(space);
    let text = text.strip_prefix('=')?.trim_start_matches(space);
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, behind) = text.get(1..)?.split_once(quote)?;
    *rest = behind;
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_encoding() {
        for (document, name) in [
            (
                r#"<?xml version="1.0" encoding="UTF-8"?><a/>"#,
                Some("UTF-8"),
            ),
            (
                "<?xml version='1.0'\n encoding = 'iso-8859-1' standalone='yes' ?>",
                Some("iso-8859-1"),
            ),
            (r#"<?xml version="1.0" encoding='"UTF-8"'?>"#, Some("UTF-8")),
            (r#"<?xml version="1.1"?>"#, None),
            ("<?xml version='1.0' standalone='no'?>", None),
            ("<a/>", None),
        ] {
            assert_eq!(encoding(document), name, "{document}");
        }
    }

    #[test]
    fn rejects_invalid_declarations() {
        for content in [
            "",
            " ",
            " encoding='UTF-8'",
            " version='2.0'",
            " version=1.0",
            " version='1.0'encoding='UTF-8'",
            " version='1.0' encoding=''",
            " version='1.0' encoding='8'",
            " version='1.0' encoding='a b'",
            " version='1.0' standalone='maybe'",
            " version='1.0' standalone='yes' encoding='UTF-8'",
            " version='1.0' other='1'",
            " version='1.0\"",
            "version='1.0'",
            " version='1.'",
        ] {
            assert!(check(content).is_err(), "{content}");
        }
    }
}
