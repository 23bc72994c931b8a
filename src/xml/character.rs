//! Characters that XML does not have, and references to characters.

use std::borrow::Cow;

/// Stands where bytes were no characters in their encoding: no document may hold it itself, so that
/// both are noticed in the same way.
pub(super) const NOT_TEXT: char = '\u{ffff}';

/// What is read in place of what cannot be, where the caller asked for that.
pub(super) const REPLACEMENT: char = '\u{fffd}';

/// The characters of XML 1.0 (production 2).
pub(super) fn is_allowed(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        _ => character >= ' ' && !matches!(character, '\u{fffe}' | '\u{ffff}'),
    }
}

fn is_forbidden(character: char) -> bool {
    !is_allowed(character)
}

/// Where the first character is that XML does not have.
pub(super) fn find_forbidden(text: &str) -> Option<(usize, char)> {
    let at = text.find(is_forbidden)?;
    let found = text.get(at..)?.chars().next()?;
    Some((at, found))
}

/// The text with U+FFFD for every character that XML does not have.
pub(super) fn replace_forbidden(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains(is_forbidden) {
        Cow::Owned(text.replace(is_forbidden, REPLACEMENT.encode_utf8(&mut [0; 4])))
    } else {
        text
    }
}

/// What a reference stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    Character(char),
    /// The number of a character that XML does not have.
    Forbidden(u32),
    /// An entity that is not declared, or no reference at all.
    Unknown,
}

/// Resolves what stands between `&` and `;`. Only the five entities that need no declaration are known.
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

/// The first reference in a text to a character that XML does not have: where it stands, and to which.
pub(super) fn forbidden_reference(text: &str) -> Option<(usize, u32)> {
    text.match_indices("&#").find_map(|(at, _)| {
        let (name, _) = text.get(at + 1..)?.split_once(';')?;
        match resolve(name) {
            Reference::Forbidden(number) => Some((at, number)),
            _ => None,
        }
    })
}

/// The number of a character reference; one too large for any character stays so.
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
    fn replaces_what_is_forbidden_alone() {
        let replaced = replace_forbidden("a\u{0}b\u{b}\u{ffff}\u{fffe}c\t\n\r\u{7f}".into());
        assert_eq!(replaced, "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}c\t\n\r\u{7f}");
        assert!(matches!(replace_forbidden("a".into()), Cow::Borrowed("a")));
        assert_eq!(find_forbidden("ä\u{1}"), Some((2, '\u{1}')));
        assert_eq!(find_forbidden("ä\u{fffd}"), None);
    }
}
