//! WQL, the query language of WMI, and the part of CQL that is the same (MS-WMI 2.2.1, DSP0202).
//!
//! | file | what |
//! |---|---|
//! | `lexer` | words, texts, numbers, signs |
//! | `parser` | from text to a [`Query`] |
//! | `eval`, `compare`, `like` | whether an instance is wanted |

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

/// How a server reads the text of a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::simulator) enum Syntax {
    /// Backslash escapes, `LIKE` with `_` and `[…]`, texts compared without case.
    #[default]
    Wmi,
    /// As OMI's own parser: escapes, also of line breaks; no `IS NULL`, no `__THIS`, integers of 64 bits
    /// with a sign, no exponent without a point, and a `NOT` that reaches to the end.
    Omi,
    /// As sfcb's: no escapes, `LIKE` with a `%` at its ends alone, texts compared exactly and never with
    /// numbers, no `= NULL`; numbers and `NOT` as OMI's.
    Sfcb,
}

/// A query: `SELECT … FROM class [WITHIN seconds] [WHERE condition]`.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::simulator) struct Query {
    pub(in crate::simulator) class: Name,
    /// The properties that are wanted; all of them if there is no list.
    pub(in crate::simulator) select: Option<Vec<PropertyPath>>,
    /// How often a server is to look for events, in seconds.
    pub(in crate::simulator) within: Option<f64>,
    condition: Option<Condition>,
    syntax: Syntax,
}

/// The name of a property, or of one inside embedded instances (`TargetInstance.Name`).
#[derive(Clone, Debug, PartialEq)]
pub(in crate::simulator) struct PropertyPath(Vec<Name>);

/// What an instance must be like. Chains of `AND` and `OR` are flat, and nesting is bounded.
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

/// A query that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct SyntaxError {
    /// The byte where it goes wrong.
    position: usize,
    wanted: &'static str,
}

impl Query {
    /// Reads a query as a server does.
    pub(in crate::simulator) fn parse(text: &str, syntax: Syntax) -> Result<Self, SyntaxError> {
        parser::parse(text, syntax)
    }

    /// The properties of the row itself that the query names, in the list or the condition; without
    /// those that every object has, such as `__CLASS`.
    pub(in crate::simulator) fn named_properties(&self) -> Vec<&Name> {
        let mut named: Vec<&PropertyPath> = self.select.iter().flatten().collect();
        if let Some(condition) = &self.condition {
            condition.collect(&mut named);
        }
        let first = named.into_iter().filter_map(|path| path.0.first());
        first.filter(|name| !is_system(name)).collect()
    }
}

impl PropertyPath {
    /// The property of the row itself.
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

/// Whether a property is one that WMI gives every object.
fn is_system(name: &Name) -> bool {
    name.as_str().starts_with("__")
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is wanted at byte {}", self.wanted, self.position)
    }
}
