//! The keys of tickets, found as an attacker would who knows the password and has captured all traffic.

use crate::needles::Secret;

/// The library's own code, which has no public path.
#[path = "../../src/auth/negotiate/kerberos/crypt"]
#[allow(dead_code, unreachable_pub)]
mod crypt {
    mod cts;
    mod hash;
    mod nfold;

    mod aes_sha1;

    pub(super) fn key_of_password(password: &str, salt: &[u8]) -> Vec<u8> {
        aes_sha1::key_of_password(32, password, salt, 4096)
            .unwrap()
            .to_vec()
    }

    pub(super) fn decrypt(key: &[u8], usage: u32, data: &[u8]) -> Option<Vec<u8>> {
        aes_sha1::decrypt(key, usage, data.to_vec())
    }
}

/// The key usage (RFC 4120 7.5.1).
const AS_REPLY: u32 = 3;
const TGS_REPLY: u32 = 8;
const AP_AUTHENTICATOR: u32 = 11;
const AP_REPLY: u32 = 12;

/// The DER prefix of an `EncryptionKey` of AES-256 (RFC 4120 5.2.9), up to the key.
const KEY: [u8; 9] = [0xA0, 3, 2, 1, 18, 0xA1, 34, 4, 32];

/// Returns the key of the password, and the keys of the tickets and logins that it decrypts.
pub(crate) fn keys(
    [user, realm, password]: [&str; 3],
    told_by_kdc: &[u8],
    tokens: &[Vec<u8>],
) -> Vec<Secret> {
    let salt = [realm, user].concat();
    let own = vec![crypt::key_of_password(password, salt.as_bytes())];
    let first = opened(&own, AS_REPLY, told_by_kdc);
    let service = opened(&first, TGS_REPLY, told_by_kdc);
    let tokens = tokens.concat();
    let ours = opened(&service, AP_AUTHENTICATOR, &tokens);
    let theirs = opened(&service, AP_REPLY, &tokens);
    let named = [
        ("the key of the password", own),
        ("the key of the first ticket", first),
        ("the key of the ticket for the service", service),
        ("the key of the login", ours),
        ("the key of the server's proof", theirs),
    ];
    let mut found = Vec::new();
    for (name, keys) in named {
        assert!(!keys.is_empty(), "{name} was not found");
        found.extend(keys.iter().map(|key| Secret::new(name, key)));
    }
    found
}

/// Returns the keys in all data that one of these decrypts. Ciphertext is a DER octet string anywhere
/// in the bytes; a wrong key fails its checksum.
fn opened(keys: &[Vec<u8>], usage: u32, bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for start in 0..bytes.len() {
        let Some(data) = octet_string(&bytes[start..]).filter(|data| data.len() > 60) else {
            continue;
        };
        for key in keys {
            let plain = crypt::decrypt(key, usage, data).unwrap_or_default();
            for at in memchr::memmem::find_iter(&plain, &KEY) {
                found.push(plain[at + KEY.len()..][..32].to_vec());
            }
        }
    }
    found
}

fn octet_string(der: &[u8]) -> Option<&[u8]> {
    let (start, length): (usize, u16) = match *der {
        [4, 0x82, high, low, ..] => (4, u16::from_be_bytes([high, low])),
        [4, 0x81, length, ..] => (3, length.into()),
        [4, length @ ..=0x7F, ..] => (2, length.into()),
        _ => return None,
    };
    der.get(start..start + usize::from(length))
}
