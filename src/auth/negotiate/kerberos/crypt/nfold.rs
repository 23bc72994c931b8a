//! `n-fold`, which stretches or folds bytes to a given length (RFC 3961 5.1).

/// Returns `length` bytes. The input repeats, each time rotated right by 13 more bits, up to a
/// common multiple of both lengths. The result is the sum of its pieces of `length` bytes with
/// end-around carry.
pub(super) fn n_fold(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut sum = vec![0_u8; length];
    if bytes.is_empty() || length == 0 {
        return sum;
    }
    let total = common_multiple(bytes.len(), length);
    let mut carry = 0_u16;
    // From the last byte to the first, so that the carry propagates.
    for place in (0..total).rev() {
        if let Some(digit) = sum.get_mut(place % length) {
            carry += u16::from(turned(bytes, place)) + u16::from(*digit);
            *digit = (carry & 0xFF) as u8;
            carry >>= 8;
        }
    }
    while carry != 0 {
        for digit in sum.iter_mut().rev() {
            carry += u16::from(*digit);
            *digit = (carry & 0xFF) as u8;
            carry >>= 8;
        }
    }
    sum
}

/// Returns a byte of the repeated input, each repetition rotated by 13 more bits.
fn turned(bytes: &[u8], place: usize) -> u8 {
    let bits = bytes.len() * 8;
    let turn = 13 * (place / bytes.len()) % bits;
    let first = (place % bytes.len() * 8 + bits - turn) % bits;
    let byte = |place: usize| u16::from(*bytes.get(place % bytes.len()).unwrap_or(&0));
    let both = byte(first / 8) << 8 | byte(first / 8 + 1);
    ((both >> (8 - first % 8)) & 0xFF) as u8
}

fn common_multiple(a: usize, b: usize) -> usize {
    let (mut greater, mut lesser) = (a, b);
    while lesser != 0 {
        (greater, lesser) = (lesser, greater % lesser);
    }
    a / greater * b
}
