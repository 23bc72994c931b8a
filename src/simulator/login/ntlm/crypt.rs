//! The hashes and the cipher that NTLM is made of.

use hmac::{Hmac, Mac as _};
use md4::Md4;
use md5::{Digest as _, Md5};
use rc4::{KeyInit as _, Rc4, StreamCipher as _};

/// A key or a hash.
pub(super) type Block = [u8; 16];

pub(super) fn md5(parts: &[&[u8]]) -> Block {
    let mut hasher = Md5::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

pub(super) fn hmac_md5(key: &Block, parts: &[&[u8]]) -> Block {
    // Any length of key will do.
    let Ok(mut hasher) = Hmac::<Md5>::new_from_slice(key) else {
        return [0; 16];
    };
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into_bytes().into()
}

/// `NTOWFv2` (MS-NLMP 3.3.2).
pub(super) fn password_key(password: &str, user: &str, domain: &str) -> Block {
    let hashed: Block = Md4::digest(utf16(password)).into();
    let name = [utf16(&user.to_uppercase()), utf16(domain)].concat();
    hmac_md5(&hashed, &[&name])
}

pub(super) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A cipher that goes on where it was.
pub(super) struct Cipher(Option<Rc4>);

impl Cipher {
    pub(super) fn new(key: &[u8]) -> Self {
        Self(Rc4::new_from_slice(key).ok())
    }

    /// Encrypts or decrypts the next bytes.
    pub(super) fn apply(&mut self, bytes: &mut [u8]) {
        if let Some(cipher) = &mut self.0 {
            cipher.apply_keystream(bytes);
        }
    }
}
