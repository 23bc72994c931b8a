//! Operations that give rows: one file for each, and one machine behind all of them.
//!
//! An operation makes a [`Plan`]: what is asked for, and what becomes of a row. [`Rows`] is the stream
//! the caller has in hand; behind it a task with a `Puller` asks the server for one page after the
//! other, no further ahead than it was told.

mod associators;
mod budget;
mod class;
mod classes;
mod dialect;
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

pub(super) use paging::{Paging, Plan};

use super::call::Call;
use super::schema::Typing;
use super::target::Target;
use crate::cim::{Instance, InstancePath};
use crate::error::Error;
use crate::protocol::{EnumerationMode, Row};

/// What a row can be.
pub trait RowKind: Send + Sized + 'static {
    #[doc(hidden)]
    const MODE: EnumerationMode;

    /// What becomes of a row; `None` if there is nothing of this kind in it.
    #[doc(hidden)]
    fn of_row(row: Row, target: &Target) -> Option<Result<Self, Error>>;

    /// Types for the values of the rows, where there are values and the caller wants them.
    #[doc(hidden)]
    fn typing(_: &Call) -> Option<Typing<Self>> {
        None
    }
}

impl RowKind for Instance {
    const MODE: EnumerationMode = EnumerationMode::ObjectsAndPaths;

    /// The instance of a row, with its path if the server sent it.
    fn of_row(row: Row, target: &Target) -> Option<Result<Self, Error>> {
        let mut instance = row.instance?;
        if let Some(path) = row.path.or_else(|| instance.path()) {
            instance.set_path(target.complete(path));
        }
        Some(Ok(instance))
    }

    fn typing(call: &Call) -> Option<Typing<Self>> {
        Typing::of(call)
    }
}

impl RowKind for InstancePath {
    const MODE: EnumerationMode = EnumerationMode::Paths;

    fn of_row(row: Row, target: &Target) -> Option<Result<Self, Error>> {
        let path = row.path.or_else(|| row.instance?.path())?;
        Some(Ok(target.complete(path)))
    }
}
