//! A text that is never printed: a password of a login, or a secret value of a property.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// Stands for a secret in texts.
pub(crate) const HIDDEN: &str = "***";

/// A password: wiped from memory when its last clone is dropped, and never printed.
///
/// Clones share one copy of the text. There is no `Display`, and `Debug` prints `***`. As the value of a
/// property or an argument it is sent as a string, and is redacted in the `Debug` and `Display` of
/// instances and requests.
///
/// ```
/// use wsman::Instance;
/// use wsman::auth::Secret;
///
/// let secret = Secret::from("hunter2");
/// assert_eq!(format!("{secret:?}"), "***");
/// let account = Instance::new("Acme_Account").with("Password", secret);
/// assert!(!format!("{account:?} {account}").contains("hunter2"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Returns the text itself, for the login schemes and the codec.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// Takes the string without a copy, so that no second one stays in memory.
impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Arc::new(Zeroizing::new(text)))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}
