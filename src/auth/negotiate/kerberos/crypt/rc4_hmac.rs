//! RC4 with MD5 (RFC 4757), which is weak: its key is the NT hash of the password, without a salt.

use rc4::{KeyInit as _, Rc4, StreamCipher as _};
use zeroize::Zeroizing;

use super::hash::{hmac_md5, is_same, md5};
use crate::auth::negotiate::ntlm::crypt::nt_hash;

/// The length of a checksum; the confounder has half of it.
const CODE: usize = 16;
const CONFOUNDER: usize = 8;

pub(super) fn key_of_password(password: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(nt_hash(password).to_vec())
}

/// Encrypts the data, which begins with the confounder.
pub(super) fn encrypt(key: &[u8], usage: u32, mut data: Vec<u8>) -> Option<Vec<u8>> {
    let key = of_usage(key, usage)?;
    let code = hmac_md5(&key, &[&data])?;
    rc4(&Zeroizing::new(hmac_md5(&key, &[&code])?), &mut data)?;
    Some([code, data].concat())
}

/// Decrypts the data; keeps the confounder.
pub(super) fn decrypt(key: &[u8], usage: u32, data: &[u8]) -> Option<Vec<u8>> {
    let key = of_usage(key, usage)?;
    let (found, data) = data.split_at_checked(CODE)?;
    let mut plain = data.to_vec();
    rc4(&Zeroizing::new(hmac_md5(&key, &[found])?), &mut plain)?;
    let is_whole = plain.len() >= CONFOUNDER && is_same(&hmac_md5(&key, &[&plain])?, found);
    is_whole.then_some(plain)
}

/// `HMAC-MD5`, the checksum (RFC 4757 4).
pub(super) fn checksum(key: &[u8], usage: u32, data: &[u8]) -> Option<Vec<u8>> {
    let key = Zeroizing::new(hmac_md5(key, &[b"signaturekey\0"])?);
    hmac_md5(&key, &[&md5(&[&number(usage), data])])
}

/// Encrypts or decrypts the data in place.
pub(crate) fn rc4(key: &[u8], data: &mut [u8]) -> Option<()> {
    Rc4::new_from_slice(key).ok()?.apply_keystream(data);
    Some(())
}

fn of_usage(key: &[u8], usage: u32) -> Option<Zeroizing<Vec<u8>>> {
    hmac_md5(key, &[&number(usage)]).map(Zeroizing::new)
}

/// Encodes a usage number, some of which differ in Windows (RFC 4757 3).
fn number(usage: u32) -> [u8; 4] {
    let number = match usage {
        3 | 9 => 8,
        23 => 13,
        other => other,
    };
    u32::to_le_bytes(number)
}
