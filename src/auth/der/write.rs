//! Writes DER.

use super::{INTEGER, OCTET_STRING, SEQUENCE, context};

/// Encodes an element whose content is these pieces.
pub(crate) fn written(tag: u8, pieces: &[&[u8]]) -> Vec<u8> {
    let length = pieces.iter().map(|piece| piece.len()).sum::<usize>();
    let mut element = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => element.push(short),
        _ => {
            let digits = length.to_be_bytes();
            let zeros = digits.iter().take_while(|digit| **digit == 0).count();
            let digits = digits.get(zeros..).unwrap_or_default();
            element.push(0x80 | u8::try_from(digits.len()).unwrap_or_default());
            element.extend_from_slice(digits);
        }
    }
    pieces
        .iter()
        .for_each(|piece| element.extend_from_slice(piece));
    element
}

pub(crate) fn sequence(pieces: &[&[u8]]) -> Vec<u8> {
    written(SEQUENCE, pieces)
}

/// Wraps an element in `[number]`.
pub(crate) fn tagged(number: u8, element: &[u8]) -> Vec<u8> {
    written(context(number), &[element])
}

pub(crate) fn octets(bytes: &[u8]) -> Vec<u8> {
    written(OCTET_STRING, &[bytes])
}

pub(crate) fn integer(number: u64) -> Vec<u8> {
    let digits = number.to_be_bytes();
    let zeros = digits
        .iter()
        .take(7)
        .take_while(|digit| **digit == 0)
        .count();
    let digits = digits.get(zeros..).unwrap_or_default();
    // A leading one bit would be the sign.
    let sign: &[u8] = match digits.first() {
        Some(0x80..) => &[0],
        _ => &[],
    };
    written(INTEGER, &[sign, digits])
}

/// Encodes a signed 32-bit integer (`Int32` of RFC 4120 5.2.4).
pub(crate) fn int32(number: i32) -> Vec<u8> {
    let digits = number.to_be_bytes();
    // Leading bytes that only repeat the sign of the next byte are left out.
    let repeats = |pair: &[u8]| matches!(pair, [0, 0..=0x7F] | [0xFF, 0x80..=0xFF]);
    let skipped = digits.windows(2).take_while(|pair| repeats(pair)).count();
    written(INTEGER, &[digits.get(skipped..).unwrap_or_default()])
}

#[cfg(test)]
mod tests {
    use super::super::Der;
    use super::*;

    #[test]
    fn lengths_are_as_short_as_they_can_be() {
        for (length, head) in [
            (0, &[4, 0][..]),
            (127, &[4, 127]),
            (128, &[4, 0x81, 128]),
            (256, &[4, 0x82, 1, 0]),
        ] {
            let element = octets(&vec![7; length]);
            assert!(element.starts_with(head), "{length}");
            assert_eq!(Der(&element).next().unwrap().content.len(), length);
        }
    }

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for number in [0, 1, 127, 128, 255, 256, 0x7FFF_FFFF, u64::MAX] {
            let read = Der(&integer(number)).number();
            assert_eq!(read, Some(number), "{number}");
        }
        assert_eq!(integer(128), [2, 2, 0, 128]);
        assert_eq!(integer(0), [2, 1, 0]);
    }

    #[test]
    fn numbers_with_a_sign_are_read_as_they_were_written() {
        for (number, element) in [
            (0, &[2, 1, 0][..]),
            (127, &[2, 1, 127]),
            (128, &[2, 2, 0, 128]),
            (-1, &[2, 1, 0xFF]),
            (-128, &[2, 1, 0x80]),
            (-138, &[2, 2, 0xFF, 0x76]),
            (i32::MIN, &[2, 4, 0x80, 0, 0, 0]),
            (i32::MAX, &[2, 4, 0x7F, 0xFF, 0xFF, 0xFF]),
        ] {
            assert_eq!(int32(number), element);
            assert_eq!(Der(element).int32(), Some(number));
        }
        for wrong in [&[2, 0][..], &[2, 5, 1, 0, 0, 0, 0], &[4, 1, 0]] {
            assert_eq!(Der(wrong).int32(), None);
        }
    }
}
