//! Tests client certificates against `mod_ssl`, which uses OpenSSL.

use std::path::Path;

use wsman::transport::TransportError;
use wsman::transport::{TlsConfigBuilder, TransportErrorKind};
use wsman::{Credentials, Delivery, Error, Session, TlsConfig};

use super::Httpd;
use crate::authority::{Authority, Issued};
use crate::operations::{self, share};

/// httpd with a certificate of an authority; it requires a client certificate of the same.
async fn httpd(authority: &Authority) -> Httpd {
    let server = authority.server("localhost", |_| {});
    let certificates = |folder: &Path| {
        let file = |name: &str, text: &str| {
            let file = folder.join(name);
            std::fs::write(&file, text).unwrap();
            file.display().to_string()
        };
        format!(
            "SSLEngine on
            SSLCertificateFile {}
            SSLCertificateKeyFile {}
            SSLCACertificateFile {}
            SSLVerifyClient require
            <Location />
                Require ssl-verify-client
            </Location>\n",
            file("server.pem", &server.chain),
            file("server.key", &server.key),
            file("authority.pem", &authority.pem()),
        )
    };
    Httpd::start("https", &["ssl"], certificates).await
}

fn tls(authority: &Authority) -> TlsConfigBuilder {
    TlsConfig::builder().roots(authority.pem().as_bytes())
}

fn showing(tls: TlsConfigBuilder, client: &Issued) -> TlsConfigBuilder {
    tls.client_certificate(client.chain.as_bytes(), client.key.as_bytes())
}

fn session(httpd: &Httpd, credentials: Credentials, tls: TlsConfigBuilder) -> Session {
    let builder = httpd.session(credentials);
    builder.tls(tls.build().unwrap()).build().unwrap()
}

pub(crate) async fn every_mode_of_put() {
    let authority = Authority::new();
    let httpd = httpd(&authority).await;
    let tls = showing(tls(&authority), &authority.client());
    let session = session(&httpd, Credentials::certificate(), tls);
    operations::every_mode_of_put(&session, &httpd.simulator).await;
    operations::rows(&session, &httpd.simulator).await;
}

pub(crate) async fn no_certificate() {
    let authority = Authority::new();
    let httpd = httpd(&authority).await;
    let session = session(&httpd, Credentials::none(), tls(&authority));
    shut_out(&httpd, &session).await;
}

pub(crate) async fn certificate_of_another_authority() {
    let authority = Authority::new();
    let httpd = httpd(&authority).await;
    let tls = showing(tls(&authority), &Authority::new().client());
    shut_out(&httpd, &session(&httpd, Credentials::certificate(), tls)).await;
}

/// The error names the certificate, and nothing was done.
async fn shut_out(httpd: &Httpd, session: &Session) {
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
    let cause = error.caused_by::<TransportError>().unwrap();
    assert_eq!(
        cause.kind(),
        TransportErrorKind::ClientCertificate,
        "{cause}"
    );
    assert_ne!(error.delivery(), Delivery::Unknown);
    assert!(httpd.simulator.requests().is_empty());
}
