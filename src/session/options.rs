//! The options of one operation.

use std::time::Duration;

use tokio::sync::mpsc;

use super::callback::{Callback, Listener};
use super::flags::OperationFlags;
use super::retry::RetryPolicy;
use crate::cim::{Namespace, ValueError};
use crate::protocol::{Callbacks, ResourceUriPrefix, WsmanOption};

/// The settings of a request that override those of its session; `None` leaves the session's.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallOptions {
    /// Kept as parsed, so that the builder needs no `?`; sending the request returns its error.
    pub(crate) namespace: Option<Result<Namespace, ValueError>>,
    pub(crate) prefix: Option<ResourceUriPrefix>,
    pub(crate) operation_timeout: Option<Duration>,
    /// The total time limit.
    pub(crate) deadline: Option<Duration>,
    /// Which messages are sent again.
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) locale: Option<String>,
    pub(crate) data_locale: Option<String>,
    pub(crate) options: Vec<WsmanOption>,
    /// The first invalid value of the provider context, which sending the request returns.
    pub(crate) invalid_context: Option<ValueError>,
    pub(crate) precise_arrays: Option<bool>,
    pub(crate) typed: bool,
    pub(crate) keep_xml: bool,
    pub(crate) flags: OperationFlags,
    /// The callbacks that the caller requests.
    pub(crate) callbacks: Callbacks,
    /// Receives the callbacks once the operation is started.
    pub(crate) listener: Option<Listener>,
}

impl CallOptions {
    /// Returns the valid namespace of the request.
    pub(super) fn own_namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()?.as_ref().ok()
    }

    /// Makes the channel from the operation to its caller, with room for this many unread callbacks, if the
    /// caller requests any.
    pub(super) fn listen(&mut self, ahead: usize) -> Option<mpsc::Receiver<Callback>> {
        let flag = OperationFlags::REPORT_OPERATION_STARTED;
        let reports_start = self.flags.contains(flag);
        if !reports_start && self.callbacks == Callbacks::new() {
            return None;
        }
        let (listener, callbacks) = Listener::new(self.callbacks, reports_start, ahead);
        self.listener = Some(listener);
        Some(callbacks)
    }

    /// Returns whether the request asks the server for callbacks; only then may the answer have several
    /// envelopes.
    pub(super) fn registers(&self) -> bool {
        self.listener
            .as_ref()
            .is_some_and(|listener| *listener.wanted() != Callbacks::new())
    }

    /// Returns only the options of every message: the time limit, the retries and the languages.
    pub(crate) fn of_any_message(&self) -> Self {
        Self {
            operation_timeout: self.operation_timeout,
            retry: self.retry,
            locale: self.locale.clone(),
            data_locale: self.data_locale.clone(),
            ..Self::default()
        }
    }
}
