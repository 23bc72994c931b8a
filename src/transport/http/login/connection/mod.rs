//! A login of the connection: the schemes inside Negotiate are connection-oriented.
//!
//! A message uses an idle channel or a new one. A channel is replaced once if it was closed before the
//! message was sent, or if the server forgot its login.

mod binding;
mod form;
mod handshake;
mod sealed;

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use self::form::NotLearnt;
use self::sealed::{FRAME, has_forgotten_login, send_on};
use super::first::{FirstLogin, Leave};
use super::{LoginResult, LoginSettings};
use crate::auth::Credentials;
use crate::auth::negotiate::{BoundUser, LoginError};
use crate::auth::seal::MimeForm;
use crate::transport::http::SetupError;
use crate::transport::http::channel::{Channel, Permit, Pool};
use crate::transport::http::connections::Connections;
use crate::transport::kdc::{Kdcs, deadline, environment};
use crate::transport::{
    Delivery, IncomingMessage, OutgoingMessage, SentFlag, TransportError, TransportErrorKind,
};

/// The login, and the connections that are logged in.
pub(in crate::transport::http) struct ConnectionOriented {
    user: BoundUser,
    kdcs: Kdcs,
    is_sealed: bool,
    /// A harmless message to learn the form of sealed messages with.
    probe: Bytes,
    form: OnceCell<MimeForm>,
    first: FirstLogin,
    pool: Pool,
}

/// One message in progress.
struct Visit<'a> {
    /// The number of refused logins when the message arrived.
    refusals: u64,
    /// The end of its time.
    end: Instant,
    _permit: Permit<'a>,
}

/// The result of a login.
enum Opening {
    Open(Channel),
    /// The answer that refused the login.
    Refused(IncomingMessage),
}

impl ConnectionOriented {
    /// Takes the login from the credentials; `None` if they are for another one, or if `has_fallback`
    /// and a proxy makes a login of the connection impossible.
    pub(super) fn new(
        credentials: &Credentials,
        settings: LoginSettings<'_>,
        has_fallback: bool,
    ) -> Result<Option<Self>, SetupError> {
        let LoginSettings { url, dialler, .. } = settings;
        let place = (settings.kerberos.service_name(url), environment());
        let patience = dialler.connect_timeout;
        let need = credentials.realm_need();
        let (realms, kdcs) = settings.kerberos.resolve(need, url, patience)?;
        let realms = realms.as_ref().map_err(|obstacle| *obstacle);
        let Some(user) = BoundUser::of(credentials, realms, place)? else {
            return Ok(None);
        };
        if !dialler.encrypted && dialler.way.may_forward() {
            return if has_fallback {
                Ok(None)
            } else {
                Err(SetupError::BoundThroughProxy)
            };
        }
        Ok(Some(Self {
            user,
            kdcs,
            is_sealed: !dialler.encrypted,
            probe: settings.probe,
            form: OnceCell::new_with(settings.mime_form.known()),
            first: FirstLogin::default(),
            pool: Pool::new(settings.connections),
        }))
    }

    /// Whether messages are sealed.
    pub(in crate::transport::http) fn is_sealed(&self) -> bool {
        self.is_sealed
    }

    /// The form of sealed messages, if it is known.
    pub(in crate::transport::http) fn known_form(&self) -> Option<MimeForm> {
        self.form.get().copied()
    }

    /// Waits until another message may start, which has this much time.
    async fn visit(&self, time: Duration) -> Visit<'_> {
        Visit {
            refusals: self.first.refusals(),
            end: deadline(time),
            _permit: self.pool.permit().await,
        }
    }

    /// Sends a message on a logged-in connection and reads the whole answer.
    pub(super) async fn send(
        &self,
        connections: &Connections,
        message: OutgoingMessage,
    ) -> Result<IncomingMessage, TransportError> {
        let visit = self.visit(message.time_limit).await;
        let form = match self.mime_form(connections, &visit, &message).await {
            Ok(form) => form,
            Err(NotLearnt::Refused(answer)) => return Ok(answer),
            Err(NotLearnt::Failed(error)) => return Err(error),
        };
        if let Some(channel) = self.pool.take()
            && let Some(answer) = self
                .send_on_kept(connections, channel, form, &message)
                .await?
        {
            return Ok(answer);
        }
        match self.open(connections, &visit, &message).await? {
            Opening::Open(mut channel) => {
                let answer = send_on(connections, &mut channel, form, &message).await?;
                self.keep(channel, &answer);
                Ok(answer)
            }
            Opening::Refused(answer) => Ok(answer),
        }
    }

    /// Keeps a channel after an answer, unless the server is about to close it or may not have
    /// unsealed the message: then the sequence numbers of both sides differ.
    fn keep(&self, channel: Channel, answer: &IncomingMessage) {
        let closes = answer
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let in_step = !self.is_sealed || answer.evidence.sealed;
        if !closes && in_step && !has_forgotten_login(answer) {
            self.pool.keep(channel);
        }
    }

    /// Logs in on a new connection, unless another login was refused while the message waited.
    async fn open(
        &self,
        connections: &Connections,
        visit: &Visit<'_>,
        message: &OutgoingMessage,
    ) -> Result<Opening, TransportError> {
        let _turn = match self.first.leave(visit.refusals).await {
            Leave::Try(turn) => turn,
            Leave::Refused(refused) => return refused.map(Opening::Refused),
        };
        let opening = self.log_in(connections, visit, message).await;
        match &opening {
            Ok(Opening::Open(_)) => self.first.note_accepted(),
            Ok(Opening::Refused(answer)) => self.first.note_refused(answer),
            Err(error) => self.first.note_failed(error),
        }
        opening
    }

    /// Logs in without sending a message.
    pub(in crate::transport::http) async fn log_in_only(
        &self,
        connections: &Connections,
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
        let visit = self.visit(limit).await;
        Ok(match self.open(connections, &visit, &message).await? {
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
    async fn send_on_kept(
        &self,
        connections: &Connections,
        mut channel: Channel,
        form: Option<MimeForm>,
        message: &OutgoingMessage,
    ) -> Result<Option<IncomingMessage>, TransportError> {
        match send_on(connections, &mut channel, form, message).await {
            Ok(answer) if !has_forgotten_login(&answer) => {
                self.keep(channel, &answer);
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
