//! Query: the rows that a query picks.

use super::paging::Question;
use super::{Enumerates, Paging, Plan, RowKind};
use crate::cim::{Instance, Name};
use crate::error::{Error, Failure};
use crate::protocol::Filter;
use crate::session::Session;
use crate::session::call::Call;
use crate::session::request::Request;
use crate::session::target::Target;

/// The operation of [`Session::query_instances`].
#[derive(Clone, Debug)]
pub struct QueryInstances {
    query: String,
    dialect: QueryDialect,
    paging: Paging,
}

/// The language of a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QueryDialect {
    /// WQL (MS-WMI 2.2.1), the language of WMI; OMI and openwsman take it, too.
    #[default]
    Wql,
    /// CQL (DSP0202); of the known servers only OMI takes it.
    Cql,
}

impl Session {
    /// Reads the instances that a query picks (`MI_Session_QueryInstances`; Enumerate with a filter,
    /// MS-WSMV 3.1.4.1.13).
    ///
    /// A row of picked properties has no path. Values do not belong into the text of a query as they
    /// are.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if the query is wrong, which is what Windows says of a missing
    /// class, too; [`Error::NotSupported`] if the server does not take the dialect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = wsman::simulator::sample().start().await?;
    /// # let session = wsman::Session::builder(simulator.url()).credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
    /// #     .allow_unencrypted().namespace("root/cimv2").build()?;
    /// let mut rows = session.query_instances("SELECT Name FROM Win32_Share WHERE Type = 0").stream();
    /// while let Some(row) = rows.next().await {
    ///     println!("{}", row?.get::<String>("Name")?);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn query_instances(&self, query: impl Into<String>) -> Request<QueryInstances> {
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
    /// The language of the query; WQL if nothing is said.
    pub fn dialect(mut self, dialect: QueryDialect) -> Self {
        self.operation.dialect = dialect;
        self
    }
}

impl Enumerates for QueryInstances {
    type Row = Instance;

    fn plan(self, call: &Call) -> Result<Plan<Instance>, Error> {
        if self.query.trim().is_empty() {
            return Err(Error::InvalidParameter(Failure::new("the query is empty")));
        }
        let target = Target::all_classes(call, None)?;
        Ok(Plan {
            target,
            class: class_of(&self.query),
            question: Question {
                filter: Some(match self.dialect {
                    QueryDialect::Wql => Filter::Wql(self.query),
                    QueryDialect::Cql => Filter::Cql(self.query),
                }),
                ..Question::default()
            },
            paging: self.paging,
            typing: Instance::typing(call),
            read: Box::new(Instance::of_row),
        })
    }

    fn paging(&mut self) -> &mut Paging {
        &mut self.paging
    }
}

/// The class after `FROM`. The server judges the query; this is only for rows of Windows that do not
/// say of which class they are.
fn class_of(query: &str) -> Option<Name> {
    let mut words = query.split_whitespace();
    words.find(|word| word.eq_ignore_ascii_case("from"))?;
    words.next().map(Name::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_of_a_query_stands_after_from() {
        let class = |query| class_of(query).map(|class| class.as_str().to_owned());
        assert_eq!(
            class("SELECT * FROM Win32_Share").as_deref(),
            Some("Win32_Share")
        );
        assert_eq!(
            class("select a\nfrom X where b = 'from Y'").as_deref(),
            Some("X")
        );
        assert_eq!(class("SELECT").as_deref(), None);
    }
}
