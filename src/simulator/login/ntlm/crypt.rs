//! The key that follows from a password.

use md4::{Digest as _, Md4};

pub(super) use crate::auth::negotiate::ntlm::crypt::{Block, Cipher, hmac_md5, md5};

/// `NTOWFv2` (MS-NLMP 3.3.2).
pub(super) fn password_key(password: &str, user: &str, domain: &str) -> Block {
    let hashed: Block = Md4::digest(utf16(password)).into();
    let name = [utf16(&user.to_uppercase()), utf16(domain)].concat();
    hmac_md5(&hashed, &[&name])
}

pub(super) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
