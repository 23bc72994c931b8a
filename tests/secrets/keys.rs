//! The keys derived from a password, alone or with data on the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md4::Md4;
use md5::{Digest as _, Md5};
use rc4::{Rc4, StreamCipher as _};
use sha2::Sha256;

use crate::needles::{Secret, utf16};

type Key = [u8; 16];

/// The Digest hash of the password (RFC 7616 3.4.2), which is as good as the password.
pub(crate) fn of_digest([user, password]: [&str; 2]) -> Vec<Secret> {
    let text = format!("{user}:WSMAN:{password}");
    vec![
        Secret::new("the MD5 hash of Digest", &Md5::digest(&text)),
        Secret::new("the SHA-256 hash of Digest", &Sha256::digest(&text)),
    ]
}

/// The NTLM hash of the password (MS-NLMP 3.3.2), and the keys of each successful login (3.4.5).
pub(crate) fn of_ntlm([user, password]: [&str; 2], logins: &[String]) -> Vec<Secret> {
    let hash: Key = Md4::digest(utf16(password)).into();
    let owner = hmac_md5(&hash, &[&utf16(&user.to_uppercase())]);
    let mut found = vec![
        Secret::new("the NT hash", &hash),
        Secret::new("the NTLMv2 hash", &owner),
    ];
    let tokens = tokens_of(logins);
    let proofs = tokens.iter().filter_map(|token| authenticate(token));
    for message in proofs {
        let response = field(message, 20);
        let exchange = hmac_md5(&owner, &[&response[..16]]);
        let mut session = field(message, 52).to_vec();
        Rc4::new_from_slice(&exchange)
            .unwrap()
            .apply_keystream(&mut session);
        found.push(Secret::new("the key exchange key", &exchange));
        found.push(Secret::new("the session key", &session));
        for (way, use_of) in [
            ("client-to-server", "signing"),
            ("server-to-client", "signing"),
            ("client-to-server", "sealing"),
            ("server-to-client", "sealing"),
        ] {
            let magic = format!("session key to {way} {use_of} key magic constant\0");
            let key = Md5::digest([&session, magic.as_bytes()].concat());
            found.push(Secret::new(format!("the {way} {use_of} key"), &key));
        }
    }
    found
}

/// The tokens of logins, which an attacker could replay or use to guess passwords.
pub(crate) fn tokens(logins: &[String]) -> Vec<Secret> {
    let tokens = tokens_of(logins);
    let secret = |token: &Vec<u8>| Secret::new("a token", token);
    tokens.iter().map(secret).collect()
}

pub(crate) fn tokens_of(logins: &[String]) -> Vec<Vec<u8>> {
    logins.iter().filter_map(|login| token(login)).collect()
}

fn token(login: &str) -> Option<Vec<u8>> {
    let (scheme, token) = login.split_once(' ')?;
    let has_token = ["Negotiate", "Kerberos", "NTLM", "Basic"].contains(&scheme);
    has_token.then(|| BASE64.decode(token).unwrap())
}

/// Returns the AUTHENTICATE message in a token, which may be wrapped (MS-NLMP 2.2.1.3).
fn authenticate(token: &[u8]) -> Option<&[u8]> {
    let start = memchr::memmem::find(token, b"NTLMSSP\0\x03\0\0\0")?;
    Some(&token[start..])
}

/// Returns the data of a descriptor in a message (MS-NLMP 2.2.1.3).
fn field(message: &[u8], at: usize) -> &[u8] {
    let length = u16::from_le_bytes([message[at], message[at + 1]]);
    let start = u32::from_le_bytes(message[at + 4..at + 8].try_into().unwrap());
    &message[start as usize..][..length.into()]
}

fn hmac_md5(key: &Key, parts: &[&[u8]]) -> Key {
    let mut hasher = Hmac::<Md5>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into_bytes().into()
}
