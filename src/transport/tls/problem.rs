//! Problems of a server's certificate.

use thiserror::Error;

/// Why the server's certificate was rejected. Nothing was sent.
///
/// Its `Display` includes the remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum CertificateProblem {
    /// The certificate has expired.
    #[error(
        "the server's certificate has expired: renew it on the server, and check the clock of this computer"
    )]
    Expired,
    /// The certificate is not valid yet.
    #[error("the server's certificate is not valid yet: check the clocks of both computers")]
    NotYetValid,
    /// No trusted authority signed the certificate.
    #[error(
        "the server's certificate is not signed by a trusted authority: trust its authority, or pin it"
    )]
    UnknownIssuer,
    /// The client cannot verify any certificate: the trusted certificates of its operating system cannot
    /// be read, or there are none.
    #[error(
        "the trusted certificates of this system cannot be read, or there are none: install them (on Linux the package ca-certificates), or trust the server's authority with `TlsConfigBuilder::roots`"
    )]
    NoTrustedRoots,
    /// The certificate names other hosts than that of the URL.
    #[error(
        "the server's certificate is for another name: use one of its names in the URL, or set the expected name with `TlsConfigBuilder::server_name`"
    )]
    WrongName,
    /// The certificate matches none of the pins.
    #[error(
        "the server's certificate is not the pinned one: it was renewed and needs a new pin, or an attacker intercepts the connection"
    )]
    NotPinned,
    /// The authority revoked the certificate.
    #[error("the server's certificate was revoked: the server needs a new one")]
    Revoked,
    /// The certificate contains no host name that could be compared (`subjectAltName`).
    #[error(
        "the server's certificate contains no host name: pin it with `TlsConfigBuilder::trust_pins_alone`, or install one with subjectAltName"
    )]
    NoHostName,
    /// The certificate has a form that is no longer verified: X.509 version 1, or a signature
    /// with MD5 or SHA-1.
    #[error(
        "the server's certificate has an obsolete form: pin it with `TlsConfigBuilder::trust_pins_alone`, or install another one"
    )]
    Obsolete,
    /// The RSA key has fewer than 2048 bits. Over TLS 1.2, a pin accepts 1024 bits.
    #[error(
        "the RSA key of the server's certificate is too small: install one of 2048 bits or more, or pin it with `TlsConfigBuilder::trust_pins_alone` and `max_version(TlsVersion::Tls12)`"
    )]
    WeakKey,
    /// The certificate cannot be read, belongs to an authority, or is not meant for servers.
    #[error(
        "the server's certificate is not valid for server authentication: pin it with `TlsConfigBuilder::trust_pins_alone`, or install another one"
    )]
    Unfit,
}
