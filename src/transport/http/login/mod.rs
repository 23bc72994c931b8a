//! How messages log in: one file for each kind of login.

#[cfg(feature = "negotiate")]
mod best;
#[cfg(feature = "negotiate")]
mod connection;
mod current;
mod digest;
mod first;
mod static_header;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
#[cfg(feature = "negotiate")]
use url::Url;

#[cfg(feature = "negotiate")]
use self::best::BestScheme;
#[cfg(feature = "negotiate")]
pub(super) use self::connection::ConnectionOriented;
pub(super) use self::current::{CurrentLogin, LoginOptions};
use self::digest::Digest;
use self::first::{FirstLogin, Leave, Turn};
use self::static_header::StaticHeader;
use super::SetupError;
use super::answer::Begun;
use super::channel::Dialler;
use super::connections::{Connections, Outgoing};
#[cfg(feature = "negotiate")]
use super::options::MimeForm;
use crate::auth::{Credentials, LoginAttempt, LoginLimits, Secret};
use crate::meter;
#[cfg(feature = "negotiate")]
use crate::transport::kdc::KerberosSettings;
use crate::transport::{TransportError, TransportErrorKind, WholeAnswer, WholeRequest};

/// Marks an Identify without a login for the server (DSP0226 11, MS-WSMV 3.1.4.1.23).
const WSMAN_IDENTIFY: HeaderName = HeaderName::from_static("wsmanidentify");
const UNAUTHENTICATED: HeaderValue = HeaderValue::from_static("unauthenticated");

/// The login of a transport. The large ones are boxed: most sessions have a small one.
pub(super) enum Login {
    /// None.
    Anonymous,
    /// The same header with every message: Basic, or a client certificate.
    StaticHeader(StaticHeader),
    /// A response to the server's challenge with every message, and Basic if it is allowed.
    Digest(Digest),
    /// A login of the connection: NTLM or Kerberos.
    #[cfg(feature = "negotiate")]
    Connection(Box<ConnectionOriented>),
    /// The login of the connection, or Digest or Basic if the server does not offer Negotiate.
    #[cfg(feature = "negotiate")]
    Best(Box<BestScheme>),
}

/// The result of a connection-oriented login.
#[cfg_attr(not(feature = "negotiate"), allow(dead_code))]
pub(crate) enum LoginResult {
    /// Accepted, with the last of these attempts.
    Accepted(Vec<LoginAttempt>),
    /// Refused, with this answer.
    Refused(WholeAnswer),
}

/// The settings that a login needs besides the credentials.
pub(super) struct LoginSettings<'a> {
    #[cfg(feature = "negotiate")]
    pub(super) url: &'a Url,
    pub(super) dialler: &'a Dialler,
    /// Whether credentials and messages may be sent unsealed: over HTTPS, or if the caller allows
    /// it.
    pub(super) may_be_unsealed: bool,
    /// A harmless message.
    pub(super) probe: Bytes,
    pub(super) limits: LoginLimits,
    #[cfg(feature = "negotiate")]
    pub(super) mime_form: MimeForm,
    #[cfg(feature = "negotiate")]
    pub(super) kerberos: KerberosSettings,
}

impl Login {
    /// Selects the login of these credentials and validates them.
    pub(super) fn new(
        credentials: &Credentials,
        settings: LoginSettings<'_>,
    ) -> Result<Self, SetupError> {
        if credentials.is_none() {
            return Ok(Self::Anonymous);
        }
        if let Some(header) = StaticHeader::new(credentials, &settings)? {
            return Ok(Self::StaticHeader(header));
        }
        let may_be_unsealed = settings.may_be_unsealed;
        let digest = Digest::new(credentials, &settings)?.filter(|_| may_be_unsealed);
        #[cfg(feature = "negotiate")]
        if let Some(login) = ConnectionOriented::new(credentials, settings, digest.is_some())? {
            return Ok(match digest {
                Some(digest) => Self::Best(Box::new(BestScheme::new(login, digest))),
                None => Self::Connection(Box::new(login)),
            });
        }
        digest.map(Self::Digest).ok_or(SetupError::Unencrypted)
    }

