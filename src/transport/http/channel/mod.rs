//! Channels: connections to the server, each of which carries one message at a time.

mod dial_error;
mod dialler;
#[cfg(feature = "rustls")]
mod encrypt;
mod environment;
mod pool;
mod proxied;
mod socks;
mod stream;
mod traffic;
mod tunnel;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use tokio::time::timeout;

pub(super) use self::dial_error::{DialError, Phase, ProxyFailure};
pub(super) use self::dialler::Dialler;
pub(super) use self::pool::{Kind, Permit, Pool};
pub(super) use self::proxied::{Hop, Path};
pub(super) use self::stream::{ByteStream, Flood, Unrequested};
pub(super) use self::traffic::Traffic;
use super::body::OutgoingBody;
#[cfg(feature = "negotiate")]
use crate::auth::negotiate::ConnectionLogin;
use crate::transport::SentFlag;
#[cfg(feature = "negotiate")]
use crate::transport::ServerCertificate;

/// The default limit of the buffer of a connection, which holds the head of an answer, or a piece of
/// its body.
pub(in crate::transport) const BUFFER: usize = 64 << 10;

/// The smallest limit that the HTTP client takes.
const LEAST_BUFFER: usize = 8 << 10;

/// The interim answers (1xx) before an answer, as a multiple of the largest head. A server sends one or
/// two, and an endless sequence of them would keep the runtime busy.
pub(in crate::transport) const HEADS: usize = 4;

/// Longer than a connection needs after an answer until it can be used again, also where its task waits for a
/// processor: otherwise a busy client would dial needlessly.
const RETURNS: Duration = Duration::from_secs(1);

/// A connection to the server.
pub(super) struct Channel {
    sender: SendRequest<OutgoingBody>,
    traffic: Arc<Traffic>,
    /// The certificate that the server shows on this connection: another may reach another host.
    #[cfg(feature = "negotiate")]
    pub(super) certificate: Option<ServerCertificate>,
    /// The login of the connection, if there is one.
    #[cfg(feature = "negotiate")]
    pub(super) login: Option<Box<dyn ConnectionLogin>>,
}

impl Channel {
    /// Sends a request and waits for the head of its answer. The flag is raised when the first byte
    /// is written.
    pub(super) fn send(
        &mut self,
        request: Request<OutgoingBody>,
        sent: SentFlag,
    ) -> impl Future<Output = Result<Response<Incoming>, hyper::Error>> + use<> {
        self.traffic.announce(sent);
        self.sender.send_request(request)
    }

    pub(super) fn traffic(&self) -> Arc<Traffic> {
        Arc::clone(&self.traffic)
    }

    /// Records that the answer was read to its end.
    pub(super) fn rest(&self) {
        self.traffic.rest();
    }

    /// Whether the connection was closed.
    fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Waits until the connection can be used again; returns whether it can. It cannot if it was
    /// closed, or if the server did not take the last request to its end.
    pub(super) async fn returns(&mut self) -> bool {
        self.sender.is_ready() || matches!(timeout(RETURNS, self.sender.ready()).await, Ok(Ok(())))
    }

    fn kind(&self) -> Kind {
        #[cfg(feature = "negotiate")]
        if self.login.is_some() {
            return Kind::LoggedIn;
        }
        Kind::Plain
    }
}
