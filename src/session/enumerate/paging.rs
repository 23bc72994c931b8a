//! What all operations that give rows have in common.

use std::time::Duration;

use super::budget::{Budget, CollectLimits};
use super::dialect::QueryDialect;
use super::rows::Rows;
use crate::cim::Name;
use crate::cim::wql::Query;
use crate::error::Error;
use crate::protocol::{EnumerateBody, EnumerationMode, Filter, PolymorphismMode, Row, WsmanOption};
use crate::session::call::Call;
use crate::session::request::{Perform, Request};
use crate::session::schema::Typing;
use crate::session::target::Target;

/// An operation that gives rows. Sealed: the operations are those of MI.
pub trait Enumerates: Send + Sync + 'static {
    /// What a row is.
    type Row: Send + 'static;

    #[doc(hidden)]
    fn plan(self, call: &Call) -> Result<Plan<Self::Row>, Error>;

    #[doc(hidden)]
    fn paging(&mut self) -> &mut Paging;
}

/// How the rows are asked for.
#[derive(Clone, Debug)]
pub struct Paging {
    max_elements: u32,
    max_characters: Option<u32>,
    max_time: Option<Duration>,
    pages_ahead: usize,
    optimized: bool,
    collect: CollectLimits,
}

/// An enumeration that is ready to be sent.
pub struct Plan<R> {
    pub(super) target: Target,
    pub(super) question: Question,
    pub(super) paging: Paging,
    /// The class of rows that do not say theirs.
    pub(super) class: Option<Name>,
    pub(super) read: ReadRow<R>,
    pub(super) typing: Option<Typing<R>>,
}

/// What becomes of a row; `None` if it is not wanted.
pub(super) type ReadRow<R> = Box<dyn Fn(Row, &Target) -> Option<Result<R, Error>> + Send + Sync>;

/// What the server is asked for.
#[derive(Clone, Debug, Default)]
pub(in crate::session) struct Question {
    pub(super) mode: EnumerationMode,
    pub(super) polymorphism: Option<PolymorphismMode>,
    /// The query that becomes the filter once it is known how the server reads it.
    pub(super) query: Option<(Query, QueryDialect)>,
    pub(super) filter: Option<Filter>,
    /// Options that the Enumerate sends, and no Pull.
    pub(super) options: Vec<WsmanOption>,
}

/// Enough that the size of the envelope decides, as on Windows, and few enough for servers that take
/// longer with each further row of a page.
const MAX_ELEMENTS: u32 = 1000;

impl Default for Paging {
    fn default() -> Self {
        Self {
            max_elements: MAX_ELEMENTS,
            max_characters: None,
            max_time: None,
            pages_ahead: 1,
            optimized: true,
            collect: CollectLimits::default(),
        }
    }
}

impl Paging {
    pub(super) fn max_elements(&self) -> u32 {
        self.max_elements
    }

    pub(super) fn max_characters(&self) -> Option<u32> {
        self.max_characters
    }

    pub(super) fn max_time(&self) -> Option<Duration> {
        self.max_time
    }

    pub(super) fn pages_ahead(&self) -> usize {
        self.pages_ahead
    }

    /// What awaiting the request may collect.
    fn budget(&self, call: &Call) -> Budget {
        let (rows, bytes) = call.session().collect_limits();
        let limits = self.collect;
        Budget::new(limits.rows.unwrap_or(rows), limits.bytes.unwrap_or(bytes))
    }

    pub(super) fn is_optimized(&self) -> bool {
        self.optimized
    }
}

impl Question {
    /// Whether the server is asked about one instance.
    pub(super) fn names_instance(&self) -> bool {
        matches!(self.filter, Some(Filter::Association(_)))
    }

    /// The body of the Enumerate.
    pub(super) fn body(&self, optimize: bool, max_elements: u32) -> EnumerateBody {
        EnumerateBody {
            optimize,
            max_elements: Some(max_elements),
            mode: self.mode,
            polymorphism: self.polymorphism,
            expires: None,
            filter: self.filter.clone(),
        }
    }
}

impl<O: Enumerates> Request<O> {
    /// The most rows in a page (`MaxElements`, DSP0226 8.4); 1,000 if nothing is said, and at least
    /// one. A server sends fewer where the envelope is full.
    pub fn max_elements(mut self, rows: u32) -> Self {
        self.operation.paging().max_elements = rows.max(1);
        self
    }

    /// The most characters in a page (`MaxCharacters`, DSP0226 8.4).
    pub fn max_characters(mut self, characters: u32) -> Self {
        self.operation.paging().max_characters = Some(characters);
        self
    }

    /// How long the server may gather the rows of a page (`MaxTime`, DSP0226 8.4).
    pub fn max_time(mut self, time: Duration) -> Self {
        self.operation.paging().max_time = Some(time);
        self
    }

    /// How many pages are asked for while one is being read: 1 if nothing is said; 0 for servers that
    /// cannot do anything else while an enumeration is open in a pull.
    pub fn pages_ahead(mut self, pages: usize) -> Self {
        self.operation.paging().pages_ahead = pages;
        self
    }

    /// Asks for no rows in the first answer (without `OptimizeEnumeration`, DSP0226 8.3).
    pub fn unoptimized(mut self) -> Self {
        self.operation.paging().optimized = false;
        self
    }

    /// Sets how many rows awaiting the request collects at most, instead of the
    /// [session](crate::SessionBuilder::row_limit); one more ends it with
    /// [`Error::CollectLimit`]. A [stream](Request::stream) has no limit.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = wsman::simulator::sample().start().await?;
    /// # let session = wsman::Session::builder(simulator.url()).credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
    /// #     .allow_unencrypted().namespace("root/cimv2").build()?;
    /// let services = session.enumerate_instances("Win32_Service").row_limit(3).await;
    /// assert!(matches!(services, Err(wsman::Error::CollectLimit(_))));
    /// # Ok(()) }
    /// ```
    pub fn row_limit(mut self, rows: u64) -> Self {
        self.operation.paging().collect.rows = Some(rows);
        self
    }

    /// Sets how many bytes the answers with the rows may have together when the request is awaited,
    /// instead of the [session](crate::SessionBuilder::byte_limit); one more ends it with
    /// [`Error::CollectLimit`]. A [stream](Request::stream) has no limit.
    pub fn byte_limit(mut self, bytes: u64) -> Self {
        self.operation.paging().collect.bytes = Some(bytes);
        self
    }

    /// The rows as a stream, which sends its first message when it is first asked for a row.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = wsman::simulator::sample().start().await?;
    /// # let session = wsman::Session::builder(simulator.url()).credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
    /// #     .allow_unencrypted().namespace("root/cimv2").build()?;
    /// let mut shares = session.enumerate_instances("Win32_Share").max_elements(50).stream();
    /// while let Some(share) = shares.next().await {
    ///     println!("{}", share?.get::<String>("Name")?);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn stream(self) -> Rows<O::Row> {
        Rows::new(self)
    }
}

/// Awaiting the request itself gives all rows at once, if they are not more than its limits allow.
impl<O: Enumerates> Perform for O {
    type Output = Vec<O::Row>;

    async fn perform(self, call: &mut Call) -> Result<Vec<O::Row>, Error> {
        let plan = self.plan(call)?;
        let budget = plan.paging.budget(call);
        let mut rows = Rows::start(call.clone(), plan, budget)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().await {
            all.push(row?);
        }
        Ok(all)
    }
}
