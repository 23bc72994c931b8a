//! Why a transport cannot be built.

use thiserror::Error;

use crate::auth::CredentialsError;
use crate::transport::tls::TlsError;

/// Options from which no transport can be built. Nothing was sent.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The scheme of the URL is neither `http` nor `https`.
    #[error("the URL must start with http:// or https://")]
    Scheme,
    /// The URL holds a user name or a password, which would end up in logs.
    #[error("the URL must not hold a user name or password: give them as credentials")]
    UserInUrl,
    /// Credentials over plain HTTP, and that was not allowed.
    #[error("credentials are not sent over plain HTTP unless that is allowed")]
    Unencrypted,
    /// Login with a certificate over plain HTTP, which has none.
    #[error("a certificate logs in over https:// only")]
    CertificateNeedsHttps,
    /// Login with a certificate, and no certificate to log in with.
    #[error("to log in with a certificate, TlsConfig::builder needs its client_certificate")]
    NoCertificate,
    /// The URL of the proxy is of no known scheme, or names no host.
    #[error("the proxy's URL must start with http://, socks5:// or socks5h:// and name a host")]
    ProxyUrl,
    /// The URL of the proxy holds a user name or a password, which would end up in logs.
    #[error("the proxy's URL must not hold a user name or password: give the proxy credentials")]
    UserInProxyUrl,
    /// A login that is bound to a connection, over plain HTTP through a proxy that has connections of
    /// its own. HTTPS goes through one, and so does everything through SOCKS.
    #[cfg(feature = "negotiate")]
    #[error("NTLM does not go over plain HTTP through an HTTP proxy: use HTTPS or a SOCKS proxy")]
    BoundThroughProxy,
    /// Kerberos, and the URL has an IP address for a host, which realms have no name for.
    #[cfg(feature = "negotiate")]
    #[error(
        "Kerberos needs the server's name: write it in the URL, or give a ServicePrincipal with a host"
    )]
    ServiceIsAddress,
    /// The given `krb5.conf` cannot be read.
    #[cfg(feature = "negotiate")]
    #[error("krb5.conf cannot be read")]
    Krb5Conf(#[source] std::io::Error),
    /// The credentials cannot be sent.
    #[error("the credentials cannot be sent")]
    Credentials(#[from] CredentialsError),
    /// The trusted certificates cannot be set up.
    #[error("HTTPS cannot be set up")]
    Tls(#[from] TlsError),
    /// HTTPS, in a build without it.
    #[error("this build has no HTTPS: it was made without the feature `rustls`")]
    NoTls,
    /// The HTTP client refuses the options.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}
