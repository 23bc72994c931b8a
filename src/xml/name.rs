//! Validates names (Namespaces in XML 1.0, 3 and 4).

use super::byte::{begins_ascii_name, begins_name, is_in_name, is_word};

/// Returns whether a text is a name, with or without a prefix (`QName`).
///
/// Every name that is written passes here. Nearly all consist of ASCII letters and digits.
pub(super) fn is_qualified(name: &str) -> bool {
    let (prefix, local) = name.split_at_checked(local_start(name)).unwrap_or_default();
    let prefix = prefix.strip_suffix(':').unwrap_or("_");
    if is_plain(prefix) && is_plain(local) {
        return true;
    }
    let bytes = name.as_bytes();
    let first = name_length(bytes);
    let is_name = match bytes.get(first..).and_then(<[u8]>::split_first) {
        None => first > 0,
        Some((b':', local)) => first > 0 && !local.is_empty() && name_length(local) == local.len(),
        Some(_) => false,
    };
    is_name && (name.is_ascii() || name.split(':').all(is_spelled_right))
}

/// Returns whether a text is a name of ASCII letters, digits and `_`.
fn is_plain(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.first().is_some_and(|byte| begins_ascii_name(*byte)) && is_word(bytes)
}

/// Returns how many bytes at the start can be a name.
fn name_length(bytes: &[u8]) -> usize {
    if bytes.first().is_none_or(|byte| !begins_name(*byte)) {
        return 0;
    }
    let end = bytes.iter().position(|byte| !is_in_name(*byte));
    end.unwrap_or(bytes.len())
}

/// Returns whether a text is a name without a colon (`NCName`).
pub(super) fn is_local(name: &str) -> bool {
    let mut bytes = name.bytes();
    let is_name = bytes.next().is_some_and(begins_name) && bytes.all(is_in_name);
    // The table of bytes accepts every byte of a character above U+007F as part of a name.
    is_name && (name.is_ascii() || is_spelled_right(name))
}

#[cold]
fn is_spelled_right(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(begins) && characters.all(continues)
}

/// Returns whether a character can start a name (XML 1.0, production 4), except the colon.
fn begins(character: char) -> bool {
    matches!(character,
        'A'..='Z' | 'a'..='z' | '_'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// Returns whether a character can continue a name (production 4a).
fn continues(character: char) -> bool {
    begins(character)
        || matches!(character,
            '0'..='9' | '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// Returns the prefix before the local name at this offset.
#[inline]
pub(super) fn prefix(name: &str, local: usize) -> &str {
    name.get(..local.saturating_sub(1)).unwrap_or_default()
}

/// Returns the offset of the local name.
#[inline]
pub(super) fn local_start(name: &str) -> usize {
    // Names are short: starting a search for long texts takes longer than finding the colon.
    let colon = name.bytes().position(|byte| byte == b':');
    colon.map_or(0, |colon| colon + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinguishes_names_from_other_texts() {
        for name in [
            "a",
            "_",
            "a:b",
            "Größe",
            "é:漢",
            "a-b.c9",
            "x\u{b7}y",
            "\u{10400}",
        ] {
            assert!(is_qualified(name), "{name}");
        }
        for other in [
            "",
            ":",
            "a:",
            ":a",
            "a:b:c",
            "9",
            "-a",
            ".a",
            "a b",
            "a/",
            "a=",
            "a<",
            "\u{b7}a",
            "a:9",
            "\u{d7}",
            "a\u{f7}",
            "\u{2028}",
            "a\u{ffff}",
            "a\u{fffe}",
            "a\u{0}",
            "\u{300}a",
        ] {
            assert!(!is_qualified(other), "{other:?}");
        }
    }
}
