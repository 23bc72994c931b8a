//! Query: reads the rows that a query selects.

use super::dialect::QueryDialect;
use super::paging::EnumerateRequest;
use super::{Enumerates, FromRow, Paging, Plan, PlanRows};
use crate::cim::wql::Query;
use crate::cim::{Instance, InstancePath};
use crate::error::{Error, OperationKind, Subject};
use crate::session::Session;
use crate::session::call::Call;
use crate::session::request::Request;
use crate::session::target::Target;

/// The operation of [`Session::query_instances`].
#[derive(Clone, Debug)]
pub struct QueryInstances {
    query: Query,
    dialect: QueryDialect,
    paging: Paging,
}

impl Session {
    /// Reads the instances that a query selects (`MI_Session_QueryInstances`; Enumerate with a filter,
    /// MS-WSMV 3.1.4.1.13).
    ///
    /// A row of selected properties has no path. The text of a query is sent unchanged. Put untrusted
    /// values into a [`Query`] with conditions, which are escaped in the form that the server reads.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if the query is invalid; Windows sends the same for a missing class.
    /// [`Error::NotSupported`] if the server does not support the dialect.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let mut rows = session.query_instances("SELECT Name FROM Win32_Share WHERE Type = 0").stream();
    /// while let Some(row) = rows.next().await {
    ///     println!("{}", row?.get::<String>("Name")?);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn query_instances(&self, query: impl Into<Query>) -> Request<QueryInstances> {
        Request::new(
            self,
            QueryInstances {
                query: query.into(),
                dialect: QueryDialect::default(),
                paging: Paging::default(),
            },
        )
    }
}

impl Request<QueryInstances> {
    /// Sets the language of the query. Defaults to WQL.
    pub fn dialect(mut self, dialect: QueryDialect) -> Self {
        self.operation.dialect = dialect;
        self
    }
}

impl Enumerates for QueryInstances {
    type Row = Instance;
}

impl PlanRows<Instance> for QueryInstances {
    fn plan(&mut self, call: &Call) -> Result<Plan<Instance>, Error> {
        let target = Target::all_classes(call, None)?;
        Ok(Plan {
            target,
            class: self.query.class(),
            question: EnumerateRequest {
                query: Some((self.query.take(), self.dialect)),
                ..EnumerateRequest::default()
            },
            paging: std::mem::take(&mut self.paging),
            typing: Instance::typing(call),
            read: Box::new(Instance::of_row),
        })
    }

    fn paging(&mut self) -> &mut Paging {
        &mut self.paging
    }

    fn kind(&self) -> OperationKind {
        OperationKind::Query
    }

    fn subject(&self) -> Subject {
        Subject::at(self.kind(), self.query.class().map(InstancePath::new))
    }
}
