//! Why a transport cannot be built.

use thiserror::Error;

use crate::auth::CredentialsError;
use crate::transport::EndpointError;
use crate::transport::tls::TlsError;

/// Invalid options of a transport. Nothing was sent.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The endpoint is neither a URL nor a host.
    #[error("{0}")]
    Endpoint(EndpointError),
    /// The scheme of the URL is neither `http` nor `https`.
    #[error("the URL must start with http:// or https://")]
    Scheme,
    /// The URL holds a user name or a password, which would end up in logs.
    #[error(
        "the URL must not hold a user name or password: set them with SessionBuilder::credentials"
    )]
    UserInUrl,
    /// Credentials over plain HTTP without `allow_unencrypted()`.
    #[error("refusing to send credentials over http://: use https:// or `allow_unencrypted()`")]
    Unencrypted,
    /// A certificate login over plain HTTP, which has no certificates.
    #[error("a login with a client certificate requires https://")]
    CertificateNeedsHttps,
    /// A certificate login without a client certificate.
    #[error(
        "a login with a client certificate requires `TlsConfig::builder().client_certificate()`"
    )]
    NoCertificate,
    /// An address of the server, and a proxy, which would not use it.
    #[error("the address of the server has no effect through a proxy: set one of both")]
    AddressThroughProxy,
    /// The proxy's URL has an unknown scheme or no host.
    #[error(
        "the proxy's URL must start with http://, https://, socks5:// or socks5h:// and name a host"
    )]
    ProxyUrl,
    /// The variable of the environment that names the proxy for this URL holds no URL of a proxy. The text
    /// omits its value, which may hold a password.
    #[error(
        "the environment variable {0} names no proxy: it must start with http://, https://, socks5:// or socks5h:// and name a host, such as http://proxy.example:3128"
    )]
    EnvironmentProxy(&'static str),
    /// The proxy's URL holds a user name or a password, which would end up in logs.
    #[error(
        "the proxy's URL must not hold a user name or password: set them with Proxy::credentials"
    )]
    UserInProxyUrl,
    /// A connection-oriented login over plain HTTP through an HTTP proxy, which uses its own
    /// connections. HTTPS and SOCKS proxies tunnel.
    #[cfg(feature = "negotiate")]
    #[error(
        "NTLM and Kerberos cannot go over plain HTTP through an HTTP proxy: use HTTPS or a SOCKS proxy"
    )]
    BoundThroughProxy,
    /// Kerberos with an IP address as the host of the URL, for which realms have no principal.
    #[cfg(feature = "negotiate")]
    #[error(
        "Kerberos needs the server's name: write it in the URL, or give a ServicePrincipal with a host"
    )]
    ServiceIsAddress,
    /// The `krb5.conf` cannot be read, or is invalid.
    #[cfg(feature = "negotiate")]
    #[error("invalid krb5.conf")]
    Krb5Conf(#[source] crate::transport::Krb5ConfError),
    /// The credentials are invalid for their scheme.
    #[error("the credentials cannot be sent")]
    Credentials(#[from] CredentialsError),
    /// A limit of [`LoginLimits`](crate::auth::LoginLimits) is 0.
    #[error("LoginLimits::{0} is 0: a login needs at least 1")]
    LoginLimit(&'static str),
    /// The TLS library rejects the settings of HTTPS.
    #[error("HTTPS cannot be set up")]
    Tls(#[from] TlsError),
    /// An `https://` URL in a build without TLS.
    #[error("this build has no HTTPS: enable the feature `rustls`")]
    NoTls,
    /// The HTTP client rejects the options.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}