    /// Sends a message with the login and waits for the start of its answer.
    pub(super) async fn send(
        &self,
        connections: &Connections,
        first: &FirstLogin,
        message: WholeRequest,
    ) -> Result<Begun, TransportError> {
        if matches!(self, Self::Anonymous) {
            return send_with(connections, message, None).await;
        }
        let mut turn = match first.turn(message.time_limit).await {
            Leave::Try(turn) => turn,
            Leave::Refused(refused) => return refused.map(Begun::Whole),
        };
        let begun = self.send_in_turn(connections, &mut turn, message).await;
        match &begun {
            Ok(Begun::Whole(answer)) => {
                note_refusal(answer);
                turn.ended(Ok(answer));
            }
            Err(error) => {
                self.note_failure(error);
                turn.ended(Err(error));
            }
            Ok(Begun::Answer(..)) => {}
        }
        if let Ok(begun) = &begun {
            first.note_scheme(begun.accepted_scheme());
        }
        begun
    }

    async fn send_in_turn(
        &self,
        connections: &Connections,
        turn: &mut Turn<'_>,
        message: WholeRequest,
    ) -> Result<Begun, TransportError> {
        match self {
            Self::Anonymous => send_with(connections, message, None).await,
            Self::StaticHeader(header) => header.send(connections, turn, message).await,
            Self::Digest(digest) => digest.send(connections, turn, message).await,
            #[cfg(feature = "negotiate")]
            Self::Connection(login) => {
                // A sealed answer can only be unsealed whole.
                let answer = login.send(connections, turn, message).await;
                answer.map(Begun::Whole)
            }
            #[cfg(feature = "negotiate")]
            Self::Best(best) => best.send(connections, turn, message).await,
        }
    }

    /// Counts a login for which the client had no response, by its strongest scheme.
    fn note_failure(&self, error: &TransportError) {
        if let (TransportErrorKind::Login, Some(scheme)) = (error.kind(), self.schemes().first()) {
            meter::login(scheme, "failed");
        }
    }

    /// Returns the names of the schemes that it can use, the strongest first.
    pub(super) fn schemes(&self) -> Vec<&'static str> {
        match self {
            Self::Anonymous => Vec::new(),
            Self::StaticHeader(header) => vec![header.scheme()],
            Self::Digest(digest) => digest.schemes(),
            #[cfg(feature = "negotiate")]
            Self::Connection(login) => login.schemes(),
            #[cfg(feature = "negotiate")]
            Self::Best(best) => best.schemes(),
        }
    }

    /// The login of the connection, if there is one.
    #[cfg(feature = "negotiate")]
    pub(super) fn connection_oriented(&self) -> Option<&ConnectionOriented> {
        match self {
            Self::Connection(login) => Some(login),
            Self::Best(best) => Some(best.negotiate()),
            Self::Anonymous | Self::StaticHeader(_) | Self::Digest(_) => None,
        }
    }
}

/// Counts a login that the server accepted. One that goes with every message counts when it is proven.
fn note_acceptance(is_new: bool, scheme: Option<&'static str>) {
    if let (true, Some(scheme)) = (is_new, scheme) {
        meter::login(scheme, "accepted");
    }
}

/// Counts a login that the server refused.
fn note_refusal(answer: &WholeAnswer) {
    if let Some(attempt) = answer.tried.last() {
        meter::login(attempt.scheme(), "refused");
    }
}

/// Sends an Identify without the login, and marks it for the server.
pub(super) async fn send_anonymously(
    connections: &Connections,
    message: WholeRequest,
) -> Result<Begun, TransportError> {
    let identity = (WSMAN_IDENTIFY, UNAUTHENTICATED);
    send_with(connections, message, Some(identity)).await
}

/// Sends a message without a login.
async fn send_with(
    connections: &Connections,
    message: WholeRequest,
    identity: Option<(HeaderName, HeaderValue)>,
) -> Result<Begun, TransportError> {
    let outgoing = Outgoing {
        body: message.body,
        sent: message.sent,
        identity,
        content_type: None,
    };
    connections.begin(outgoing, message.answer_limit).await
}

/// Converts a login into a header value that is not logged.
fn sensitive(value: &Secret) -> Result<HeaderValue, SetupError> {
    // As bytes: a user name may be in UTF-8.
    let mut value = HeaderValue::from_bytes(value.expose().as_bytes())
        .map_err(|cause| SetupError::Client(cause.into()))?;
    value.set_sensitive(true);
    Ok(value)
}
