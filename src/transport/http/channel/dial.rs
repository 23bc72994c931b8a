//! Connectors: one dials once, because a connection-oriented login ends with its connection. The
//! other hangs up at once, because it only fetches the server's certificate.

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

/// Longer than a connection needs after an answer until it can be used again.
const ON_ITS_WAY: Duration = Duration::from_millis(250);

/// Lets an HTTP client open one connection and never a second.
#[derive(Clone, Debug, Default)]
pub(in crate::transport::http) struct OneDial {
    dialled: Arc<AtomicBool>,
}

#[derive(Clone, Debug)]
pub(in crate::transport::http) struct DialsOnce<S> {
    connector: S,
    dialled: Arc<AtomicBool>,
}

/// Lets an HTTP client open connections without using them.
#[derive(Clone, Copy, Debug)]
pub(in crate::transport::http) struct OnlyHandshake;

#[derive(Clone, Debug)]
pub(in crate::transport::http) struct HangsUp<S>(S);

/// The connection is closed, and another one would not be logged in.
#[derive(Debug)]
struct Redial;

/// The connection was opened and closed on purpose.
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
        if !self.dialled.swap(true, Ordering::AcqRel) {
            return Box::pin(self.connector.call(target));
        }
        // The client also dials while its connection is being returned for reuse, and takes the one
        // that is ready first.
        Box::pin(async {
            tokio::time::sleep(ON_ITS_WAY).await;
            Err(Redial.into())
        })
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
        f.write_str("the logged-in connection was closed")
    }
}

impl std::error::Error for Redial {}

impl fmt::Display for HungUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection was opened only to fetch the server's certificate")
    }
}

impl std::error::Error for HungUp {}
