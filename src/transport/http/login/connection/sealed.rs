//! Messages and answers on a logged-in connection, sealed over plain HTTP.

use bytes::Bytes;
use http::header::HeaderValue;

use super::{LoggedIn, cannot_log_in};
use crate::auth::Protection;
use crate::auth::seal::{self, MimeForm};
use crate::transport::http::connections::{Connections, Outgoing};
use crate::transport::{TransportError, TransportErrorKind, WholeAnswer, WholeRequest};

/// The limit of bytes that sealing adds to an answer.
pub(super) const FRAME: usize = 4096;

/// Sends a message on a channel, sealed if the login seals messages.
pub(super) async fn send_on(
    connections: &Connections,
    opened: &mut LoggedIn,
    form: Option<MimeForm>,
    message: &WholeRequest,
) -> Result<WholeAnswer, TransportError> {
    let Some(form) = form else {
        let outgoing = Outgoing {
            body: message.body.clone(),
            sent: message.sent.clone(),
            ..Outgoing::default()
        };
        let limit = message.answer_limit;
        let mut answer = connections
            .post(&mut opened.channel, outgoing, limit)
            .await?;
        answer.evidence.accepted = opened.scheme();
        return Ok(answer);
    };
    let protocol = opened.login.protocol();
    let sealed = seal::seal(opened.login.as_mut(), protocol, form, &message.body);
    let outgoing = Outgoing {
        body: Bytes::from(sealed.map_err(cannot_log_in)?),
        sent: message.sent.clone(),
        identity: None,
        content_type: Some(HeaderValue::from_static(protocol.content_type())),
    };
    let limit = message.answer_limit.saturating_add(FRAME);
    let answer = connections
        .post(&mut opened.channel, outgoing, limit)
        .await?;
    unseal(opened, answer, message)
}

/// Unseals an answer. The form of the body shows whether it is sealed, because an attacker on the
/// path can change the headers. Of an unsealed answer only an HTTP error status is used.
fn unseal(
    opened: &mut LoggedIn,
    mut answer: WholeAnswer,
    message: &WholeRequest,
) -> Result<WholeAnswer, TransportError> {
    let failed =
        |text: &str| TransportError::new(TransportErrorKind::Seal, message.sent.delivery(), text);
    answer.evidence.accepted = opened.scheme();
    answer.evidence.protection = Some(Protection::Sealed);
    if !is_sealed(&answer) {
        answer.body = Bytes::new();
        answer.evidence.unsigned = true;
        return match answer.status {
            200..=299 | 500 => Err(failed(
                "the server's answer is unsealed, but this login requires sealed messages",
            )),
            _ => Ok(answer),
        };
    }
    let opened = seal::unseal(opened.login.as_mut(), &answer.body, message.answer_limit);
    let opened = opened
        .map_err(|error| failed("the answer cannot be unsealed").with_source(error.to_string()))?;
    answer.body = Bytes::from(opened);
    answer.evidence.sealed = true;
    Ok(answer)
}

/// Whether an answer has the content type of a sealed one, or starts like one.
fn is_sealed(answer: &WholeAnswer) -> bool {
    let is_labelled = answer.header("content-type").is_some_and(seal::is_sealed);
    is_labelled || seal::begins(&answer.body)
}

/// Whether the server requires a login on a logged-in channel. The status of a sealed answer does
/// not count: an attacker on the path can change it.
pub(super) fn has_forgotten_login(answer: &WholeAnswer) -> bool {
    answer.status == 401 && !answer.evidence.sealed
}
