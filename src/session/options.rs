//! The options of one operation.

use std::time::Duration;

use tokio::sync::mpsc;

use super::callback::{Callback, Listener};
use super::flags::OperationFlags;
use crate::cim::{Namespace, ValueError};
use crate::protocol::{Callbacks, ResourceUriPrefix, WsmanOption};

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
    pub(crate) keep_xml: bool,
    pub(crate) flags: OperationFlags,
    /// What the caller wants to hear of.
    pub(crate) callbacks: Callbacks,
    /// Where it goes, once there is somebody who can hear it.
    pub(crate) listener: Option<Listener>,
}

impl CallOptions {
    /// Makes the way from the operation to its caller, if there is anything to be told on it.
    pub(super) fn listen(&mut self) -> Option<mpsc::Receiver<Callback>> {
        let flag = OperationFlags::REPORT_OPERATION_STARTED;
        let reports_start = self.flags.contains(flag);
        if !reports_start && self.callbacks == Callbacks::new() {
            return None;
        }
        let (listener, callbacks) = Listener::new(self.callbacks, reports_start);
        self.listener = Some(listener);
        Some(callbacks)
    }

    /// Whether the server is asked to tell anything: only then may it answer with several envelopes.
    pub(super) fn registers(&self) -> bool {
        self.listener
            .as_ref()
            .is_some_and(|listener| *listener.wanted() != Callbacks::new())
    }

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
