//! The parts of a certificate that tell its age: the version and the signature.

use super::Certificate;

/// 1.2.840.113549.1.1: `md5WithRSAEncryption` is number 4, `sha1WithRSAEncryption` 5 (RFC 8017 C).
const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01];
/// `ecdsa-with-SHA1`: 1.2.840.10045.4.1 (RFC 3279 2.2.3).
const ECDSA_SHA1: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x01];

impl Certificate<'_> {
    /// Returns the version: 1 to 3.
    pub(crate) fn version(&self) -> u8 {
        self.version
    }

    /// Returns the name of the signature's hash function if it is broken.
    pub(crate) fn broken_hash(&self) -> Option<&'static str> {
        if self.algorithm == ECDSA_SHA1 {
            return Some("SHA-1");
        }
        match self.algorithm.strip_prefix(RSA)? {
            [2] => Some("MD2"),
            [4] => Some("MD5"),
            [5] => Some("SHA-1"),
            _ => None,
        }
    }
}
