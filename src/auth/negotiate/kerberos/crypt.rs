//! Keys, and what they encrypt (RFC 3961, RFC 3962).

use std::fmt;

use picky_krb::crypto::aes::{AesSize, checksum_sha_aes};
use picky_krb::crypto::{Cipher, CipherSuite};
use zeroize::Zeroizing;

use super::super::error::guarded;
use crate::auth::negotiate::{Environment, LoginError};

/// How a key encrypts. AES with SHA-1 is what every KDC of today has; RC4 and DES are weak.
///
/// The stronger is the lesser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Etype {
    Aes256,
    Aes128,
}

/// What a key is used for (RFC 4120 7.5.1, RFC 4121 2).
#[derive(Clone, Copy, Debug)]
#[repr(i32)]
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

/// A key, which is never shown.
#[derive(Clone)]
pub(crate) struct Key {
    etype: Etype,
    bytes: Zeroizing<Vec<u8>>,
}

impl Etype {
    /// Strongest first.
    pub(crate) const ALL: [Self; 2] = [Self::Aes256, Self::Aes128];

    pub(crate) fn of(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|etype| etype.number() == number)
    }

    /// The number of the encryption type (RFC 3962 7).
    pub(crate) fn number(self) -> u64 {
        match self {
            Self::Aes256 => 18,
            Self::Aes128 => 17,
        }
    }

    /// The number of the checksum that goes with it.
    pub(crate) fn checksum_number(self) -> u64 {
        match self {
            Self::Aes256 => 16,
            Self::Aes128 => 15,
        }
    }

    /// How long its keys are, in bytes.
    pub(crate) fn key_length(self) -> usize {
        self.size().key_length()
    }

    fn size(self) -> AesSize {
        match self {
            Self::Aes256 => AesSize::Aes256,
            Self::Aes128 => AesSize::Aes128,
        }
    }

    fn cipher(self) -> Box<dyn Cipher> {
        match self {
            Self::Aes256 => CipherSuite::Aes256CtsHmacSha196.cipher(),
            Self::Aes128 => CipherSuite::Aes128CtsHmacSha196.cipher(),
        }
    }
}

impl Key {
    /// A key of the right length.
    pub(crate) fn new(etype: Etype, bytes: impl Into<Vec<u8>>) -> Option<Self> {
        let bytes = Zeroizing::new(bytes.into());
        (bytes.len() == etype.key_length()).then_some(Self { etype, bytes })
    }

    /// The key of a password (RFC 3962 4), with the usual number of rounds.
    pub(crate) fn of_password(
        etype: Etype,
        password: &str,
        salt: &[u8],
    ) -> Result<Self, LoginError> {
        let cipher = etype.cipher();
        let made = guarded(|| cipher.generate_key_from_password(password.as_bytes(), salt))?;
        Ok(Self {
            etype,
            bytes: Zeroizing::new(made),
        })
    }

    /// A key from the random source.
    pub(crate) fn random(etype: Etype, environment: Environment) -> Result<Self, LoginError> {
        let bytes = Zeroizing::new(environment.random::<32>()?);
        let bytes = bytes.get(..etype.key_length()).unwrap_or_default();
        Self::new(etype, bytes).ok_or_else(|| LoginError::new("the key has a wrong length"))
    }

    pub(crate) fn etype(&self) -> Etype {
        self.etype
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn encrypt(&self, usage: Usage, plain: &[u8]) -> Result<Vec<u8>, LoginError> {
        let cipher = self.etype.cipher();
        guarded(|| cipher.encrypt(&self.bytes, usage as i32, plain))
    }

    /// Decrypts what was encrypted with this key and not changed since.
    pub(crate) fn decrypt(&self, usage: Usage, data: &[u8]) -> Result<Vec<u8>, LoginError> {
        let cipher = self.etype.cipher();
        guarded(|| cipher.decrypt(&self.bytes, usage as i32, data))
    }

    pub(crate) fn checksum(&self, usage: Usage, data: &[u8]) -> Result<Vec<u8>, LoginError> {
        guarded(|| checksum_sha_aes(&self.bytes, usage as i32, data, &self.etype.size()))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, ***)", self.etype)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_gives_a_key_that_is_not_shown() {
        // The examples of RFC 3962 B have fewer rounds than anybody uses; this is one of `picky-krb`.
        let key = Key::of_password(Etype::Aes256, "5hYYSAfFJp", b"EXAMPLE.COMtest1").unwrap();
        assert_eq!(key.bytes()[..4], [218, 222, 209, 204]);
        assert!(!format!("{key:?}").contains("218"));
    }

    #[test]
    fn what_was_changed_is_not_decrypted() {
        let key = Key::new(Etype::Aes128, [7; 16]).unwrap();
        let data = key.encrypt(Usage::Ticket, b"a ticket").unwrap();
        assert_eq!(key.decrypt(Usage::Ticket, &data).unwrap(), b"a ticket");
        assert!(key.decrypt(Usage::AsReply, &data).is_err());
        for position in 0..data.len() {
            let mut changed = data.clone();
            changed[position] ^= 1;
            assert!(key.decrypt(Usage::Ticket, &changed).is_err());
            assert!(key.decrypt(Usage::Ticket, &data[..position]).is_err());
        }
        assert!(Key::new(Etype::Aes256, [7; 16]).is_none());
    }
}
