//! A message whose answer has several envelopes (MS-WSMV 3.2.7).

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, timeout, timeout_at};

use super::abort::{Abort, Line};
use super::{Callback, ErrorReport, Listener, Prompt, Reply};
use crate::error::{Error, Failure, from_answer, from_fault};
use crate::protocol::{
    AnswerAction, Asked, Control, DecodeError, Header, InteractiveEvent, InteractiveResponse,
    PromptAnswer, PromptImportance, PromptMode, Question, Said, Turn, read_envelope,
    write_envelope,
};
use crate::session::Session;
use crate::session::message_id::new_id;
use crate::session::progress::Progress;
use crate::transport::{
    Body, OutgoingMessage, TimeoutKind, TransportError, TransportErrorKind, WholeAnswer,
};
use crate::xml::{Limits, Splitter, XmlError};

/// A message during which the server sends callbacks before its answer.
pub(crate) struct Conversation<'a> {
    session: &'a Session,
    listener: &'a Listener,
    request: &'a Header,
    /// When the server must have sent the next callback or the answer. Restarted after the caller has
    /// handled a callback.
    deadline: Instant,
    /// The sequence number of the last message received.
    heard: u64,
    /// The sequence number of the last message sent.
    said: u64,
    /// The envelopes without content since the last one with it.
    quiet: u32,
    /// Whether the client has sent on the second connection.
    spoke: bool,
    abort: Abort,
}

/// The longest time limit in calculations, so that no clock overflows.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The most pieces of white space after the answer.
const PIECES_BEHIND: usize = 4;

/// The time that the server has to end the connection after the answer.
const HANGING_UP: Duration = Duration::from_millis(500);

impl<'a> Conversation<'a> {
    pub(crate) fn new(
        session: &'a Session,
        listener: &'a Listener,
        progress: &Arc<Progress>,
        request: &'a Header,
    ) -> Self {
        let line = Line {
            session: session.clone(),
            operation_id: request.operation_id.clone().unwrap_or_default(),
            patience: Duration::ZERO,
        };
        Self {
            session,
            listener,
            request,
            deadline: Instant::now(),
            heard: 0,
            said: 1,
            quiet: 0,
            spoke: false,
            abort: Abort::new(line, Arc::clone(progress)),
        }
    }

    /// Sends the message, handles the callbacks, and returns the answer.
    pub(crate) async fn hold(mut self, mut message: OutgoingMessage) -> Result<WholeAnswer, Error> {
        self.abort.sent = message.sent.clone();
        self.abort.line.patience = message.time_limit;
        self.abort.armed = self.request.operation_id.is_some();
        message.is_conversation = true;
        let open = self.session.transport().exchange(message).await;
        let open = open.inspect_err(|error| {
            // After a timeout the server may still be busy; otherwise the connection is lost.
            self.abort.armed &= matches!(error.kind(), TransportErrorKind::Timeout(_));
        })?;
        self.listener.tell_start().await;
        self.restart_clock();
        let (head, mut pieces) = open.split();
        let answer = |body: Bytes| head.clone().with_body(body);
        let pieces = &mut pieces;
        if !head.is_success() {
            self.abort.armed = false;
            return Ok(answer(self.whole(pieces).await?));
        }
        let limits = self.session.limits_of(&answer(Bytes::new()));
        let mut splitter = Splitter::new(limits.bytes);
        loop {
            let Some(document) = self.next_document(&mut splitter, pieces).await? else {
                return Ok(answer(splitter.rest()));
            };
            let heard = self.hear(&document, limits);
            let unreadable = |why| from_answer(&answer(document.clone()), why);
            match heard.map_err(unreadable)? {
                Some(Said::Answer) => {
                    self.end(pieces).await;
                    return Ok(answer(document));
                }
                Some(said) => {
                    self.count_quiet(matches!(said, Said::Event(_)))?;
                    self.respond(said).await?;
                }
                None => self.count_quiet(false)?,
            }
        }
    }

