//! Logged-in connections: the schemes inside Negotiate are connection-oriented.
//!
//! A [`Channel`] is one such connection and carries one message at a time; a [`Pool`] keeps the
//! idle ones. A message uses an idle channel or a new one. A channel is replaced once if it was
//! closed before the message was sent, or if the server forgot its login.

mod binding;
mod dial;
mod first;
mod login;
mod pool;

use std::time::Duration;

use bytes::Bytes;
use reqwest::Client;
use reqwest::header::HeaderValue;

pub(super) use pool::Pool;

use self::pool::Visit;
use super::{HttpTransport, LoginResult, Outgoing};
use crate::auth::Protection;
use crate::auth::negotiate::{ConnectionLogin, LoginError};
use crate::auth::seal::{self, MimeForm};
use crate::transport::{
    Delivery, IncomingMessage, OutgoingMessage, SentFlag, TransportError, TransportErrorKind,
};

/// A logged-in connection.
pub(super) struct Channel {
    client: Client,
    login: Box<dyn ConnectionLogin>,
}

/// The result of a login.
enum Opening {
    Open(Channel),
    /// The answer that refused the login.
    Refused(IncomingMessage),
}

/// The limit of bytes that sealing adds to an answer.
const FRAME: usize = 4096;

impl HttpTransport {
    /// Sends a message over a channel of the pool.
    pub(super) async fn deliver_bound(
        &self,
        pool: &Pool,
        message: OutgoingMessage,
    ) -> Result<IncomingMessage, TransportError> {
        let visit = pool.visit().await;
        let form = match self.mime_form(&visit, &message).await {
            Ok(form) => form,
            Err(NotLearnt::Refused(answer)) => return Ok(answer),
            Err(NotLearnt::Failed(error)) => return Err(error),
        };
        if let Some(channel) = pool.take()
            && let Some(answer) = self.over_kept(pool, channel, form, &message).await?
        {
            return Ok(answer);
        }
        match self.open(&visit, &message).await? {
            Opening::Open(mut channel) => {
                let answer = self.over(&mut channel, form, &message).await?;
                pool.keep(channel, &answer);
                Ok(answer)
            }
            Opening::Refused(answer) => Ok(answer),
        }
    }

    /// Logs in without sending a message.
    pub(super) async fn open_once(
        &self,
        pool: &Pool,
        limit: Duration,
    ) -> Result<LoginResult, TransportError> {
        let message = OutgoingMessage {
            body: Bytes::new(),
            time_limit: limit,
            answer_limit: FRAME,
            anonymous: false,
            is_read: true,
            sent: SentFlag::default(),
        };
        Ok(match self.open(&pool.visit().await, &message).await? {
            Opening::Open(channel) => LoginResult::Accepted(channel.scheme()),
            Opening::Refused(answer) => LoginResult::Refused(answer),
        })
    }

