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

pub(super) fn encrypt(key: &[u8], usage: u32, plain: [&[u8]; 2]) -> Option<Vec<u8>> {
    let code = code(&of_usage(key, usage, INTEGRITY)?, &plain)?;
    let mut data = plain.concat();
    cts::encrypt(&of_usage(key, usage, ENCRYPTION)?, &mut data)?;
    data.extend(code);
    Some(data)
}

pub(super) fn decrypt(key: &[u8], usage: u32, data: &[u8]) -> Option<Vec<u8>> {
    let (data, found) = data.split_at_checked(data.len().checked_sub(CODE)?)?;
    let mut plain = data.to_vec();
    cts::decrypt(&of_usage(key, usage, ENCRYPTION)?, &mut plain)?;
    let code = code(&of_usage(key, usage, INTEGRITY)?, &[&plain])?;
    // Removes the confounder.
    is_same(&code, found).then(|| plain.split_off(BLOCK))
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
