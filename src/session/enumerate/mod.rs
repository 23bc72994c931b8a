//! Many rows: enumerations, queries, associations and classes.
//!
//! Awaiting such a request collects all rows, up to a limit. [`Rows`] and [`TypedRows`] are the stream.

// An operation makes a `Plan`: the request and the conversion of a row. The caller holds the stream
// `Rows`. Behind it a task with a `Puller` requests one page after the other, and no more pages ahead
// than configured.

mod associators;
mod budget;
mod class;
mod classes;
mod dialect;
mod fit;
mod paging;
mod paths;
mod patience;
mod puller;
mod query;
mod refusal;
mod request;
mod rows;
mod typed;

pub use associators::{Associators, References};
pub use class::EnumerateInstances;
pub use classes::EnumerateClasses;
pub use dialect::QueryDialect;
pub use paging::Enumerates;
pub use paths::EnumeratePaths;
pub use query::QueryInstances;
pub use rows::Rows;
pub use typed::{RowStruct, TypedRows};

pub use crate::protocol::enumeration::PolymorphismMode;

pub(super) use paging::{Paging, Plan, PlanRows};

use super::call::Call;
use super::schema::Typing;
use super::target::Target;
use crate::cim::{Instance, InstancePath};
use crate::error::Error;
use crate::protocol::{EnumerationMode, Row};

/// The type of a row. Sealed: an instance, a path, a class or its name.
#[expect(private_bounds, reason = "seals the trait")]
pub trait RowKind: FromRow + Send + 'static {}

/// The conversion of a row.
pub(super) trait FromRow: Sized {
    const MODE: EnumerationMode;

    /// Takes a value out of a row; `None` if it contains nothing of this type.
    fn of_row(row: &mut Row, target: &Target) -> Option<Result<Self, Error>>;

    /// Returns the conversion to the types of the class, if the rows have values and the caller requests
    /// types.
    fn typing(_: &Call) -> Option<Typing<Self>> {
        None
    }
}

impl RowKind for Instance {}

impl FromRow for Instance {
    const MODE: EnumerationMode = EnumerationMode::ObjectsAndPaths;

    /// Returns the instance of a row, with its path if the server sent one.
    fn of_row(row: &mut Row, target: &Target) -> Option<Result<Self, Error>> {
        let mut instance = row.instance.take()?;
        if let Some(path) = row.path.take().or_else(|| instance.path()) {
            instance.set_path(target.complete(path));
        }
        Some(Ok(instance))
    }

    fn typing(call: &Call) -> Option<Typing<Self>> {
        Typing::of(call)
    }
}

impl RowKind for InstancePath {}

impl FromRow for InstancePath {
    const MODE: EnumerationMode = EnumerationMode::Paths;

    fn of_row(row: &mut Row, target: &Target) -> Option<Result<Self, Error>> {
        let path = row.path.take();
        let path = path.or_else(|| row.instance.as_ref()?.path())?;
        Some(Ok(target.complete(path)))
    }
}
