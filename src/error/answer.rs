//! Makes an error from an answer that is not the expected one.

use super::{Error, Failure, web};
use crate::auth::challenge::Challenge;
use crate::auth::evidence::{Refused, judge};
use crate::auth::{LoginAttempt, LoginCause, LoginFailure, Protection};
use crate::protocol::DecodeError;
use crate::transport::{
    Delivery, ProxyProblem, TransportError, TransportErrorKind, WholeAnswer, without_userinfo,
};

/// Makes the error of an answer that is not the expected one; `why` is the fault of its body.
///
/// The status alone decides for an answer without SOAP (the table "Bare statuses" in DESIGN.md). A SOAP
/// answer comes from a service that has received the message, so the outcome is unknown. It is also
/// unknown if the answer should have been sealed, or was sealed and is unreadable.
pub(crate) fn from_answer(answer: &WholeAnswer, why: DecodeError) -> Error {
    let error = if answer.evidence.sealed || why.is_of_soap() {
        unreadable(answer, why)
    } else {
        from_status(answer, web::why(answer, why))
    };
    if answer.evidence.shared {
        error.at_most(Delivery::NotSent)
    } else if answer.evidence.held_back {
        error.at_most(Delivery::Answered)
    } else if answer.evidence.unsigned || web::claims_soap(answer) {
        error.at_least(Delivery::Unknown)
    } else {
        error
    }
}

fn from_status(answer: &WholeAnswer, why: DecodeError) -> Error {
    let status = answer.status;
    let failure = |text: &str, delivery| {
        let text = format!("{}: {text}", web::status_line(answer));
        let failure = Failure::new(text).delivery(delivery).http_status(status);
        failure.retry_after(web::retry_after(answer))
    };
    let refused = |text: &str| failure(text, Delivery::Answered);
    if let Some(error) = of_forwarder(answer) {
        return error;
    }
    match status {
        300..=399 => {
            let target = without_userinfo(answer.header("location").unwrap_or("nowhere"));
            let text = format!(
                "the server redirects to {target}; redirects are not followed, use that address"
            );
            Error::Transport(failure(
                &text,
                match status {
                    // The operation may have been performed: 303 names its result, 304 a cached one.
                    303 | 304 => Delivery::Unknown,
                    _ => Delivery::Answered,
                },
            ))
        }
        401 => refused_login(answer),
        403 => forbidden(answer),
        // Most likely WinRM refuses an unencrypted message; the outcome is unknown if it does not.
        500 if refuses_clear_text(answer) => refused_login(answer).at_least(Delivery::Unknown),
        404 => Error::Transport(refused(
            "there is no WS-Management service at this path; it is usually /wsman",
        )),
        407 => Error::Transport(refused(
            "the proxy requires a login: set one with Proxy::credentials",
        )),
        413 => Error::ServerLimits(refused(
            "the message is too large for the server: send less, or raise its MaxEnvelopeSizekb",
        )),
        502 | 504 => Error::Transport(failure(
            "a gateway got no answer from the server: check the server behind it",
            Delivery::Unknown,
        )),
        503 => {
            let text = "the service is not available; try again later";
            Error::ShuttingDown(if is_windows(answer) {
                refused(text)
            } else {
                // A gateway also sends this if the server disconnected after it received the message.
                failure(
                    &format!("{text}{}", or_forwarder(answer)),
                    Delivery::Unknown,
                )
            })
        }
        429 => Error::Decode(refused(
            "the gateway limits requests: wait as long as it asks, and send fewer at a time",
        )),
        // The client sent no message after that. OMI without a keytab answers a ticket with HTTP 400.
        _ if !answer.tried.is_empty() => refused_login(answer),
        // The server, or a gateway, timed out while it waited for the request.
        408 => unreadable(answer, why),
        // The HTTP server rejected the message.
        400..=499 | 501 if !web::claims_soap(answer) => {
            let text = format!(
                "the server rejected the message: {why} ({}); check the host, port and path of the URL",
                content_type(answer)
            );
            Error::Decode(refused(&text).told_by(why))
        }
        _ => unreadable(answer, why),
    }
}

/// The error of a proxy that forwards the messages and answered in place of the server. As a proxy with a
/// tunnel does, it names itself.
///
/// A service sends neither 407 nor 502 nor 504. A 403 is the proxy's if it has a page or the name of a
/// program that is no service.
fn of_forwarder(answer: &WholeAnswer) -> Option<Error> {
    let proxy = answer.evidence.forwarded_by.as_deref()?;
    let (problem, delivery) = match answer.status {
        407 => (ProxyProblem::LoginRequired, Delivery::Answered),
        403 if is_web_server(answer) => (ProxyProblem::Forbidden, Delivery::Answered),
        // It may have sent the message to the server before.
        502 => (ProxyProblem::ServerUnreachable, Delivery::Unknown),
        504 => (ProxyProblem::ServerSilent, Delivery::Unknown),
        _ => return None,
    };
    let text = format!("{problem} ({proxy}: {})", web::status_line(answer));
    let error = TransportError::new(TransportErrorKind::Proxy(problem), delivery, text);
    let failure = Failure::of(error).delivery(delivery);
    let failure = failure.http_status(answer.status);
    Some(Error::Transport(
        failure.retry_after(web::retry_after(answer)),
    ))
}

