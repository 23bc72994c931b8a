//! What is wrong with a server's certificate.

use thiserror::Error;

/// Why the server's certificate was refused. Nothing was sent.
///
/// Its `Display` says what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum CertificateProblem {
    /// Its time is over.
    #[error(
        "the server's certificate has expired: renew it on the server, and check the clock of this computer"
    )]
    Expired,
    /// Its time has not come.
    #[error("the server's certificate is not valid yet: check the clocks of both computers")]
    NotYetValid,
    /// No authority that is trusted signed it.
    #[error(
        "the server's certificate is not signed by anybody who is trusted: trust its authority, or pin it"
    )]
    UnknownIssuer,
    /// It is for other names than that of the URL.
    #[error(
        "the server's certificate is for another name: put a name that it holds into the URL, or set the name it is checked against"
    )]
    WrongName,
    /// It is none of the pinned ones.
    #[error(
        "the server's certificate is not the pinned one: it was renewed and needs a new pin, or somebody stands in between"
    )]
    NotPinned,
    /// Its authority took it back.
    #[error("the server's certificate was revoked: the server needs a new one")]
    Revoked,
    /// It cannot be read, or is not meant for servers.
    #[error("the server's certificate is not fit for a server: it needs another one")]
    Unfit,
}
