//! Tests each alert of TLS that a server sends after the handshake, when the message is there.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::crypto::cipher::{
    AeadKey, Iv, KeyBlockShape, MessageDecrypter, MessageEncrypter, OutboundChunks,
    OutboundOpaqueMessage, OutboundPlainMessage, Tls12AeadAlgorithm, Tls13AeadAlgorithm,
    UnsupportedOperationError,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    CipherSuite, ConnectionTrafficSecrets, ContentType, Error as RustlsError, RootCertStore,
    ServerConfig, ServerConnection, SupportedCipherSuite, Tls12CipherSuite, Tls13CipherSuite,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, SupportedProtocolVersion};
use wsman::auth::LoginCause;
use wsman::simulator::{PASSWORD, USER};
use wsman::transport::{TlsConfigBuilder, TransportErrorKind};
use wsman::{Credentials, Delivery, Error, Instance, Session, TlsConfig, Url};

use crate::authority::{Authority, Issued};

/// Starts application data that is sent as a record of another type, which follows it.
const RECORD: &[u8] = b"\0record\0";

/// Sends application data with the mark as another record: rustls sends no alert on demand.
struct Marking(Box<dyn MessageEncrypter>);

impl MessageEncrypter for Marking {
    fn encrypt(
        &mut self,
        message: OutboundPlainMessage<'_>,
        seq: u64,
    ) -> Result<OutboundOpaqueMessage, RustlsError> {
        let bytes = message.payload.to_vec();
        match bytes.strip_prefix(RECORD) {
            Some([kind, record @ ..]) => {
                let record = OutboundPlainMessage {
                    typ: ContentType::from(*kind),
                    version: message.version,
                    payload: OutboundChunks::Single(record),
                };
                self.0.encrypt(record, seq)
            }
            _ => self.0.encrypt(message, seq),
        }
    }

    fn encrypted_payload_len(&self, length: usize) -> usize {
        self.0.encrypted_payload_len(length)
    }
}

struct Marking12(&'static dyn Tls12AeadAlgorithm);

impl Tls12AeadAlgorithm for Marking12 {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn MessageEncrypter> {
        Box::new(Marking(self.0.encrypter(key, iv, extra)))
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        self.0.decrypter(key, iv)
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        self.0.key_block_shape()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: &[u8],
        explicit: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.0.extract_keys(key, iv, explicit)
    }
}

struct Marking13(&'static dyn Tls13AeadAlgorithm);

impl Tls13AeadAlgorithm for Marking13 {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        Box::new(Marking(self.0.encrypter(key, iv)))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        self.0.decrypter(key, iv)
    }

    fn key_len(&self) -> usize {
        self.0.key_len()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.0.extract_keys(key, iv)
    }
}

/// Returns one cipher suite of each version, whose server can send any record.
fn suites() -> Vec<SupportedCipherSuite> {
    let all = aws_lc_rs::ALL_CIPHER_SUITES.iter();
    let kept = all.filter_map(|suite| match (suite.suite(), suite) {
        (
            CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            SupportedCipherSuite::Tls12(suite),
        ) => {
            let aead_alg = Box::leak(Box::new(Marking12(suite.aead_alg)));
            let suite = Tls12CipherSuite {
                common: rustls::CipherSuiteCommon { ..suite.common },
                aead_alg,
                ..**suite
            };
            Some(SupportedCipherSuite::Tls12(Box::leak(Box::new(suite))))
        }
        (CipherSuite::TLS13_AES_128_GCM_SHA256, SupportedCipherSuite::Tls13(suite)) => {
            let aead_alg = Box::leak(Box::new(Marking13(suite.aead_alg)));
            let suite = Tls13CipherSuite {
                common: rustls::CipherSuiteCommon { ..suite.common },
                aead_alg,
                ..**suite
            };
            Some(SupportedCipherSuite::Tls13(Box::leak(Box::new(suite))))
        }
        _ => None,
    });
    kept.collect()
}

/// A server of one version of TLS, which may request the client's certificate in the handshake.
struct Server {
    issued: Issued,
    clients: Authority,
    suites: Vec<SupportedCipherSuite>,
}

impl Server {
    fn acceptor(&self, version: &'static SupportedProtocolVersion, requests: bool) -> TlsAcceptor {
        self.config(version, requests).into()
    }

    fn config(
        &self,
        version: &'static SupportedProtocolVersion,
        requests: bool,
    ) -> Arc<ServerConfig> {
        let mut provider = aws_lc_rs::default_provider();
        provider.cipher_suites.clone_from(&self.suites);
        let provider = Arc::new(provider);
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[version])
            .unwrap();
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from(self.clients.der().to_vec());
        roots.add(root).unwrap();
        let config = if requests {
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            let verifier = verifier.allow_unauthenticated().build().unwrap();
            config.with_client_cert_verifier(verifier)
        } else {
            config.with_no_client_auth()
        };
        let config = config.with_single_cert(
            vec![CertificateDer::from(self.issued.der.clone())],
            PrivateKeyDer::from_pem_slice(self.issued.key.as_bytes()).unwrap(),
        );
        Arc::new(config.unwrap())
    }

    /// Starts it with TLS 1.2; it ends each handshake with handshake_failure, after the flight of the client.
    async fn refusing(&self, requests: bool) -> Url {
        let config = self.config(&rustls::version::TLS12, requests);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/wsman", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                let (mut piece, mut flight) = ([0; 4096], Vec::new());
                let read = stream.read(&mut piece).await.unwrap();
                connection.read_tls(&mut &piece[..read]).unwrap();
                connection.process_new_packets().unwrap();
                while connection.wants_write() {
                    connection.write_tls(&mut flight).unwrap();
                }
                stream.write_all(&flight).await.unwrap();
                let _flight = stream.read(&mut piece).await;
                stream.write_all(&[21, 3, 3, 0, 2, 2, 40]).await.unwrap();
            }
        });
        url.parse().unwrap()
    }

    /// Starts it; it answers each first message with this record.
    async fn start(&self, acceptor: TlsAcceptor, record: &[u8]) -> Url {
        let record = [RECORD, record].concat();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/wsman", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (accepting, record) = (acceptor.accept(stream), record.clone());
                tokio::spawn(async move {
                    let mut stream = accepting.await.ok()?;
                    let mut piece = [0; 4096];
                    let _read = stream.read(&mut piece).await.ok()?;
                    stream.write_all(&record).await.ok()?;
                    // Keeps the connection, so that the client sees the record and not its end.
                    while matches!(stream.read(&mut piece).await, Ok(1..)) {}
                    Some(())
                });
            }
        });
        url.parse().unwrap()
    }

    fn tls(&self, authority: &Authority, has_certificate: bool) -> TlsConfig {
        let tls: TlsConfigBuilder = TlsConfig::builder().roots(authority.der());
        let client = self.clients.client();
        let tls = if has_certificate {
            tls.client_certificate(client.chain.as_bytes(), client.key.as_bytes())
        } else {
            tls
        };
        tls.build().unwrap()
    }
}

