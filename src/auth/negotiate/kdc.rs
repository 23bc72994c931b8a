//! Asking a key distribution centre, which is the transport's to do.

use std::future::Future;
use std::pin::Pin;

use super::LoginError;

/// Who carries requests to a key distribution centre (RFC 4120 7.2).
pub(crate) trait Kdc: Send + Sync {
    /// Sends a request to a centre of its realm, and gives the answer.
    fn ask(&self, request: KdcRequest) -> KdcFuture<'_>;
}

/// The answer of a key distribution centre.
pub(crate) type KdcFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<u8>, LoginError>> + Send + 'a>>;

/// A request to a key distribution centre.
#[derive(Clone, Debug)]
pub(crate) struct KdcRequest {
    /// Whose centre is asked.
    pub(crate) realm: String,
    /// Whether it is the realm of the user.
    pub(crate) is_home: bool,
    /// The message, without its length before it.
    pub(crate) message: Vec<u8>,
}
