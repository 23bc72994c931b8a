//! Page after page of one enumeration.

use std::time::Duration;

use tokio::sync::mpsc;

use super::Plan;
use super::paging::{Paging, Question, ReadRow};
use crate::cim::Name;
use crate::error::{Error, Failure};
use crate::session::call::{Call, Draft, Effect};
use crate::session::target::Target;
use crate::transport::Delivery;
use crate::wsman::{DecodeError, EnumerationMode, Page, PullBody, ReleaseBody, action};

/// One enumeration on the server.
pub(super) struct Puller {
    call: Call,
    target: Target,
    question: Question,
    paging: Paging,
    class: Option<Name>,
    optimized: bool,
    max_elements: u32,
    state: State,
}

enum State {
    NotStarted,
    /// The server waits to be asked for more, with this context if it said so already.
    Open {
        context: Option<String>,
    },
    Closed,
}

/// What the reader of a page found out at its end.
#[derive(Debug)]
pub(super) struct PageEnd {
    /// There are no more rows.
    pub(super) ended: bool,
    /// The context, if it stood behind the rows.
    pub(super) late_context: Option<String>,
}

impl Puller {
    /// Whoever pulls the pages of a plan, and what becomes of the rows.
    pub(super) fn new<R>(call: Call, plan: Plan<R>) -> (Self, ReadRow<R>) {
        let puller = Self {
            call,
            target: plan.target,
            question: plan.question,
            optimized: plan.paging.is_optimized(),
            max_elements: plan.paging.max_elements(),
            paging: plan.paging,
            class: plan.class,
            state: State::NotStarted,
        };
        (puller, plan.read)
    }

    /// Hands page after page to whoever reads them, until there are no more, or nobody wants them.
    pub(super) async fn run(
        mut self,
        pages: mpsc::Sender<Result<Box<Page>, Error>>,
        mut ends: mpsc::UnboundedReceiver<PageEnd>,
    ) -> Result<(), Error> {
        let mut unread = 0;
        let mut ahead = 0;
        'pages: loop {
            while unread > ahead {
                match ends.recv().await {
                    Some(end) => self.page_was_read(end),
                    None => break 'pages,
                }
                unread -= 1;
            }
            if matches!(self.state, State::Closed) {
                return Ok(());
            }
            let progress = self.call.progress().clone();
            let page = tokio::select! {
                biased;
                () = pages.closed() => break,
                () = progress.stopped() => Err(progress.cancelled()),
                page = self.next_page() => page,
            };
            ahead = page.as_ref().map_or(0, |page| self.pages_ahead_of(page));
            let failed = page.is_err();
            if pages.send(page).await.is_err() || failed {
                break;
            }
            unread += 1;
        }
        while let Ok(end) = ends.try_recv() {
            self.page_was_read(end);
        }
        self.release().await
    }

    /// How many pages may be asked for before this one has been read: none if it looks like the last,
    /// or if what to ask with may stand behind its rows.
    fn pages_ahead_of(&self, page: &Page) -> usize {
        match page.context().is_none() || page.looks_last() {
            true => 0,
            false => self.paging.pages_ahead(),
        }
    }

    /// Takes over what stood behind the rows of a page.
    fn page_was_read(&mut self, end: PageEnd) {
        match &mut self.state {
            State::Open { .. } if end.ended => self.state = State::Closed,
            State::Open { context } if end.late_context.is_some() => *context = end.late_context,
            // There is nothing to ask with.
            State::Open { context: None } => self.state = State::Closed,
            _ => {}
        }
    }

    async fn next_page(&mut self) -> Result<Box<Page>, Error> {
        match &self.state {
            State::NotStarted => self.enumerate().await,
            State::Open { context } => {
                let context = context.clone().unwrap_or_default();
                self.pull(context).await
            }
            State::Closed => Err(Error::from(DecodeError::Missing("n:EndOfSequence"))),
        }
    }

    /// Opens the enumeration. Nothing is lost if the server refuses it, so that it is asked again for
    /// less: fewer rows, none in the first answer.
    async fn enumerate(&mut self) -> Result<Box<Page>, Error> {
        loop {
            let body = self.question.body(self.optimized, self.max_elements);
            let context = self.call.filter_context(&self.target);
            let draft = Draft {
                options: self.question.options.clone(),
                ..self.draft(action::ENUMERATE)?
            };
            let class = self.class.clone();
            let page = self
                .call
                .send_for_page(draft, class, |w| body.write(w, context))
                .await;
            match page {
                Ok(page) => {
                    self.learn_context(&page);
                    return Ok(page);
                }
                Err(error) => self.ask_for_less(error)?,
            }
        }
    }

    fn ask_for_less(&mut self, error: Error) -> Result<(), Error> {
        match &error {
            // An enumeration names no instance.
            Error::NotFound(_) if error.is_ambiguous() => {
                return Err(error.into_variant(Error::InvalidClass, "no such class, or namespace"));
            }
            Error::NotSupported(_) if self.has_paths() && is_of_mode(&error) => {
                self.question.mode = EnumerationMode::Objects;
            }
            _ if !self.optimized => return Err(error),
            _ if is_too_large(&error) && self.max_elements > 1 => self.max_elements /= 2,
            _ if is_too_large(&error) => self.optimized = false,
            Error::NotSupported(_) if is_unsupported_feature(&error) => self.optimized = false,
            _ => return Err(error),
        }
        Ok(())
    }

    /// Asks for the next page until there is one with rows, or the last.
    async fn pull(&mut self, mut context: String) -> Result<Box<Page>, Error> {
        let mut patience = Patience::default();
        loop {
            let body = PullBody {
                context,
                max_elements: Some(self.max_elements),
                max_characters: self.paging.max_characters(),
                max_time: self.paging.max_time(),
            };
            let draft = self.draft(action::PULL)?;
            let class = self.class.clone();
            let page = self.call.send_for_page(draft, class, |w| body.write(w));
            match page.await {
                Ok(page) if page.is_empty() && !page.has_ended() => {
                    self.learn_context(&page);
                    patience.wait(None).await?;
                }
                Ok(page) => {
                    self.learn_context(&page);
                    return Ok(page);
                }
                // The server had no row in time (DSP0226 8.4); it keeps the enumeration.
                Err(error) if error.is_timeout() && error.fault().is_some() => {
                    patience.wait(Some(error)).await?;
                }
                Err(error) => return Err(self.pull_failed(error)),
            }
            context = match &self.state {
                State::Open {
                    context: Some(context),
                } => context.clone(),
                _ => body.context,
            };
        }
    }

    /// What a failed pull means for the rows.
    fn pull_failed(&mut self, error: Error) -> Error {
        if is_too_large(&error) {
            return error.with_lost_rows(0..u64::from(self.max_elements));
        }
        if is_forgotten(&error) {
            self.state = State::Closed;
            return error.into_variant(Error::Fault, "the server has forgotten the enumeration");
        }
        error
    }

    /// Servers may name another context with each page; openwsman names none with a pull.
    fn learn_context(&mut self, page: &Page) {
        match (page.context(), &self.state) {
            (None, State::Open { .. }) => {}
            (context, _) => {
                let context = context.map(str::to_owned);
                self.state = State::Open { context };
            }
        }
    }

    /// Tells the server that no more rows are wanted.
    async fn release(mut self) -> Result<(), Error> {
        let State::Open {
            context: Some(context),
        } = std::mem::replace(&mut self.state, State::Closed)
        else {
            return Ok(());
        };
        let draft = self.draft(action::RELEASE)?;
        let body = ReleaseBody { context };
        let mut call = self.call.apart();
        let released = call.send(
            draft,
            |w| body.write(w),
            |body, first, _| body.nothing(first),
        );
        match released.await {
            // Nothing is left there, which is what was wanted.
            Err(error) if is_forgotten(&error) => Ok(()),
            released => released.map(|_| ()),
        }
    }

    fn has_paths(&self) -> bool {
        self.question.mode == EnumerationMode::ObjectsAndPaths
    }

    fn draft(&self, action: &'static str) -> Result<Draft, Error> {
        self.target.draft(action, Effect::Read)
    }
}

