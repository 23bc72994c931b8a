//! The texts of a failed check: what is wrong and what to do next.

use super::CheckKind;
use crate::error::{Error, TimeoutKind};
use crate::protocol::Identity;
use crate::transport::{ConnectProblem, TransportError, TransportErrorKind};

/// Returns what is wrong, without the likely causes: those are the next steps.
pub(super) fn what(error: &Error) -> String {
    if let Some(login) = error.login().filter(|login| !login.tried.is_empty()) {
        let tried: Vec<String> = login.tried.iter().map(ToString::to_string).collect();
        return format!("rejected: {}", tried.join(", then "));
    }
    match error.transport_kind() {
        Some(TransportErrorKind::ServerCertificate(_)) => "the certificate is rejected".to_owned(),
        Some(TransportErrorKind::ClientCertificate | TransportErrorKind::Tls) => {
            "the TLS handshake failed".to_owned()
        }
        Some(TransportErrorKind::Proxy(_)) => "the proxy gave no connection".to_owned(),
        Some(TransportErrorKind::Connect(problem)) if error.is_told_by(&problem.to_string()) => {
            problem.fact().to_owned()
        }
        _ => error.fact().to_string(),
    }
}

/// Returns what to do next, most likely step first.
pub(super) fn next_steps(
    kind: CheckKind,
    error: &Error,
    identity: Option<&Identity>,
) -> Vec<String> {
    if let Some(login) = error.login().filter(|login| !login.causes.is_empty()) {
        return login.causes.iter().map(ToString::to_string).collect();
    }
    let step = match (error.transport_kind(), error.http_status()) {
        (Some(transport), _) => of_transport(kind, transport),
        (None, Some(status)) if error.fault().is_none() => of_status(status),
        (None, _) => None,
    };
    let source = error.caused_by::<TransportError>();
    let step = match source.and_then(TransportError::login_problem) {
        Some(_) => Some(KERBEROS),
        None => step,
    };
    let step = step.map_or_else(|| of_variant(kind, error, Log::of(identity)), str::to_owned);
    if step.is_empty() {
        // The error names the remedy itself.
        return source.map(ToString::to_string).into_iter().collect();
    }
    vec![step]
}

/// Stands for an error whose text has the remedy.
const TOLD: &str = "";

/// The step where Digest waits for a challenge that never comes.
pub(super) const NO_CHALLENGE: &str = "use NTLM or Kerberos, or Basic over https://: the server answers nothing \
    without a login, as OMI, which has no Digest";

const LOAD: &str = "check the load of the server, or set a longer operation timeout";
const PORT: &str = "check that the service runs and listens on this port, 5985 for http and 5986 for https \
    (Windows: winrm quickconfig; Linux: systemctl status omid openwsmand)";
const HOPS: &str = "check the proxies and gateways before the server: they must not change messages or connections";
const KERBEROS: &str =
    "look the error up in RFC 4120 7.5.9, and in the log of the one that sent it";
const OTHER_SERVICE: &str =
    "check the port and the path: no WS-Management service seems to answer there";
const REPORT: &str =
    "record the exchange (wsman --record), and report it as a fault of this client";

/// Returns the step after an error of the connection; `None` if another table knows it better.
fn of_transport(kind: CheckKind, error: TransportErrorKind) -> Option<&'static str> {
    Some(match error {
        TransportErrorKind::Connect(ConnectProblem::NameNotResolved) => {
            "check the name and the DNS servers, or use the address"
        }
        TransportErrorKind::Connect(ConnectProblem::Refused) => PORT,
        TransportErrorKind::Connect(ConnectProblem::Unreachable) => {
            "check the address, the network and its routes (VPN)"
        }
        TransportErrorKind::Connect(ConnectProblem::Reset) => {
            "check the firewalls and proxies on the path, which reset connections"
        }
        TransportErrorKind::Connect(ConnectProblem::Other) => {
            "check the address, and the limits of this computer (open files, free ports)"
        }
        TransportErrorKind::Tls
        | TransportErrorKind::ServerCertificate(_)
        | TransportErrorKind::ClientCertificate
        | TransportErrorKind::Proxy(_) => TOLD,
        TransportErrorKind::Timeout(TimeoutKind::Connect) if kind == CheckKind::Proxy => {
            "check whether the proxy may connect to the server, and reaches it"
        }
        TransportErrorKind::Timeout(TimeoutKind::Connect) => {
            "a firewall may drop the connection, or the host is down: check both and the port"
        }
        TransportErrorKind::Timeout(TimeoutKind::Deadline) => "set a longer deadline",
        TransportErrorKind::Timeout(TimeoutKind::Operation | TimeoutKind::Inactivity) => LOAD,
        TransportErrorKind::Interrupted if kind == CheckKind::Identify => {
            "check the port, and whether the URL needs https://: no WS-Management service answers there"
        }
        TransportErrorKind::Interrupted | TransportErrorKind::Seal => HOPS,
        TransportErrorKind::AnswerTooLarge => "raise SessionBuilder::limits",
        TransportErrorKind::HeadTooLarge => TOLD,
        TransportErrorKind::Login => "check the logs of the server, and with Kerberos of the KDC",
        TransportErrorKind::NoRuntime => "await it inside a tokio runtime",
        TransportErrorKind::Replay => "record the exchanges of a diagnosis, and replay those",
    })
}

