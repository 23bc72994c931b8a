//! The few parts of a certificate that a login needs (RFC 5280 4.1), read from its DER.

use sha2::{Digest as _, Sha256};

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
        if element.tag == CONTEXT_0 {
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

pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
/// `[0]`, constructed.
pub(super) const CONTEXT_0: u8 = 0xA0;
const INTEGER: u8 = 0x02;

/// Elements one after another, in the distinguished encoding (X.690).
#[derive(Clone, Copy, Debug)]
pub(super) struct Der<'a>(pub(super) &'a [u8]);

/// One of them.
pub(super) struct Element<'a> {
    tag: u8,
    pub(super) content: &'a [u8],
    /// Tag and length included.
    whole: &'a [u8],
}

impl<'a> Der<'a> {
    fn next(&mut self) -> Option<Element<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        // Certificates have no tags of several bytes where they are read here.
        if tag & 0x1F == 0x1F {
            return None;
        }
        let (length, rest) = length(rest)?;
        let (content, after) = rest.split_at_checked(length)?;
        let (whole, _) = self.0.split_at_checked(self.0.len() - after.len())?;
        self.0 = after;
        Some(Element {
            tag,
            content,
            whole,
        })
    }

    /// The next element, if it has this tag.
    pub(super) fn next_of(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next().filter(|element| element.tag == tag)
    }

    /// The elements inside of the next one, if it has this tag.
    pub(super) fn inside(&mut self, tag: u8) -> Option<Self> {
        Some(Self(self.next_of(tag)?.content))
    }
}

/// A length, and what follows it. Four bytes of it are more than any certificate needs.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((first.into(), rest));
    }
    let count = usize::from(first & 0x7F);
    if !(1..=4).contains(&count) {
        return None;
    }
    let (digits, rest) = rest.split_at_checked(count)?;
    let length = digits.iter().try_fold(0_usize, |length, &digit| {
        length.checked_mul(256)?.checked_add(digit.into())
    })?;
    Some((length, rest))
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

    #[test]
    fn lengths() {
        assert_eq!(length(&[5, 1]), Some((5, &[1][..])));
        assert_eq!(length(&[0x82, 1, 2]), Some((258, &[][..])));
        for wrong in [&[][..], &[0x80], &[0x82, 1], &[0x85, 0, 0, 0, 0, 1]] {
            assert_eq!(length(wrong), None, "{wrong:?}");
        }
    }
}