/// How often a server may answer without a row before it is given up.
struct Patience {
    left: u32,
    pause: Duration,
}

/// A server that answers at once and never has a row is left after some twelve seconds.
const ROUNDS: u32 = 128;
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

impl Default for Patience {
    fn default() -> Self {
        Self {
            left: ROUNDS,
            pause: Duration::from_millis(1),
        }
    }
}

impl Patience {
    /// Waits before the server is asked again.
    async fn wait(&mut self, error: Option<Error>) -> Result<(), Error> {
        if self.left == 0 {
            return Err(error.unwrap_or_else(|| {
                let text = format!("the server sent {ROUNDS} pages without a row or an end");
                Error::Timeout(Failure::new(text).delivery(Delivery::Answered)).of_read()
            }));
        }
        self.left -= 1;
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

fn subcode(error: &Error) -> Option<&str> {
    error.fault()?.subcode.as_deref()
}

fn detail(error: &Error) -> Option<&str> {
    error.fault()?.fault_detail.as_deref()
}

/// The server does not give paths together with instances.
fn is_of_mode(error: &Error) -> bool {
    detail(error) == Some("EnumerationMode")
}

/// The answer did not fit the envelope; `MinimumEnvelopeLimit` says that no answer ever would.
fn is_too_large(error: &Error) -> bool {
    subcode(error) == Some("EncodingLimit") && detail(error) != Some("MinimumEnvelopeLimit")
}

fn is_unsupported_feature(error: &Error) -> bool {
    subcode(error) == Some("UnsupportedFeature")
}

/// OMI says of a context that it does not know only that there is no such thing, without a detail.
fn is_forgotten(error: &Error) -> bool {
    match subcode(error) {
        Some("InvalidEnumerationContext") => true,
        Some("DestinationUnreachable") => error.cim_instance().is_none() && error.is_ambiguous(),
        _ => false,
    }
}
