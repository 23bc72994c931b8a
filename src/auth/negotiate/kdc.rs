//! The interface to KDCs, which the transport implements.

use std::future::Future;
use std::pin::Pin;

use super::LoginError;
use super::kerberos::message::{KdcReply, KrbError, code};

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

/// What an answer means for the choice of the KDC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KdcAnswer {
    /// A ticket, or an error that another KDC would send too.
    Final,
    /// The KDC cannot serve the request now (`KDC_ERR_SVC_UNAVAILABLE`).
    Unavailable,
    /// The answer does not fit a datagram (`KRB_ERR_RESPONSE_TOO_BIG`).
    TooBig,
    /// The bytes are no answer of a KDC.
    Invalid,
}

impl KdcAnswer {
    pub(crate) fn of(answer: &[u8]) -> Self {
        if KdcReply::read(answer).is_some() {
            return Self::Final;
        }
        match KrbError::read(answer).map(|error| error.code) {
            Some(code::UNAVAILABLE) => Self::Unavailable,
            Some(code::TOO_BIG) => Self::TooBig,
            Some(_) => Self::Final,
            None => Self::Invalid,
        }
    }
}
