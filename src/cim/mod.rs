//! The CIM model: values, instances, paths and their names, without any I/O.
//!
//! | what | type |
//! |---|---|
//! | one value, typed or as it came off the wire | [`Value`], [`Array`], [`CimType`] |
//! | a point in time or an interval | [`DateTime`] |
//! | an instance and its properties | [`Instance`], [`Property`] |
//! | what a class declares | [`Class`], [`PropertyDecl`], [`MethodDecl`], [`Qualifier`] |
//! | where an instance lives | [`InstancePath`], [`Namespace`] |
//! | a user's own struct | [`CimClass`], [`Instance::from_struct`], [`Instance::to_struct`] |
//! | conditions of queries | [`wql`] |
//! | status codes | [`CimStatus`], [`WbemStatus`] |

mod array;
mod class;
mod class_property;
mod datetime;
mod error;
mod instance;
mod instance_typed;
mod method;
mod name;
mod namespace;
mod path;
mod path_text;
mod qualifier;
mod serde;
mod status;
mod types;
mod value;
mod value_from;
mod value_read;
mod value_text;
mod value_to;
mod value_typed;
pub mod wql;

pub use array::Array;
pub use class::Class;
pub use class_property::PropertyDecl;
pub use datetime::{DateTime, Interval, IntervalFields, Timestamp, TimestampFields};
pub use error::ValueError;
pub use instance::{Instance, Property};
pub use method::{MethodDecl, ParameterDecl};
pub use name::Name;
pub(crate) use name::same_name;
pub use namespace::Namespace;
pub use path::{InstancePath, Key, Keys};
pub use qualifier::Qualifier;
pub use serde::CimClass;
pub(crate) use serde::field_names;
pub use status::{CimStatus, WbemStatus};
pub use types::CimType;
pub use value::Value;
pub use value_from::Scalar;
