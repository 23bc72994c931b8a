//! The hashes and the cipher that NTLM is made of.

use hmac::{Hmac, Mac as _};
use md5::{Digest as _, Md5};
use rc4::{KeyInit as _, Rc4, StreamCipher as _};

/// A key or a hash.
pub(crate) type Block = [u8; 16];

pub(crate) fn md5(parts: &[&[u8]]) -> Block {
    let mut hasher = Md5::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

pub(crate) fn hmac_md5(key: &Block, parts: &[&[u8]]) -> Block {
    // Any length of key will do.
    let Ok(mut hasher) = Hmac::<Md5>::new_from_slice(key) else {
        return [0; 16];
    };
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into_bytes().into()
}

/// A cipher that goes on where it was.
pub(crate) struct Cipher(Option<Rc4>);

impl Cipher {
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(Rc4::new_from_slice(key).ok())
    }

    /// Encrypts or decrypts the next bytes.
    pub(crate) fn apply(&mut self, bytes: &mut [u8]) {
        if let Some(cipher) = &mut self.0 {
            cipher.apply_keystream(bytes);
        }
    }
}
