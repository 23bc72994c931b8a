//! Logged-in connections, each of which carries one message at a time.

mod dial;
mod pool;

use reqwest::Client;

pub(super) use self::dial::{OneDial, OnlyHandshake};
pub(super) use self::pool::{Permit, Pool};
use crate::auth::negotiate::ConnectionLogin;

/// A logged-in connection.
pub(super) struct Channel {
    pub(super) client: Client,
    pub(super) login: Box<dyn ConnectionLogin>,
}

impl Channel {
    /// The scheme of the login.
    pub(super) fn scheme(&self) -> Option<&'static str> {
        let attempts = self.login.attempts();
        attempts.last().map(|attempt| attempt.scheme())
    }
}
