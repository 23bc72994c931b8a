//! The texts of a failed check: what is wrong and what to do next.

use super::report::CheckKind;
use crate::error::Error;
use crate::transport::{TransportError, TransportErrorKind};

/// Returns what is wrong, without the likely causes: those are the next steps.
pub(super) fn what(error: &Error) -> String {
    match error.login() {
        Some(login) if !login.tried.is_empty() => {
            let tried: Vec<String> = login.tried.iter().map(ToString::to_string).collect();
            format!("rejected: {}", tried.join(", then "))
        }
        _ if error.certificate_problem().is_some() => "the certificate is rejected".to_owned(),
        _ if tls_remedy(error).is_some() => "the TLS handshake failed".to_owned(),
        _ => error.reason().to_string(),
    }
}

/// Whether the connection through the proxy failed.
fn is_of_the_proxy(error: &Error) -> bool {
    error.transport_kind() == Some(TransportErrorKind::Proxy)
}

/// Returns why a TLS handshake failed, and the remedy.
fn tls_remedy(error: &Error) -> Option<String> {
    let source = error.caused_by::<TransportError>()?;
    (source.kind() == TransportErrorKind::Tls).then(|| source.to_string())
}

/// Whether the login failed in the client, and not by an answer that refused it.
fn is_login_failure(error: &Error) -> bool {
    error.transport_kind() == Some(TransportErrorKind::Login)
}

/// Returns what to do next.
pub(super) fn next_steps(kind: CheckKind, error: &Error) -> Vec<String> {
    if let Some(login) = error.login().filter(|login| !login.causes.is_empty()) {
        return login.causes.iter().map(ToString::to_string).collect();
    }
    if let Some(problem) = error.certificate_problem() {
        return vec![problem.to_string()];
    }
    if let Some(remedy) = tls_remedy(error) {
        return vec![remedy];
    }
    let step = match (kind, error) {
        _ if is_of_the_proxy(error) => {
            "check the address of the proxy, its login (`Proxy::credentials`), and whether it may \
             connect to the server"
        }
        (CheckKind::Name, _) => "check the name and the DNS servers, or use the address",
        (CheckKind::Port, Error::Timeout(_)) => {
            "a firewall may drop the connection, or the host is down: check both and the port"
        }
        (CheckKind::Port, _) => {
            "check that the service runs (winrm quickconfig) and listens on this port \
             (5985 for http, 5986 for https)"
        }
        (CheckKind::Tls, _) => "check the port and the load of the server",
        (CheckKind::Identify | CheckKind::Offers, Error::ShuttingDown(_)) => {
            "check the service, then retry"
        }
        (CheckKind::Identify | CheckKind::Offers, _) => {
            "check the port and the path: no WS-Management service seems to answer there"
        }
        (CheckKind::Sealing, _) => {
            "check the proxies and gateways before the server: they must not change messages or connections"
        }
        (_, Error::Timeout(_)) => "check the load of the server, or set a longer operation timeout",
        (CheckKind::Read, Error::AccessDenied(_)) => {
            "grant the account read permission (winrm configSDDL default, the namespace in wmimgmt.msc)"
        }
        // The client gave up, perhaps for what a KDC said.
        _ if is_login_failure(error) => {
            "check the logs of the server, and with Kerberos of the KDC"
        }
        // The text of the error says all that is known.
        (_, Error::Auth(_) | Error::Transport(_)) => return Vec::new(),
        _ => "check the event log of the server",
    };
    vec![step.to_owned()]
}
