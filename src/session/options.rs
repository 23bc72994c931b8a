//! The options of one operation.

use std::time::Duration;

use crate::cim::{Namespace, ValueError};
use crate::wsman::{ResourceUriPrefix, WsmanOption};

/// What a request changes of its session's settings; `None` leaves them as they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallOptions {
    /// Kept as it was read, so that a builder needs no `?`; an error comes out when it is used.
    pub(crate) namespace: Option<Result<Namespace, ValueError>>,
    pub(crate) prefix: Option<ResourceUriPrefix>,
    pub(crate) operation_timeout: Option<Duration>,
    pub(crate) locale: Option<String>,
    pub(crate) data_locale: Option<String>,
    pub(crate) options: Vec<WsmanOption>,
    pub(crate) precise_arrays: Option<bool>,
    pub(crate) typed: bool,
}

impl CallOptions {
    /// What belongs to any message, whatever it asks for: how long it may take, and its languages.
    pub(crate) fn of_any_message(&self) -> Self {
        Self {
            operation_timeout: self.operation_timeout,
            locale: self.locale.clone(),
            data_locale: self.data_locale.clone(),
            ..Self::default()
        }
    }
}
