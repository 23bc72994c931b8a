//! Servers with certificates that rustls would refuse to load.

use std::sync::Arc;

use rcgen::PublicKeyData as _;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ServerConfig, SupportedProtocolVersion};
use wsman::Url;
use wsman::simulator::Simulator;

/// A key and its certificate, which rustls would refuse to load as a server's.
pub(crate) struct Shown {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// What is unusual about the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Usual,
    Version1,
    NegativeSerial,
    EmptySerial,
    Version4,
    Sha1,
    AuthorityWithoutNames,
}

/// Encodes a DER element.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let [.., high, low] = content.len().to_be_bytes();
    let length = match (high, low) {
        (0, 0..0x80) => vec![low],
        (0, _) => vec![0x81, low],
        _ => vec![0x82, high, low],
    };
    [&[tag], length.as_slice(), content].concat()
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// Writes a certificate by hand. Its own signature is invalid, and irrelevant: it is pinned.
fn certificate(form: Form, key: &rcgen::KeyPair) -> Vec<u8> {
    let identifier = |bytes: &[u8]| element(OBJECT_IDENTIFIER, bytes);
    let sha256 = element(
        SEQUENCE,
        &identifier(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2]),
    );
    let sha1 = element(SEQUENCE, &identifier(&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 1]));
    let algorithm = if form == Form::Sha1 { sha1 } else { sha256 };
    let version = |number| element(0xA0, &element(INTEGER, &[number]));
    let name = [identifier(&[0x55, 4, 3]), element(0x0C, b"old.example")].concat();
    let name = element(SEQUENCE, &element(0x31, &element(SEQUENCE, &name)));
    let validity = [
        element(0x17, b"200101000000Z"),
        element(0x17, b"450101000000Z"),
    ]
    .concat();
    let address = element(SEQUENCE, &element(0x87, &[127, 0, 0, 1]));
    let extension = match form {
        Form::AuthorityWithoutNames => {
            let is_authority = element(SEQUENCE, &element(0x01, &[0xFF]));
            [
                identifier(&[0x55, 0x1D, 0x13]),
                element(0x04, &is_authority),
            ]
            .concat()
        }
        _ => [identifier(&[0x55, 0x1D, 0x11]), element(0x04, &address)].concat(),
    };
    let extensions = element(0xA3, &element(SEQUENCE, &element(SEQUENCE, &extension)));
    let is_old = form == Form::Version1;
    let parts = [
        match form {
            Form::Version1 => Vec::new(),
            Form::Version4 => version(3),
            _ => version(2),
        },
        match form {
            Form::NegativeSerial => element(INTEGER, &[0xFB]),
            Form::EmptySerial => element(INTEGER, &[]),
            _ => element(INTEGER, &[5]),
        },
        algorithm.clone(),
        name.clone(),
        element(SEQUENCE, &validity),
        name,
        key.subject_public_key_info(),
        if is_old { Vec::new() } else { extensions },
    ];
    let signed = element(SEQUENCE, &parts.concat());
    let signature = element(0x03, &[0, 1, 2, 3]);
    element(SEQUENCE, &[signed, algorithm, signature].concat())
}

impl Shown {
    pub(crate) fn new(form: Form) -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        Self {
            certificate: certificate(form, &key),
            key: PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap(),
        }
    }
}

/// Shows one certificate without looking at it.
#[derive(Debug)]
struct Unchecked(Arc<CertifiedKey>);

impl ResolvesServerCert for Unchecked {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// Ends TLS before a simulator, with a certificate and a key that need not belong together.
pub(crate) async fn front(
    simulator: &Simulator,
    certificate: &[u8],
    key: &PrivateKeyDer<'static>,
    version: &'static SupportedProtocolVersion,
) -> Url {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let signing = provider.key_provider.load_private_key(key.clone_key());
    let chain = vec![CertificateDer::from(certificate.to_vec())];
    let shown = CertifiedKey::new(chain, signing.unwrap());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Unchecked(Arc::new(shown))));
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/wsman", listener.local_addr().unwrap());
    let backend = simulator.address();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that rejects the certificate ends the handshake.
                let Ok(mut client) = acceptor.accept(stream).await else {
                    return;
                };
                let mut server = TcpStream::connect(backend).await.unwrap();
                let _ended = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    url.parse().unwrap()
}
