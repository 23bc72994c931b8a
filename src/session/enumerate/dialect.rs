//! The query languages.

use crate::protocol::Filter;

/// The language of a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QueryDialect {
    /// WQL (MS-WMI 2.2.1), the language of WMI; OMI and openwsman also support it.
    #[default]
    Wql,
    /// CQL (DSP0202); of the known servers only OMI supports it.
    Cql,
}

impl QueryDialect {
    /// Makes the filter with this text.
    pub(in crate::session) fn filter(self, text: String) -> Filter {
        match self {
            QueryDialect::Wql => Filter::Wql(text),
            QueryDialect::Cql => Filter::Cql(text),
        }
    }
}
