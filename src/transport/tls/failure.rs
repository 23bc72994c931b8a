//! Maps the errors of rustls for the caller.

use rustls::{
    AlertDescription as Alert, CertificateError, Error, InvalidMessage, PeerIncompatible,
};
use thiserror::Error as ThisError;

use super::CertificateProblem;
use super::flaw::Flaw;
use super::pin::NotPinned;

/// The kind of a TLS failure. Its `Display` includes the remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub(in crate::transport) enum TlsProblem {
    #[error(transparent)]
    ServerCertificate(CertificateProblem),
    /// The server reports that the client certificate is missing or not trusted.
    #[error(
        "the server requires a client certificate, or does not trust the one it got: set one that it trusts with `TlsConfigBuilder::client_certificate`"
    )]
    ClientCertificate,
    #[error(
        "the server supports no TLS version of this session, by default 1.2 and 1.3: enable one on the server, or use http:// with Negotiate, which seals messages itself"
    )]
    NoCommonVersion,
    #[error(
        "the server has no cipher suite of this client, which has ECDHE with AES-GCM or ChaCha20 and neither CBC nor RSA key exchange: enable such a suite, install an ECDSA certificate (Windows Server 2012 R2 has ECDHE with GCM only for those), or use http:// with Negotiate, which seals messages itself"
    )]
    NoCommonCipher,
    /// Schannel sends no alert.
    #[error(
        "the server closed the connection in the TLS handshake, as Windows does without a common TLS version or cipher suite: check that the server has TLS 1.2 with ECDHE and AES-GCM and a certificate for this port, or use http:// with Negotiate, which seals messages itself"
    )]
    Closed,
    #[error("the server does not answer in TLS: check that the port uses TLS (HTTPS has 5986)")]
    NotTls,
    #[error(
        "the TLS handshake failed: check that the port uses TLS, and that no firewall or proxy on the path changes it"
    )]
    Other,
}

impl TlsProblem {
    pub(in crate::transport) fn of(error: &Error) -> Self {
        match error {
            Error::InvalidCertificate(error) => TlsProblem::ServerCertificate(problem(error)),
            Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
            ) => TlsProblem::NoCommonVersion,
            Error::PeerIncompatible(_) => TlsProblem::NoCommonCipher,
            Error::AlertReceived(alert) => of_alert(*alert),
            Error::InvalidMessage(
                InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
            ) => TlsProblem::NotTls,
            _ => TlsProblem::Other,
        }
    }
}

/// Maps an alert. A server that requests no certificate sends no alert about one.
fn of_alert(alert: Alert) -> TlsProblem {
    match alert {
        Alert::CertificateRequired
        | Alert::NoCertificate
        | Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::AccessDenied => TlsProblem::ClientCertificate,
        Alert::ProtocolVersion => TlsProblem::NoCommonVersion,
        Alert::HandshakeFailure | Alert::InsufficientSecurity => TlsProblem::NoCommonCipher,
        _ => TlsProblem::Other,
    }
}

fn problem(error: &CertificateError) -> CertificateProblem {
    use CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } => CertificateProblem::Expired,
        E::NotValidYet | E::NotValidYetContext { .. } => CertificateProblem::NotYetValid,
        // The second: an authority with the same name and another key.
        E::UnknownIssuer | E::BadSignature => CertificateProblem::UnknownIssuer,
        E::NotValidForName | E::NotValidForNameContext { .. } => CertificateProblem::WrongName,
        E::Revoked => CertificateProblem::Revoked,
        E::Other(other) if other.0.is::<NotPinned>() => CertificateProblem::NotPinned,
        E::Other(other) => match other.0.downcast_ref::<Flaw>() {
            Some(flaw) => flaw.problem(),
            None => CertificateProblem::Unfit,
        },
        _ => CertificateProblem::Unfit,
    }
}
