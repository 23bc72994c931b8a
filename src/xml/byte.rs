//! Classifies the bytes of a text, so that most text is skipped quickly.

/// The classes of each byte. A table lookup is faster than a chain of comparisons, and names and texts
/// need one for each byte.
const KINDS: [Kind; 256] = {
    let mut kinds = [Kind {
        in_name: false,
        in_ascii_name: false,
        ends_value: false,
    }; 256];
    let mut byte = 0u8;
    let mut left: &mut [Kind] = &mut kinds;
    while let [first, rest @ ..] = left {
        *first = Kind {
            in_name: byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | 0x80..),
            in_ascii_name: byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
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

/// Returns whether a text has any such byte.
pub(super) fn has_special(text: &str) -> bool {
    any(text.as_bytes(), is_special)
}

/// Returns whether all bytes are ASCII letters, digits or `_`, as in nearly every name; examines eight in
/// one step. The last step overlaps the one before it.
pub(super) fn is_word(bytes: &[u8]) -> bool {
    match bytes.len() {
        8.. => {
            let (words, _) = bytes.as_chunks::<8>();
            let last = bytes.last_chunk::<8>();
            let is_of_word = |eight: &[u8; 8]| are_in_word(u64::from_le_bytes(*eight));
            words.iter().all(is_of_word) && last.is_some_and(is_of_word)
        }
        4.. => {
            let ends = bytes.first_chunk::<4>().zip(bytes.last_chunk::<4>());
            ends.is_some_and(|(first, last)| {
                let [first, last] = [first, last].map(|four| u64::from(u32::from_le_bytes(*four)));
                are_in_word((first << 32) | last)
            })
        }
        _ => bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_'),
    }
}

/// Returns whether eight bytes are all such characters.
fn are_in_word(eight: u64) -> bool {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    // Sets the highest bit of each byte in a range. No sum exceeds its byte, because no byte is above
    // 0x7F.
    let within = |bytes: u64, first: u8, last: u8| {
        let from_first = bytes + ONES * u64::from(0x80 - first);
        let behind_last = bytes + ONES * u64::from(0x7f - last);
        from_first & !behind_last
    };
    let ascii = eight & !HIGH;
    let letters = within(ascii | (ONES * 0x20), b'a', b'z');
    let others = within(ascii, b'0', b'9') | within(ascii, b'_', b'_');
    ((letters | others) & !eight & HIGH) == HIGH
}

/// Returns whether the function returns `true` for any byte; examines many bytes in one step. The last
/// block overlaps the one before it, so that no bytes are left over.
fn any(bytes: &[u8], is: impl Fn(u8) -> bool + Copy) -> bool {
    match bytes.len() {
        16.. => {
            let (blocks, _) = bytes.as_chunks::<16>();
            blocks.iter().any(|block| any_of(block, is)) || in_ends::<16>(bytes, is)
        }
        8.. => in_ends::<8>(bytes, is),
        4.. => in_ends::<4>(bytes, is),
        _ => bytes.iter().any(|byte| is(*byte)),
    }
}

/// Returns whether the function returns `true` for any of the first or the last bytes.
fn in_ends<const N: usize>(bytes: &[u8], is: impl Fn(u8) -> bool + Copy) -> bool {
    let first = bytes.first_chunk::<N>();
    let last = bytes.last_chunk::<N>();
    first.is_some_and(|block| any_of(block, is)) | last.is_some_and(|block| any_of(block, is))
}

fn any_of<const N: usize>(block: &[u8; N], is: impl Fn(u8) -> bool) -> bool {
    block.iter().fold(false, |any, byte| any | is(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_special_byte_at_any_position() {
        for length in 1..40 {
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
    fn finds_a_byte_that_is_in_no_word() {
        assert!((0..=u8::MAX).all(|byte| {
            is_word(&[byte; 20]) == (byte.is_ascii_alphanumeric() || byte == b'_')
        }));
        for length in 1..40 {
            let mut word = vec![b'x'; length];
            assert!(is_word(&word), "{length}");
            for at in 0..length {
                word.splice(at..=at, [b':']);
                assert!(!is_word(&word), "{at} of {length}");
                word.splice(at..=at, [b'x']);
            }
        }
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
