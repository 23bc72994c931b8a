//! Values, instances and paths in the forms of the command line.
//!
//! | file | content |
//! |---|---|
//! | `assignment` | `Name=text`, `Name:=JSON`, `Name=@FILE` |
//! | `typing` | assignments as values of the types that a class declares |
//! | `target` | `CLASS KEY=VALUE…`, or an object path |
//! | `json` | instances and values as JSON, in both directions |

pub(crate) mod assignment;
pub(crate) mod json;
pub(crate) mod target;
pub(crate) mod typing;
