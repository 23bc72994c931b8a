//! Tests logins that are bound to their TLS connection.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use wsman::auth::{LoginCause, ServicePrincipal};
use wsman::simulator::{
    CbtHardening, KerberosScheme, KeyDistributionCentre, LoginScheme, NtlmScheme, PASSWORD, Realm,
    Simulator, USER,
};
use wsman::transport::Proxy;
use wsman::{Credentials, Error, SessionBuilder, TlsConfig};

use crate::authority::{Authority, Issued};
use crate::proxies::TestProxy;
use crate::{builder, encrypted, works};

/// A login that can be bound to a certificate.
#[derive(Clone, Copy, Debug)]
enum Login {
    Ntlm,
    Kerberos,
}

/// A realm with the service of these tests.
async fn realm() -> KeyDistributionCentre {
    let realm = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD);
    realm.service("HTTP/localhost").start().await.unwrap()
}

impl Login {
    async fn server(
        self,
        kdc: &KeyDistributionCentre,
        issued: &Issued,
        cbt: CbtHardening,
    ) -> Simulator {
        let scheme = match self {
            Self::Ntlm => LoginScheme::Ntlm(NtlmScheme::new().allow_unencrypted().cbt(cbt)),
            Self::Kerberos => {
                let name = "HTTP/localhost@EXAMPLE.TEST";
                let scheme = KerberosScheme::new(name, &kdc.keytab()).unwrap();
                LoginScheme::Kerberos(scheme.allow_unencrypted().cbt(cbt))
            }
        };
        encrypted(issued).logins([scheme]).start().await.unwrap()
    }

    fn with(self, builder: SessionBuilder, kdc: &KeyDistributionCentre) -> SessionBuilder {
        let builder = builder
            .kdc(kdc.address())
            .krb5_conf("/dev/null")
            .service_principal(ServicePrincipal::new().host("localhost"));
        builder.credentials(match self {
            Self::Ntlm => Credentials::ntlm(USER, PASSWORD),
            Self::Kerberos => Credentials::kerberos(format!("EXAMPLE.TEST\\{USER}"), PASSWORD),
        })
    }
}

#[tokio::test]
async fn binds_a_login_directly_and_through_proxies() {
    let (authority, kdc) = (Authority::new(), realm().await);
    let issued = authority.localhost();
    let tls = TlsConfig::with_roots(authority.der()).unwrap();
    let (http, socks) = (TestProxy::http(None).await, TestProxy::socks(None).await);
    let at = |scheme: &str, address: SocketAddr| {
        Some(Proxy::new(format!("{scheme}://{address}").parse().unwrap()))
    };
    for login in [Login::Ntlm, Login::Kerberos] {
        let simulator = login.server(&kdc, &issued, CbtHardening::Strict).await;
        for proxy in [None, at("http", http.address), at("socks5", socks.address)] {
            let builder = login.with(builder(&simulator), &kdc).tls(tls.clone());
            let builder = match proxy {
                Some(proxy) => builder.proxy(proxy),
                None => builder,
            };
            let session = builder.build().unwrap();
            works(&session).await;
            assert!(session.server_certificate().is_some());
        }
    }
}

/// A man in the middle whom the client trusts: he presents his own certificate and reads the traffic.
async fn man_in_the_middle(simulator: &Simulator, authority: &Authority) -> SocketAddr {
    let issued = authority.localhost();
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap();
    let chain = vec![CertificateDer::from(issued.der)];
    let config = ServerConfig::builder().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()));
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(authority.der().to_vec()))
        .unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots);
    let connector = TlsConnector::from(Arc::new(config.with_no_client_auth()));
    let server = simulator.address();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, connector) = (acceptor.clone(), connector.clone());
            tokio::spawn(async move {
                let mut client = acceptor.accept(stream).await.ok()?;
                let stream = TcpStream::connect(server).await.ok()?;
                let name = ServerName::try_from("127.0.0.1").ok()?;
                let mut server = connector.connect(name, stream).await.ok()?;
                copy_bidirectional(&mut client, &mut server).await.ok()
            });
        }
    });
    address
}

#[tokio::test]
async fn a_bound_login_is_useless_to_a_man_in_the_middle() {
    let (authority, kdc) = (Authority::new(), realm().await);
    let tls = TlsConfig::with_roots(authority.der()).unwrap();
    for login in [Login::Ntlm, Login::Kerberos] {
        for (cbt, gets_in) in [
            (CbtHardening::Strict, false),
            (CbtHardening::Relaxed, false),
            // Without a binding, neither side detects him.
            (CbtHardening::None, true),
        ] {
            let simulator = login.server(&kdc, &authority.localhost(), cbt).await;
            let between = man_in_the_middle(&simulator, &authority).await;
            let url = format!("https://{between}/wsman");
            let session = login
                .with(wsman::Session::builder(url), &kdc)
                .tls(tls.clone())
                .namespace("root/cimv2")
                .build()
                .unwrap();
            match session.identify().await {
                Ok(_) => assert!(gets_in, "{login:?} {cbt:?}"),
                Err(error) => {
                    assert!(
                        matches!(error, Error::Auth(_)),
                        "{login:?} {cbt:?}: {error:?}"
                    );
                    assert!(!gets_in, "{login:?} {cbt:?}");
                    let causes = &error.login().unwrap().causes;
                    assert!(causes.contains(&LoginCause::ChannelBinding), "{causes:?}");
                }
            }
        }
    }
}
