//! From an answer without SOAP to an error.

use super::{Error, Failure};
use crate::auth::challenge::Challenge;
use crate::auth::evidence::{Refused, judge};
use crate::auth::{LoginCause, LoginFailure, Protection};
use crate::protocol::DecodeError;
use crate::transport::{Delivery, IncomingMessage, TransportError, without_userinfo};

/// Makes the error of an answer that is no SOAP message; `why` says what is wrong with its body.
///
/// A status that an HTTP server gives before it hands the message on means that nothing was done;
/// one of a gateway, and a success whose body is something else, means that nobody knows; so does
/// one that should have been sealed.
pub(crate) fn from_answer(answer: &IncomingMessage, why: DecodeError) -> Error {
    let error = from_status(answer, why);
    match answer.evidence.unsigned {
        true => error.at_least(Delivery::Unknown),
        false => error,
    }
}

fn from_status(answer: &IncomingMessage, why: DecodeError) -> Error {
    let status = answer.status;
    let failure =
        |text: String, delivery| Failure::new(text).delivery(delivery).http_status(status);
    let refused = |text: &str| failure(format!("HTTP {status}: {text}"), Delivery::Answered);
    match status {
        300..=399 => {
            let target = without_userinfo(answer.header("location").unwrap_or("nowhere"));
            Error::Transport(refused(&format!(
                "the server redirects to {target}; redirects are not followed, use that address"
            )))
        }
        401 => refused_login(answer),
        403 => forbidden(answer),
        // It is most likely that, and nobody knows what was done if it is not.
        500 if refuses_clear_text(answer) => refused_login(answer).at_least(Delivery::Unknown),
        404 => Error::Transport(refused(
            "there is no WS-Management service at this path; it is usually /wsman",
        )),
        407 => Error::Transport(refused(
            "the proxy asks for a login: give it one with Proxy::credentials",
        )),
        413 => Error::ServerLimits(refused(
            "the message is too large for the server: send less, or raise its MaxEnvelopeSizekb",
        )),
        502 | 504 => Error::Transport(failure(
            format!("HTTP {status}: a gateway got no answer from the server"),
            Delivery::Unknown,
        )),
        503 => Error::ShuttingDown(refused("the service is not available; try again later")),
        // The HTTP server did not take the message.
        405 | 411 | 414 | 415 | 429 | 501 => {
            Error::Decode(refused(&format!("the message was not taken: {why}")))
        }
        // No message went out after that. OMI says HTTP 400 to a ticket where it has no keytab.
        _ if !answer.tried.is_empty() => refused_login(answer),
        _ => Error::from(why).with_http_status(status, content_type(answer)),
    }
}

/// A 401, or what is as much as that.
fn refused_login(answer: &IncomingMessage) -> Error {
    let status = answer.status;
    let login = judge(Refused {
        offers: &Challenge::read_all(answer.login_offers()),
        tried: &answer.tried,
        evidence: &answer.evidence,
        by_windows: is_windows(answer),
    });
    let failure = Failure::new(format!("HTTP {status}: the login was refused"));
    let failure = failure.delivery(Delivery::Answered).http_status(status);
    Error::Auth(failure.login(login))
}

/// A user who is known, and may not use the service.
fn forbidden(answer: &IncomingMessage) -> Error {
    let login = LoginFailure {
        causes: vec![LoginCause::MayNotUse],
        ..LoginFailure::default()
    };
    let failure = Failure::new(format!("HTTP {}", answer.status));
    let failure = failure.delivery(Delivery::Answered);
    Error::AccessDenied(failure.http_status(answer.status).login(login))
}

/// A login that ended before the server had refused it.
pub(super) fn login_failed(error: TransportError, failure: Failure) -> Error {
    let causes = error.login_problem().and_then(LoginCause::of);
    let login = LoginFailure {
        causes: causes.into_iter().collect(),
        ..LoginFailure::default()
    };
    let failure = failure.login(login);
    Error::Auth(failure.source(error))
}

/// Whether Windows answered.
fn is_windows(answer: &IncomingMessage) -> bool {
    let server = answer.header("server");
    server.is_some_and(|server| server.starts_with("Microsoft-HTTPAPI/"))
}

/// Whether this is how WinRM refuses a message that is not encrypted: without a word.
fn refuses_clear_text(answer: &IncomingMessage) -> bool {
    let is_clear = answer.evidence.protection == Some(Protection::Nothing);
    is_clear && answer.body.is_empty() && is_windows(answer)
}

fn content_type(answer: &IncomingMessage) -> &str {
    answer.header("content-type").unwrap_or("no content type")
}

impl Error {
    fn with_http_status(mut self, status: u16, content_type: &str) -> Self {
        let failure = self.failure_mut();
        failure.http_status = Some(status);
        failure.message = format!("{} (HTTP {status}, {content_type})", failure.message);
        self
    }
}
