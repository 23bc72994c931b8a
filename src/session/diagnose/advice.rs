//! What is wrong with a check, and what to do about it.

use super::report::CheckKind;
use crate::error::Error;

/// What an error says, without what is likely to be behind it: that is the next step.
pub(super) fn what(error: &Error) -> String {
    match error.login() {
        Some(login) if !login.tried.is_empty() => {
            let tried: Vec<String> = login.tried.iter().map(ToString::to_string).collect();
            format!("not accepted: {}", tried.join(", then "))
        }
        _ if error.certificate_problem().is_some() => "the certificate is refused".to_owned(),
        _ => error.to_string(),
    }
}

/// What to do next.
pub(super) fn next_steps(kind: CheckKind, error: &Error) -> Vec<String> {
    if let Some(login) = error.login().filter(|login| !login.causes.is_empty()) {
        return login.causes.iter().map(ToString::to_string).collect();
    }
    if let Some(problem) = error.certificate_problem() {
        return vec![problem.to_string()];
    }
    let step = match (kind, error) {
        (CheckKind::Name, _) => "check the name and the name servers, or use the address",
        (CheckKind::Port, Error::Timeout(_)) => {
            "a firewall on the way drops the connection, or the host is off: check both and the port"
        }
        (CheckKind::Port, _) => {
            "check that the service runs (winrm quickconfig) and listens at this port \
             (5985 for http, 5986 for https)"
        }
        (CheckKind::Tls, _) => "check that the port speaks TLS, and its version and ciphers",
        (CheckKind::Identify | CheckKind::Offers, Error::ShuttingDown(_)) => {
            "check the service, and try again"
        }
        (CheckKind::Identify | CheckKind::Offers, _) => {
            "check the port and the path: there seems to be no WS-Management behind them"
        }
        (CheckKind::Sealing, _) => {
            "check what stands between here and the server: it must not change messages or connections"
        }
        (_, Error::Timeout(_)) => "check the server's load, or give it a longer operation timeout",
        (CheckKind::Read, Error::AccessDenied(_)) => {
            "give the account the rights to read (winrm configSDDL default, the namespace in wmimgmt.msc)"
        }
        _ => "check the event log of the server",
    };
    vec![step.to_owned()]
}
