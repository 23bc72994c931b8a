//! The methods of all requests for rows: their settings, their stream and their collected result.

use std::time::Duration;

use super::paging::{Enumerates, PlanRows};
use super::rows::Rows;
use crate::cim::Instance;
use crate::error::{Error, OperationKind, Subject};
use crate::session::call::Call;
use crate::session::request::{Perform, Request, Run};

impl<O: Enumerates> Request<O> {
    /// Sets the most rows in a page (`MaxElements`, DSP0226 8.4). Defaults to 1,000, and is at least
    /// one. A server sends fewer if the envelope is full. The session requests fewer if the largest row
    /// so far shows that they would not fit the envelope, because some servers lose the rows of an
    /// answer that is too large.
    pub fn max_elements(mut self, rows: u32) -> Self {
        self.operation.paging().max_elements = rows.max(1);
        self
    }

    /// Sets the most characters in a page (`MaxCharacters`, DSP0226 8.4). Defaults to no limit.
    pub fn max_characters(mut self, characters: u32) -> Self {
        self.operation.paging().max_characters = Some(characters);
        self
    }

    /// Sets how long the server may collect the rows of a page (`MaxTime`, DSP0226 8.4). Defaults to no
    /// limit.
    pub fn max_time(mut self, time: Duration) -> Self {
        self.operation.paging().max_time = Some(time);
        self
    }

    /// Sets how many pages the session requests while the caller reads one. Use 0 for a server that cannot
    /// process other messages during a Pull.
    ///
    /// By default the session requests one page ahead where the server fills its pages. Where it does not,
    /// the session waits for the reader: a server that answers with the rows it has at the moment, as OMI
    /// does, then sends fewer and fuller pages.
    pub fn pages_ahead(mut self, pages: usize) -> Self {
        self.operation.paging().pages_ahead = Some(pages);
        self
    }

    /// Requests no rows in the first answer (omits `OptimizeEnumeration`, DSP0226 8.3).
    pub fn unoptimized(mut self) -> Self {
        self.operation.paging().optimized = false;
        self
    }

    /// Sets the most rows that awaiting the request collects, instead of the session's
    /// [limit](crate::SessionBuilder::row_limit). One more row fails it with
    /// [`Error::CollectLimit`]. A [stream](Request::stream) has no limit.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let services = session.enumerate_instances("Win32_Service").row_limit(3).await;
    /// assert!(matches!(services, Err(wsman::Error::CollectLimit(_))));
    /// # Ok(()) });
    /// ```
    pub fn row_limit(mut self, rows: u64) -> Self {
        self.operation.paging().collect.rows = Some(rows);
        self
    }

    /// Sets the most bytes that the answers with the rows may have together if the request is awaited,
    /// instead of the session's [limit](crate::SessionBuilder::byte_limit). One more byte fails it with
    /// [`Error::CollectLimit`]. A [stream](Request::stream) has no limit.
    pub fn byte_limit(mut self, bytes: u64) -> Self {
        self.operation.paging().collect.bytes = Some(bytes);
        self
    }

    /// Returns the rows as a stream, which sends its first message when it is first polled.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let mut shares = session.enumerate_instances("Win32_Share").max_elements(50).stream();
    /// while let Some(share) = shares.next().await {
    ///     println!("{}", share?.get::<String>("Name")?);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn stream(self) -> Rows<O::Row> {
        Rows::new(self)
    }
}

impl<O: Enumerates<Row = Instance>> Request<O> {
    /// Converts the values of each row to the types of its own class, as
    /// [`typed`](Request::<crate::request::GetInstance>::typed) does for a Get. Each class of the rows costs one
    /// more message, once for the session.
    ///
    /// # Errors
    /// If a class cannot be read, the rows end with that error.
    ///
    /// ```
    /// # wsman::doc_examples::run_on(wsman::simulator::sample().dialect(wsman::simulator::Dialect::Omi), async |session, _| {
    /// # use wsman::cim::Value;
    /// for share in session.enumerate_instances("Win32_Share").typed().await? {
    ///     assert!(matches!(share.value("Type"), Some(Value::Uint32(_))));
    /// }
    /// # Ok(()) });
    /// ```
    pub fn typed(mut self) -> Self {
        self.options.typed = true;
        self
    }
}

/// Awaiting the request collects all rows, within its limits.
impl<O: Enumerates> Perform for O {
    type Output = Vec<O::Row>;
}

impl<O: Enumerates> Run<Vec<O::Row>> for O {
    async fn perform(&mut self, call: &mut Call) -> Result<Vec<O::Row>, Error> {
        let plan = self.plan(call)?;
        let budget = plan.paging.budget(call);
        let mut rows = Rows::start(call.clone(), plan, budget)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().await {
            all.push(row?);
        }
        Ok(all)
    }

    fn kind(&self) -> OperationKind {
        PlanRows::kind(self)
    }

    fn subject(&self) -> Subject {
        PlanRows::subject(self)
    }
}
