//! How an operation reads its rows.

use std::time::Duration;

use super::budget::{Budget, CollectLimits};
use super::dialect::QueryDialect;
use crate::cim::Name;
use crate::cim::wql::Query;
use crate::error::{Error, OperationKind, Subject};
use crate::protocol::{EnumerateBody, EnumerationMode, Filter, PolymorphismMode, Row, WsmanOption};
use crate::session::call::Call;
use crate::session::schema::Typing;
use crate::session::target::Target;

/// An operation whose result is rows. Sealed: the operations are those of MI.
#[expect(private_bounds, reason = "seals the trait")]
pub trait Enumerates: PlanRows<<Self as Enumerates>::Row> + Send + Sync + 'static {
    /// The type of a row.
    type Row: Send + 'static;
}

/// What an operation asks for, and in which pages.
pub(in crate::session) trait PlanRows<R> {
    fn plan(&mut self, call: &Call) -> Result<Plan<R>, Error>;

    fn paging(&mut self) -> &mut Paging;

    /// Returns which operation it is, for its errors.
    fn kind(&self) -> OperationKind;

    /// Returns what the operation concerns, for its errors; also after it was planned.
    fn subject(&self) -> Subject;
}

/// The settings of the pages.
#[derive(Clone, Debug)]
pub(in crate::session) struct Paging {
    pub(super) max_elements: u32,
    pub(super) max_characters: Option<u32>,
    pub(super) max_time: Option<Duration>,
    /// `None` adapts to the server.
    pub(super) pages_ahead: Option<usize>,
    pub(super) optimized: bool,
    pub(super) collect: CollectLimits,
}

/// An enumeration that is ready to be sent.
pub(in crate::session) struct Plan<R> {
    pub(super) target: Target,
    pub(super) question: EnumerateRequest,
    pub(super) paging: Paging,
    /// The class of rows that do not name theirs.
    pub(super) class: Option<Name>,
    pub(super) read: ReadRow<R>,
    pub(super) typing: Option<Typing<R>>,
}

/// Takes a value out of a row; `None` skips it.
pub(super) type ReadRow<R> =
    Box<dyn Fn(&mut Row, &Target) -> Option<Result<R, Error>> + Send + Sync>;

/// The request to the server.
#[derive(Clone, Debug, Default)]
pub(in crate::session) struct EnumerateRequest {
    pub(super) mode: EnumerationMode,
    pub(super) polymorphism: Option<PolymorphismMode>,
    /// The query, which becomes the filter once the form that the server reads is known.
    pub(super) query: Option<(Query, QueryDialect)>,
    pub(super) filter: Option<Filter>,
    /// Options of the Enumerate, which the Pulls omit.
    pub(super) options: Vec<WsmanOption>,
}

/// The default page size. It is large enough that the envelope size limits the page, as on Windows, and
/// small enough for servers that slow down with each further row of a page.
const MAX_ELEMENTS: u32 = 1000;

impl Default for Paging {
    fn default() -> Self {
        Self {
            max_elements: MAX_ELEMENTS,
            max_characters: None,
            max_time: None,
            pages_ahead: None,
            optimized: true,
            collect: CollectLimits::default(),
        }
    }
}

impl Paging {
    /// Returns what awaiting the request may collect.
    pub(super) fn budget(&self, call: &Call) -> Budget {
        let (rows, bytes) = call.session().collect_limits();
        let limits = self.collect;
        Budget::new(limits.rows.unwrap_or(rows), limits.bytes.unwrap_or(bytes))
    }
}

impl EnumerateRequest {
    /// Returns whether the request names an instance.
    pub(super) fn names_instance(&self) -> bool {
        matches!(self.filter, Some(Filter::Association(_)))
    }

    /// Returns the body of the Enumerate.
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
