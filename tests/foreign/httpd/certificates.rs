//! Tests client certificates against `mod_ssl`, which uses OpenSSL.

use std::path::Path;

use wsman::transport::TransportError;
use wsman::transport::{TlsConfigBuilder, TlsVersion, TransportErrorKind};
use wsman::{Credentials, Delivery, Error, Session, TlsConfig};

use super::Httpd;
use crate::authority::{Authority, Issued};
use crate::operations::{self, share};
use crate::table::row;

/// httpd with a certificate of an authority; it requires a client certificate of the same.
async fn httpd(authority: &Authority) -> Httpd {
    requiring(authority, "SSLVerifyClient require").await
}

/// The same with other directives for the client certificate.
async fn requiring(authority: &Authority, directives: &str) -> Httpd {
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
            {directives}
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
    // OpenSSL has an alert for it in TLS 1.3 alone.
    for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
        let tls = tls(&authority).max_version(version);
        shut_out(&httpd, &session(&httpd, Credentials::none(), tls)).await;
    }
}

pub(crate) async fn certificate_of_another_authority() {
    let authority = Authority::new();
    let httpd = httpd(&authority).await;
    for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
        let tls = showing(tls(&authority), &Authority::new().client()).max_version(version);
        shut_out(&httpd, &session(&httpd, Credentials::certificate(), tls)).await;
    }
}

/// As HTTP.sys does by default, httpd requests the certificate of a location after the request: by a
/// renegotiation, or after the handshake of TLS 1.3.
pub(crate) async fn certificate_requested_after_the_handshake() {
    let authority = Authority::new();
    let directives = "<Location /wsman>\nSSLVerifyClient require\n</Location>";
    for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
        let httpd = requiring(&authority, directives).await;
        let tls = showing(tls(&authority), &authority.client()).max_version(version);
        let session = session(&httpd, Credentials::certificate(), tls);
        let error = session.put_instance(&share("logs")).await.unwrap_err();
        assert!(matches!(error, Error::AccessDenied(_)), "{error:?}");
        row("tls::certificate_requested_after_the_handshake").assert_in(&error.to_string());
        assert!(httpd.simulator.requests().is_empty());
    }
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
