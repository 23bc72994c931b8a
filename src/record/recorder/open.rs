//! Records an answer while it is passed on.

use std::fs;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use tokio::task::JoinHandle;

use super::request::Request;
use super::{Recorder, Settings, Shelf, action};
use crate::transport::{
    Body, IncomingMessage, OutgoingMessage, TransportError, WholeAnswer, WholeRequest,
};

/// A folder created for an exchange; removed again if it stays empty.
struct Reserved(PathBuf);

/// An exchange in progress.
struct Record {
    settings: Arc<Settings>,
    shelf: Arc<Shelf>,
    request: Request,
    folder: Reserved,
}

/// A body that is copied while it is passed on.
struct Recording {
    inner: Body,
    state: State,
    head: IncomingMessage<()>,
    copy: BytesMut,
    limit: usize,
}

enum State {
    /// Passing pieces on, and copying them if there is a record.
    Passing(Option<Record>),
    /// Writing the record, before the end or this error is passed on.
    Writing(JoinHandle<()>, Option<TransportError>),
    Over,
}

impl Recorder {
    /// Passes a message on. Its folder is created first, so that numbers follow the order in which
    /// messages are sent.
    pub(super) async fn pass(
        &self,
        message: OutgoingMessage,
    ) -> Result<IncomingMessage, TransportError> {
        let message = message.whole().await?;
        let limit = message.answer_limit;
        let record = self.reserve(&message).await;
        match self.inner.exchange(message.into()).await {
            Ok(answer) => {
                let (head, inner) = answer.split();
                let body = Body::stream(Recording {
                    inner,
                    state: State::Passing(record),
                    head: head.clone(),
                    copy: BytesMut::new(),
                    limit,
                });
                Ok(head.with_body(body))
            }
            Err(error) => {
                if let Some(record) = record {
                    // A failure is noted on the shelf.
                    let _written = record.write(Err(&error)).await;
                }
                Err(error)
            }
        }
    }

    async fn reserve(&self, message: &WholeRequest) -> Option<Record> {
        let shelf = Arc::clone(&self.shelf);
        let name = self.settings.name_of(&action(&message.body));
        let made = tokio::task::spawn_blocking(move || {
            let made = shelf.new_folder(&name);
            made.map_err(|cause| {
                shelf.keep_failure(format!("{name} in {}: {cause}", shelf.dir.display()));
            })
        });
        let folder = made.await.ok()?.ok().map(Reserved)?;
        Some(Record {
            settings: Arc::clone(&self.settings),
            shelf: Arc::clone(&self.shelf),
            request: Request::of(message),
            folder,
        })
    }
}

impl Record {
    /// Starts to write the exchange.
    fn write(self, outcome: Result<&WholeAnswer, &TransportError>) -> JoinHandle<()> {
        let entry = self.settings.entry(&self.request, outcome);
        tokio::task::spawn_blocking(move || {
            if let Err(cause) = entry.write(&self.folder.0) {
                let folder = self.folder.0.display();
                self.shelf.keep_failure(format!("{folder}: {cause}"));
            }
        })
    }
}

impl Recording {
    fn copy(&mut self, piece: &[u8]) {
        let State::Passing(record) = &mut self.state else {
            return;
        };
        if self.copy.len() + piece.len() <= self.limit {
            self.copy.extend_from_slice(piece);
        } else if let Some(record) = record.take() {
            let text = format!("answers of more than {} bytes are not recorded", self.limit);
            record.shelf.keep_failure(text);
            self.copy = BytesMut::new();
        }
    }

    /// Writes the exchange at the end of its body.
    fn finish(&mut self, failure: Option<TransportError>) -> State {
        let State::Passing(Some(record)) = std::mem::replace(&mut self.state, State::Over) else {
            return State::Over;
        };
        let body = std::mem::take(&mut self.copy).freeze();
        let answer = self.head.clone().with_body(body);
        let written = record.write(failure.as_ref().map_or(Ok(&answer), Err));
        State::Writing(written, failure)
    }
}

impl Stream for Recording {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            match &mut this.state {
                State::Passing(record) => {
                    match ready!(Pin::new(&mut this.inner).poll_next(context)) {
                        Some(Ok(piece)) => {
                            this.copy(&piece);
                            return Poll::Ready(Some(Ok(piece)));
                        }
                        end if record.is_none() => return Poll::Ready(end),
                        end => this.state = this.finish(end.and_then(Result::err)),
                    }
                }
                State::Writing(written, failure) => {
                    // A failure is noted on the shelf.
                    let _written = ready!(Pin::new(written).poll(context));
                    let failure = failure.take();
                    this.state = State::Over;
                    return Poll::Ready(failure.map(Err));
                }
                State::Over => return Poll::Ready(None),
            }
        }
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        // Fails on a folder with files, as intended.
        let _removed = fs::remove_dir(&self.0);
    }
}
