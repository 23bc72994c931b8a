//! The login of a transport now: a fixed one, or one with the credentials that a provider gave last.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
#[cfg(feature = "negotiate")]
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Mutex as Turns;

#[cfg(feature = "negotiate")]
use super::LoginResult;
use super::first::FirstLogin;
use super::{Login, LoginSettings};
use crate::auth::{Credentials, LoginLimits, LoginState, Provider, ProviderError};
use crate::transport::http::answer::Begun;
use crate::transport::http::connections::Connections;
#[cfg(feature = "negotiate")]
use crate::transport::http::options::MimeForm;
use crate::transport::http::{SetupError, locked};
#[cfg(feature = "negotiate")]
use crate::transport::kdc::KerberosSettings;
use crate::transport::{Delivery, TransportError, TransportErrorKind, WholeRequest};

/// The login of the messages.
pub(in crate::transport::http) enum CurrentLogin {
    Fixed(Box<Entry>),
    Provided(Box<Provided>),
}

/// The options that every login of a transport shares.
#[derive(Clone)]
pub(in crate::transport::http) struct LoginOptions {
    pub(in crate::transport::http) may_be_unsealed: bool,
    pub(in crate::transport::http) probe: Bytes,
    pub(in crate::transport::http) limits: LoginLimits,
    #[cfg(feature = "negotiate")]
    pub(in crate::transport::http) mime_form: MimeForm,
    #[cfg(feature = "negotiate")]
    pub(in crate::transport::http) kerberos: KerberosSettings,
}

impl LoginOptions {
    fn on(self, connections: &Connections) -> LoginSettings<'_> {
        LoginSettings {
            #[cfg(feature = "negotiate")]
            url: &connections.url,
            dialler: &connections.dialler,
            may_be_unsealed: self.may_be_unsealed,
            probe: self.probe,
            limits: self.limits,
            #[cfg(feature = "negotiate")]
            mime_form: self.mime_form,
            #[cfg(feature = "negotiate")]
            kerberos: self.kerberos,
        }
    }
}

/// A login with its credentials.
pub(in crate::transport::http) struct Entry {
    pub(in crate::transport::http) login: Login,
    first: FirstLogin,
    credentials: Credentials,
    /// Whether the last message was refused: the next one asks the provider first.
    is_refused: AtomicBool,
}

/// A login whose credentials a provider gives.
pub(in crate::transport::http) struct Provided {
    provider: Provider,
    options: LoginOptions,
    current: Mutex<Option<Arc<Entry>>>,
    /// One message asks the provider at a time, and the others use what it gave.
    asking: Turns<()>,
}

impl CurrentLogin {
    /// Validates fixed credentials; those of a provider are validated when it gives them.
    pub(in crate::transport::http) fn new(
        credentials: Credentials,
        options: LoginOptions,
        connections: &Connections,
    ) -> Result<Self, SetupError> {
        Ok(match credentials.source() {
            Some(provider) => Self::Provided(Box::new(Provided {
                provider: provider.clone(),
                options,
                current: Mutex::default(),
                asking: Turns::default(),
            })),
            None => Self::Fixed(Box::new(Entry::new(credentials, options.on(connections))?)),
        })
    }

    /// Sends a message with the login and waits for the start of its answer.
    pub(in crate::transport::http) async fn send(
        &self,
        connections: &Connections,
        message: WholeRequest,
    ) -> Result<Begun, TransportError> {
        match self {
            Self::Fixed(entry) => entry.send(connections, message).await,
            // Boxed, so that a message with fixed credentials does not carry this state.
            Self::Provided(provided) => Box::pin(provided.send(connections, message)).await,
        }
    }

    /// Logs in without sending a message; `None` if the login is not connection-oriented.
    #[cfg(feature = "negotiate")]
    pub(in crate::transport::http) async fn log_in_only(
        &self,
        connections: &Connections,
        limit: Duration,
    ) -> Result<Option<LoginResult>, TransportError> {
        match self {
            Self::Fixed(entry) => entry.log_in_only(connections, limit).await,
            Self::Provided(provided) => {
                let (entry, _) = provided.entry(connections).await?;
                entry.log_in_only(connections, limit).await
            }
        }
    }

    /// Whether there is a login.
    pub(in crate::transport::http) fn logs_in(&self) -> bool {
        match self {
            Self::Fixed(entry) => !matches!(entry.login, Login::Anonymous),
            Self::Provided(_) => true,
        }
    }

    /// Looks at the login; `None` if the provider was not asked yet.
    pub(in crate::transport::http) fn look<T>(&self, at: impl FnOnce(&Entry) -> T) -> Option<T> {
        match self {
            Self::Fixed(entry) => Some(at(entry)),
            Self::Provided(provided) => {
                let current = locked(&provided.current).clone();
                current.as_deref().map(at)
            }
        }
    }
}

impl Entry {
    fn new(credentials: Credentials, settings: LoginSettings<'_>) -> Result<Self, SetupError> {
        Ok(Self {
            login: Login::new(&credentials, settings)?,
            first: FirstLogin::default(),
            credentials,
            is_refused: AtomicBool::new(false),
        })
    }

    async fn send(
        &self,
        connections: &Connections,
        message: WholeRequest,
    ) -> Result<Begun, TransportError> {
        self.login.send(connections, &self.first, message).await
    }

