//! Keyed hashes.

use std::hint::black_box;

use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};

/// Returns the HMAC of these parts in order.
pub(super) fn hmac<H: EagerHash>(key: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>>
where
    Hmac<H>: hmac::Mac + hmac::KeyInit,
{
    let mut code = Hmac::<H>::new_from_slice(key).ok()?;
    parts.iter().for_each(|part| code.update(part));
    Some(code.finalize().into_bytes().to_vec())
}

pub(crate) fn hmac_md5(key: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
    hmac::<Md5>(key, parts)
}

pub(crate) fn md5(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Md5::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().to_vec()
}

/// Compares two checksums in constant time.
pub(crate) fn is_same(one: &[u8], other: &[u8]) -> bool {
    let pairs = one.iter().zip(other);
    let difference = pairs.fold(0, |difference, (a, b)| difference | (a ^ b));
    one.len() == other.len() && black_box(difference) == 0
}
