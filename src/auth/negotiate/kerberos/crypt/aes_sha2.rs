//! AES with SHA-2 (RFC 8009): the checksum covers the ciphertext and the cipher state before it.

use pbkdf2::pbkdf2_hmac;
use sha2::{Sha256, Sha384};
use zeroize::Zeroizing;

use super::KerberosEtype;
use super::cts::{self, BLOCK};
use super::hash::{hmac, is_same};

/// The initial cipher state of a Kerberos message.
const STATE: [u8; BLOCK] = [0; BLOCK];

/// The purposes of derived keys (RFC 8009 5).
const ENCRYPTION: u8 = 0xAA;
const INTEGRITY: u8 = 0x55;
const CHECKSUM: u8 = 0x99;

/// Derives the key of a password (RFC 8009 4).
pub(super) fn key_of_password(
    etype: KerberosEtype,
    password: &str,
    salt: &[u8],
    rounds: u32,
) -> Option<Zeroizing<Vec<u8>>> {
    let salt = [etype.name().as_bytes(), &[0], salt].concat();
    let mut key = Zeroizing::new(vec![0; etype.key_length()]);
    if etype == KerberosEtype::Aes256Sha384 {
        pbkdf2_hmac::<Sha384>(password.as_bytes(), &salt, rounds, &mut key);
    } else {
        pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, rounds, &mut key);
    }
    derived(etype, &key, b"kerberos", etype.key_length())
}

/// Encrypts the data, which begins with the confounder, in place.
pub(super) fn encrypt(
    etype: KerberosEtype,
    key: &[u8],
    usage: u32,
    mut data: Vec<u8>,
) -> Option<Vec<u8>> {
    cts::encrypt(&of_usage(etype, key, usage, ENCRYPTION)?, &mut data)?;
    let integrity = of_usage(etype, key, usage, INTEGRITY)?;
    data.extend(code(etype, &integrity, &[&STATE, &data])?);
    Some(data)
}

/// Decrypts the data in place; keeps the confounder.
pub(super) fn decrypt(
    etype: KerberosEtype,
    key: &[u8],
    usage: u32,
    mut data: Vec<u8>,
) -> Option<Vec<u8>> {
    let found = data.split_off(data.len().checked_sub(etype.code_length())?);
    let integrity = of_usage(etype, key, usage, INTEGRITY)?;
    if data.len() < BLOCK || !is_same(&code(etype, &integrity, &[&STATE, &data])?, &found) {
        return None;
    }
    cts::decrypt(&of_usage(etype, key, usage, ENCRYPTION)?, &mut data)?;
    Some(data)
}

pub(super) fn checksum(
    etype: KerberosEtype,
    key: &[u8],
    usage: u32,
    data: &[u8],
) -> Option<Vec<u8>> {
    code(etype, &of_usage(etype, key, usage, CHECKSUM)?, &[data])
}

fn code(etype: KerberosEtype, key: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut code = hashed(etype, key, parts)?;
    code.truncate(etype.code_length());
    Some(code)
}

/// Derives the key of a usage: as long as the base key for encryption, as long as a checksum for
/// one.
pub(super) fn of_usage(
    etype: KerberosEtype,
    key: &[u8],
    usage: u32,
    purpose: u8,
) -> Option<Zeroizing<Vec<u8>>> {
    let [a, b, c, d] = usage.to_be_bytes();
    let length = if purpose == ENCRYPTION {
        etype.key_length()
    } else {
        etype.code_length()
    };
    derived(etype, key, &[a, b, c, d, purpose], length)
}

/// `KDF-HMAC-SHA2`, of which one round suffices for every key (RFC 8009 3).
fn derived(
    etype: KerberosEtype,
    key: &[u8],
    label: &[u8],
    length: usize,
) -> Option<Zeroizing<Vec<u8>>> {
    let bits = u32::try_from(length * 8).ok()?;
    let parts = [&1_u32.to_be_bytes(), label, &[0], &bits.to_be_bytes()];
    let mut derived = Zeroizing::new(hashed(etype, key, &parts)?);
    derived.truncate(length);
    Some(derived)
}

fn hashed(etype: KerberosEtype, key: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
    if etype == KerberosEtype::Aes256Sha384 {
        hmac::<Sha384>(key, parts)
    } else {
        hmac::<Sha256>(key, parts)
    }
}