    #[cfg(feature = "negotiate")]
    async fn log_in_only(
        &self,
        connections: &Connections,
        limit: Duration,
    ) -> Result<Option<LoginResult>, TransportError> {
        let Login::Connection(login) = &self.login else {
            return Ok(None);
        };
        let tried = login.log_in_only(connections, &self.first, limit).await;
        tried.map(Some)
    }

    /// The state of an accepted login.
    pub(in crate::transport::http) fn state(&self) -> Option<LoginState> {
        let scheme = self.first.scheme()?;
        let account = self.credentials.account_name().map(str::to_owned);
        #[cfg_attr(not(feature = "negotiate"), allow(unused_mut))]
        let mut state = LoginState::new(scheme, account);
        #[cfg(feature = "negotiate")]
        if let Some(login) = self.login.connection_oriented()
            && !matches!(scheme, "Basic" | "Digest")
        {
            state.sealed = login.is_sealed();
            state.tickets_end = login.tickets_end();
        }
        Some(state)
    }
}

impl Provided {
    /// Sends a message. If the server accepted the credentials before and refuses them now, logs in
    /// once more with what the provider gives then.
    async fn send(
        &self,
        connections: &Connections,
        message: WholeRequest,
    ) -> Result<Begun, TransportError> {
        let (entry, is_new) = self.entry(connections).await?;
        let begun = self.send_by(&entry, connections, message.clone()).await;
        // What the provider has just given is not asked for again.
        let has_changed = is_refusal(&begun) && entry.first.was_accepted() && !is_new;
        if !has_changed || !is_unread(&begun, connections, &message) {
            return begun;
        }
        match self.renewed(connections, &entry, &message).await? {
            Some(entry) => self.send_by(&entry, connections, message).await,
            None => begun,
        }
    }

    async fn send_by(
        &self,
        entry: &Entry,
        connections: &Connections,
        message: WholeRequest,
    ) -> Result<Begun, TransportError> {
        let begun = entry.send(connections, message).await;
        let is_refused = is_refusal(&begun);
        if is_refused || begun.is_ok() {
            entry.is_refused.store(is_refused, Ordering::Release);
        }
        begun
    }

    /// The login of a message that starts now, and whether the provider was asked for it.
    async fn entry(&self, connections: &Connections) -> Result<(Arc<Entry>, bool), TransportError> {
        let usable = || {
            let current = locked(&self.current).clone();
            current.filter(|entry| !entry.is_refused())
        };
        if let Some(entry) = usable() {
            return Ok((entry, false));
        }
        let _turn = self.asking.lock().await;
        match usable() {
            Some(entry) => Ok((entry, false)),
            None => {
                let asked = self.ask(connections).await;
                let entry = asked.map_err(|error| unusable(error, Delivery::NotSent))?;
                Ok((entry, true))
            }
        }
    }

    /// The login that follows a refused one; `None` if there is no other, or it was refused too.
    async fn renewed(
        &self,
        connections: &Connections,
        refused: &Arc<Entry>,
        message: &WholeRequest,
    ) -> Result<Option<Arc<Entry>>, TransportError> {
        let _turn = self.asking.lock().await;
        let current = locked(&self.current).clone();
        if let Some(entry) = current.filter(|entry| !Arc::ptr_eq(entry, refused)) {
            return Ok(Some(entry).filter(|entry| !entry.is_refused()));
        }
        let asked = self.ask(connections).await;
        let entry = asked.map_err(|error| unusable(error, message.sent.delivery()))?;
        Ok(Some(entry).filter(|entry| !Arc::ptr_eq(entry, refused)))
    }

    /// Asks the provider. The same credentials keep their login, which shares its refusals.
    async fn ask(&self, connections: &Connections) -> Result<Arc<Entry>, ProviderError> {
        let given = self.provider.ask().await?;
        let current = locked(&self.current).clone();
        if let Some(entry) = current.filter(|entry| entry.credentials.repeats(&given)) {
            return Ok(entry);
        }
        let settings = self.options.clone().on(connections);
        let entry = Arc::new(Entry::new(given, settings)?);
        connections.pool.forget_logins();
        *locked(&self.current) = Some(Arc::clone(&entry));
        Ok(entry)
    }
}

impl Entry {
    fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Acquire)
    }
}

/// Whether the server or the KDC refused the login.
fn is_refusal(begun: &Result<Begun, TransportError>) -> bool {
    match begun {
        Ok(Begun::Whole(answer)) => !answer.tried.is_empty(),
        Ok(Begun::Answer(..)) => false,
        Err(error) => error.kind() == TransportErrorKind::Login && error.login_problem().is_some(),
    }
}

/// Whether the server did not process the message. An attacker on the path can forge an unprotected
/// refusal of a write.
fn is_unread(
    begun: &Result<Begun, TransportError>,
    connections: &Connections,
    message: &WholeRequest,
) -> bool {
    let is_safe = message.is_read || connections.dialler.encrypted || !message.sent.is_raised();
    match begun {
        Ok(Begun::Whole(answer)) => is_safe && (message.is_read || !answer.evidence.unsigned),
        Ok(Begun::Answer(..)) => false,
        Err(error) => error.delivery() == Delivery::NotSent,
    }
}

/// Returns the error of a provider without credentials, or with invalid ones.
fn unusable(why: ProviderError, delivery: Delivery) -> TransportError {
    let text = "the login failed: the provider gave no usable credentials";
    TransportError::new(TransportErrorKind::Login, delivery, text).with_source(why)
}