    /// Counts the envelopes without content, each of which costs a message or a turn of the runtime.
    fn count_quiet(&mut self, has_content: bool) -> Result<(), Error> {
        let most = self.session.settings().empty_envelopes;
        if has_content {
            self.quiet = 0;
            return Ok(());
        }
        if self.quiet < most {
            self.quiet += 1;
            return Ok(());
        }
        let text = format!(
            "the server sent more than {most} envelopes without content (SessionBuilder::empty_envelopes)"
        );
        let failure = Failure::new(text).delivery(self.abort.sent.delivery());
        Err(Error::Decode(failure))
    }

    /// Returns the next envelope; `None` at the end of the answer.
    async fn next_document(
        &mut self,
        splitter: &mut Splitter,
        pieces: &mut Body,
    ) -> Result<Option<Bytes>, Error> {
        loop {
            if let Some(document) = splitter.next_document().map_err(DecodeError::from)? {
                return Ok(Some(document));
            }
            match self.next_piece(pieces).await? {
                Some(piece) => splitter.push(&piece),
                None => return Ok(None),
            }
        }
    }

    async fn next_piece(&mut self, pieces: &mut Body) -> Result<Option<Bytes>, Error> {
        let piece = timeout_at(self.deadline, pieces.next()).await;
        // A server that is never silent does not let the timer speak.
        let is_late = self.deadline <= Instant::now();
        let piece = piece.ok().filter(|_| !is_late);
        let Some(piece) = piece.map(Option::transpose) else {
            return Err(Error::from(TransportError::new(
                TransportErrorKind::Timeout(TimeoutKind::Operation),
                self.abort.sent.delivery(),
                "the server sent nothing new within the time limit",
            )));
        };
        if !matches!(piece, Ok(Some(_))) {
            // The connection is lost. The server decides whether to continue without it.
            self.abort.armed = false;
        }
        Ok(piece?)
    }

    /// Reads an answer without callbacks: a fault, or a body that is not an envelope.
    async fn whole(&mut self, pieces: &mut Body) -> Result<Bytes, Error> {
        let limit = self.session.settings().limits.bytes;
        let mut body = BytesMut::new();
        while let Some(piece) = self.next_piece(pieces).await? {
            body.extend_from_slice(&piece);
            if body.len() > limit {
                return Err(Error::from(DecodeError::from(XmlError::TooLarge(limit))));
            }
        }
        Ok(body.freeze())
    }

    /// Reads an envelope; `None` if it repeats an earlier one.
    fn hear(&mut self, document: &[u8], limits: Limits) -> Result<Option<Said>, DecodeError> {
        let asked = Asked::by(self.request, AnswerAction::Response);
        let turn = Turn::read(document, limits, asked)?;
        // From here on the server waits in an operation that the client can abort.
        self.abort.armed |= turn.header.operation_id.is_some();
        let expected = self.heard.saturating_add(1);
        match (&turn.said, turn.header.sequence_id) {
            // The answer ends the operation, even if envelopes before it are missing.
            (Said::Answer, _) => self.abort.armed = false,
            (_, None) => {}
            (_, Some(number)) if number < expected => return Ok(None),
            (_, Some(number)) if number == expected => self.heard = number,
            (_, Some(found)) => return Err(DecodeError::OutOfOrder { expected, found }),
        }
        Ok(Some(turn.said))
    }

    async fn respond(&mut self, said: Said) -> Result<(), Error> {
        match said {
            Said::Event(event) => {
                self.tell(event).await?;
                self.restart_clock();
            }
            Said::Control(Control::AcknowledgeRequest) => {
                self.spoke = true;
                let heard = Control::Acknowledge(self.heard);
                let taken = self.abort.line.control(heard).await?;
                self.check(&taken)?;
            }
            Said::Control(_) | Said::Answer => {}
        }
        Ok(())
    }

