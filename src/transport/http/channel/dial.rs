//! Connectors: one that dials once, because a login that is bound to a connection ends with it, and one
//! that hangs up at once, because all it is for is the server's certificate.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tower_layer::Layer;
use tower_service::Service;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Longer than a connection needs from the end of an answer until it can be used again.
const ON_ITS_WAY: Duration = Duration::from_millis(250);

/// Lets an HTTP client open one connection, and no other in its place.
#[derive(Clone, Debug, Default)]
pub(super) struct OneDial {
    dialled: Arc<AtomicBool>,
}

#[derive(Clone, Debug)]
pub(super) struct DialsOnce<S> {
    connector: S,
    dialled: Arc<AtomicBool>,
}

/// Lets an HTTP client open connections, and use none.
#[derive(Clone, Copy, Debug)]
pub(super) struct OnlyHandshake;

#[derive(Clone, Debug)]
pub(super) struct HangsUp<S>(S);

/// The connection is gone, and another would not be logged in.
#[derive(Debug)]
struct Redial;

/// The connection was there.
#[derive(Debug)]
struct HungUp;

impl<S> Layer<S> for OneDial {
    type Service = DialsOnce<S>;

    fn layer(&self, connector: S) -> DialsOnce<S> {
        DialsOnce {
            connector,
            dialled: Arc::clone(&self.dialled),
        }
    }
}

impl<S, R> Service<R> for DialsOnce<S>
where
    S: Service<R, Error = BoxError>,
    S::Future: Send + 'static,
    S::Response: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        match self.dialled.swap(true, Ordering::AcqRel) {
            // The client asks for another connection, too, while the one it has is just on its way back
            // to be used again, and takes whichever comes first.
            true => Box::pin(async {
                tokio::time::sleep(ON_ITS_WAY).await;
                Err(Redial.into())
            }),
            false => Box::pin(self.connector.call(target)),
        }
    }
}

impl<S> Layer<S> for OnlyHandshake {
    type Service = HangsUp<S>;

    fn layer(&self, connector: S) -> HangsUp<S> {
        HangsUp(connector)
    }
}

impl<S, R> Service<R> for HangsUp<S>
where
    S: Service<R, Error = BoxError>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let connecting = self.0.call(target);
        Box::pin(async {
            connecting.await?;
            Err(HungUp.into())
        })
    }
}

impl fmt::Display for Redial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection that was logged in is gone")
    }
}

impl std::error::Error for Redial {}

impl fmt::Display for HungUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was only made to see the certificate of the server")
    }
}

impl std::error::Error for HungUp {}