    /// Sends a message over an idle channel; `None` if the channel is closed or the server forgot
    /// the login, because then the server did not read the message. A sealed answer means neither,
    /// whatever its status.
    ///
    /// The answer that the login was forgotten is unsealed. Where messages are sealed, an attacker
    /// on the path can forge it after the server has read the message. A write is therefore not
    /// sent again.
    async fn over_kept(
        &self,
        pool: &Pool,
        mut channel: Channel,
        form: Option<MimeForm>,
        message: &OutgoingMessage,
    ) -> Result<Option<IncomingMessage>, TransportError> {
        match self.over(&mut channel, form, message).await {
            Ok(answer) if !has_forgotten_login(&answer) => {
                pool.keep(channel, &answer);
                Ok(Some(answer))
            }
            Ok(_) if message.is_read || form.is_none() => Ok(None),
            Ok(_) => Err(TransportError::new(
                TransportErrorKind::Seal,
                Delivery::Unknown,
                "the server, or an attacker on the path, rejected the login after the message was sent: read the instance back before retrying",
            )),
            Err(error) if error.delivery() == Delivery::NotSent => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends a message over a channel, sealed if the login seals messages.
    async fn over(
        &self,
        channel: &mut Channel,
        form: Option<MimeForm>,
        message: &OutgoingMessage,
    ) -> Result<IncomingMessage, TransportError> {
        let Some(form) = form else {
            let outgoing = Outgoing {
                body: message.body.clone(),
                sent: message.sent.clone(),
                ..Outgoing::default()
            };
            let limit = message.answer_limit;
            let mut answer = self.post(&channel.client, outgoing, limit).await?;
            answer.evidence.accepted = channel.scheme();
            return Ok(answer);
        };
        let protocol = channel.login.protocol();
        let sealed = seal::seal(channel.login.as_mut(), protocol, form, &message.body);
        let outgoing = Outgoing {
            body: Bytes::from(sealed.map_err(cannot_log_in)?),
            sent: message.sent.clone(),
            identity: None,
            content_type: Some(HeaderValue::from_static(protocol.content_type())),
        };
        let limit = message.answer_limit.saturating_add(FRAME);
        let answer = self.post(&channel.client, outgoing, limit).await?;
        channel.unseal(answer, message)
    }

    /// Sends one request of a client and reads the whole answer.
    async fn post(
        &self,
        client: &Client,
        outgoing: Outgoing,
        answer_limit: usize,
    ) -> Result<IncomingMessage, TransportError> {
        let deadline = self.deadline_of(answer_limit, outgoing.sent.clone());
        let request = self.request_of(client, outgoing, deadline.body_sent.clone());
        let response = deadline.head(request.send()).await?;
        deadline.whole(response).await
    }

    /// Returns the form of sealed messages; `None` if messages are not sealed.
    async fn mime_form(
        &self,
        visit: &Visit<'_>,
        message: &OutgoingMessage,
    ) -> Result<Option<MimeForm>, NotLearnt> {
        if visit.pool.is_sealed() {
            let learn = self.learn_form(visit, message);
            visit.pool.form(learn).await.map(Some)
        } else {
            Ok(None)
        }
    }

    /// Learns the form from a harmless message: a server closes the connection without an answer if
    /// it rejects the form. Only an answer proves the form.
    async fn learn_form(
        &self,
        visit: &Visit<'_>,
        message: &OutgoingMessage,
    ) -> Result<MimeForm, NotLearnt> {
        let probe = OutgoingMessage {
            body: visit.pool.probe().clone(),
            is_read: true,
            sent: SentFlag::default(),
            ..message.clone()
        };
        let tabbed = self.probe(visit, &probe, MimeForm::Tabbed).await;
        match tabbed {
            Err(NotLearnt::Failed(error)) if error.kind() == TransportErrorKind::Interrupted => {
                self.probe(visit, &probe, MimeForm::Untabbed).await
            }
            other => other,
        }
    }

    async fn probe(
        &self,
        visit: &Visit<'_>,
        probe: &OutgoingMessage,
        form: MimeForm,
    ) -> Result<MimeForm, NotLearnt> {
        match self.open(visit, probe).await? {
            Opening::Open(mut channel) => {
                let mut answer = self.over(&mut channel, Some(form), probe).await?;
                if !answer.evidence.sealed {
                    // Whatever this answer says, the waiting message was not sent.
                    answer.evidence.held_back = true;
                    return Err(NotLearnt::Refused(answer));
                }
                visit.pool.keep(channel, &answer);
                Ok(form)
            }
            Opening::Refused(answer) => Err(NotLearnt::Refused(answer)),
        }
    }
}

/// Why the form of sealed messages is still unknown.
enum NotLearnt {
    /// The login or the harmless message was refused: the caller's message gets this answer, so
    /// that a wrong password is tried only once.
    Refused(IncomingMessage),
    Failed(TransportError),
}

impl From<TransportError> for NotLearnt {
    fn from(error: TransportError) -> Self {
        Self::Failed(error.not_sent())
    }
}

impl Channel {
    /// The scheme of the login.
    fn scheme(&self) -> Option<&'static str> {
        let attempts = self.login.attempts();
        attempts.last().map(|attempt| attempt.scheme())
    }

    /// Unseals an answer. The form of the body shows whether it is sealed, because an attacker on
    /// the path can change the headers. Of an unsealed answer only an HTTP error status is used.
    fn unseal(
        &mut self,
        mut answer: IncomingMessage,
        message: &OutgoingMessage,
    ) -> Result<IncomingMessage, TransportError> {
        let failed = |text: &str| {
            TransportError::new(TransportErrorKind::Seal, message.sent.delivery(), text)
        };
        answer.evidence.accepted = self.scheme();
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
        let opened = seal::unseal(self.login.as_mut(), &answer.body, message.answer_limit);
        let opened = opened.map_err(|error| {
            failed("the answer cannot be unsealed").with_source(error.to_string())
        })?;
        answer.body = Bytes::from(opened);
        answer.evidence.sealed = true;
        Ok(answer)
    }
}

/// Whether an answer has the content type of a sealed one, or starts like one.
fn is_sealed(answer: &IncomingMessage) -> bool {
    let is_labelled = answer.header("content-type").is_some_and(seal::is_sealed);
    is_labelled || seal::begins(&answer.body)
}

/// Whether the server requires a login on a logged-in channel. The status of a sealed answer does
/// not count: an attacker on the path can change it.
fn has_forgotten_login(answer: &IncomingMessage) -> bool {
    answer.status == 401 && !answer.evidence.sealed
}

/// Returns the error of a login without a next step: the message was not sent.
fn cannot_log_in(why: impl Into<LoginError>) -> TransportError {
    let why = why.into();
    TransportError::new(
        TransportErrorKind::Login,
        Delivery::NotSent,
        format!("the login failed: {why}"),
    )
    .with_login_problem(why.problem())
}
