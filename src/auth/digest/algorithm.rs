//! The hash algorithms of Digest.

use std::fmt;

use md5::{Digest, Md5};
use sha2::{Sha256, Sha512_256};
use zeroize::Zeroizing;

/// A hash algorithm of Digest (RFC 7616 3.4.1 and 6.1).
///
/// Exhaustive: these are all registered algorithms. Ordered from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DigestAlgorithm {
    /// `MD5`, the default if a challenge names no algorithm.
    Md5,
    /// `MD5-sess`: the hash of the password includes the first nonce.
    Md5Sess,
    /// `SHA-256`.
    Sha256,
    /// `SHA-256-sess`.
    Sha256Sess,
    /// `SHA-512-256`.
    Sha512_256,
    /// `SHA-512-256-sess`.
    Sha512_256Sess,
}

impl DigestAlgorithm {
    /// All algorithms, the weakest first.
    pub const ALL: [Self; 6] = [
        Self::Md5,
        Self::Md5Sess,
        Self::Sha256,
        Self::Sha256Sess,
        Self::Sha512_256,
        Self::Sha512_256Sess,
    ];

    /// The name in headers, such as `SHA-256-sess`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Md5Sess => "MD5-sess",
            Self::Sha256 => "SHA-256",
            Self::Sha256Sess => "SHA-256-sess",
            Self::Sha512_256 => "SHA-512-256",
            Self::Sha512_256Sess => "SHA-512-256-sess",
        }
    }

    /// Returns the algorithm of a name, in any case.
    pub(super) fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// Whether the hash of the password includes the nonces.
    pub(super) fn is_session(self) -> bool {
        matches!(
            self,
            Self::Md5Sess | Self::Sha256Sess | Self::Sha512_256Sess
        )
    }

    /// Returns the hash of these parts, joined by colons, in lower-case hexadecimal.
    pub(super) fn hash(self, parts: &[&[u8]]) -> Zeroizing<String> {
        match self {
            Self::Md5 | Self::Md5Sess => hash::<Md5>(parts),
            Self::Sha256 | Self::Sha256Sess => hash::<Sha256>(parts),
            Self::Sha512_256 | Self::Sha512_256Sess => hash::<Sha512_256>(parts),
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn hash<H: Digest>(parts: &[&[u8]]) -> Zeroizing<String> {
    let mut hasher = H::new();
    let mut between: &[u8] = b"";
    for part in parts {
        hasher.update(between);
        hasher.update(part);
        between = b":";
    }
    hex(&hasher.finalize())
}

fn hex(bytes: &[u8]) -> Zeroizing<String> {
    let digit = |value: u8| char::from_digit(u32::from(value), 16);
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Zeroizing::new(digits.filter_map(digit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case() {
        for algorithm in DigestAlgorithm::ALL {
            let name = algorithm.name().to_ascii_lowercase();
            assert_eq!(DigestAlgorithm::named(&name), Some(algorithm));
        }
        assert_eq!(DigestAlgorithm::named("SHA-1"), None);
    }

    #[test]
    fn the_hashes_of_abc() {
        let abc = |algorithm: DigestAlgorithm| algorithm.hash(&[b"abc"]).to_string();
        assert_eq!(
            abc(DigestAlgorithm::Md5),
            "900150983cd24fb0d6963f7d28e17f72"
        );
        assert_eq!(
            abc(DigestAlgorithm::Sha256),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            abc(DigestAlgorithm::Sha512_256),
            "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"
        );
    }
}
