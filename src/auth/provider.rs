//! Credentials that change: passwords that rotate, and keys and tickets that end.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use super::Credentials;

/// A source of credentials that change, such as a vault.
///
/// The client asks it before the first login of a session, and again after the server or the KDC
/// refused the login: the password was changed, or a ticket expired. It then logs in once more with
/// the new credentials, within the same operation, if the server had accepted the old ones and did
/// not process the message. If the server refuses the new credentials, or the provider gives the
/// same ones, the operation fails with [`Error::Auth`](crate::Error::Auth), and the next operation
/// asks again. So credentials are tried once, and accounts are not locked.
///
/// Operations that run at the same time share the answer of the provider. Its time counts as time of
/// the operation. A provider of several accounts is possible: connections of the old login are
/// closed. [`SessionBuilder::record`](crate::SessionBuilder) cannot scrub a password that it does
/// not know.
///
/// A closure that returns a future is a provider, as is a type that implements this trait:
///
/// ```
/// use wsman::Credentials;
/// use wsman::auth::{CredentialsFuture, CredentialsProvider};
///
/// struct Vault;
///
/// impl CredentialsProvider for Vault {
///     fn credentials(&self) -> CredentialsFuture<'_> {
///         Box::pin(async { Ok(Credentials::basic("ops", std::fs::read_to_string("secret")?)) })
///     }
/// }
///
/// let credentials = Credentials::provider(Vault);
/// assert_eq!(format!("{credentials:?}"), "Credentials(Provided(CredentialsProvider))");
/// ```
pub trait CredentialsProvider: Send + Sync {
    /// Returns the credentials of the next login.
    ///
    /// # Errors
    ///
    /// Fails if there are none now. The operation then fails with
    /// [`Error::Auth`](crate::Error::Auth), whose source is this error.
    fn credentials(&self) -> CredentialsFuture<'_>;
}

/// Why a provider gave no credentials. Errors and logs show it: it must hold no secret.
pub type ProviderError = Box<dyn StdError + Send + Sync>;

/// The future that [`CredentialsProvider::credentials`] returns.
pub type CredentialsFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Credentials, ProviderError>> + Send + 'a>>;

impl<F, T> CredentialsProvider for F
where
    F: Fn() -> T + Send + Sync,
    T: Future<Output = Result<Credentials, ProviderError>> + Send + 'static,
{
    fn credentials(&self) -> CredentialsFuture<'_> {
        Box::pin(self())
    }
}

/// A provider that several transports share.
#[derive(Clone)]
pub(crate) struct Provider {
    source: Arc<dyn CredentialsProvider>,
    /// The credentials that it gave last, whose tickets equal ones share.
    last: Arc<Mutex<Vec<Credentials>>>,
}

impl Provider {
    pub(super) fn new(provider: impl CredentialsProvider + 'static) -> Self {
        Self {
            source: Arc::new(provider),
            last: Arc::default(),
        }
    }

    /// Asks for the credentials of the next login.
    pub(crate) async fn ask(&self) -> Result<Credentials, ProviderError> {
        let given = self.source.credentials().await?;
        if given.source().is_some() {
            return Err("the provider gave another provider instead of credentials".into());
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.retain(|last| last.repeats(&given));
        Ok(given.shared(&mut last))
    }
}

impl PartialEq for Provider {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.source, &other.source)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialsProvider")
    }
}