/// Names the proxy that forwards the messages where it may be the sender.
fn or_forwarder(answer: &WholeAnswer) -> String {
    let proxy = answer.evidence.forwarded_by.as_deref();
    proxy.map_or_else(String::new, |proxy| {
        format!(" (or the proxy {proxy} does not reach the server)")
    })
}

/// An unreadable answer, or one to another message: the outcome is unknown.
fn unreadable(answer: &WholeAnswer, why: DecodeError) -> Error {
    let error = Error::from(why);
    let error = error.with_http_status(answer.status, content_type(answer));
    let error = if web::is_page(answer) {
        error.with_step("check the host, port and path of the URL")
    } else {
        error
    };
    match web::said(answer) {
        Some(_) => error.with_context(&web::status_line(answer)),
        None => error,
    }
}

/// A 401, or an answer that means the same.
fn refused_login(answer: &WholeAnswer) -> Error {
    let status = answer.status;
    let login = judge(Refused {
        offers: &Challenge::read_all(answer.login_offers()),
        tried: &answer.tried,
        evidence: &answer.evidence,
        by_windows: is_windows(answer),
    });
    let failure = Failure::new(format!("HTTP {status}: the server refused the login"));
    let failure = failure.delivery(Delivery::Answered).http_status(status);
    Error::Auth(failure.login(login))
}

/// The user lacks the permission to use the service, a gateway before it refuses the request, or the
/// server requires a client certificate that it requests only after the handshake.
fn forbidden(answer: &WholeAnswer) -> Error {
    let is_unrequested = answer.evidence.certificate_unrequested;
    let by_certificate = answer.evidence.accepted == Some(LoginAttempt::Certificate.scheme());
    let mut causes = if is_unrequested && by_certificate {
        Vec::new()
    } else if is_windows(answer) {
        vec![LoginCause::MayNotUse]
    } else if is_web_server(answer) {
        vec![LoginCause::GatewayRefuses, LoginCause::MayNotUse]
    } else {
        vec![LoginCause::MayNotUse, LoginCause::GatewayRefuses]
    };
    causes.extend(is_unrequested.then_some(LoginCause::CertificateNotRequested));
    let login = LoginFailure {
        causes,
        ..LoginFailure::default()
    };
    let sender = match answer.evidence.forwarded_by.as_deref() {
        Some(proxy) if !is_windows(answer) => {
            format!(" (from the server, or from the proxy {proxy})")
        }
        _ => String::new(),
    };
    let failure = Failure::new(format!("{}{sender}", web::status_line(answer)));
    let failure = failure.delivery(Delivery::Answered);
    Error::AccessDenied(failure.http_status(answer.status).login(login))
}

/// Returns why a login failed in the client, before the server refused it.
pub(super) fn login_problem(error: &TransportError) -> LoginFailure {
    let causes = error.login_problem().and_then(LoginCause::of);
    LoginFailure {
        causes: causes.into_iter().collect(),
        ..LoginFailure::default()
    }
}

/// Returns whether Windows sent the answer.
fn is_windows(answer: &WholeAnswer) -> bool {
    let server = answer.header("server");
    server.is_some_and(|server| server.starts_with("Microsoft-HTTPAPI/"))
}

/// Returns whether something before the service sent the answer: it sends a page, or names a program
/// that is no service.
fn is_web_server(answer: &WholeAnswer) -> bool {
    const SERVICES: [&str; 3] = ["Microsoft-HTTPAPI/", "openwsman", "Intel(R)"];
    let is_other = |name: &str| !SERVICES.iter().any(|known| name.starts_with(known));
    answer.header("server").is_some_and(is_other) || web::said(answer).is_some()
}

/// Returns whether WinRM refused an unencrypted message: it sends an empty answer.
fn refuses_clear_text(answer: &WholeAnswer) -> bool {
    let is_clear = answer.evidence.protection == Some(Protection::Nothing);
    is_clear && answer.body.is_empty() && is_windows(answer)
}

fn content_type(answer: &WholeAnswer) -> &str {
    answer.header("content-type").unwrap_or("no content type")
}

impl Error {
    fn with_http_status(mut self, status: u16, content_type: &str) -> Self {
        let failure = self.details_mut();
        failure.http_status = Some(status);
        failure.message = format!("{} (HTTP {status}, {content_type})", failure.message);
        self
    }

    pub(crate) fn with_step(mut self, step: &str) -> Self {
        let failure = self.details_mut();
        failure.message = format!("{}; {step}", failure.message);
        self
    }

    fn with_context(mut self, context: &str) -> Self {
        let failure = self.details_mut();
        failure.message = format!("{context}: {}", failure.message);
        self
    }
}
