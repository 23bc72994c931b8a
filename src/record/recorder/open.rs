//! Records answers that arrive in pieces.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::BytesMut;

use super::request::Request;
use super::{Recorder, action};
use crate::auth::LoginEvidence;
use crate::transport::{
    AnswerPieces, IncomingMessage, OpenAnswer, OutgoingMessage, PieceFuture, TransportError,
};

/// A folder created for an exchange; removed again if it stays empty.
pub(super) struct Reserved(PathBuf);

/// An answer that is copied while it is passed on.
struct Recording<'a> {
    recorder: &'a Recorder,
    inner: Box<dyn AnswerPieces + 'a>,
    request: Request,
    folder: Option<Reserved>,
    status: u16,
    headers: Vec<(String, String)>,
    copy: BytesMut,
    limit: usize,
}

impl Recorder {
    /// Passes a message on. Its folder is created first, because messages that are sent meanwhile
    /// must have higher numbers.
    pub(super) async fn pass_open(
        &self,
        message: OutgoingMessage,
    ) -> Result<OpenAnswer<'_>, TransportError> {
        let request = Request::of(&message);
        let limit = message.answer_limit;
        let folder = self.reserve(&message.body).await;
        match self.inner.open(message).await {
            Ok(open) => {
                let recording = Recording {
                    recorder: self,
                    inner: open.pieces,
                    request,
                    folder,
                    status: open.status,
                    headers: open.headers.clone(),
                    copy: BytesMut::new(),
                    limit,
                };
                Ok(OpenAnswer {
                    tried: open.tried,
                    ..OpenAnswer::new(open.status, open.headers, recording)
                })
            }
            Err(error) => {
                if let Some(folder) = folder {
                    self.write(folder, &request, Err(&error)).await;
                }
                Err(error)
            }
        }
    }

    async fn reserve(&self, request: &[u8]) -> Option<Reserved> {
        let shelf = Arc::clone(&self.shelf);
        let name = self.name_of(&action(request));
        let made = tokio::task::spawn_blocking(move || {
            let made = shelf.new_folder(&name);
            made.map_err(|cause| shelf.keep_failure(format!("{name}: {cause}")))
        });
        made.await.ok()?.ok().map(Reserved)
    }

    async fn write(
        &self,
        folder: Reserved,
        request: &Request,
        outcome: Result<&IncomingMessage, &TransportError>,
    ) {
        let entry = self.entry(request, outcome);
        let shelf = Arc::clone(&self.shelf);
        let written = tokio::task::spawn_blocking(move || {
            if let Err(cause) = entry.write(&folder.0) {
                shelf.keep_failure(format!("{}: {cause}", folder.0.display()));
            }
        });
        if let Err(cause) = written.await {
            self.shelf.keep_failure(cause.to_string());
        }
    }
}

impl Recording<'_> {
    fn keep(&mut self, piece: &[u8]) {
        if self.folder.is_none() {
            return;
        }
        if self.copy.len() + piece.len() > self.limit {
            let text = format!("answers of more than {} bytes are not recorded", self.limit);
            self.recorder.shelf.keep_failure(text);
            self.copy = BytesMut::new();
            self.folder = None;
            return;
        }
        self.copy.extend_from_slice(piece);
    }

    async fn finish(&mut self, failure: Option<&TransportError>) {
        let Some(folder) = self.folder.take() else {
            return;
        };
        let answer = IncomingMessage {
            status: self.status,
            headers: std::mem::take(&mut self.headers),
            body: std::mem::take(&mut self.copy).freeze(),
            tried: Vec::new(),
            evidence: LoginEvidence::default(),
        };
        let outcome = failure.map_or(Ok(&answer), Err);
        self.recorder.write(folder, &self.request, outcome).await;
    }
}

impl AnswerPieces for Recording<'_> {
    fn next(&mut self) -> PieceFuture<'_> {
        Box::pin(async move {
            let piece = self.inner.next().await;
            match &piece {
                Ok(Some(bytes)) => self.keep(bytes),
                Ok(None) => self.finish(None).await,
                Err(error) => self.finish(Some(error)).await,
            }
            piece
        })
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        // Fails on a folder with files, as intended.
        let _removed = fs::remove_dir(&self.0);
    }
}
