//! Instances and values as JSON.
//!
//! An instance is flat: its properties beside `__CLASS`, `__NAMESPACE` and `__PATH`. A property whose
//! own name begins with `__` has an `@` in front.

pub(crate) mod read;
pub(crate) mod write;

/// The entries that are not properties.
pub(crate) const CLASS: &str = "__CLASS";
pub(crate) const NAMESPACE: &str = "__NAMESPACE";
pub(crate) const PATH: &str = "__PATH";
pub(crate) const HOST: &str = "__HOST";

#[cfg(test)]
mod tests;
