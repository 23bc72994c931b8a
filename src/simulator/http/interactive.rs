//! Requests with several envelopes as an answer (MS-WSMV 3.1.4.1.39, 3.1.6.6 to 3.1.6.8).

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::cim::{CimStatus, ValueError};
use crate::protocol::{
    Callbacks, Control, EncodeContext, ErrorMode, Header, InteractiveEvent, PromptAnswer,
    PromptImportance, PromptMode, write_envelope,
};
use crate::simulator::Dialect;
use crate::simulator::http::body::{AnswerBody, Dropped, Piece};
use crate::simulator::model::semantics::CimFailure;
use crate::simulator::provider::conversation::Heard;
use crate::simulator::provider::request::{Request, Resource};
use crate::simulator::provider::script::{Script, Step};
use crate::simulator::state::State;

/// Starts the answer to an interactive request; `None` if the request is not interactive.
pub(in crate::simulator) fn start(
    state: &Arc<State>,
    bytes: &[u8],
    logged_in: bool,
    script: &Script,
) -> Option<AnswerBody> {
    let request = Request::read(bytes).ok()?;
    let operation_id = request.header.operation_id.clone()?;
    if state.provider.dialect != Dialect::Windows {
        return None;
    }
    let heard = state.provider.conversations.begin(&operation_id);
    let (pieces, receiver) = mpsc::channel(1);
    let run = ScriptRun {
        wanted: Callbacks::read(&request.header.options),
        state: Arc::clone(state),
        request,
        bytes: Bytes::copy_from_slice(bytes),
        logged_in,
        operation_id,
        heard,
        pieces,
        rest: Vec::new(),
        piece: script.piece,
        number: 1,
        last: Vec::new(),
        standing: [None; 2],
    };
    let task = run.run(script.steps.clone());
    tokio::spawn(state.panics.catch(task));
    Some(AnswerBody::Open(receiver))
}

/// A script in progress.
struct ScriptRun {
    state: Arc<State>,
    request: Request,
    bytes: Bytes,
    logged_in: bool,
    operation_id: String,
    wanted: Callbacks,
    heard: mpsc::UnboundedReceiver<Heard>,
    pieces: mpsc::Sender<Piece>,
    /// The bytes that do not fill a piece yet.
    rest: Vec<u8>,
    piece: Option<usize>,
    /// The number of the next message.
    number: u64,
    last: Vec<u8>,
    /// The client's standing answer to all prompts of an importance.
    standing: [Option<PromptAnswer>; 2],
}

/// Why a script ends early.
enum Stop {
    /// The client is gone, or the connection must be dropped.
    Gone,
    /// The client answered No.
    Refused,
}

impl ScriptRun {
    async fn run(mut self, steps: Vec<Step>) {
        let followed = self.follow(steps).await;
        let provider = &self.state.provider;
        let answer = match followed {
            Ok(()) => provider.answer_numbered(&self.bytes, self.logged_in, self.number),
            Err(Stop::Refused) => provider.fail(&self.bytes, CimFailure::Status(CimStatus::Failed)),
            Err(Stop::Gone) => return,
        };
        if self.send(answer.body).await.is_ok() {
            let _sent = self.flush().await;
        }
    }

    async fn follow(&mut self, steps: Vec<Step>) -> Result<(), Stop> {
        for step in steps {
            match step {
                Step::Event(event) => self.tell(event).await?,
                Step::KeepAlive => self.control(Control::KeepAlive).await?,
                Step::AcknowledgeRequest => self.control(Control::AcknowledgeRequest).await?,
                Step::Repeat => self.send(self.last.clone()).await?,
                Step::Lose => self.number += 1,
                Step::Wait(time) => {
                    let waited = tokio::time::timeout(time, self.answer()).await;
                    if let Ok(Err(stop)) = waited {
                        return Err(stop);
                    }
                }
                Step::Drop => {
                    self.flush().await?;
                    let _dropped = self.pieces.send(Err(Dropped)).await;
                    return Err(Stop::Gone);
                }
            }
        }
        Ok(())
    }

