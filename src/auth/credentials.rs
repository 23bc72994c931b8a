//! Who logs in, and by which scheme.

use thiserror::Error;

use super::Secret;

/// Who logs in to the server, and by which scheme.
///
/// ```
/// use wsman::auth::Credentials;
///
/// let credentials = Credentials::basic("ops", "hunter2");
/// assert!(!format!("{credentials:?}").contains("hunter2"));
/// ```
#[derive(Clone, Debug)]
pub struct Credentials(Scheme);

/// The login schemes and what each of them needs.
#[derive(Clone, Debug)]
pub(super) enum Scheme {
    None,
    Basic { user: String, password: Secret },
}

impl Credentials {
    /// No login at all.
    pub fn none() -> Self {
        Self(Scheme::None)
    }

    /// A user name and a password, sent with every message (RFC 7617).
    ///
    /// Whoever can read the messages can read the password, so these go over HTTPS, or over plain
    /// HTTP only where that was allowed in words.
    pub fn basic(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self(Scheme::Basic {
            user: user.into(),
            password: password.into(),
        })
    }

    /// The password, for whoever must keep it out of what is written down.
    #[cfg(feature = "record")]
    pub(crate) fn password(&self) -> Option<&Secret> {
        match &self.0 {
            Scheme::None => None,
            Scheme::Basic { password, .. } => Some(password),
        }
    }

    pub(super) fn scheme(&self) -> &Scheme {
        &self.0
    }
}

/// Credentials that their login scheme cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// Basic takes everything up to the first colon as the user name (RFC 7617 2).
    #[error("a user name for Basic cannot hold a colon")]
    ColonInUser,
    /// Basic has no place for control characters (RFC 7617 2).
    #[error("a user name or password for Basic cannot hold control characters")]
    ControlCharacter,
}
