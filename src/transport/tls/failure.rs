//! Maps the errors of rustls for the caller.

use rustls::{
    AlertDescription as Alert, CertificateError, Error, HandshakeType, InvalidMessage,
    PeerIncompatible,
};
use thiserror::Error as ThisError;

use super::CertificateProblem;
use super::flaw::Flaw;
use super::pin::NotPinned;
use super::platform::NoRoots;

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
    /// After the handshake. rustls answers no request for another one, and none for a certificate.
    #[error(
        "the server ended the connection after the TLS handshake, as it does without an answer to its request for a client certificate or for another handshake"
    )]
    CertificateRequestedLate,
    /// The same from a server that requested the certificate in the handshake.
    #[error(
        "the server ended the connection after the TLS handshake: it rejects the client certificate, or wants another handshake, which this client does not make; let the first one do (httpd: SSLVerifyClient and SSLCipherSuite outside <Location>)"
    )]
    AnotherHandshake,
    /// After the handshake.
    #[error("the server ended the connection with the TLS alert {0:?}")]
    Ended(Alert),
    /// After the handshake.
    #[error(
        "the TLS of the connection broke: a record of the server is invalid, or was changed on the path"
    )]
    Broken,
    #[error(
        "the TLS handshake failed: check that the port uses TLS, and that no firewall or proxy on the path changes it"
    )]
    Other,
}

/// How far the TLS of a connection got when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transport) struct TlsProgress {
    /// Whether the handshake was over.
    pub(in crate::transport) is_established: bool,
    /// Whether the server requested the client's certificate in the handshake.
    pub(in crate::transport) is_certificate_requested: bool,
}

impl TlsProblem {
    pub(in crate::transport) fn of(error: &Error, progress: TlsProgress) -> Self {
        if progress.is_established {
            return Self::later(error, progress.is_certificate_requested);
        }
        match error {
            Error::InvalidCertificate(error) => TlsProblem::ServerCertificate(problem(error)),
            Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
            ) => TlsProblem::NoCommonVersion,
            Error::PeerIncompatible(_) => TlsProblem::NoCommonCipher,
            Error::AlertReceived(alert) => match alert {
                alert if is_of_certificate(*alert) => TlsProblem::ClientCertificate,
                // By then a cipher suite was chosen. OpenSSL sends this for a missing certificate.
                Alert::HandshakeFailure if progress.is_certificate_requested => {
                    TlsProblem::ClientCertificate
                }
                Alert::ProtocolVersion => TlsProblem::NoCommonVersion,
                Alert::HandshakeFailure | Alert::InsufficientSecurity => TlsProblem::NoCommonCipher,
                _ => TlsProblem::Other,
            },
            Error::InvalidMessage(
                InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
            ) => TlsProblem::NotTls,
            _ => TlsProblem::Other,
        }
    }

    /// Maps an error after the handshake. With TLS 1.3 the server judges the client's certificate only then.
    fn later(error: &Error, is_certificate_requested: bool) -> Self {
        match error {
            Error::AlertReceived(alert) => match alert {
                alert if is_of_certificate(*alert) && is_certificate_requested => {
                    TlsProblem::ClientCertificate
                }
                alert if is_of_certificate(*alert) => TlsProblem::CertificateRequestedLate,
                Alert::HandshakeFailure | Alert::InsufficientSecurity | Alert::NoRenegotiation => {
                    Self::of_late_request(is_certificate_requested)
                }
                alert => TlsProblem::Ended(*alert),
            },
            Error::InappropriateHandshakeMessage {
                got_type: HandshakeType::CertificateRequest,
                ..
            } => Self::of_late_request(is_certificate_requested),
            _ => TlsProblem::Broken,
        }
    }

    fn of_late_request(is_certificate_requested: bool) -> Self {
        if is_certificate_requested {
            TlsProblem::AnotherHandshake
        } else {
            TlsProblem::CertificateRequestedLate
        }
    }
}

/// Whether an alert is about the client's certificate. A server that requests none sends no such alert.
fn is_of_certificate(alert: Alert) -> bool {
    matches!(
        alert,
        Alert::CertificateRequired
            | Alert::NoCertificate
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
    )
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
        E::Other(other) if other.0.is::<NoRoots>() => CertificateProblem::NoTrustedRoots,
        E::Other(other) => match other.0.downcast_ref::<Flaw>() {
            Some(flaw) => flaw.problem(),
            None => CertificateProblem::Unfit,
        },
        _ => CertificateProblem::Unfit,
    }
}
