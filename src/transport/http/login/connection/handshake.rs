//! The login on a new connection.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderValue};
use tokio::time::Instant;

use super::{ConnectionOriented, LoggedIn, Opening, cannot_log_in};
use crate::auth::negotiate::ConnectionLogin;
use crate::transport::http::channel::Channel;
use crate::transport::http::connections::{Connections, Outgoing};
use crate::transport::kdc::KdcsUntil;
use crate::transport::{IncomingMessage, OutgoingMessage, TransportError};

/// More steps than any login has.
const STEPS: usize = 8;

impl ConnectionOriented {
    /// Logs in with empty messages: servers do not read bodies before the login is complete, and
    /// OMI fails on them.
    pub(super) async fn log_in(
        &self,
        connections: &Connections,
        end: Instant,
        message: &OutgoingMessage,
    ) -> Result<Opening, TransportError> {
        let kdcs = self.kdcs.until(end);
        let mut login = self.user.login().map_err(cannot_log_in)?;
        let mut dialled = None;
        // The first token of Kerberos names the certificate of its connection. Without TLS the
        // connection need not wait for the KDC.
        if connections.dialler.encrypted {
            let channel = connections.dialler.open(&connections.pool).await?;
            if let Some(certificate) = &channel.certificate {
                login.bind(&certificate.channel_binding());
            }
            dialled = Some(channel);
        }
        let mut last: Option<IncomingMessage> = None;
        for _ in 0..STEPS {
            let scheme = login.scheme();
            let challenge = last.as_ref().and_then(|answer| token_of(answer, scheme));
            let step = login.step(challenge.as_deref(), &kdcs).await;
            let is_first = last.is_none();
            let token = match (step, last.take()) {
                (Ok(Some(token)), _) => token,
                // The server authenticated the user and denied access.
                (Ok(None), Some(answer)) => return refused(login.as_ref(), answer),
                (Ok(None), None) => return Err(cannot_log_in("the login has no first token")),
                (Err(error), Some(answer)) if error.is_refusal() => {
                    return refused(login.as_ref(), answer);
                }
                (Err(error), _) => return Err(cannot_log_in(error)),
            };
            let channel = match &mut dialled {
                Some(channel) => channel,
                None => dialled.insert(connections.dialler.open(&connections.pool).await?),
            };
            let mut answer = send_token(connections, channel, scheme, &token, message).await?;
            answer.evidence.bound = channel.certificate.is_some();
            let challenge = token_of(&answer, scheme);
            match answer.status {
                401 if challenge.is_some() && !login.is_complete() => last = Some(answer),
                401 => {
                    // The server does not know the scheme. The connection serves a weaker one.
                    if let (true, Some(channel)) = (is_first, dialled) {
                        connections.pool.keep(channel);
                    }
                    return refused(login.as_ref(), answer);
                }
                _ => {
                    let Some(channel) = dialled else {
                        break;
                    };
                    let opened = LoggedIn { channel, login };
                    return finish(&kdcs, opened, challenge, answer).await;
                }
            }
        }
        Err(cannot_log_in("the server asked for too many steps"))
    }
}

async fn send_token(
    connections: &Connections,
    channel: &mut Channel,
    scheme: &str,
    token: &[u8],
    message: &OutgoingMessage,
) -> Result<IncomingMessage, TransportError> {
    let value = [scheme, " ", &BASE64.encode(token)].concat();
    let mut value =
        HeaderValue::try_from(value).map_err(|error| cannot_log_in(error.to_string()))?;
    value.set_sensitive(true);
    let outgoing = Outgoing {
        identity: Some((AUTHORIZATION, value)),
        ..Outgoing::default()
    };
    let answer = connections
        .post(channel, outgoing, message.answer_limit)
        .await;
    answer.map_err(TransportError::not_sent)
}

/// Completes a login that the server accepted. The server's last token may authenticate the server.
async fn finish(
    kdcs: &KdcsUntil<'_>,
    mut opened: LoggedIn,
    token: Option<Vec<u8>>,
    answer: IncomingMessage,
) -> Result<Opening, TransportError> {
    if let Some(token) = token {
        let more = opened.login.step(Some(&token), kdcs).await;
        if more.map_err(cannot_log_in)?.is_some() {
            return Err(cannot_log_in(
                "the server accepted the login before its last step",
            ));
        }
    }
    if opened.login.is_complete() {
        Ok(Opening::Open(opened))
    } else {
        refused(opened.login.as_ref(), answer)
    }
}

/// Returns a refusal. The server has not read the message, and is not authenticated: its status may
/// explain the refusal, and its body is discarded.
fn refused(
    login: &dyn ConnectionLogin,
    mut answer: IncomingMessage,
) -> Result<Opening, TransportError> {
    if let status @ (200..=299 | 500) = answer.status {
        return Err(cannot_log_in(format!(
            "the server answered HTTP {status} before the login was complete"
        )));
    }
    answer.body = Bytes::new();
    answer.evidence.held_back = true;
    answer.evidence.kdc_clock_ahead = login.kdc_clock_ahead();
    answer.tried.extend(login.attempts());
    Ok(Opening::Refused(answer))
}

/// Returns the server's token for a scheme.
fn token_of(answer: &IncomingMessage, scheme: &str) -> Option<Vec<u8>> {
    let token = answer.login_offers().find_map(|offer| {
        let (offered, token) = offer.split_once(' ')?;
        offered.eq_ignore_ascii_case(scheme).then_some(token)
    })?;
    BASE64.decode(token.trim()).ok()
}
