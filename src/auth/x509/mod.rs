//! Reads the few parts of a certificate that a login or a person needs (RFC 5280 4.1) from its DER.

#[cfg(feature = "rustls")]
mod form;
#[cfg(feature = "rustls")]
mod key;
mod names;
mod time;

use sha2::{Digest as _, Sha256};

#[cfg(feature = "rustls")]
pub(crate) use self::key::PublicKey;
use crate::auth::der::{Der, INTEGER, OBJECT_IDENTIFIER, SEQUENCE, context};

/// A certificate with a valid outer structure; its signature is not verified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Certificate<'a> {
    /// The whole `SubjectPublicKeyInfo`.
    pub(crate) public_key: &'a [u8],
    #[cfg(feature = "rustls")]
    version: u8,
    /// The object identifier of the signature algorithm, without tag and length.
    pub(super) algorithm: &'a [u8],
    /// The parameters of the algorithm: for RSASSA-PSS, they name the hash.
    pub(super) parameters: Der<'a>,
    issuer: Der<'a>,
    validity: Der<'a>,
    subject: Der<'a>,
    /// The elements after the public key.
    rest: Der<'a>,
}

impl<'a> Certificate<'a> {
    /// Parses a certificate; `None` if it is invalid.
    #[cfg_attr(not(feature = "rustls"), allow(unused_variables, unused_assignments))]
    pub(crate) fn read(der: &'a [u8]) -> Option<Self> {
        let mut certificate = Der(der).inside(SEQUENCE)?;
        let mut signed = certificate.inside(SEQUENCE)?;
        let mut serial = signed.next()?;
        // The version is left out in version 1.
        let mut version = 1;
        if serial.tag == context(0) {
            version = version_of(serial.content)?;
            serial = signed.next()?;
        }
        // Serial number, then signature, issuer, validity, subject.
        if serial.tag != INTEGER {
            return None;
        }
        signed.next_of(SEQUENCE)?;
        let issuer = signed.inside(SEQUENCE)?;
        let validity = signed.inside(SEQUENCE)?;
        let subject = signed.inside(SEQUENCE)?;
        let public_key = signed.next_of(SEQUENCE)?.whole;
        let mut parameters = certificate.inside(SEQUENCE)?;
        Some(Self {
            public_key,
            #[cfg(feature = "rustls")]
            version,
            algorithm: parameters.next_of(OBJECT_IDENTIFIER)?.content,
            parameters,
            issuer,
            validity,
            subject,
            rest: signed,
        })
    }

    /// Parses the public key.
    #[cfg(feature = "rustls")]
    pub(crate) fn key(&self) -> Option<PublicKey<'a>> {
        PublicKey::read(self.public_key)
    }

    /// The subject, such as `CN=host, O=Example`.
    pub(crate) fn subject(&self) -> Option<String> {
        names::distinguished(self.subject)
    }

    /// The issuer.
    pub(crate) fn issuer(&self) -> Option<String> {
        names::distinguished(self.issuer)
    }

    /// The end of the validity, in seconds since 1970-01-01.
    pub(crate) fn not_after(&self) -> Option<i64> {
        let mut validity = self.validity;
        validity.next()?;
        time::seconds(&validity.next()?)
    }

    /// The hosts that the certificate names.
    pub(crate) fn hosts(&self) -> Vec<String> {
        let mut rest = self.rest;
        while let Some(element) = rest.next() {
            if element.tag == context(3) {
                let extensions = Der(element.content).inside(SEQUENCE);
                return extensions.map(names::hosts).unwrap_or_default();
            }
        }
        Vec::new()
    }
}

/// Returns the version, which is written as one less.
fn version_of(content: &[u8]) -> Option<u8> {
    let number = Der(content).next_of(INTEGER)?.content;
    match number {
        [number] => number.checked_add(1),
        _ => None,
    }
}

/// The fingerprint of a certificate or key (SHA-256).
pub(crate) fn fingerprint(der: &[u8]) -> [u8; 32] {
    Sha256::digest(der).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> Vec<u8> {
        let made = rcgen::generate_simple_self_signed(["host.example".to_owned()]).unwrap();
        made.cert.der().to_vec()
    }

    #[test]
    fn the_public_key_is_what_the_key_pair_says() {
        let made = rcgen::generate_simple_self_signed(["host.example".to_owned()]).unwrap();
        let der = made.cert.der();
        let read = Certificate::read(der).unwrap();
        assert_eq!(
            read.public_key,
            rcgen::PublicKeyData::subject_public_key_info(&made.signing_key)
        );
    }

    #[test]
    fn reads_the_names_and_the_validity() {
        let mut params = rcgen::CertificateParams::new([
            "host.example".to_owned(),
            "192.0.2.7".to_owned(),
            "2001:db8::7".to_owned(),
        ])
        .unwrap();
        params.not_after = rcgen::date_time_ymd(2031, 5, 17);
        let name = &mut params.distinguished_name;
        name.push(rcgen::DnType::OrganizationName, "Ex\u{7}ample");
        name.push(rcgen::DnType::CommonName, "M\u{fc}ller");
        let key = rcgen::KeyPair::generate().unwrap();
        let made = params.self_signed(&key).unwrap();
        let read = Certificate::read(made.der()).unwrap();
        let subject = read.subject().unwrap();
        assert!(subject.contains("O=Ex\u{FFFD}ample"), "{subject}");
        assert!(subject.contains("CN=M\u{fc}ller"), "{subject}");
        assert_eq!(read.issuer(), read.subject());
        assert_eq!(read.not_after(), Some(1_936_742_400));
        assert_eq!(read.hosts(), ["host.example", "192.0.2.7", "2001:db8::7"]);
    }

    #[test]
    fn rejects_a_truncated_certificate() {
        let der = certificate();
        for end in 0..der.len() {
            assert!(Certificate::read(&der[..end]).is_none(), "{end}");
        }
    }

    #[test]
    fn a_changed_byte_never_panics() {
        let der = certificate();
        let mut read = 0;
        for position in 0..der.len() {
            for value in [0, 0x1F, 0x7F, 0x80, 0x84, 0x85, 0xFF] {
                let mut changed = der.clone();
                changed[position] = value;
                let certificate = Certificate::read(&changed);
                read += usize::from(certificate.is_some());
                if let Some(certificate) = certificate {
                    let names = [certificate.subject(), certificate.issuer()];
                    let _shown = (names, certificate.not_after(), certificate.hosts());
                }
            }
        }
        // Most bytes are not part of the outer structure.
        assert!(read > der.len(), "{read}");
    }
}