/// Returns the step after a status without SOAP; `None` if the kind of the error says more.
fn of_status(status: u16) -> Option<&'static str> {
    Some(match status {
        300..=399 => {
            "use the address to which it redirects as the URL: no WS-Management service answers here"
        }
        404 => {
            "check the path of the URL, usually /wsman, and the port: no WS-Management service answers there"
        }
        407 => "set the login to the proxy with `Proxy::credentials`",
        429 => "wait as long as the gateway asks, and send fewer messages at a time",
        400 | 405..=412 | 414..=428 | 431..=499 => {
            "check the host, port and path of the URL: no WS-Management service seems to answer there"
        }
        502 | 504 => "check the server behind the gateway, and the gateway's log",
        503 => {
            "start the service (Windows: Start-Service WinRM; Linux: systemctl start omid), or wait until \
             it, or the gateway before it, has less load"
        }
        _ => return None,
    })
}

/// Returns the step after an answer of a service, or an error of the client.
fn of_variant(kind: CheckKind, error: &Error, log: Log) -> String {
    let step = match error {
        Error::AccessDenied(_) if kind == CheckKind::Read => {
            "grant the account read permission (winrm configSDDL default, the namespace in wmimgmt.msc)"
        }
        Error::AccessDenied(_) => {
            "grant the account access to the service (Windows: Remote Management Users, winrm configSDDL \
             default; a local administrator needs LocalAccountTokenFilterPolicy=1)"
        }
        Error::ShuttingDown(_) => "check the service, then retry",
        Error::ServerLimits(_) => {
            "end other sessions of the account, or raise the quotas of the service (winrm get \
             winrm/config/service: MaxConcurrentOperationsPerUser, MaxConnections)"
        }
        Error::OutOfMemory(_) => {
            "free memory on the server, or restart its service (Windows: Restart-Service winmgmt)"
        }
        Error::InvalidClass(_) | Error::InvalidNamespace(_) | Error::NotFound(_) => {
            "check the CIM server behind the service (openwsman: systemctl status sblim-sfcb), and the \
             default namespace"
        }
        Error::NotSupported(_) => {
            "check which product answers (wsman identify): it lacks this operation"
        }
        Error::Fault(_) => return log.step(),
        Error::Timeout(_) => LOAD,
        Error::Decode(_) if matches!(kind, CheckKind::Identify | CheckKind::Offers) => {
            OTHER_SERVICE
        }
        Error::Decode(_) | Error::Transport(_) => HOPS,
        Error::Auth(_) => "compare the schemes that the server offers with that of the credentials",
        Error::CollectLimit(_) => "raise SessionBuilder::row_limit or byte_limit",
        Error::Value(_) | Error::Config(_) => "check the settings of the session",
        Error::Cancelled(_) => "run the diagnosis again",
        // No check writes, subscribes or sends values of the caller.
        Error::AlreadyExists(_)
        | Error::InvalidParameter(_)
        | Error::InvalidObject(_)
        | Error::IllegalNull(_)
        | Error::TypeMismatch(_)
        | Error::CreatedElsewhere(_)
        | Error::EventsMissed(_) => REPORT,
    };
    step.to_owned()
}

/// Where a product writes why it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Log {
    Windows,
    Omi,
    Openwsman,
    Unknown,
}

impl Log {
    fn of(identity: Option<&Identity>) -> Self {
        let vendor = identity.map_or("", |identity| identity.product_vendor.as_str());
        match vendor {
            "Open Management Infrastructure" => Self::Omi,
            "Openwsman Project" => Self::Openwsman,
            _ if vendor.starts_with("Microsoft ") => Self::Windows,
            _ => Self::Unknown,
        }
    }

