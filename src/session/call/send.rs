//! Sends the messages of an operation, and sends them again as its policy says.

use std::pin::Pin;

use tokio::time::Instant;

use super::{Call, Draft, Effect, USUAL_TIMEOUT, Written, encode};
use crate::cim::{Name, ValueError};
use crate::error::{Error, from_answer, from_fault, is_unreportable_success};
use crate::protocol::{
    AnswerAction, Asked, Body, DecodeError, Header, InstanceReader, Page, Reply, action, read_reply,
};
use crate::session::callback::Conversation;
use crate::session::message_id::new_id;
use crate::session::retry::Attempts;
use crate::transport::{Body as MessageBody, Delivery, OutgoingMessage, SentFlag, WholeAnswer};
use crate::xml::{Element, Writer};

impl Call {
    /// Writes a message, sends it and reads the answer; `None` if the server reports a success whose
    /// result it cannot send.
    pub(in crate::session) async fn send<T>(
        &mut self,
        draft: Draft,
        write: impl Fn(&mut Writer) -> Result<(), ValueError>,
        read: impl Fn(&mut Body<'_, '_>, Option<&Element<'_>>, &Header) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, Error> {
        let (effect, answered_by) = (draft.effect, draft.answered_by);
        let mut attempts = self.attempts(effect, true);
        let mut header = self.header(draft)?;
        loop {
            let message = encode(&header, &write)?;
            let sent = self.send_once(&header, message, effect, answered_by, &read);
            match sent.await {
                Err(error) => self.pause(&mut attempts, error, effect).await?,
                content => return content,
            }
            header.message_id = Some(new_id());
        }
    }

    async fn send_once<T>(
        &mut self,
        header: &Header,
        message: Written,
        effect: Effect,
        answered_by: AnswerAction,
        read: impl Fn(&mut Body<'_, '_>, Option<&Element<'_>>, &Header) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, Error> {
        let sending = self.exchange(Some(header), message, false, effect);
        let answer = sending.await?;
        self.received = answer.body.len();
        let limits = self.session.limits_of(&answer);
        let (keeps_text, keeps_xml) = (self.keeps_text(), self.keeps_xml());
        let char16_text = self.form().char16_text();
        let asked = self.asked(header, answered_by);
        let mut relates = false;
        let reply = read_reply(&answer.body, limits, asked, |body, first, head| {
            body.instances.keep_text(keeps_text);
            body.instances.keep_xml(keeps_xml);
            body.instances.read_char16_as(char16_text);
            relates = head.relates_to.is_some();
            read(body, first, head)
        });
        let content = self.judge(&answer, reply, effect)?;
        if relates {
            self.session.note_relation();
        }
        if effect == Effect::Read {
            self.session.note_read();
        }
        Ok(content)
    }

    /// Sends a message whose answer is a page of rows, which is decoded lazily; `class` is the class of
    /// rows that do not name theirs.
    pub(in crate::session) async fn send_for_page(
        &mut self,
        draft: Draft,
        class: Option<Name>,
        write: impl Fn(&mut Writer) -> Result<(), ValueError>,
    ) -> Result<Box<Page>, Error> {
        // The server may have moved past the rows of a Pull.
        let mut attempts = self.attempts(Effect::Read, draft.action != action::PULL);
        let mut header = self.header(draft)?;
        loop {
            let message = encode(&header, &write)?;
            match self
                .send_once_for_page(&header, message, class.clone())
                .await
            {
                Err(error) => self.pause(&mut attempts, error, Effect::Read).await?,
                page => return page,
            }
            header.message_id = Some(new_id());
        }
    }

    async fn send_once_for_page(
        &mut self,
        header: &Header,
        message: Written,
        class: Option<Name>,
    ) -> Result<Box<Page>, Error> {
        let sending = self.exchange(Some(header), message, false, Effect::Read);
        let mut answer = sending.await?;
        let limits = self.session.limits_of(&answer);
        let text = Vec::from(std::mem::take(&mut answer.body));
        let mut instances = InstanceReader::default();
        instances.keep_text(self.keeps_text());
        instances.keep_xml(self.keeps_xml());
        instances.read_char16_as(self.form().char16_text());
        let asked = self.asked(header, AnswerAction::Response);
        let page = Page::read(text, limits, asked, class, instances);
        let page = self.judge(&answer, page, Effect::Read)?;
        self.session.note_read();
        page.map(Box::new)
            .ok_or_else(|| Error::from(DecodeError::Missing("n:PullResponse")))
    }

    /// Sends a message that is already written and has no identifier.
    pub(in crate::session) async fn send_bytes<T>(
        &mut self,
        bytes: Vec<u8>,
        anonymous: bool,
        read: impl Fn(&mut Body<'_, '_>, Option<&Element<'_>>, &Header) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, Error> {
        let mut attempts = self.attempts(Effect::Read, true);
        loop {
            let sent = self.send_bytes_once(bytes.clone(), anonymous, &read);
            match sent.await {
                Err(error) => self.pause(&mut attempts, error, Effect::Read).await?,
                content => return content,
            }
        }
    }

    async fn send_bytes_once<T>(
        &mut self,
        bytes: Vec<u8>,
        anonymous: bool,
        read: impl Fn(&mut Body<'_, '_>, Option<&Element<'_>>, &Header) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, Error> {
        let sending = self.exchange(None, bytes.into(), anonymous, Effect::Read);
        let answer = sending.await?;
        let limits = self.session.limits_of(&answer);
        let reply = read_reply(&answer.body, limits, Asked::IDENTIFY, read);
        self.judge(&answer, reply, Effect::Read)
    }

    /// Sends a message with this header, if it has one, and waits for its answer. The listener, if any,
    /// receives the callbacks of the server meanwhile.
    async fn exchange(
        &mut self,
        header: Option<&Header>,
        written: Written,
        anonymous: bool,
        effect: Effect,
    ) -> Result<WholeAnswer, Error> {
        let settings = self.session.settings();
        if self.progress.is_stopped() {
            return Err(self.progress.cancelled());
        }
        if let Some((limit, end)) = self.ends
            && end <= Instant::now()
        {
            return Err(self.progress.late_after(limit));
        }
        let sent = SentFlag::default();
        self.progress.begin(sent.clone(), effect == Effect::Write);
        self.messages += 1;
        let trace = self
            .trace
            .message(header, self.messages, written.bytes.len());
        let message = OutgoingMessage {
            body: MessageBody::from(written.bytes),
            secrets: written.secrets,
            time_limit: self
                .operation_timeout()
                .unwrap_or(USUAL_TIMEOUT)
                .saturating_add(settings.network_delay),
            answer_limit: settings.limits.bytes,
            anonymous,
            is_read: matches!(effect, Effect::Read),
            is_conversation: false,
            sent,
        };
        let answer = match (header, &self.options.listener) {
            (Some(header), Some(listener)) => {
                let conversation =
                    Conversation::new(&self.session, listener, &self.progress, header);
                // Boxed, because few operations have callbacks and all would reserve room for them.
                Box::pin(conversation.hold(message)).await
            }
            _ => self.session.exchange(message).await,
        };
        if let Some(trace) = trace {
            trace.end(&answer);
        }
        answer
    }

    /// Returns the content of an answer, or an error that includes the state of the earlier messages.
    fn judge<T>(
        &self,
        answer: &WholeAnswer,
        reply: Result<Reply<T>, DecodeError>,
        effect: Effect,
    ) -> Result<Option<T>, Error> {
        if let Err(error) = &reply
            && (answer.is_success() || error.is_of_another_message())
        {
            answer.distrust();
        }
        let error = match reply {
            Ok(Ok(content)) if answer.is_success() => {
                self.progress.end(Delivery::Answered);
                return Ok(Some(content));
            }
            // A success in the body under an HTTP status of a failure.
            Ok(Ok(_)) => from_answer(answer, DecodeError::Missing("s:Fault")),
            Err(DecodeError::OtherAction { .. }) if !answer.is_success() => {
                from_answer(answer, DecodeError::Missing("s:Fault"))
            }
            Ok(Err(fault)) if effect == Effect::Write && is_unreportable_success(&fault) => {
                self.progress.end(Delivery::Answered);
                return Ok(None);
            }
            Ok(Err(fault)) => {
                let error = from_fault(fault, answer.status, effect == Effect::Write);
                self.trace.fault(&error);
                error
            }
            Err(error) => from_answer(answer, error),
        };
        Err(error)
    }

    /// Begins the attempts of a message, if its operation retries.
    fn attempts(&self, effect: Effect, is_repeatable: bool) -> Option<Box<Attempts>> {
        let is_read = effect == Effect::Read && is_repeatable && self.options.listener.is_none();
        self.retries?.begin(is_read).map(Box::new)
    }

    /// Waits before the next attempt of a message that failed, or returns its error.
    #[cold]
    fn pause<'a>(
        &'a self,
        attempts: &'a mut Option<Box<Attempts>>,
        error: Error,
        effect: Effect,
    ) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>> {
        Box::pin(async move {
            let Some(attempts) = attempts else {
                return Err(self.failed(error, effect));
            };
            let Some(pause) = attempts.next(&error) else {
                return Err(self.failed(attempts.explain(error), effect));
            };
            self.trace.retry(&error, attempts.made(), pause);
            tokio::select! {
                biased;
                () = self.progress.stopped() => {}
                () = tokio::time::sleep(pause) => {}
            }
            self.progress.retry(attempts.made() + 1);
            Ok(())
        })
    }

    fn failed(&self, error: Error, effect: Effect) -> Error {
        self.progress.end(error.delivery());
        let error = error.at_least(self.progress.delivery());
        match effect {
            // An earlier write of this operation may have been performed.
            Effect::Read if self.progress.has_written() => error,
            Effect::Read => error.of_read(),
            Effect::Write if self.session.could_read() => error.though_reads_are_allowed(),
            Effect::Write => error,
        }
    }
}
