//! Pulls the pages of an enumeration.

use std::pin::pin;
use std::sync::Arc;

use tokio::sync::mpsc::error::SendError;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::Plan;
use super::fit::{PageFit, PageRead};
use super::paging::{EnumerateRequest, Paging, ReadRow};
use super::patience::Patience;
use super::refusal::{is_forgotten, is_of_mode, is_too_large, is_unsupported_feature};
use crate::cim::Name;
use crate::error::Error;
use crate::protocol::{EnumerationMode, Page, PullBody, ReleaseBody, action};
use crate::session::call::{Call, Draft, Effect};
use crate::session::ending;
use crate::session::progress::Progress;
use crate::session::target::Target;

/// One enumeration on the server.
pub(super) struct Puller {
    call: Call,
    target: Target,
    question: EnumerateRequest,
    paging: Paging,
    class: Option<Name>,
    optimized: bool,
    fit: PageFit,
    state: State,
    /// Whether a Pull is in flight; at the end, whether one was aborted.
    is_pulling: bool,
}

enum State {
    NotStarted,
    /// The server holds more rows, under this context if it has already sent one.
    Open {
        context: Option<String>,
    },
    Closed,
}

/// Pages for the reader. The channel is unbounded, because the puller requests no more pages ahead of
/// the reader than configured.
pub(super) type PageSender = UnboundedSender<Result<Box<Page>, Error>>;

/// The end of each page, as the reader reports it.
pub(super) type PageEnds = UnboundedReceiver<PageEnd>;

/// The end of a page.
#[derive(Debug)]
pub(super) struct PageEnd {
    /// There are no more rows.
    pub(super) ended: bool,
    /// What the page held.
    read: PageRead,
    /// The context, if it follows the rows.
    late_context: Option<String>,
}

impl PageEnd {
    /// Reads the end of a page. Skips the remaining rows if the context follows them.
    pub(super) fn of(mut page: Box<Page>) -> Self {
        while page.context().is_none() && matches!(page.next_row(), Ok(Some(_))) {}
        Self {
            ended: page.has_ended(),
            read: PageRead {
                rows: page.rows(),
                bytes: page.bytes(),
                largest_row: page.largest_row(),
            },
            late_context: page.late_context().map(str::to_owned),
        }
    }
}

impl Puller {
    /// Makes the puller of a plan, and returns the conversion of its rows.
    pub(super) fn new<R>(call: Call, plan: Plan<R>) -> (Self, ReadRow<R>) {
        let envelope = call.session().settings().max_envelope_size;
        let paging = plan.paging;
        let fit = PageFit::new(paging.max_elements, envelope, paging.pages_ahead)
            .limited_to(paging.max_characters);
        let puller = Self {
            call,
            target: plan.target,
            question: plan.question,
            optimized: paging.optimized,
            fit,
            paging,
            class: plan.class,
            state: State::NotStarted,
            is_pulling: false,
        };
        (puller, plan.read)
    }

    /// Sends page after page to the reader until the last, or until the reader stops; then releases the
    /// enumeration.
    pub(super) async fn run(mut self, pages: PageSender, mut ends: PageEnds) -> Result<(), Error> {
        let progress = Arc::clone(self.call.progress());
        if let Some(first) = self.open(&pages, &progress).await {
            tokio::select! {
                biased;
                () = unwanted(&pages, &progress) => {}
                () = self.hand_out(first, &pages, &mut ends) => {}
            }
        }
        // Wakes the reader of cancelled rows.
        drop(pages);
        self.learn_the_rest(&mut ends).await;
        self.release().await
    }

    /// Opens the enumeration and returns the first page; `None` if the reader has stopped.
    ///
    /// An Enumerate in flight is not aborted, because only its answer names what to release. The caller
    /// does not wait for that answer, and no further page is requested.
    async fn open(
        &mut self,
        pages: &PageSender,
        progress: &Progress,
    ) -> Option<Result<Box<Page>, Error>> {
        let opened = {
            let mut opening = pin!(self.enumerate());
            tokio::select! {
                biased;
                () = unwanted(pages, progress) => {
                    progress.stop();
                    let _left = pages.send(Err(progress.cancelled()));
                    opening.await
                }
                page = &mut opening => return Some(page),
            }
        };
        if let Ok(page) = opened {
            self.page_was_read(PageEnd::of(page));
        }
        None
    }

    /// Sends a page and the following ones, no more pages ahead of the reader than configured.
    async fn hand_out(
        &mut self,
        first: Result<Box<Page>, Error>,
        pages: &PageSender,
        ends: &mut PageEnds,
    ) {
        let mut page = first;
        let mut unread = 0;
        loop {
            let ahead = page
                .as_ref()
                .map_or(0, |page| self.pages_ahead_of(page, unread > 0));
            let failed = page.is_err();
            if let Err(SendError(Ok(page))) = pages.send(page) {
                self.page_was_read(PageEnd::of(page));
            }
            if failed {
                return;
            }
            unread += 1;
            while unread > ahead {
                match ends.recv().await {
                    Some(end) => self.page_was_read(end),
                    None => return,
                }
                unread -= 1;
            }
            let State::Open {
                context: Some(context),
            } = &self.state
            else {
                return;
            };
            let context = context.clone();
            self.is_pulling = true;
            page = self.pull(context).await;
            self.is_pulling = false;
        }
    }

