//! The CIM model: values, instances, paths and their names, without any network I/O.
//!
//! | what | type |
//! |---|---|
//! | one value, typed or as it came off the wire | [`Value`], [`Array`], [`CimType`] |
//! | a point in time or an interval | [`DateTime`] |
//! | an instance and its properties | [`Instance`], [`Property`] |
//! | what a class declares | [`Class`], [`PropertyDecl`], [`MethodDecl`], [`Qualifier`] |
//! | where an instance lives | [`InstancePath`], [`Namespace`] |
//! | a user's own struct | [`CimClass`], [`Instance::from_struct`], [`Instance::to_struct`] |
//! | queries and their conditions | [`wql`] |
//! | MOF, the text form of classes and instances | [`mof`] |
//! | how a server wants values and queries written | [`WireForm`] |
//! | status codes | [`CimStatus`], [`WbemStatus`] |

mod class;
mod datetime;
mod error;
mod form;
mod instance;
pub mod mof;
mod name;
mod namespace;
mod path;
mod serde;
mod status;
mod value;
pub mod wql;

pub use class::{Class, MethodDecl, ParameterDecl, PropertyDecl, Qualifier};
pub use datetime::{DateTime, Interval, IntervalFields, Timestamp, TimestampFields};
pub use error::ValueError;
pub use form::WireForm;
pub use instance::{Instance, PathProblem, Property, PropertyChange};
pub use name::Name;
pub(crate) use name::{hash_name, same_name};
pub use namespace::Namespace;
pub(crate) use path::DEEPEST_REFERENCE;
pub use path::{InstancePath, Key, Keys};
pub use serde::CimClass;
pub(crate) use serde::field_names;
pub use status::{CimStatus, WbemStatus};
pub(crate) use value::Char16Text;
#[cfg(feature = "simulator")]
pub(crate) use value::folded;
pub use value::{Array, CimType, Scalar, Value};