    fn step(self) -> String {
        let log = match self {
            Self::Windows => {
                "the event log Microsoft-Windows-WinRM/Operational of the server (winrm helpmsg explains \
                 the code)"
            }
            Self::Omi => "/var/opt/omi/log/omiserver.log on the server",
            Self::Openwsman => "the system log of the server (openwsmand -d shows more)",
            Self::Unknown => "the log of the server",
        };
        format!("check {log}")
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::error::Failure;
    use crate::transport::{CertificateProblem, Delivery, ProxyProblem};

    /// Each variant, in the order of `Error::KINDS`.
    const VARIANTS: &[fn(Failure) -> Error] = &[
        Error::AlreadyExists,
        Error::NotFound,
        Error::AccessDenied,
        Error::InvalidClass,
        Error::InvalidNamespace,
        Error::InvalidParameter,
        Error::InvalidObject,
        Error::IllegalNull,
        Error::TypeMismatch,
        Error::NotSupported,
        Error::OutOfMemory,
        Error::ServerLimits,
        Error::CollectLimit,
        Error::ShuttingDown,
        Error::CreatedElsewhere,
        Error::EventsMissed,
        Error::Fault,
        Error::Auth,
        Error::Transport,
        Error::Decode,
        Error::Timeout,
        Error::Cancelled,
        Error::Value,
        Error::Config,
    ];

    /// The kinds of errors of a connection.
    fn transports() -> Vec<TransportErrorKind> {
        use TransportErrorKind::*;
        let problems = [
            ConnectProblem::NameNotResolved,
            ConnectProblem::Refused,
            ConnectProblem::Unreachable,
            ConnectProblem::Reset,
            ConnectProblem::Other,
        ];
        let limits = [
            TimeoutKind::Connect,
            TimeoutKind::Operation,
            TimeoutKind::Inactivity,
            TimeoutKind::Deadline,
        ];
        let mut kinds: Vec<_> = problems.into_iter().map(Connect).collect();
        kinds.extend(limits.into_iter().map(Timeout));
        let certificate = ServerCertificate(CertificateProblem::Expired);
        let proxy = Proxy(ProxyProblem::Forbidden);
        kinds.extend([Tls, certificate, ClientCertificate, proxy, Interrupted]);
        kinds.extend([AnswerTooLarge, HeadTooLarge, Login, Seal, NoRuntime, Replay]);
        kinds
    }

    const CHECKS: [CheckKind; 9] = [
        CheckKind::Name,
        CheckKind::Port,
        CheckKind::Proxy,
        CheckKind::Tls,
        CheckKind::Identify,
        CheckKind::Offers,
        CheckKind::Login,
        CheckKind::Sealing,
        CheckKind::Read,
    ];

    /// Writes a step once, and again where a check has another one.
    fn write(table: &mut String, name: &str, error: &Error) {
        let mut last = String::new();
        for check in CHECKS {
            let steps = next_steps(check, error, None);
            let [step] = steps.as_slice() else {
                panic!("{name}, {check}: {steps:?}");
            };
            assert!(!step.is_empty(), "{name}, {check}");
            if *step != last {
                writeln!(table, "{name} from {check}: {step}").unwrap();
                last.clone_from(step);
            }
        }
    }

    #[test]
    fn each_kind_of_error_has_its_own_next_step() {
        let names = VARIANTS
            .iter()
            .map(|variant| variant(Failure::new("")).kind());
        assert!(names.eq(Error::KINDS.iter().copied()));
        let mut table = String::new();
        for variant in VARIANTS {
            let error = variant(Failure::new("text"));
            write(&mut table, error.kind(), &error);
        }
        for kind in transports() {
            let error = TransportError::new(kind, Delivery::NotSent, "text: remedy");
            write(&mut table, &format!("{kind:?}"), &Error::from(error));
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn the_log_of_the_server_is_that_of_its_product() {
        for (vendor, expected) in [
            (
                "Microsoft Corporation",
                "Microsoft-Windows-WinRM/Operational",
            ),
            (
                "Open Management Infrastructure",
                "/var/opt/omi/log/omiserver.log",
            ),
            ("Openwsman Project", "openwsmand"),
            ("", "the log of the server"),
        ] {
            let identity = Identity {
                product_vendor: vendor.to_owned(),
                ..Identity::default()
            };
            let error = Error::Fault(Failure::new("text"));
            let steps = next_steps(CheckKind::Read, &error, Some(&identity));
            assert!(steps[0].contains(expected), "{steps:?}");
        }
    }

    /// A log of the server has nothing of what the client, a KDC or a proxy did.
    #[test]
    fn only_a_fault_of_the_server_points_at_its_log() {
        for variant in VARIANTS {
            let error = variant(Failure::new("text"));
            let steps = next_steps(CheckKind::Read, &error, None).concat();
            let is_of_server = matches!(error, Error::Fault(_));
            assert_eq!(steps.contains("log of the server"), is_of_server, "{steps}");
        }
    }
}
