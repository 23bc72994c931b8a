//! The few parts of a certificate that a login needs (RFC 5280 4.1), read from its DER.

use sha2::{Digest as _, Sha256};

use super::der::{Der, INTEGER, OBJECT_IDENTIFIER, SEQUENCE, context};

/// A certificate whose outer shape is right; nobody checked who signed it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Certificate<'a> {
    /// `SubjectPublicKeyInfo`, whole.
    pub(crate) public_key: &'a [u8],
    /// The content of the object identifier of the signature's algorithm.
    pub(super) algorithm: &'a [u8],
    /// What follows it: for RSASSA-PSS, which hash it is.
    pub(super) parameters: Der<'a>,
}

impl<'a> Certificate<'a> {
    /// Reads a certificate; `None` if it is none.
    pub(crate) fn read(der: &'a [u8]) -> Option<Self> {
        let mut certificate = Der(der).inside(SEQUENCE)?;
        let mut signed = certificate.inside(SEQUENCE)?;
        let mut element = signed.next()?;
        // The version is left out in version 1.
        if element.tag == context(0) {
            element = signed.next()?;
        }
        // Serial number, then signature, issuer, validity, subject.
        if element.tag != INTEGER {
            return None;
        }
        for _ in 0..4 {
            signed.next_of(SEQUENCE)?;
        }
        let public_key = signed.next_of(SEQUENCE)?.whole;
        let mut parameters = certificate.inside(SEQUENCE)?;
        Some(Self {
            public_key,
            algorithm: parameters.next_of(OBJECT_IDENTIFIER)?.content,
            parameters,
        })
    }
}

/// The hash by which certificates and keys are known (SHA-256).
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
    fn what_is_cut_is_no_certificate() {
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
                read += usize::from(Certificate::read(&changed).is_some());
            }
        }
        // Most bytes are not of the outer shape.
        assert!(read > der.len(), "{read}");
    }
}
