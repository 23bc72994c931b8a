//! What the bytes of a text can be, so that most text is passed by a look at them.

/// What is known of each byte: names and texts are asked letter by letter, and a table answers sooner
/// than a row of comparisons.
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

/// Whether a name may begin with a byte.
pub(super) fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Whether a name may go on with a byte.
pub(super) fn is_in_name(byte: u8) -> bool {
    kind(byte).is_some_and(|kind| kind.in_name)
}

/// Whether a name in ASCII may begin with a byte.
pub(super) fn begins_ascii_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Whether a name in ASCII may go on with a byte.
pub(super) fn is_in_ascii_name(byte: u8) -> bool {
    kind(byte).is_some_and(|kind| kind.in_ascii_name)
}

/// Whether the value of an attribute ends with a byte, or has something with it that must be looked at
/// more closely: a reference, white space, what may not stand there, or perhaps no character at all.
pub(super) fn ends_value(byte: u8) -> bool {
    kind(byte).is_some_and(|kind| kind.ends_value)
}

/// Whether a character with this byte may need a reference or not be allowed. U+FFFE and U+FFFF start
/// with 0xEF in UTF-8.
pub(super) const fn is_special(byte: u8) -> bool {
    // Without branches, so that a loop over it needs none.
    (byte < 0x20)
        | (byte == b'<')
        | (byte == b'>')
        | (byte == b'&')
        | (byte == b'\'')
        | (byte == b'"')
        | (byte == 0xef)
}

/// Whether a text has any such byte: in long ones many are looked at in one step.
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
    fn a_special_byte_is_found_wherever_it_stands() {
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
    fn a_name_may_have_digits_and_dots_but_not_begin_with_them() {
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
