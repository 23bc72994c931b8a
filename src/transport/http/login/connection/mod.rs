//! A login of the connection: the schemes inside Negotiate are connection-oriented.
//!
//! A message uses an idle channel or a new one. A channel is replaced once if it was closed before the
//! message was sent, or if the server forgot its login.

mod form;
mod handshake;
mod sealed;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::sync::OnceCell;

use self::form::NotLearnt;
use self::sealed::{FRAME, has_forgotten_login, send_on};
use super::first::{FirstLogin, Leave, Turn};
use super::{LoginResult, LoginSettings, note_acceptance};
use crate::auth::challenge::Challenge;
use crate::auth::negotiate::{BoundUser, ConnectionLogin, LoginError, OwnScheme};
use crate::auth::seal::MimeForm;
use crate::auth::{Credentials, LoginLimits, LoginProblem};
use crate::transport::http::SetupError;
use crate::transport::http::channel::{Channel, Kind, Permit};
use crate::transport::http::connections::Connections;
use crate::transport::http::incoming::{Borrowed, LentChannel};
use crate::transport::kdc::{Kdcs, environment};
use crate::transport::{
    Delivery, SentFlag, TransportError, TransportErrorKind, WholeAnswer, WholeRequest,
};

/// The login, and the connections that are logged in.
pub(in crate::transport::http) struct ConnectionOriented {
    user: BoundUser,
    /// The scheme of the server, if it offers a mechanism by its own name instead of Negotiate.
    own_scheme: OnceLock<OwnScheme>,
    kdcs: Kdcs,
    is_sealed: bool,
    /// A harmless message to learn the form of sealed messages with.
    probe: Bytes,
    form: OnceCell<MimeForm>,
    limits: LoginLimits,
}

/// A connection that is logged in.
struct LoggedIn {
    channel: Channel,
    login: Box<dyn ConnectionLogin>,
}