    /// Passes an event to the caller. An event that was not requested is ignored, but a prompt is always
    /// answered, because the server waits.
    async fn tell(&mut self, event: InteractiveEvent) -> Result<(), Error> {
        let wanted = self.listener.wanted();
        match event {
            InteractiveEvent::Message(channel, text) => {
                if wanted.has_channel(channel) {
                    let message = Callback::Message { channel, text };
                    self.listener.tell(message).await;
                }
            }
            InteractiveEvent::Progress(report) => {
                if wanted.has_progress() {
                    self.listener.tell(Callback::Progress(report)).await;
                }
            }
            InteractiveEvent::Parameter { name, value } => {
                if !wanted.has_parameters() {
                    let text = "StreamingOutput".to_owned();
                    return Err(Error::from(DecodeError::Unexpected(text)));
                }
                let parameter = Callback::Parameter { name, value };
                self.listener.tell(parameter).await;
            }
            InteractiveEvent::Confirm { text, importance } => {
                let mode = wanted.prompt_mode();
                let reported = mode == Some(PromptMode::Report);
                let is_asked = !reported || importance == PromptImportance::Critical;
                let prompt = move |reply| {
                    Callback::Prompt(Prompt {
                        text,
                        importance,
                        reply,
                    })
                };
                self.put(Question::Confirm, mode.is_some(), is_asked, prompt)
                    .await?;
            }
            InteractiveEvent::Error { error, inquires } => {
                let is_wanted = wanted.error_mode().is_some();
                let report = move |reply| Callback::Error(ErrorReport { error, reply });
                self.put(Question::Error, is_wanted, inquires, report)
                    .await?;
            }
        }
        Ok(())
    }

    /// Passes a prompt or an error to the caller, and sends the answer if the server waits for one.
    async fn put(
        &mut self,
        question: Question,
        is_wanted: bool,
        is_asked: bool,
        callback: impl FnOnce(Reply) -> Callback,
    ) -> Result<(), Error> {
        match (is_wanted, is_asked) {
            (true, true) => {
                let answer = self.listener.ask(callback).await;
                self.answer(question, answer).await
            }
            (true, false) => {
                self.listener.tell(callback(Reply(None))).await;
                Ok(())
            }
            (false, true) => self.answer(question, PromptAnswer::default()).await,
            (false, false) => Ok(()),
        }
    }

    /// Answers a prompt on the second connection.
    async fn answer(&mut self, question: Question, answer: PromptAnswer) -> Result<(), Error> {
        self.said = self.said.saturating_add(1);
        self.spoke = true;
        let header = Header {
            action: Some(InteractiveResponse::ACTION.into()),
            message_id: Some(new_id()),
            sequence_id: Some(self.said),
            fragment: None,
            ..self.request.clone()
        };
        let response = InteractiveResponse { question, answer };
        let message = write_envelope(|w| header.write_request(w), |w| response.write(w))?;
        let sent = self.abort.line.send(message).await;
        let taken = sent.map_err(|error| error.at_least(self.abort.sent.delivery()))?;
        self.check(&taken)
    }

    /// Checks the answer on the second connection. A success with an empty body accepts the message; a
    /// fault refuses it, whatever the HTTP status.
    fn check(&self, taken: &WholeAnswer) -> Result<(), Error> {
        if taken.is_success() && taken.body.is_empty() {
            return Ok(());
        }
        let limits = self.session.limits_of(taken);
        let error = match read_envelope(&taken.body, limits, |_, _, _| Ok(())) {
            Ok((_, Err(fault))) => from_fault(fault, taken.status, true),
            Ok((_, Ok(()))) | Err(_) if taken.is_success() => return Ok(()),
            Ok((_, Ok(()))) => from_answer(taken, DecodeError::Missing("s:Fault")),
            Err(why) => from_answer(taken, why),
        };
        Err(error.at_least(self.abort.sent.delivery()))
    }

    /// Lets the server end the first connection, and sends the end of the operation on the second.
    async fn end(&self, pieces: &mut Body) {
        // The answer has arrived, so errors from here on are ignored.
        let _hung_up = timeout(HANGING_UP, async {
            for _ in 0..PIECES_BEHIND {
                if !matches!(pieces.next().await, Some(Ok(_))) {
                    break;
                }
            }
        })
        .await;
        if self.spoke {
            let _ended = timeout(HANGING_UP, self.abort.line.control(Control::End)).await;
        }
    }

    fn restart_clock(&mut self) {
        let now = Instant::now();
        let patience = self.abort.line.patience.min(LONGEST);
        self.deadline = now.checked_add(patience).unwrap_or(now);
    }
}
