//! The interface to KDCs, which the transport implements.

use std::future::Future;
use std::pin::Pin;

use super::LoginError;

/// Sends requests to KDCs (RFC 4120 7.2).
pub(crate) trait Kdc: Send + Sync {
    /// Sends a request to a KDC of its realm, and returns the answer.
    fn ask(&self, request: KdcRequest) -> KdcFuture<'_>;
}

/// The answer of a KDC.
pub(crate) type KdcFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<u8>, LoginError>> + Send + 'a>>;

/// A request to a KDC.
#[derive(Clone, Debug)]
pub(crate) struct KdcRequest {
    /// The realm of the KDC.
    pub(crate) realm: String,
    /// Whether it is the realm of the user.
    pub(crate) is_home: bool,
    /// The message, without its length prefix.
    pub(crate) message: Vec<u8>,
}
