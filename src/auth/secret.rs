//! A text that is never printed.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A password: wiped from memory when its last clone is dropped, and never printed.
///
/// Clones share one copy of the text. There is no `Display`, and `Debug` prints `***`.
///
/// ```
/// use wsman::auth::Secret;
///
/// let secret = Secret::from("hunter2");
/// assert_eq!(format!("{secret:?}"), "***");
/// ```
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// The text itself, for the login schemes.
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
        f.write_str("***")
    }
}