    /// Takes the remaining reports of the reader, and waits for one if only that contains the context to
    /// release.
    async fn learn_the_rest(&mut self, ends: &mut PageEnds) {
        loop {
            let end = match &self.state {
                State::Open { context: None } => ends.recv().await,
                _ => ends.try_recv().ok(),
            };
            match end {
                Some(end) => self.page_was_read(end),
                None => return,
            }
        }
    }

    /// Returns how many pages to request before this one is read: none if it looks like the last, or if
    /// the context may follow its rows.
    fn pages_ahead_of(&mut self, page: &Page, came_ahead: bool) -> usize {
        if page.context().is_none() || page.looks_last() {
            0
        } else {
            // The first row has been read.
            self.fit.make_room(page.largest_row());
            self.fit.pages_ahead(page.bytes(), came_ahead)
        }
    }

    /// Takes over the end of a page.
    fn page_was_read(&mut self, end: PageEnd) {
        self.fit.learn(end.read);
        match &mut self.state {
            State::Open { .. } if end.ended => self.state = State::Closed,
            State::Open { context } if end.late_context.is_some() => *context = end.late_context,
            // Without a context there is no next Pull.
            State::Open { context: None } => self.state = State::Closed,
            _ => {}
        }
    }

    /// Opens the enumeration. A refusal loses nothing, so the Enumerate is repeated with fewer rows, or
    /// with none in the first answer.
    async fn enumerate(&mut self) -> Result<Box<Page>, Error> {
        if let Some((query, dialect)) = &self.question.query {
            let text = self.call.query_text(query).await?;
            self.question.filter = Some(dialect.filter(text));
        }
        loop {
            let body = self.question.body(self.optimized, self.fit.rows());
            let context = self.target.filter_context(&self.call);
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
            // Only the enumeration of associations names an instance.
            Error::NotFound(_) if error.is_ambiguous() && !self.question.names_instance() => {
                return Err(error.of_class());
            }
            Error::NotSupported(_) if self.has_paths() && is_of_mode(&error) => {
                self.question.mode = EnumerationMode::Objects;
            }
            _ if !self.optimized => return Err(error),
            _ if is_too_large(&error) => self.optimized = self.fit.halve(),
            Error::NotSupported(_) if is_unsupported_feature(&error) => self.optimized = false,
            _ => return Err(error),
        }
        Ok(())
    }

    /// Pulls until a page has rows or is the last.
    async fn pull(&mut self, mut context: String) -> Result<Box<Page>, Error> {
        let mut patience = Patience::new(self.call.session().settings().empty_pages);
        loop {
            let body = PullBody {
                context,
                max_elements: Some(self.fit.rows()),
                max_characters: self.paging.max_characters,
                max_time: self.paging.max_time,
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
                // The server found no row in time (DSP0226 8.4); it keeps the enumeration.
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

    /// Handles the error of a Pull.
    fn pull_failed(&mut self, error: Error) -> Error {
        if is_too_large(&error) {
            return error.with_lost_rows(0..u64::from(self.fit.rows()));
        }
        if is_forgotten(&error) {
            self.state = State::Closed;
            return error.into_variant(Error::Fault, "the server no longer knows the enumeration");
        }
        error
    }

    /// Takes over the context of a page. Servers may change it with each page; openwsman sends none in a
    /// PullResponse.
    fn learn_context(&mut self, page: &Page) {
        match (page.context(), &self.state) {
            (None, State::Open { .. }) => {}
            (context, _) => {
                let context = context.map(str::to_owned);
                self.state = State::Open { context };
            }
        }
    }

    /// Releases the enumeration on the server.
    async fn release(mut self) -> Result<(), Error> {
        let State::Open {
            context: Some(context),
        } = std::mem::replace(&mut self.state, State::Closed)
        else {
            return Ok(());
        };
        let body = ReleaseBody { context };
        // A server that still processes a Pull answers that the enumeration does not exist.
        let released = ending::insist(self.is_pulling, || self.send_release(&body));
        match released.await {
            // The server has already released it.
            Err(error) if is_forgotten(&error) => Ok(()),
            released => released,
        }
    }

    async fn send_release(&self, body: &ReleaseBody) -> Result<(), Error> {
        let draft = self.draft(action::RELEASE)?;
        let mut call = self.call.apart().without_retries();
        let released = call.send(
            draft,
            |w| body.write(w),
            |body, first, _| body.nothing(first),
        );
        released.await.map(|_| ())
    }

    fn has_paths(&self) -> bool {
        self.question.mode == EnumerationMode::ObjectsAndPaths
    }

    fn draft(&self, action: &'static str) -> Result<Draft, Error> {
        self.target.draft(action, Effect::Read)
    }
}

/// Waits until the reader stops or the rows are cancelled.
async fn unwanted(pages: &PageSender, progress: &Progress) {
    tokio::select! {
        biased;
        () = pages.closed() => {}
        () = progress.stopped() => {}
    }
}
