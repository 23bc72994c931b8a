//! Keys and encryption (RFC 3961): AES with SHA-1 (RFC 3962), AES with SHA-2 (RFC 8009) and RC4
//! with MD5 (RFC 4757).

mod aes_sha1;
mod aes_sha2;
mod cts;
mod etype;
mod hash;
mod nfold;
mod rc4_hmac;
#[cfg(test)]
mod tests;

use std::fmt;

use zeroize::Zeroizing;

use crate::auth::negotiate::{Environment, LoginError};

pub use etype::KerberosEtype;
pub(crate) use hash::is_same;
pub(super) use hash::{hmac_md5, md5};
pub(super) use rc4_hmac::rc4;

/// The usage of a key (RFC 4120 7.5.1, RFC 4121 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Usage {
    AsTimestamp = 1,
    #[cfg_attr(not(feature = "simulator"), allow(dead_code, reason = "for servers"))]
    Ticket = 2,
    AsReply = 3,
    TgsChecksum = 6,
    TgsAuthenticator = 7,
    TgsReply = 8,
    ApAuthenticator = 11,
    ApReply = 12,
    AcceptorSeal = 22,
    AcceptorSign = 23,
    InitiatorSeal = 24,
    InitiatorSign = 25,
}

/// The random bytes at the start of every encryption; RC4 uses the first half of them.
pub(crate) type Confounder = [u8; 16];

/// The room for the confounder, the padding and the checksum of a message.
const ROOM: usize = 64;

/// A key, which is never printed.
#[derive(Clone)]
pub(crate) struct Key {
    etype: KerberosEtype,
    bytes: Zeroizing<Vec<u8>>,
}

impl Key {
    /// Creates a key; `None` if the length is wrong.
    pub(crate) fn new(etype: KerberosEtype, bytes: impl Into<Vec<u8>>) -> Option<Self> {
        let bytes = Zeroizing::new(bytes.into());
        (bytes.len() == etype.key_length()).then_some(Self { etype, bytes })
    }

    /// Derives the key of a password, with the default rounds of the encryption type.
    pub(crate) fn of_password(
        etype: KerberosEtype,
        password: &str,
        salt: &[u8],
    ) -> Result<Self, LoginError> {
        let rounds = etype.rounds();
        let bytes = match etype {
            KerberosEtype::Aes256Sha384 | KerberosEtype::Aes128Sha256 => {
                aes_sha2::key_of_password(etype, password, salt, rounds)
            }
            KerberosEtype::Aes256Sha1 | KerberosEtype::Aes128Sha1 => {
                aes_sha1::key_of_password(etype.key_length(), password, salt, rounds)
            }
            KerberosEtype::Rc4Hmac => Some(rc4_hmac::key_of_password(password)),
        };
        let bytes = bytes.ok_or_else(|| failed("derive the key of a password"))?;
        Ok(Self { etype, bytes })
    }

    /// Creates a random key.
    pub(crate) fn random(
        etype: KerberosEtype,
        environment: Environment,
    ) -> Result<Self, LoginError> {
        let random = Zeroizing::new(environment.random::<32>()?);
        let bytes = random.get(..etype.key_length()).unwrap_or_default();
        Self::new(etype, bytes).ok_or_else(|| failed("create a random key"))
    }

    pub(crate) fn etype(&self) -> KerberosEtype {
        self.etype
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Encrypts a message with a unique confounder.
    pub(crate) fn encrypt(
        &self,
        usage: Usage,
        confounder: &Confounder,
        plain: &[u8],
    ) -> Result<Vec<u8>, LoginError> {
        self.encrypt_parts(usage, confounder, &[plain])
    }

    /// Does the same for a message in parts. The message is copied once, into the buffer that is
    /// encrypted.
    pub(crate) fn encrypt_parts(
        &self,
        usage: Usage,
        confounder: &Confounder,
        plain: &[&[u8]],
    ) -> Result<Vec<u8>, LoginError> {
        let usage = usage as u32;
        let confounder = confounder.iter().take(self.etype.confounder_length());
        let length: usize = plain.iter().map(|part| part.len()).sum();
        let mut data = Vec::with_capacity(length + ROOM);
        data.extend(confounder);
        plain.iter().for_each(|part| data.extend_from_slice(part));
        let sealed = match self.etype {
            KerberosEtype::Aes256Sha384 | KerberosEtype::Aes128Sha256 => {
                aes_sha2::encrypt(self.etype, &self.bytes, usage, data)
            }
            KerberosEtype::Aes256Sha1 | KerberosEtype::Aes128Sha1 => {
                aes_sha1::encrypt(&self.bytes, usage, data)
            }
            KerberosEtype::Rc4Hmac => rc4_hmac::encrypt(&self.bytes, usage, data),
        };
        sealed.ok_or_else(|| failed("encrypt"))
    }

    /// Decrypts data; `None` if the key is another one, or the data was changed.
    pub(crate) fn decrypt(&self, usage: Usage, data: &[u8]) -> Option<Vec<u8>> {
        let mut plain = self.decrypt_in_place(usage, data.to_vec())?;
        plain.drain(..self.etype.confounder_length().min(plain.len()));
        Some(plain)
    }

    /// Does the same in place, and keeps the confounder before the message.
    pub(crate) fn decrypt_in_place(&self, usage: Usage, data: Vec<u8>) -> Option<Vec<u8>> {
        let usage = usage as u32;
        match self.etype {
            KerberosEtype::Aes256Sha384 | KerberosEtype::Aes128Sha256 => {
                aes_sha2::decrypt(self.etype, &self.bytes, usage, data)
            }
            KerberosEtype::Aes256Sha1 | KerberosEtype::Aes128Sha1 => {
                aes_sha1::decrypt(&self.bytes, usage, data)
            }
            KerberosEtype::Rc4Hmac => rc4_hmac::decrypt(&self.bytes, usage, &data),
        }
    }

    /// Computes the checksum of a message with this key.
    pub(crate) fn checksum(&self, usage: Usage, data: &[u8]) -> Result<Vec<u8>, LoginError> {
        let usage = usage as u32;
        let code = match self.etype {
            KerberosEtype::Aes256Sha384 | KerberosEtype::Aes128Sha256 => {
                aes_sha2::checksum(self.etype, &self.bytes, usage, data)
            }
            KerberosEtype::Aes256Sha1 | KerberosEtype::Aes128Sha1 => {
                aes_sha1::checksum(&self.bytes, usage, data)
            }
            KerberosEtype::Rc4Hmac => rc4_hmac::checksum(&self.bytes, usage, data),
        };
        code.ok_or_else(|| failed("compute a checksum"))
    }

    /// Whether the checksum of the message is valid.
    pub(crate) fn has_checksum(&self, usage: Usage, data: &[u8], code: &[u8]) -> bool {
        let expected = self.checksum(usage, data);
        expected.is_ok_and(|expected| is_same(&expected, code))
    }
}

/// Every key's size is checked when it is created, so no cipher rejects it.
fn failed(what: &str) -> LoginError {
    LoginError::new(format!("Kerberos could not {what}"))
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, ***)", self.etype)
    }
}
