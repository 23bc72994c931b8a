//! Page after page of one enumeration.

use std::pin::pin;
use std::sync::Arc;

use tokio::sync::mpsc::error::SendError;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::Plan;
use super::paging::{Paging, Question, ReadRow};
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
    question: Question,
    paging: Paging,
    class: Option<Name>,
    optimized: bool,
    max_elements: u32,
    state: State,
    /// Whether a Pull is on its way; at the end, whether one was given up.
    is_pulling: bool,
}

enum State {
    NotStarted,
    /// The server waits to be asked for more, with this context if it said so already.
    Open {
        context: Option<String>,
    },
    Closed,
}

/// Pages for the reader. Its length has no bound of its own: no page is asked for that is further ahead
/// of the reader than was wanted.
pub(super) type PageSender = UnboundedSender<Result<Box<Page>, Error>>;

/// What the reader found out at the end of each page.
pub(super) type PageEnds = UnboundedReceiver<PageEnd>;

/// What was found out at the end of a page.
#[derive(Debug)]
pub(super) struct PageEnd {
    /// There are no more rows.
    pub(super) ended: bool,
    /// The context, if it stood behind the rows.
    late_context: Option<String>,
}

impl PageEnd {
    /// Passes over the rows that are left if it stands behind them how to go on.
    pub(super) fn of(mut page: Box<Page>) -> Self {
        while page.context().is_none() && matches!(page.next_row(), Ok(Some(_))) {}
        Self {
            ended: page.has_ended(),
            late_context: page.late_context().map(str::to_owned),
        }
    }
}

impl Puller {
    /// Whoever pulls the pages of a plan, and what becomes of the rows.
    pub(super) fn new<R>(call: Call, plan: Plan<R>) -> (Self, ReadRow<R>) {
        let puller = Self {
            call,
            target: plan.target,
            question: plan.question,
            optimized: plan.paging.optimized,
            max_elements: plan.paging.max_elements,
            paging: plan.paging,
            class: plan.class,
            state: State::NotStarted,
            is_pulling: false,
        };
        (puller, plan.read)
    }

    /// Hands page after page to whoever reads them, until there are no more, or nobody wants them; then
    /// tells the server.
    pub(super) async fn run(mut self, pages: PageSender, mut ends: PageEnds) -> Result<(), Error> {
        let progress = Arc::clone(self.call.progress());
        if let Some(first) = self.open(&pages, &progress).await {
            tokio::select! {
                biased;
                () = unwanted(&pages, &progress) => {}
                () = self.hand_out(first, &pages, &mut ends) => {}
            }
        }
        // Wakes the reader of rows that were cancelled.
        drop(pages);
        self.learn_the_rest(&mut ends).await;
        self.release().await
    }

    /// The first page; `None` if nobody wants it any more.
    ///
    /// An Enumerate that is on its way is not left: what the server opens can only be released by
    /// whoever hears its answer. The caller does not wait for that, and nothing is asked after it.
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

    /// Hands out a page and those after it, no further ahead of the reader than is wanted.
    async fn hand_out(
        &mut self,
        first: Result<Box<Page>, Error>,
        pages: &PageSender,
        ends: &mut PageEnds,
    ) {
        let mut page = first;
        let mut unread = 0;
        loop {
            let ahead = page.as_ref().map_or(0, |page| self.pages_ahead_of(page));
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

    /// Hears what the reader still has to say, and waits for it if only that tells what to release.
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

    /// How many pages may be asked for before this one has been read: none if it looks like the last,
    /// or if what to ask with may stand behind its rows.
    fn pages_ahead_of(&self, page: &Page) -> usize {
        match page.context().is_none() || page.looks_last() {
            true => 0,
            false => self.paging.pages_ahead,
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

    /// Opens the enumeration. Nothing is lost if the server refuses it, so that it is asked again for
    /// less: fewer rows, none in the first answer.
    async fn enumerate(&mut self) -> Result<Box<Page>, Error> {
        if let Some((query, dialect)) = &self.question.query {
            let text = self.call.query_text(query).await?;
            self.question.filter = Some(dialect.filter(text));
        }
        loop {
            let body = self.question.body(self.optimized, self.max_elements);
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
            // Unless it is for associations, an enumeration names no instance.
            Error::NotFound(_) if error.is_ambiguous() && !self.question.names_instance() => {
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
        let body = ReleaseBody { context };
        // A server that is busy with a Pull says of its enumeration that there is none.
        let released = ending::insist(self.is_pulling, || self.send_release(&body));
        match released.await {
            // Nothing is left there, which is what was wanted.
            Err(error) if is_forgotten(&error) => Ok(()),
            released => released,
        }
    }

    async fn send_release(&self, body: &ReleaseBody) -> Result<(), Error> {
        let draft = self.draft(action::RELEASE)?;
        let mut call = self.call.apart();
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

/// Waits until nobody reads the pages any more, or the rows are cancelled.
async fn unwanted(pages: &PageSender, progress: &Progress) {
    tokio::select! {
        biased;
        () = pages.closed() => {}
        () = progress.stopped() => {}
    }
}
