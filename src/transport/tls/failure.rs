//! Maps the errors of rustls for the caller.

use rustls::{AlertDescription as Alert, CertificateError, Error};

use super::CertificateProblem;
use super::pin::NotPinned;

/// The kind of a TLS failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::transport) enum TlsProblem {
    ServerCertificate(CertificateProblem),
    /// The server reports that the client certificate is missing or not trusted.
    ClientCertificate,
    NothingInCommon,
    Other,
}

impl TlsProblem {
    pub(in crate::transport) fn of(error: &Error) -> Self {
        match error {
            Error::InvalidCertificate(error) => TlsProblem::ServerCertificate(problem(error)),
            Error::PeerIncompatible(_) => TlsProblem::NothingInCommon,
            Error::AlertReceived(alert) => of_alert(*alert),
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
        Alert::ProtocolVersion | Alert::HandshakeFailure | Alert::InsufficientSecurity => {
            TlsProblem::NothingInCommon
        }
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
        _ => CertificateProblem::Unfit,
    }
}