/// What an alert means after the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The server judges the client's certificate, or requires one.
    OfCertificate,
    /// The server wants another handshake.
    OfHandshake,
    Other,
}

/// Every alert of the RFCs, and one of none; but close_notify (0), which is no error.
const ALERTS: [(u8, Meaning); 35] = {
    use Meaning::{OfCertificate, OfHandshake, Other};
    [
        (10, Other),
        (20, Other),
        (21, Other),
        (22, Other),
        (30, Other),
        (40, OfHandshake),
        (41, OfCertificate),
        (42, OfCertificate),
        (43, OfCertificate),
        (44, OfCertificate),
        (45, OfCertificate),
        (46, OfCertificate),
        (47, Other),
        (48, OfCertificate),
        (49, OfCertificate),
        (50, Other),
        (51, Other),
        (60, Other),
        (70, Other),
        (71, OfHandshake),
        (80, Other),
        (86, Other),
        (90, Other),
        (100, OfHandshake),
        (109, Other),
        (110, Other),
        (111, Other),
        (112, Other),
        (113, Other),
        (114, Other),
        (115, Other),
        (116, OfCertificate),
        (120, Other),
        (121, Other),
        (200, Other),
    ]
};

/// Sends a write, and returns its error.
async fn put(url: &Url, credentials: Credentials, tls: &TlsConfig) -> Error {
    let session = Session::builder(url.clone())
        .credentials(credentials)
        .allow_unencrypted()
        .tls(tls.clone())
        .build()
        .unwrap();
    let share = Instance::new("Win32_Share").with_key("Name", "logs");
    session.put_instance(&share).await.unwrap_err()
}

/// Asserts that the error does not speak of a failed handshake or a cipher suite.
fn assert_not_of_the_handshake(error: &Error, text: &str) {
    for wrong in [
        "cipher suite of this",
        "handshake failed",
        "TLS version",
        "not answer in TLS",
    ] {
        assert!(!error.to_string().contains(wrong), "{text}");
    }
}

fn causes(error: &Error) -> Vec<LoginCause> {
    error
        .login()
        .map(|login| login.causes.clone())
        .unwrap_or_default()
}

