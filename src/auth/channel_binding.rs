//! Channel bindings: they tie a login to its TLS connection (RFC 5929).

#[cfg(feature = "negotiate")]
use md5::Md5;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use super::der::{Der, OBJECT_IDENTIFIER, SEQUENCE, context};
use super::x509::Certificate;

/// The prefix of the hash (RFC 5929 4).
const PREFIX: &[u8] = b"tls-server-end-point:";

/// Returns the binding to a server's certificate: `tls-server-end-point:` and its hash (RFC 5929
/// 4.1).
///
/// The hash function is that of the certificate's signature. As the RFC requires, SHA-256 replaces
/// MD5 and SHA-1. It also replaces a missing or unknown hash, as in Windows clients.
pub(crate) fn tls_server_end_point(certificate: &[u8]) -> Vec<u8> {
    let hash = match signature_hash(certificate) {
        Some(Hash::Sha224) => Sha224::digest(certificate).to_vec(),
        Some(Hash::Sha384) => Sha384::digest(certificate).to_vec(),
        Some(Hash::Sha512) => Sha512::digest(certificate).to_vec(),
        None => Sha256::digest(certificate).to_vec(),
    };
    [PREFIX, &hash].concat()
}

/// Hashes a `gss_channel_bindings_struct` without addresses (RFC 4121 4.1.1.2), as NTLM and
/// Kerberos send it.
#[cfg(feature = "negotiate")]
pub(crate) fn gss_hash(channel: &[u8]) -> [u8; 16] {
    let length = u32::try_from(channel.len()).unwrap_or(u32::MAX);
    let mut hash = Md5::new();
    hash.update([0; 16]);
    hash.update(length.to_le_bytes());
    hash.update(channel);
    hash.finalize().into()
}

/// The supported hashes besides SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Sha224,
    Sha384,
    Sha512,
}

/// `sha224WithRSAEncryption` and its like: 1.2.840.113549.1.1 (RFC 8017 C).
const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01];
/// `ecdsa-with-SHA224` and its like: 1.2.840.10045.4.3 (RFC 5758 3.2).
const ECDSA: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03];
/// `id-sha224` and its like: 2.16.840.1.101.3.4.2 (RFC 8017 B.1).
const SHA2: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];

fn signature_hash(certificate: &[u8]) -> Option<Hash> {
    let certificate = Certificate::read(certificate)?;
    let (family, number) = split(certificate.algorithm)?;
    match (family, number) {
        (RSA, 10) => pss_hash(certificate.parameters),
        (RSA, 12) | (ECDSA, 3) => Some(Hash::Sha384),
        (RSA, 13) | (ECDSA, 4) => Some(Hash::Sha512),
        (RSA, 14) | (ECDSA, 1) => Some(Hash::Sha224),
        _ => None,
    }
}

/// Returns the hash of an RSASSA-PSS signature from its parameters (RFC 8017 A.2.3).
fn pss_hash(mut parameters: Der<'_>) -> Option<Hash> {
    let mut hash = parameters.inside(SEQUENCE)?.inside(context(0))?;
    let name = hash.inside(SEQUENCE)?.next_of(OBJECT_IDENTIFIER)?.content;
    match split(name)? {
        (SHA2, 2) => Some(Hash::Sha384),
        (SHA2, 3) => Some(Hash::Sha512),
        (SHA2, 4) => Some(Hash::Sha224),
        _ => None,
    }
}

/// Splits an object identifier into its prefix and its last number.
fn split(identifier: &[u8]) -> Option<(&[u8], u8)> {
    let (&last, family) = identifier.split_last()?;
    Some((family, last))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, SignatureAlgorithm};

    use super::*;

    fn signed_with(algorithm: &'static SignatureAlgorithm) -> Vec<u8> {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let params = CertificateParams::new(["host.example".to_owned()]).unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    fn bound(certificate: &[u8]) -> Vec<u8> {
        let binding = tls_server_end_point(certificate);
        binding.strip_prefix(PREFIX).unwrap().to_vec()
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        for algorithm in [
            &rcgen::PKCS_RSA_SHA256,
            &rcgen::PKCS_ECDSA_P256_SHA256,
            // Ed25519 names no hash.
            &rcgen::PKCS_ED25519,
        ] {
            let certificate = signed_with(algorithm);
            assert_eq!(bound(&certificate), Sha256::digest(&certificate).to_vec());
        }
        for algorithm in [&rcgen::PKCS_RSA_SHA384, &rcgen::PKCS_ECDSA_P384_SHA384] {
            let certificate = signed_with(algorithm);
            assert_eq!(bound(&certificate), Sha384::digest(&certificate).to_vec());
        }
        for algorithm in [&rcgen::PKCS_RSA_SHA512, &rcgen::PKCS_ECDSA_P521_SHA512] {
            let certificate = signed_with(algorithm);
            assert_eq!(bound(&certificate), Sha512::digest(&certificate).to_vec());
        }
    }

    /// The value that other implementations compute for this certificate hash.
    #[cfg(feature = "negotiate")]
    #[test]
    fn the_gss_hash_is_the_one_that_others_compute() {
        use crate::auth::negotiate::ntlm::tests::{block, bytes};
        let hash = bytes("e3ca49271e5089cc48ce82109f1324f41dbeddc29a777410c738f7868c4ff405");
        let channel = [b"tls-server-end-point:".as_slice(), &hash].concat();
        assert_eq!(
            gss_hash(&channel),
            block("6ea19df066da4622051f9c4f92c6df74")
        );
    }

    /// Encodes an element of at most 127 bytes.
    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        assert!(length < 0x80);
        [&[tag, length], content].concat()
    }

    /// Encodes a minimal certificate with this signature algorithm.
    fn shaped(family: &[u8], number: u8, parameters: &[u8]) -> Vec<u8> {
        let empty = element(SEQUENCE, &[]);
        let signed = [element(0x02, &[1]), empty.repeat(5)].concat();
        let identifier = element(OBJECT_IDENTIFIER, &[family, &[number]].concat());
        let algorithm = element(SEQUENCE, &[&identifier, parameters].concat());
        element(
            SEQUENCE,
            &[element(SEQUENCE, &signed), algorithm, element(3, &[0])].concat(),
        )
    }

    fn pss(hash: u8) -> Vec<u8> {
        let name = element(OBJECT_IDENTIFIER, &[SHA2, &[hash]].concat());
        let hash = element(context(0), &element(SEQUENCE, &name));
        shaped(RSA, 10, &element(SEQUENCE, &hash))
    }

    #[test]
    fn rsassa_pss_names_its_hash() {
        for (number, hash) in [
            (1, None),
            (2, Some(Hash::Sha384)),
            (3, Some(Hash::Sha512)),
            (4, Some(Hash::Sha224)),
        ] {
            assert_eq!(signature_hash(&pss(number)), hash, "{number}");
        }
        // Its default is SHA-1.
        let default = shaped(RSA, 10, &element(SEQUENCE, &[]));
        assert_eq!(bound(&default), Sha256::digest(&default).to_vec());
    }

    #[test]
    fn sha_256_stands_for_old_and_unknown_hashes() {
        for number in [4, 5, 11, 99] {
            let certificate = shaped(RSA, number, &element(5, &[]));
            assert_eq!(bound(&certificate), Sha256::digest(&certificate).to_vec());
        }
        let rare = shaped(RSA, 14, &element(5, &[]));
        assert_eq!(bound(&rare), Sha224::digest(&rare).to_vec());
        assert_eq!(bound(b"no certificate").len(), 32);
    }
}
