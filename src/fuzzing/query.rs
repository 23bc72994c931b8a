//! Queries, as servers read them.

use crate::simulator::{self, Dialect};

/// Returns the class of a query, its selected properties, and its comparisons, in order; an error for a query
/// that the server rejects.
pub fn query_parts(text: &str, server: Dialect) -> Result<[Vec<String>; 3], String> {
    simulator::query_parts(text, server)
}
