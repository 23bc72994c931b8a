//! Tests old certificates and old versions of TLS against `mod_ssl`, which uses OpenSSL.

use std::path::Path;

use wsman::simulator::{PASSWORD, USER};
use wsman::transport::{CertificateProblem, TlsConfigBuilder, TlsVersion};
use wsman::{Credentials, Delivery, Error, Session, TlsConfig};

use super::Httpd;
use crate::operations;
use crate::table::row;

/// A certificate of X.509 version 1 with a negative serial number, signed with SHA-1 by `openssl
/// x509`, and its RSA key of so many bits.
#[derive(Clone, Copy)]
struct Old {
    certificate: &'static str,
    key: &'static str,
}

const USUAL_SIZE: Old = Old {
    certificate: include_str!("old/2048.pem"),
    key: include_str!("old/2048.key"),
};
const SMALL: Old = Old {
    certificate: include_str!("old/1024.pem"),
    key: include_str!("old/1024.key"),
};

impl Old {
    /// Starts httpd with the certificate and these directives.
    async fn start(self, directives: &str) -> Httpd {
        let configuration = |folder: &Path| {
            let [certificate, key] = ["server.pem", "server.key"].map(|name| folder.join(name));
            std::fs::write(&certificate, self.certificate).unwrap();
            std::fs::write(&key, self.key).unwrap();
            let (certificate, key) = (certificate.display(), key.display());
            // OpenSSL itself refuses what is this old, unless the security level is lower.
            format!(
                "SSLEngine on
                SSLCertificateFile {certificate}
                SSLCertificateKeyFile {key}
                SSLCipherSuite DEFAULT:@SECLEVEL=0
                {directives}\n"
            )
        };
        Httpd::start("https", &["ssl"], configuration).await
    }
}

fn session(httpd: &Httpd, tls: TlsConfigBuilder) -> Session {
    let builder = httpd.session(Credentials::basic(USER, PASSWORD));
    builder.tls(tls.build().unwrap()).build().unwrap()
}

/// Trusts the certificate that the server shows by its pin alone.
async fn pinned(httpd: &Httpd, any: TlsConfigBuilder) -> TlsConfigBuilder {
    let first = session(httpd, any.danger_accept_any_certificate());
    first.identify().await.unwrap();
    let pin = first.server_certificate().unwrap().pin();
    TlsConfig::builder().pin(pin).trust_pins_alone()
}

pub(crate) async fn old_certificate() {
    for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
        let httpd = USUAL_SIZE.start("").await;
        let tls = pinned(&httpd, TlsConfig::builder()).await;
        let session = session(&httpd, tls.min_version(version).max_version(version));
        operations::every_mode_of_put(&session, &httpd.simulator).await;
    }
    let httpd = USUAL_SIZE.start("").await;
    let error = rejected(&httpd, TlsConfig::builder()).await;
    let problem = error.certificate_problem();
    assert_eq!(problem, Some(CertificateProblem::Obsolete), "{error}");
}

pub(crate) async fn small_key() {
    let httpd = SMALL.start("").await;
    let tls12 = || TlsConfig::builder().max_version(TlsVersion::Tls12);
    let tls = pinned(&httpd, tls12()).await;
    let session = session(&httpd, tls.max_version(TlsVersion::Tls12));
    operations::every_mode_of_put(&session, &httpd.simulator).await;
    let any = TlsConfig::builder().danger_accept_any_certificate();
    let error = rejected(&httpd, any).await;
    assert_eq!(
        error.certificate_problem(),
        Some(CertificateProblem::WeakKey)
    );
    row("foreign::httpd::old::small_key").assert_in(&error.to_string());
}

/// Returns the error of a session without a common version, cipher or trusted certificate.
async fn rejected(httpd: &Httpd, tls: TlsConfigBuilder) -> Error {
    let session = session(httpd, tls);
    let error = session.identify().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
    // The diagnosis gives the same way out.
    let diagnosis = session.diagnose().await;
    let failed = diagnosis.failed().unwrap();
    let steps = failed.next_steps().join(" ");
    assert!(error.to_string().contains(&steps), "{diagnosis}\n{error}");
    error
}

/// What the error of a server with these directives names.
async fn in_common(directives: &str, names: &str) {
    let httpd = USUAL_SIZE.start(directives).await;
    let tls = TlsConfig::builder().danger_accept_any_certificate();
    let error = rejected(&httpd, tls).await;
    let text = error.to_string();
    assert!(text.contains(names), "{text}");
    assert!(text.contains("http:// with Negotiate"), "{text}");
}

pub(crate) async fn tls_1_1_alone() {
    let directives = "SSLProtocol -all +TLSv1.1";
    in_common(directives, "supports no TLS version of this session").await;
}

pub(crate) async fn cbc_alone() {
    let directives = "SSLProtocol -all +TLSv1.2
        SSLCipherSuite ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA:@SECLEVEL=0";
    in_common(directives, "has no cipher suite of this client").await;
}

pub(crate) async fn rsa_key_exchange_alone() {
    let directives = "SSLProtocol -all +TLSv1.2
        SSLCipherSuite AES256-GCM-SHA384:AES128-SHA:@SECLEVEL=0";
    in_common(directives, "has no cipher suite of this client").await;
}

/// Windows Server 2012 R2 with an RSA certificate: GCM with DHE or RSA key exchange, and CBC.
pub(crate) async fn ciphers_of_server_2012_r2() {
    let directives = "SSLProtocol -all +TLSv1 +TLSv1.1 +TLSv1.2
        SSLCipherSuite ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA:\
        DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-GCM-SHA256:\
        AES256-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:@SECLEVEL=0";
    in_common(
        directives,
        "install an ECDSA certificate (Windows Server 2012 R2",
    )
    .await;
}
