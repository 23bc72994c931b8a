//! Retries: which messages are sent again, how often and after which pause.
//!
//! Off unless [`SessionBuilder::retry`](crate::SessionBuilder::retry) or
//! [`Request::retry`](crate::Request::retry) sets a [`RetryPolicy`].

mod attempts;
mod policy;

pub(super) use attempts::{Attempts, Retries};
pub use policy::RetryPolicy;
