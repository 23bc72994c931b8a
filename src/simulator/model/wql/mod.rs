//! WQL, the query language of WMI, and its common part with CQL (MS-WMI 2.2.1, DSP0202).
//!
//! | file | content |
//! |---|---|
//! | `lexer` | words, texts, numbers, signs |
//! | `parser` | parses a text into a [`Query`] |
//! | `eval`, `compare`, `like` | evaluate a query for an instance |

mod compare;
mod eval;
mod lexer;
mod like;
mod parser;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::cim::Name;
use compare::Literal;
pub(in crate::simulator) use eval::Ancestry;
use like::Pattern;

/// A server's syntax of queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::simulator) enum Syntax {
    /// Backslash escapes, `LIKE` with `_` and `[…]`, texts compared without case.
    #[default]
    Wmi,
    /// OMI's own parser: escapes, also of line breaks; no `IS NULL`, no `__THIS`, signed 64-bit
    /// integers, no exponent without a point, and a `NOT` that extends to the end.
    Omi,
    /// sfcb's parser: no escapes, `LIKE` with a `%` only at its ends, texts compared exactly and
    /// never with numbers, no `= NULL`; numbers and `NOT` as in OMI's.
    Sfcb,
}

/// A query: `SELECT … FROM class [WITHIN seconds] [WHERE condition]`.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::simulator) struct Query {
    pub(in crate::simulator) class: Name,
    /// The selected properties; `None` for all.
    pub(in crate::simulator) select: Option<Vec<PropertyPath>>,
    /// The polling interval for events, in seconds.
    pub(in crate::simulator) within: Option<f64>,
    condition: Option<Condition>,
    syntax: Syntax,
}

/// The name of a property, or of one inside embedded instances (`TargetInstance.Name`).
#[derive(Clone, Debug, PartialEq)]
pub(in crate::simulator) struct PropertyPath(Vec<Name>);

/// A condition. Chains of `AND` and `OR` are flat, and the nesting is bounded.
#[derive(Clone, Debug, PartialEq)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare(PropertyPath, Comparison, Literal),
    Like(PropertyPath, Pattern),
    IsNull(PropertyPath),
    IsA(PropertyPath, Name),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A syntax error in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct SyntaxError {
    /// The byte of the error.
    position: usize,
    wanted: &'static str,
}

impl Query {
    /// Parses a query as a server does.
    pub(in crate::simulator) fn parse(text: &str, syntax: Syntax) -> Result<Self, SyntaxError> {
        parser::parse(text, syntax)
    }

    /// Returns the row's own properties that the query names, in the list or the condition, except
    /// system properties such as `__CLASS`.
    pub(in crate::simulator) fn named_properties(&self) -> Vec<&Name> {
        let mut named: Vec<&PropertyPath> = self.select.iter().flatten().collect();
        if let Some(condition) = &self.condition {
            condition.collect(&mut named);
        }
        let first = named.into_iter().filter_map(|path| path.0.first());
        first.filter(|name| !is_system(name)).collect()
    }
}

#[cfg(fuzzing)]
impl Query {
    /// Returns the class, the selected properties, and the comparisons, in order.
    pub(in crate::simulator) fn parts(&self) -> [Vec<String>; 3] {
        let mut comparisons = Vec::new();
        if let Some(condition) = &self.condition {
            condition.comparisons(&mut comparisons);
        }
        let select = self.select.iter().flatten().map(PropertyPath::written);
        [vec![self.class.to_string()], select.collect(), comparisons]
    }
}

#[cfg(fuzzing)]
impl Condition {
    fn comparisons(&self, found: &mut Vec<String>) {
        let (path, rest) = match self {
            Condition::All(parts) | Condition::Any(parts) => {
                return parts.iter().for_each(|part| part.comparisons(found));
            }
            Condition::Not(condition) => return condition.comparisons(found),
            Condition::Compare(path, comparison, Literal::Text(text)) => {
                (path, format!("{comparison:?} text {text}"))
            }
            Condition::Compare(path, comparison, literal) => {
                (path, format!("{comparison:?} {literal:?}"))
            }
            Condition::Like(path, pattern) => (path, format!("Like {pattern:?}")),
            Condition::IsNull(path) => (path, "IsNull".to_owned()),
            Condition::IsA(path, class) => (path, format!("IsA {class}")),
        };
        found.push(format!("{} {rest}", path.written()));
    }
}

#[cfg(fuzzing)]
impl PropertyPath {
    fn written(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(Name::as_str).collect();
        names.join(".")
    }
}

impl PropertyPath {
    /// The row's own property.
    pub(in crate::simulator) fn first(&self) -> Option<&Name> {
        self.0.first()
    }
}

impl Condition {
    fn collect<'a>(&'a self, named: &mut Vec<&'a PropertyPath>) {
        match self {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| part.collect(named));
            }
            Condition::Not(condition) => condition.collect(named),
            Condition::Compare(path, ..)
            | Condition::Like(path, _)
            | Condition::IsNull(path)
            | Condition::IsA(path, _) => named.push(path),
        }
    }
}

/// Whether WMI gives every object this property.
fn is_system(name: &Name) -> bool {
    name.as_str().starts_with("__")
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} at byte {}", self.wanted, self.position)
    }
}
