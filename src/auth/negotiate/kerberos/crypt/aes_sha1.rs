//! AES with SHA-1 (RFC 3962), in the simplified profile of RFC 3961 5.3.

use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use zeroize::Zeroizing;

use super::cts::{self, BLOCK};
use super::hash::{hmac, is_same};
use super::nfold::n_fold;

/// The length of a checksum in bytes.
const CODE: usize = 12;

/// The purposes of derived keys (RFC 3961 5.3).
const ENCRYPTION: u8 = 0xAA;
const INTEGRITY: u8 = 0x55;
const CHECKSUM: u8 = 0x99;

/// Derives the key of a password (RFC 3962 4).
pub(super) fn key_of_password(
    length: usize,
    password: &str,
    salt: &[u8],
    rounds: u32,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut key = Zeroizing::new(vec![0; length]);
    pbkdf2_hmac::<Sha1>(password.as_bytes(), salt, rounds, &mut key);
    derived(&key, b"kerberos")
}

/// Encrypts the data, which begins with the confounder, in place.
pub(super) fn encrypt(key: &[u8], usage: u32, mut data: Vec<u8>) -> Option<Vec<u8>> {
    let code = code(&of_usage(key, usage, INTEGRITY)?, &[&data])?;
    cts::encrypt(&of_usage(key, usage, ENCRYPTION)?, &mut data)?;
    data.extend(code);
    Some(data)
}

/// Decrypts the data in place; keeps the confounder.
pub(super) fn decrypt(key: &[u8], usage: u32, mut data: Vec<u8>) -> Option<Vec<u8>> {
    let found = data.split_off(data.len().checked_sub(CODE)?);
    cts::decrypt(&of_usage(key, usage, ENCRYPTION)?, &mut data)?;
    let code = code(&of_usage(key, usage, INTEGRITY)?, &[&data])?;
    is_same(&code, &found).then_some(data)
}

pub(super) fn checksum(key: &[u8], usage: u32, data: &[u8]) -> Option<Vec<u8>> {
    code(&of_usage(key, usage, CHECKSUM)?, &[data])
}

fn code(key: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut code = hmac::<Sha1>(key, parts)?;
    code.truncate(CODE);
    Some(code)
}

fn of_usage(key: &[u8], usage: u32, purpose: u8) -> Option<Zeroizing<Vec<u8>>> {
    let [a, b, c, d] = usage.to_be_bytes();
    derived(key, &[a, b, c, d, purpose])
}

/// `DK`: derives a key of the same length (RFC 3961 5.1).
fn derived(key: &[u8], constant: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut block = Zeroizing::new(n_fold(constant, BLOCK));
    let mut derived = Zeroizing::new(Vec::with_capacity(key.len()));
    while derived.len() < key.len() {
        cts::encrypt(key, &mut block)?;
        derived.extend_from_slice(&block);
    }
    Some(derived)
}
