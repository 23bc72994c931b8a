//! The hashes and the cipher of NTLM.

use hmac::{Hmac, Mac as _};
use md4::Md4;
use md5::{Digest as _, Md5};
use rc4::{KeyInit as _, Rc4, StreamCipher as _};
use zeroize::Zeroizing;

/// A key or a hash.
pub(crate) type Block = [u8; 16];

pub(crate) fn md5(parts: &[&[u8]]) -> Block {
    let mut hasher = Md5::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

pub(crate) fn hmac_md5(key: &Block, parts: &[&[u8]]) -> Block {
    // HMAC accepts keys of any length.
    let Ok(mut hasher) = Hmac::<Md5>::new_from_slice(key) else {
        return [0; 16];
    };
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into_bytes().into()
}

/// Returns the NT hash of a password (`NTOWFv1`, MS-NLMP 3.3.1).
pub(crate) fn nt_hash(password: &str) -> Zeroizing<Block> {
    let password = Zeroizing::new(utf16(password));
    Zeroizing::new(Md4::digest(password.as_slice()).into())
}

/// Derives the key of a password (`NTOWFv2`, MS-NLMP 3.3.2).
pub(crate) fn password_key(password: &str, user: &str, domain: &str) -> Zeroizing<Block> {
    let user: String = user.chars().map(upcase).collect();
    let name = [utf16(&user), utf16(domain)].concat();
    Zeroizing::new(hmac_md5(&nt_hash(password), &[&name]))
}

/// Converts to upper case as Windows does: one code unit to another, and never an ASCII letter to
/// another character, so that `ß`, `ı` and `ſ` are unchanged.
fn upcase(letter: char) -> char {
    let mut upper = letter.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(upper), None)
            if letter.is_ascii() == upper.is_ascii()
                && letter != 'µ'
                && letter.len_utf16() == 1
                && upper.len_utf16() == 1 =>
        {
            upper
        }
        _ => letter,
    }
}

/// Encodes a text in UTF-16, little endian.
pub(crate) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A stream cipher that keeps its state.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_case_is_that_of_windows() {
        for (lower, upper) in [
            ('a', 'A'),
            ('ä', 'Ä'),
            ('ÿ', 'Ÿ'),
            ('я', 'Я'),
            ('ß', 'ß'),
            ('ı', 'ı'),
            ('ſ', 'ſ'),
            ('µ', 'µ'),
            ('\u{10428}', '\u{10428}'),
        ] {
            assert_eq!(upcase(lower), upper);
        }
    }
}