#[tokio::test]
async fn each_alert_after_the_handshake() {
    const LATE: [LoginCause; 1] = [LoginCause::CertificateNotRequested];
    let authority = Authority::new();
    let server = Server {
        issued: authority.localhost(),
        clients: Authority::new(),
        suites: suites(),
    };
    let with = server.tls(&authority, true);
    let without = server.tls(&authority, false);
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for requests in [false, true] {
            let acceptor = server.acceptor(version, requests);
            for (alert, meaning) in ALERTS {
                let url = server.start(acceptor.clone(), &[21, 2, alert]).await;
                for (credentials, tls) in [
                    (Credentials::certificate(), &with),
                    (Credentials::basic(USER, PASSWORD), &with),
                    (Credentials::basic(USER, PASSWORD), &without),
                    (Credentials::none(), &without),
                ] {
                    let is_certificate =
                        format!("{credentials:?}") == format!("{:?}", Credentials::certificate());
                    let text = format!("{version:?} {requests} {alert} {credentials:?}");
                    let error = put(&url, credentials, tls).await;
                    let text = format!("{text}: {error:?}");
                    let is_login = is_certificate && !requests;
                    let (name, kind, delivery, is_late) = match (meaning, requests) {
                        (Meaning::OfCertificate, true) => (
                            "Transport",
                            TransportErrorKind::ClientCertificate,
                            Delivery::Answered,
                            false,
                        ),
                        (Meaning::OfHandshake, true) => (
                            "Transport",
                            TransportErrorKind::ClientCertificate,
                            Delivery::Unknown,
                            false,
                        ),
                        (Meaning::OfCertificate | Meaning::OfHandshake, false) => (
                            "AccessDenied",
                            TransportErrorKind::ClientCertificate,
                            Delivery::Unknown,
                            true,
                        ),
                        (Meaning::Other, _) => (
                            "Transport",
                            TransportErrorKind::Interrupted,
                            Delivery::Unknown,
                            is_login,
                        ),
                    };
                    assert_eq!(error.name(), name, "{text}");
                    assert_eq!(error.transport_kind(), Some(kind), "{text}");
                    assert_eq!(error.delivery(), delivery, "{text}");
                    let expected: &[LoginCause] = if is_late { &LATE } else { &[] };
                    assert_eq!(causes(&error), expected, "{text}");
                    assert_not_of_the_handshake(&error, &text);
                }
            }
        }
    }
}

/// Digest and NTLM begin with an empty message, so the write was not sent.
#[cfg(feature = "negotiate")]
#[tokio::test]
async fn an_alert_within_a_login() {
    let authority = Authority::new();
    let server = Server {
        issued: authority.localhost(),
        clients: Authority::new(),
        suites: suites(),
    };
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let acceptor = server.acceptor(version, false);
        let url = server.start(acceptor, &[21, 2, 40]).await;
        for has_certificate in [false, true] {
            let tls = server.tls(&authority, has_certificate);
            for credentials in [
                Credentials::digest(USER, PASSWORD),
                Credentials::ntlm(USER, PASSWORD),
                Credentials::negotiate(USER, PASSWORD),
                Credentials::password(USER, PASSWORD),
            ] {
                let text = format!("{version:?} {credentials:?}");
                let error = put(&url, credentials, &tls).await;
                assert_eq!(error.name(), "AccessDenied", "{text}: {error:?}");
                assert_eq!(error.delivery(), Delivery::NotSent, "{text}: {error:?}");
                assert_eq!(
                    causes(&error),
                    [LoginCause::CertificateNotRequested],
                    "{text}"
                );
                assert_not_of_the_handshake(&error, &text);
            }
        }
    }
}

/// A request for the certificate itself, which TLS 1.3 has after the handshake; and records that are none.
#[tokio::test]
async fn other_records_after_the_handshake() {
    let authority = Authority::new();
    let server = Server {
        issued: authority.localhost(),
        clients: Authority::new(),
        suites: suites(),
    };
    let tls = server.tls(&authority, true);
    // RFC 8446 4.3.2: a context of one byte, and the signature algorithms.
    let request: &[u8] = &[22, 13, 0, 0, 12, 1, 7, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3];
    let others: [(_, &[u8], _); 5] = [
        (&rustls::version::TLS13, request, true),
        (&rustls::version::TLS13, &[22, 1, 0, 0, 0], false),
        (&rustls::version::TLS12, &[22, 1, 0, 0, 0], false),
        (&rustls::version::TLS12, &[20, 9], false),
        (&rustls::version::TLS13, &[99, 1], false),
    ];
    for (version, record, is_late) in others {
        let url = server.start(server.acceptor(version, false), record).await;
        let error = put(&url, Credentials::basic(USER, PASSWORD), &tls).await;
        let kind = if is_late {
            TransportErrorKind::ClientCertificate
        } else {
            TransportErrorKind::Interrupted
        };
        let text = format!("{version:?} {record:?}: {error:?}");
        assert_eq!(error.transport_kind(), Some(kind), "{text}");
        assert_eq!(error.delivery(), Delivery::Unknown, "{text}");
        let expected: &[LoginCause] = if is_late {
            &[LoginCause::CertificateNotRequested]
        } else {
            &[]
        };
        assert_eq!(causes(&error), expected, "{text}");
        assert_not_of_the_handshake(&error, &text);
    }
}

/// OpenSSL sends handshake_failure in the handshake of TLS 1.2 if the client has no certificate.
#[tokio::test]
async fn a_missing_certificate_in_the_handshake() {
    let authority = Authority::new();
    let server = Server {
        issued: authority.localhost(),
        clients: Authority::new(),
        suites: suites(),
    };
    for (requests, kind) in [
        (true, TransportErrorKind::ClientCertificate),
        (false, TransportErrorKind::Tls),
    ] {
        let url = server.refusing(requests).await;
        let tls = server.tls(&authority, false);
        let error = put(&url, Credentials::basic(USER, PASSWORD), &tls).await;
        assert_eq!(error.transport_kind(), Some(kind), "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
}
