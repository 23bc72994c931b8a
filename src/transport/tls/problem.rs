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
    /// The certificate cannot be read, or is not meant for servers.
    #[error("the server's certificate is invalid for a server: install another one")]
    Unfit,
}
