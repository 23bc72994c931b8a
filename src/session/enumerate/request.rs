//! What all requests for rows have in common: their settings, their stream, and their result.

use std::time::Duration;

use super::paging::Enumerates;
use super::rows::Rows;
use crate::cim::Instance;
use crate::error::Error;
use crate::session::call::Call;
use crate::session::request::{Perform, Request};

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

impl<O: Enumerates<Row = Instance>> Request<O> {
    /// Gives the values of each row the types that its own class declares, as
    /// [`typed`](Request::<crate::GetInstance>::typed) of a Get does: one message more for each class of the
    /// rows, once for the session.
    ///
    /// # Errors
    /// The rows end with the error of a class that cannot be read.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use wsman::cim::Value;
    /// # use wsman::simulator::{Dialect, sample};
    /// # let simulator = sample().dialect(Dialect::Omi).start().await?;
    /// # let session = wsman::Session::builder(simulator.url()).credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
    /// #     .allow_unencrypted().namespace("root/cimv2").build()?;
    /// for share in session.enumerate_instances("Win32_Share").typed().await? {
    ///     assert!(matches!(share.value("Type"), Some(Value::Uint32(_))));
    /// }
    /// # Ok(()) }
    /// ```
    pub fn typed(mut self) -> Self {
        self.options.typed = true;
        self
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
