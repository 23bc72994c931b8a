//! The public key in a certificate (RFC 5280 4.1.2.7).

use crate::auth::der::{BIT_STRING, Der, INTEGER, OBJECT_IDENTIFIER, SEQUENCE};

/// A public key (`SubjectPublicKeyInfo`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublicKey<'a> {
    /// The content of its `AlgorithmIdentifier`.
    pub(crate) algorithm: &'a [u8],
    /// The key itself, in the form of its algorithm.
    pub(crate) bits: &'a [u8],
}

/// `rsaEncryption`: 1.2.840.113549.1.1.1 (RFC 8017 C).
const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];

impl<'a> PublicKey<'a> {
    /// Parses the element; `None` if it is invalid.
    pub(super) fn read(element: &'a [u8]) -> Option<Self> {
        let mut key = Der(element).inside(SEQUENCE)?;
        let algorithm = key.next_of(SEQUENCE)?.content;
        // The first byte counts unused bits, which no key has.
        let bits = key.next_of(BIT_STRING)?.content.strip_prefix(&[0])?;
        Some(Self { algorithm, bits })
    }

    /// Returns the size of an RSA key in bits; `None` for another key.
    pub(crate) fn rsa_size(&self) -> Option<usize> {
        let kind = Der(self.algorithm).next_of(OBJECT_IDENTIFIER)?;
        if kind.content != RSA_ENCRYPTION {
            return None;
        }
        let modulus = Der(self.bits).inside(SEQUENCE)?.next_of(INTEGER)?.content;
        let first = modulus.iter().position(|byte| *byte != 0)?;
        let (first, rest) = modulus.get(first..)?.split_first()?;
        let bits = u8::BITS - first.leading_zeros();
        Some(rest.len() * 8 + usize::try_from(bits).ok()?)
    }
}
