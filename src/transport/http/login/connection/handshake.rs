//! The login on a new connection.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderValue};
use tokio::time::Instant;

use super::{ConnectionOriented, LoggedIn, Opening, cannot_log_in, ended_between_steps};
use crate::auth::challenge::Challenge;
use crate::auth::negotiate::ConnectionLogin;
use crate::auth::{LoginLimits, LoginProblem};
use crate::transport::http::channel::Channel;
use crate::transport::http::connections::{Connections, Outgoing};
use crate::transport::kdc::KdcsUntil;
use crate::transport::{TransportError, WholeAnswer, WholeRequest};

impl ConnectionOriented {
    /// Logs in, and once more if the server refused a ticket of an earlier login, which was dropped
    /// then: the service may have got another key, or the ticket may have ended by the server's clock.
    pub(super) async fn log_in(
        &self,
        connections: &Connections,
        end: Instant,
        message: &WholeRequest,
    ) -> Result<Opening, TransportError> {
        let had_ticket = self.user.has_ticket();
        let opening = self.log_in_once(connections, end, message).await;
        if had_ticket && may_be_the_ticket(&opening) && !self.user.has_ticket() {
            return self.log_in_once(connections, end, message).await;
        }
        opening
    }

    /// Logs in by Negotiate, or by the mechanism's own scheme if the server offers that alone.
    async fn log_in_once(
        &self,
        connections: &Connections,
        end: Instant,
        message: &WholeRequest,
    ) -> Result<Opening, TransportError> {
        let kdcs = &self.kdcs.until(end);
        let known = self.own_scheme.get();
        if let Some(login) = known.and_then(|scheme| self.user.login_by(*scheme)) {
            return self.log_in_by(login, connections, message, kdcs).await;
        }
        let login = self.user.login().map_err(cannot_log_in)?;
        let opening = self.log_in_by(login, connections, message, kdcs).await?;
        let own = match &opening {
            Opening::Refused(answer) if answer.status == 401 => {
                self.user.own_scheme(&self.offers(answer), &answer.tried)
            }
            _ => None,
        };
        let Some((scheme, login)) = own.and_then(|own| Some((own, self.user.login_by(own)?)))
        else {
            return Ok(opening);
        };
        self.own_scheme.get_or_init(|| scheme);
        self.log_in_by(login, connections, message, kdcs).await
    }

    /// Logs in with empty messages: servers do not read bodies before the login is complete, and
    /// OMI fails on them.
    pub(super) async fn log_in_by(
        &self,
        mut login: Box<dyn ConnectionLogin>,
        connections: &Connections,
        message: &WholeRequest,
        kdcs: &KdcsUntil<'_>,
    ) -> Result<Opening, TransportError> {
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
        let mut last: Option<WholeAnswer> = None;
        let limits = &self.limits;
        for _ in 0..limits.steps {
            let scheme = login.scheme();
            let challenge = match &last {
                Some(answer) => token_of(answer, scheme, limits)?,
                None => None,
            };
            let step = login.step(challenge.as_deref(), kdcs).await;
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
            let mut answer = send_token(connections, channel, scheme, &token, message)
                .await
                .map_err(|error| {
                    if is_first {
                        error
                    } else {
                        ended_between_steps(error)
                    }
                })?;
            answer.evidence.bound = channel.certificate.is_some();
            answer.evidence.large_token = large(&token, answer.status);
            let challenge = token_of(&answer, scheme, limits)?;
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
                    return finish(kdcs, opened, challenge, answer).await;
                }
            }
        }
        Err(cannot_log_in(format!(
            "the server asked for more than {} steps (LoginLimits::steps)",
            limits.steps
        )))
    }
}

/// Whether another ticket may help: the server refused the login, and did not fail to prove itself.
fn may_be_the_ticket(opening: &Result<Opening, TransportError>) -> bool {
    match opening {
        Ok(Opening::Open(_)) => false,
        Ok(Opening::Refused(_)) => true,
        Err(error) => error.login_problem().is_some_and(|problem| {
            use LoginProblem::{ConnectionNotKept, ServerNotProven};
            !matches!(problem, ServerNotProven | ConnectionNotKept)
        }),
    }
}

async fn send_token(
    connections: &Connections,
    channel: &mut Channel,
    scheme: &str,
    token: &[u8],
    message: &WholeRequest,
) -> Result<WholeAnswer, TransportError> {
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

/// Servers accept headers of 8 KiB or more (httpd 8 KiB, HTTP.sys 16 KiB); nginx 4 KiB in a buffer.
pub(super) const LARGE: usize = 3 << 10;

/// Returns the size of a token that the server refused as a header.
pub(super) fn large(token: &[u8], status: u16) -> Option<usize> {
    let is_refused = matches!(status, 400 | 431) && token.len() > LARGE;
    is_refused.then_some(token.len())
}

/// Completes a login that the server accepted. The server's last token may authenticate the server.
async fn finish(
    kdcs: &KdcsUntil<'_>,
    mut opened: LoggedIn,
    token: Option<Vec<u8>>,
    answer: WholeAnswer,
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
    mut answer: WholeAnswer,
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
pub(super) fn token_of(
    answer: &WholeAnswer,
    scheme: &str,
    limits: &LoginLimits,
) -> Result<Option<Vec<u8>>, TransportError> {
    let most = limits.header_bytes;
    if let Some(long) = answer.login_offers().find(|it| it.len() > most) {
        return Err(cannot_log_in(format!(
            "the server sent a WWW-Authenticate header of {} bytes; the limit is {most} (LoginLimits::header_bytes)",
            long.len()
        )));
    }
    let offers = Challenge::read_within(answer.login_offers(), limits);
    let mut tokens = offers.iter().filter(|offer| offer.is(scheme));
    let Some(token) = tokens.find_map(Challenge::token) else {
        return Ok(None);
    };
    let token = BASE64
        .decode(token)
        .map_err(|_| cannot_log_in("the server sent a token that is not valid Base64"))?;
    let most = limits.token_bytes;
    if token.len() > most {
        return Err(cannot_log_in(format!(
            "the server sent a token of {} bytes; the limit is {most} (LoginLimits::token_bytes)",
            token.len()
        )));
    }
    Ok(Some(token))
}
