//! From an answer without SOAP to an error.

use super::{Error, Failure};
use crate::auth::challenge::Challenge;
use crate::transport::{Delivery, IncomingMessage};
use crate::wsman::DecodeError;

/// Makes the error of an answer that is no SOAP message; `why` says what is wrong with its body.
///
/// A status that an HTTP server gives before it hands the message on means that nothing was done;
/// one of a gateway, and a success whose body is something else, means that nobody knows.
pub(crate) fn from_answer(answer: &IncomingMessage, why: DecodeError) -> Error {
    let status = answer.status;
    let failure =
        |text: String, delivery| Failure::new(text).delivery(delivery).http_status(status);
    let refused = |text: &str| failure(format!("HTTP {status}: {text}"), Delivery::Answered);
    match status {
        300..=399 => {
            let target = answer.header("location").unwrap_or("nowhere");
            Error::Transport(refused(&format!(
                "the server redirects to {target}; redirects are not followed, use that address"
            )))
        }
        401 => Error::Auth(refused(&refused_login(answer))),
        403 => Error::AccessDenied(refused("the user may not use the service")),
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
        _ => Error::from(why).with_http_status(status, content_type(answer)),
    }
}

/// What the server offers to log in with, and what was tried.
fn refused_login(answer: &IncomingMessage) -> String {
    let mut text = String::from("the login was refused");
    let offers = Challenge::read_all(answer.login_offers());
    let mut schemes: Vec<&str> = offers.iter().map(Challenge::scheme).collect();
    schemes.dedup();
    if !schemes.is_empty() {
        text.extend(["; the server offers ", &schemes.join(", ")]);
    }
    let tried: Vec<String> = answer.tried.iter().map(ToString::to_string).collect();
    if !tried.is_empty() {
        text.extend(["; tried: ", &tried.join(", then ")]);
    }
    text
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
