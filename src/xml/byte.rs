//! Classifies the bytes of a text, so that most text is skipped quickly.

/// The classes of each byte. A table lookup is faster than a chain of comparisons, and names and texts
/// need one for each byte.
const KINDS: [Kind; 256] = {
    let mut kinds = [Kind {
        in_name: false,
        in_ascii_name: false,
        special: false,
        ends_value: false,
    }; 256];
    let mut byte = 0u8;
    let mut left: &mut [Kind] = &mut kinds;
    while let [first, rest @ ..] = left {
        *first = Kind {
            in_name: byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | 0x80..),
            in_ascii_name: byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            special: is_special(byte),
            ends_value: byte < b' ' || matches!(byte, b'"' | b'&' | b'<' | 0xef),
        };
        byte = byte.wrapping_add(1);
        left = rest;
    }
    kinds
};

#[derive(Clone, Copy)]
struct Kind {
    in_name: bool,
    in_ascii_name: bool,
    special: bool,
    ends_value: bool,
}

fn kind(byte: u8) -> Option<&'static Kind> {
    KINDS.get(usize::from(byte))
}

/// Returns whether a byte can start a name.
pub(super) fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Returns whether a byte can continue a name.
pub(super) fn is_in_name(byte: u8) -> bool {
    kind(byte).is_some_and(|kind| kind.in_name)
}

/// Returns whether a byte can start an ASCII name.
pub(super) fn begins_ascii_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Returns whether a byte can continue an ASCII name.
pub(super) fn is_in_ascii_name(byte: u8) -> bool {
    kind(byte).is_some_and(|kind| kind.in_ascii_name)
}

/// Returns whether a byte ends an attribute value or needs a closer look: a reference, white space, a
/// forbidden character, or part of an invalid one.
pub(super) fn ends_value(byte: u8) -> bool {
    kind(byte).is_some_and(|kind| kind.ends_value)
}

/// Returns whether a character with this byte may need a reference or be invalid. U+FFFE and U+FFFF
/// start with 0xEF in UTF-8.
pub(super) const fn is_special(byte: u8) -> bool {
    // Has no branches, so that a loop over it needs none.
    (byte < 0x20)
        | (byte == b'<')
        | (byte == b'>')
        | (byte == b'&')
        | (byte == b'\'')
        | (byte == b'"')
        | (byte == 0xef)
}

/// Returns whether a text has any such byte; examines many bytes in one step.
pub(super) fn has_special(text: &str) -> bool {
    let (blocks, rest) = text.as_bytes().as_chunks::<16>();
    let in_block = |block: &[u8; 16]| {
        block
            .iter()
            .fold(false, |any, byte| any | is_special(*byte))
    };
    let alone = |byte: &u8| kind(*byte).is_some_and(|kind| kind.special);
    blocks.iter().any(in_block) || rest.iter().any(alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_special_byte_at_any_position() {
        for length in [1, 15, 16, 17, 40] {
            let plain = "x".repeat(length);
            assert!(!has_special(&plain), "{length}");
            for at in 0..length {
                for special in ["<", ">", "&", "'", "\"", "\u{1}", "\n", "\u{ffff}"] {
                    let mut text = plain.clone();
                    text.replace_range(at..=at, special);
                    assert!(has_special(&text), "{text:?}");
                }
            }
        }
        assert!(!has_special("é 漢 ~ ="));
    }

    #[test]
    fn names_contain_but_do_not_start_with_digits_and_dots() {
        for byte in [b'a', b'Z', b'_', 0xc3] {
            assert!(begins_name(byte) && is_in_name(byte), "{byte}");
        }
        for byte in *b"09.-" {
            assert!(!begins_name(byte) && is_in_name(byte), "{byte}");
        }
        for byte in *b" :/<>&\"'=\t\0" {
            assert!(!begins_name(byte) && !is_in_name(byte), "{byte}");
        }
    }
}
