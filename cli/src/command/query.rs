//! `wsman query`: reads the instances that a query selects.

use clap::{Args, ValueEnum};
use wsman::enumerate::QueryDialect;

use super::rows::{self, Wanted};
use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};

/// The query.
#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    /// The query, such as "SELECT * FROM Win32_Service WHERE State = 'Running'"
    #[arg(value_name = "WQL")]
    query: String,
    /// The language of the query
    #[arg(long, value_enum, default_value_t = Dialect::Wql)]
    dialect: Dialect,
    /// Stop after this many instances
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Ask for this many instances in each answer
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    page: Option<u32>,
}

/// The names of [`QueryDialect`].
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Dialect {
    Wql,
    Cql,
}

impl From<Dialect> for QueryDialect {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Wql => QueryDialect::Wql,
            Dialect::Cql => QueryDialect::Cql,
        }
    }
}

impl HostCommand for QueryArgs {
    const SHAPE: Shape = Shape::Many;
    const CONTENT: Content = Content::Instances;

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let request = host.session.query_instances(self.query.as_str());
        let mut request = request.dialect(self.dialect.into());
        if let Some(rows) = self.page {
            request = request.max_elements(rows);
        }
        let wanted = Wanted {
            limit: self.limit,
            properties: selected(&self.query),
            ..Wanted::default()
        };
        rows::print(app, host, request.stream(), &wanted, out).await
    }
}

/// Returns the properties that a query names between SELECT and FROM.
fn selected(query: &str) -> Vec<&str> {
    let lower = query.to_ascii_lowercase();
    let (Some(start), Some(end)) = (lower.find("select "), lower.find(" from ")) else {
        return Vec::new();
    };
    let list = query.get(start + "select ".len()..end).unwrap_or_default();
    list.split(',')
        .map(str::trim)
        .filter(|name| *name != "*")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_selected_properties_in_order() {
        assert_eq!(selected("select B, A from C where D = 1"), ["B", "A"]);
        assert!(selected("SELECT * FROM C").is_empty());
        assert!(selected("no query").is_empty());
    }
}