/// The result of a login.
enum Opening {
    Open(LoggedIn),
    /// The answer that refused the login.
    Refused(WholeAnswer),
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
        let (need, limits) = (credentials.realm_need(), settings.limits);
        let (realms, kdcs) = settings.kerberos.resolve(need, url, patience, limits)?;
        let realms = realms.as_ref().map_err(|obstacle| *obstacle);
        let Some(user) = BoundUser::of(credentials, realms, place)? else {
            return Ok(None);
        };
        if dialler.path().is_forwarded() {
            return if has_fallback {
                Ok(None)
            } else {
                Err(SetupError::BoundThroughProxy)
            };
        }
        Ok(Some(Self {
            user,
            own_scheme: OnceLock::new(),
            kdcs,
            is_sealed: !dialler.encrypted,
            probe: settings.probe,
            form: OnceCell::new_with(settings.mime_form.known()),
            limits,
        }))
    }

    /// Parses the challenges of an answer.
    pub(super) fn offers(&self, answer: &WholeAnswer) -> Vec<Challenge> {
        Challenge::read_within(answer.login_offers(), &self.limits)
    }

    /// Whether messages are sealed.
    pub(in crate::transport::http) fn is_sealed(&self) -> bool {
        self.is_sealed
    }

    pub(super) fn schemes(&self) -> Vec<&'static str> {
        self.user.schemes()
    }

    /// The end of the kept Kerberos ticket.
    pub(in crate::transport::http) fn tickets_end(&self) -> Option<SystemTime> {
        self.user.tickets_end()
    }

    /// The form of sealed messages, if it is known.
    pub(in crate::transport::http) fn known_form(&self) -> Option<MimeForm> {
        self.form.get().copied()
    }

    /// Sends a message on a logged-in connection and reads the whole answer.
    pub(super) async fn send(
        &self,
        connections: &Connections,
        turn: &mut Turn<'_>,
        message: WholeRequest,
    ) -> Result<WholeAnswer, TransportError> {
        let permit = connections.pool.permit().await;
        let form = match self.mime_form(connections, turn, &message).await {
            Ok(form) => form,
            Err(NotLearnt::Refused(answer)) => return Ok(answer),
            Err(NotLearnt::Failed(error)) => return Err(error),
        };
        while let Some(kept) = connections.pool.take(Kind::LoggedIn) {
            let Some(kept) = LoggedIn::of(kept) else {
                continue;
            };
            match self.send_on_kept(connections, kept, form, &message).await? {
                Kept::Answered(answered) => {
                    let (kept, answer) = *answered;
                    return Ok(self.lend(connections, kept, Some(permit), answer));
                }
                Kept::Closed => {}
                Kept::Forgotten => break,
            }
        }
        // Boxed, because most messages find a connection that is logged in.
        match Box::pin(self.open(connections, turn, &message)).await? {
            Opening::Open(mut opened) => {
                let answer = send_on(connections, &mut opened, form, &message).await;
                let answer = answer.map_err(ended_after_login)?;
                Ok(self.lend(connections, opened, Some(permit), answer))
            }
            Opening::Refused(answer) => Ok(answer),
        }
    }

    /// Lends a connection to its answer, which gives it back, unless the server is about to close it or may
    /// not have unsealed the message: then the sequence numbers of both sides differ.
    fn lend(
        &self,
        connections: &Connections,
        opened: LoggedIn,
        permit: Option<Permit>,
        mut answer: WholeAnswer,
    ) -> WholeAnswer {
        let closes = answer
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let in_step = !self.is_sealed || answer.evidence.sealed;
        if !closes && in_step && !has_forgotten_login(&answer) {
            answer.lease = LentChannel::lease(Borrowed {
                channel: opened.into_channel(),
                pool: Arc::clone(&connections.pool),
                permit,
            });
        }
        answer
    }

    /// Logs in on a new connection.
    async fn open(
        &self,
        connections: &Connections,
        turn: &mut Turn<'_>,
        message: &WholeRequest,
    ) -> Result<Opening, TransportError> {
        let opening = self.log_in(connections, turn.end, message).await?;
        if let Opening::Open(opened) = &opening {
            turn.accepted();
            // Each connection has a login of its own.
            note_acceptance(true, opened.scheme());
        }
        Ok(opening)
    }

    /// Logs in without sending a message.
    pub(in crate::transport::http) async fn log_in_only(
        &self,
        connections: &Connections,
        first: &FirstLogin,
        limit: Duration,
    ) -> Result<LoginResult, TransportError> {
        let message = WholeRequest {
            body: Bytes::new(),
            secrets: Vec::new(),
            time_limit: limit,
            answer_limit: FRAME,
            anonymous: false,
            is_read: true,
            is_conversation: false,
            sent: SentFlag::default(),
        };
        let mut turn = match first.turn(limit).await {
            Leave::Try(turn) => turn,
            Leave::Refused(refused) => return refused.map(LoginResult::Refused),
        };
        let _permit = connections.pool.permit().await;
        let opening = self.open(connections, &mut turn, &message).await;
        match &opening {
            Ok(Opening::Open(_)) => {}
            Ok(Opening::Refused(answer)) => turn.ended(Ok(answer)),
            Err(error) => turn.ended(Err(error)),
        }
        Ok(match opening? {
            Opening::Open(opened) => LoginResult::Accepted(opened.login.attempts()),
            Opening::Refused(answer) => LoginResult::Refused(answer),
        })
    }

    /// Sends a message on a kept connection. If it is closed or the server forgot the login, the
    /// server did not read the message. A sealed answer means neither, whatever its status.
    ///
    /// The answer that the login was forgotten is unsealed. Where messages are sealed, an attacker
    /// on the path can forge it after the server has read the message. A write is therefore not
    /// sent again.
    async fn send_on_kept(
        &self,
        connections: &Connections,
        mut kept: LoggedIn,
        form: Option<MimeForm>,
        message: &WholeRequest,
    ) -> Result<Kept, TransportError> {
        match send_on(connections, &mut kept, form, message).await {
            Ok(answer) if !has_forgotten_login(&answer) => {
                Ok(Kept::Answered(Box::new((kept, answer))))
            }
            Ok(_) if message.is_read || form.is_none() => Ok(Kept::Forgotten),
            Ok(_) => Err(TransportError::new(
                TransportErrorKind::Seal,
                Delivery::Unknown,
                "the server, or an attacker on the path, rejected the login after the message was sent: read the instance back before retrying",
            )),
            Err(error) if error.delivery() == Delivery::NotSent => Ok(Kept::Closed),
            Err(error) => Err(error),
        }
    }
}

/// Explains a connection that ended before the first message after its login left: nothing carries the
/// login to another connection.
fn ended_after_login(error: TransportError) -> TransportError {
    if error.delivery() == Delivery::NotSent {
        ended_between_steps(error)
    } else {
        error
    }
}

/// Explains a connection that ended after the first step: a login that belongs to its connection
/// cannot go on over another one.
fn ended_between_steps(error: TransportError) -> TransportError {
    if error.kind() != TransportErrorKind::Interrupted {
        return error;
    }
    let problem = LoginProblem::ConnectionNotKept;
    cannot_log_in(problem.to_string())
        .with_login_problem(Some(problem))
        .with_source(error)
}

/// What happened to a message on a kept connection.
enum Kept {
    Answered(Box<(LoggedIn, WholeAnswer)>),
    /// The connection was closed before the message left.
    Closed,
    /// The server requires another login.
    Forgotten,
}

impl LoggedIn {
    /// Takes the login from a channel; `None` if it has none.
    fn of(mut channel: Channel) -> Option<Self> {
        let login = channel.login.take()?;
        Some(Self { channel, login })
    }

    fn into_channel(self) -> Channel {
        let Self { mut channel, login } = self;
        channel.login = Some(login);
        channel
    }

    /// The scheme of the login.
    fn scheme(&self) -> Option<&'static str> {
        let attempts = self.login.attempts();
        attempts.last().map(|attempt| attempt.scheme())
    }
}

/// Returns the error of a login without a next step: the message was not sent.
fn cannot_log_in(why: impl Into<LoginError>) -> TransportError {
    let why = why.into();
    TransportError::new(
        TransportErrorKind::Login,
        Delivery::NotSent,
        why.to_string(),
    )
    .with_login_problem(why.problem())
}
