//! Streams as iterators.

use std::future::poll_fn;
use std::pin::Pin;

use futures_core::Stream;
use tokio::sync::mpsc;

use super::runtime::handle;
use crate::error::Error;

/// The items of a stream, read by a task that keeps at most a few ahead. Dropping it drops the stream.
#[derive(Debug)]
pub struct Iter<T> {
    items: Option<mpsc::Receiver<T>>,
    /// Why the stream cannot be read.
    refused: Option<T>,
}

/// How many items are read ahead.
const AHEAD: usize = 64;

/// Reads a stream in a program without an async runtime, such as the events of a
/// [`Subscription`](crate::Subscription).
///
/// Inside an async runtime the only item is [`Error::Config`].
///
/// ```
/// # wsman::doc_examples::in_a_thread(|url, user, password| {
/// # use wsman::Credentials;
/// # let session = wsman::blocking::Session::builder(url).credentials(Credentials::basic(user, password))
/// #     .namespace("root/cimv2").allow_unencrypted().build_blocking()?;
/// let rows = session.query_instances("SELECT * FROM Win32_Share").stream();
/// for share in wsman::blocking::iter(rows) {
///     println!("{}", share?);
/// }
/// # Ok(()) });
/// ```
pub fn iter<S, T>(mut stream: S) -> Iter<Result<T, Error>>
where
    S: Stream<Item = Result<T, Error>> + Send + Unpin + 'static,
    T: Send + 'static,
{
    let runtime = match handle() {
        Ok(runtime) => runtime,
        Err(error) => {
            return Iter {
                items: None,
                refused: Some(Err(error)),
            };
        }
    };
    let (sender, items) = mpsc::channel(AHEAD);
    runtime.spawn(async move {
        loop {
            let next = poll_fn(|context| Pin::new(&mut stream).poll_next(context));
            let item = tokio::select! {
                biased;
                () = sender.closed() => return,
                item = next => item,
            };
            let Some(item) = item else { return };
            if sender.send(item).await.is_err() {
                return;
            }
        }
    });
    Iter {
        items: Some(items),
        refused: None,
    }
}

impl<T> Iterator for Iter<Result<T, Error>> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(refused) = self.refused.take() {
            return Some(refused);
        }
        let items = self.items.as_mut()?;
        // The iterator may have been moved into a runtime, whose thread must not block.
        match handle() {
            Ok(_) => items.blocking_recv(),
            Err(error) => {
                self.items = None;
                Some(Err(error))
            }
        }
    }
}