    /// Sends an event that the client asked for, and waits for the answer to a prompt.
    async fn tell(&mut self, mut event: InteractiveEvent) -> Result<(), Stop> {
        let (is_wanted, importance) = match &mut event {
            InteractiveEvent::Message(channel, _) => (self.wanted.has_channel(*channel), None),
            InteractiveEvent::Progress(_) => (self.wanted.has_progress(), None),
            InteractiveEvent::Parameter { .. } => (self.wanted.has_parameters(), None),
            InteractiveEvent::Error { inquires, .. } => {
                *inquires = self.wanted.error_mode() == Some(ErrorMode::Inquire);
                let importance = inquires.then_some(PromptImportance::Normal);
                (self.wanted.error_mode().is_some(), importance)
            }
            InteractiveEvent::Confirm { importance, .. } => match self.prompting(*importance) {
                Prompting::Answered(answer) => return judged(answer),
                Prompting::Told(is_wanted) => (is_wanted, None),
                Prompting::Asked => (true, Some(*importance)),
            },
        };
        if !is_wanted {
            return Ok(());
        }
        let envelope = self.envelope(&event).map_err(|_| Stop::Gone)?;
        self.number += 1;
        self.send(envelope).await?;
        let Some(importance) = importance else {
            return Ok(());
        };
        let answer = self.answer().await?;
        if matches!(answer, PromptAnswer::NoToAll | PromptAnswer::YesToAll)
            && let Some(standing) = self.standing.get_mut(importance as usize)
        {
            *standing = Some(answer);
        }
        judged(answer)
    }

    /// Decides who answers a prompt (MS-WSMV 2.2.5.14, 3.1.6.8).
    fn prompting(&self, importance: PromptImportance) -> Prompting {
        let standing = self.standing.get(importance as usize).copied().flatten();
        if let Some(answer) = standing {
            return Prompting::Answered(answer);
        }
        let is_critical = importance == PromptImportance::Critical;
        match self.wanted.prompt_mode() {
            None => Prompting::Told(false),
            Some(PromptMode::Report) if !is_critical => Prompting::Told(true),
            Some(PromptMode::AnswerYes) if !is_critical => Prompting::Answered(PromptAnswer::Yes),
            Some(PromptMode::AnswerNo) if !is_critical => Prompting::Answered(PromptAnswer::No),
            Some(_) => Prompting::Asked,
        }
    }

    /// Waits for the client's answer while the client is connected.
    async fn answer(&mut self) -> Result<PromptAnswer, Stop> {
        self.flush().await?;
        let heard = tokio::select! {
            heard = self.heard.recv() => heard,
            () = self.pieces.closed() => None,
        };
        match heard {
            Some(Heard::Answer(answer)) => Ok(answer),
            Some(Heard::Cancel) | None => Err(Stop::Gone),
        }
    }

    async fn control(&mut self, control: Control) -> Result<(), Stop> {
        let message_id = self.state.provider.message_id();
        let message = control.write(&message_id, &self.operation_id);
        self.send(message.map_err(|_| Stop::Gone)?).await
    }

    fn envelope(&self, event: &InteractiveEvent) -> Result<Vec<u8>, ValueError> {
        let request = &self.request.header;
        let action = request.action.as_deref().unwrap_or_default();
        let header = Header {
            action: Some([action, "Response"].concat().into()),
            message_id: Some(self.state.provider.message_id()),
            operation_id: Some(self.operation_id.clone()),
            sequence_id: Some(self.number),
            relates_to: request.message_id.clone(),
            ..Header::default()
        };
        let uri = request.resource_uri.as_deref().unwrap_or_default();
        let resource = Resource::parse(uri);
        let context = EncodeContext {
            form: Dialect::Windows.wire_form(),
            precise_arrays: true,
            prefix: &resource.prefix,
            namespace: resource.namespace.as_ref(),
            class: None,
        };
        write_envelope(|w| header.write_answer(w), |w| event.write(w, context))
    }

    /// Sends an envelope: as one piece, or in as many as it fills.
    async fn send(&mut self, envelope: Vec<u8>) -> Result<(), Stop> {
        self.last.clone_from(&envelope);
        let Some(size) = self.piece else {
            return self.send_piece(envelope).await;
        };
        self.rest.extend(envelope);
        while self.rest.len() >= size {
            let behind = self.rest.split_off(size);
            let piece = std::mem::replace(&mut self.rest, behind);
            self.send_piece(piece).await?;
        }
        Ok(())
    }

    /// Sends the rest that does not fill a piece.
    async fn flush(&mut self) -> Result<(), Stop> {
        let rest = std::mem::take(&mut self.rest);
        self.send_piece(rest).await
    }

    async fn send_piece(&self, piece: Vec<u8>) -> Result<(), Stop> {
        if piece.is_empty() {
            return Ok(());
        }
        let sent = self.pieces.send(Ok(Bytes::from(piece))).await;
        sent.map_err(|_| Stop::Gone)
    }
}

/// Who answers a prompt.
enum Prompting {
    Answered(PromptAnswer),
    /// The server; the flag says whether the prompt is reported to the client.
    Told(bool),
    Asked,
}

fn judged(answer: PromptAnswer) -> Result<(), Stop> {
    if answer.is_yes() {
        Ok(())
    } else {
        Err(Stop::Refused)
    }
}

impl Drop for ScriptRun {
    fn drop(&mut self) {
        self.state.provider.conversations.end(&self.operation_id);
    }
}
