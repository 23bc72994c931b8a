//! Invalid characters of XML, and character references.

use std::borrow::Cow;

/// The placeholder for bytes that are invalid in their encoding. No document may contain it itself, so
/// both are detected in the same way.
pub(super) const NOT_TEXT: char = '\u{ffff}';

/// The replacement for invalid characters, if the caller allowed lossy text.
pub(super) const REPLACEMENT: char = '\u{fffd}';

/// Returns whether XML 1.0 has the character (production 2).
pub(super) fn is_allowed(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        _ => character >= ' ' && !matches!(character, '\u{fffe}' | '\u{ffff}'),
    }
}

fn is_forbidden(character: char) -> bool {
    !is_allowed(character)
}

/// Returns the position of the first invalid character.
pub(super) fn find_forbidden(text: &str) -> Option<(usize, char)> {
    let at = text.find(is_forbidden)?;
    let found = text.get(at..)?.chars().next()?;
    Some((at, found))
}

/// Returns the text with U+FFFD for every invalid character.
pub(super) fn replace_forbidden(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains(is_forbidden) {
        Cow::Owned(text.replace(is_forbidden, REPLACEMENT.encode_utf8(&mut [0; 4])))
    } else {
        text
    }
}

/// The result of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    Character(char),
    /// The number of an invalid character.
    Forbidden(u32),
    /// An undeclared entity, or an invalid reference.
    Unknown,
}

/// Resolves the text between `&` and `;`. Supports only the five predefined entities.
pub(super) fn resolve(name: &str) -> Reference {
    let number = match name {
        "lt" => return Reference::Character('<'),
        "gt" => return Reference::Character('>'),
        "amp" => return Reference::Character('&'),
        "apos" => return Reference::Character('\''),
        "quot" => return Reference::Character('"'),
        _ => name.strip_prefix('#').and_then(number),
    };
    match number {
        None => Reference::Unknown,
        Some(number) => match char::from_u32(number) {
            Some(character) if is_allowed(character) => Reference::Character(character),
            _ => Reference::Forbidden(number),
        },
    }
}

/// Returns the first reference in a text to an invalid character: its position and number.
pub(super) fn forbidden_reference(text: &str) -> Option<(usize, u32)> {
    text.match_indices("&#").find_map(|(at, _)| {
        let (name, _) = text.get(at + 1..)?.split_once(';')?;
        match resolve(name) {
            Reference::Forbidden(number) => Some((at, number)),
            _ => None,
        }
    })
}

/// Returns the number of a character reference; saturates for a number too large for any character.
fn number(digits: &str) -> Option<u32> {
    let (digits, radix) = match digits.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    let add = |number: u32, digit: char| {
        let digit = digit.to_digit(radix)?;
        Some(number.saturating_mul(radix).saturating_add(digit))
    };
    if digits.is_empty() {
        None
    } else {
        digits.chars().try_fold(0, add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_references() {
        for (name, character) in [
            ("lt", '<'),
            ("amp", '&'),
            ("quot", '"'),
            ("#65", 'A'),
            ("#x41", 'A'),
            ("#xaB", '\u{ab}'),
            ("#9", '\t'),
            ("#13", '\r'),
            ("#0065", 'A'),
            ("#x10FFFF", '\u{10ffff}'),
            ("#133", '\u{85}'),
        ] {
            assert_eq!(resolve(name), Reference::Character(character), "{name}");
        }
        for (name, number) in [
            ("#0", 0),
            ("#x0", 0),
            ("#1", 1),
            ("#31", 31),
            ("#xD800", 0xd800),
            ("#xDFFF", 0xdfff),
            ("#xFFFE", 0xfffe),
            ("#65535", 0xffff),
            ("#x110000", 0x11_0000),
            ("#99999999999999999999", u32::MAX),
        ] {
            assert_eq!(resolve(name), Reference::Forbidden(number), "{name}");
        }
        for name in [
            "", "#", "#x", "nbsp", "LT", "lt ", " lt", "#+65", "#-1", "#x+41", "#X41", "#6 5",
            "#a", "#xg", "#\u{661}",
        ] {
            assert_eq!(resolve(name), Reference::Unknown, "{name}");
        }
    }

    #[test]
    fn replaces_only_invalid_characters() {
        let replaced = replace_forbidden("a\u{0}b\u{b}\u{ffff}\u{fffe}c\t\n\r\u{7f}".into());
        assert_eq!(replaced, "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}c\t\n\r\u{7f}");
        assert!(matches!(replace_forbidden("a".into()), Cow::Borrowed("a")));
        assert_eq!(find_forbidden("ä\u{1}"), Some((2, '\u{1}')));
        assert_eq!(find_forbidden("ä\u{fffd}"), None);
    }
}
