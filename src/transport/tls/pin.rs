//! Certificates that are identified by their hash.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use super::ServerCertificate;
use crate::auth::x509::{Certificate, fingerprint};

/// The hash (SHA-256) of a certificate, or of its public key.
///
/// The text of a certificate's hash is hexadecimal, with or without colons, as `openssl x509
/// -fingerprint -sha256` prints it. That of a public key's (`SubjectPublicKeyInfo`, RFC 7469 2.4)
/// is Base64 after `sha256//`, as curl expects it.
///
/// ```
/// use wsman::transport::CertificatePin;
///
/// let pin: CertificatePin = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".parse()?;
/// assert_eq!(pin.to_string(), "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
/// # Ok::<(), wsman::transport::PinError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CertificatePin(Kind);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Certificate([u8; 32]),
    PublicKey([u8; 32]),
}

impl CertificatePin {
    /// Pins one certificate by the SHA-256 of its DER.
    pub fn certificate(sha256: [u8; 32]) -> Self {
        Self(Kind::Certificate(sha256))
    }

    /// Pins the key of any certificate by the SHA-256 of its `SubjectPublicKeyInfo` in DER.
    pub fn public_key(sha256: [u8; 32]) -> Self {
        Self(Kind::PublicKey(sha256))
    }

    #[cfg(feature = "rustls")]
    pub(super) fn fits(self, shown: &ServerCertificate) -> bool {
        match self.0 {
            Kind::Certificate(_) => shown.pin() == self,
            Kind::PublicKey(_) => shown.public_key_pin() == Some(self),
        }
    }
}

/// Writes the form that [`FromStr`] parses.
impl fmt::Display for CertificatePin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::PublicKey(hash) => write!(f, "{PUBLIC_KEY}{}", STANDARD.encode(hash)),
            Kind::Certificate(hash) => {
                for (position, byte) in hash.iter().enumerate() {
                    if position > 0 {
                        f.write_char(':')?;
                    }
                    write!(f, "{byte:02X}")?;
                }
                Ok(())
            }
        }
    }
}

/// Writes the same text: a byte array would be unreadable.
impl fmt::Debug for CertificatePin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const PUBLIC_KEY: &str = "sha256//";

impl FromStr for CertificatePin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        let text = text.trim();
        let hash = |bytes: Option<Vec<u8>>| bytes?.try_into().ok();
        match text.strip_prefix(PUBLIC_KEY) {
            Some(key) => hash(STANDARD.decode(key).ok()).map(Self::public_key),
            None => hash(hexadecimal(text)).map(Self::certificate),
        }
        .ok_or(PinError)
    }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text
        .chars()
        .filter(|&character| character != ':')
        .map(|digit| digit.to_digit(16))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks();
    let byte = |&[high, low]: &[u32; 2]| u8::try_from(high * 16 + low).ok();
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}

/// The error of parsing a [`CertificatePin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("invalid pin: expected 64 hexadecimal digits, or sha256// and a hash in Base64")]
pub struct PinError;

/// The error for a certificate that matches no pin.
#[cfg(feature = "rustls")]
#[derive(Error)]
#[error("the server showed a certificate with the hash {shown}, whose public key has {key}")]
pub(super) struct NotPinned {
    shown: CertificatePin,
    key: String,
}

#[cfg(feature = "rustls")]
impl NotPinned {
    pub(super) fn new(shown: &ServerCertificate) -> Self {
        let key = shown.public_key_pin();
        Self {
            shown: shown.pin(),
            key: key.map_or_else(|| "none".to_owned(), |pin| pin.to_string()),
        }
    }
}

/// Prints the message: rustls prints foreign errors only by `Debug`.
#[cfg(feature = "rustls")]
impl fmt::Debug for NotPinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl ServerCertificate {
    /// Returns the pin of this certificate alone.
    pub fn pin(&self) -> CertificatePin {
        CertificatePin::certificate(fingerprint(self.der()))
    }

    /// Returns the pin of the public key, which a renewed certificate can keep; `None` if it cannot
    /// be read.
    pub fn public_key_pin(&self) -> Option<CertificatePin> {
        let certificate = Certificate::read(self.der())?;
        Some(CertificatePin::public_key(fingerprint(
            certificate.public_key,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_read_as_the_tools_write_it() {
        let with_colons = ["AB"; 32].join(":");
        let pin: CertificatePin = with_colons.parse().unwrap();
        assert_eq!(pin, CertificatePin::certificate([0xAB; 32]));
        assert_eq!(pin.to_string(), with_colons);
        assert_eq!("ab".repeat(32).parse(), Ok(pin));

        let key = CertificatePin::public_key([0; 32]);
        assert_eq!(
            key.to_string(),
            "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        );
        assert_eq!(key.to_string().parse(), Ok(key));
    }

    #[test]
    fn rejects_a_hash_of_another_size() {
        let [short, long, odd] = [62, 66, 63].map(|digits| "a".repeat(digits));
        for wrong in ["", "xy", "sha256//", "sha256//AAAA", &short, &long, &odd] {
            assert_eq!(wrong.parse::<CertificatePin>(), Err(PinError), "{wrong}");
        }
    }
}
