//! What serde reports about a type of the caller only by an error.
//!
//! Whether a field has a default, which field a name stands for in a struct with a flattened field, and
//! whether an optional field takes an empty text: serde reports none of it in advance. It fails, and a
//! visitor that failed cannot be run again. But these are facts of the type, not of the row. So each is
//! learned once in the life of the process, and the row that taught it is read again. Every other row
//! is read in one pass.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::cim::same_name;

/// The most facts that one row teaches: more than a struct has fields. It ends an endless attempt where
/// the address of a function changes.
pub(super) const MOST: usize = 1000;

/// Identifies a type by the address of its visitor's code. Two types share an address only if the
/// compiler found their code to be the same, and then the facts are the same too. A type with two
/// addresses is learned twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Code(usize);

impl Code {
    /// Returns the identity of the type that a function reads.
    pub(super) fn of<V, A, R>(read: fn(V, A) -> R) -> Self {
        Self(read as usize)
    }
}

static KNOWN: RwLock<BTreeMap<Code, Arc<Facts>>> = RwLock::new(BTreeMap::new());

/// The facts of one type.
#[derive(Clone, Default)]
pub(super) struct Facts {
    needed: Vec<Needed>,
    /// Whether an optional field has rejected a blank text of no, one, or more characters.
    rejected: [bool; 3],
}

/// A field that serde reported as missing: it is neither optional nor has it a default.
#[derive(Clone)]
pub(super) struct Needed {
    /// The name that serde gave it.
    pub(super) name: String,
    /// Its names by `#[serde(alias)]`, as far as they are known.
    aliases: Vec<String>,
    /// What it expects, once it has rejected an empty list.
    pub(super) wanted: Option<String>,
}

impl Needed {
    /// Returns whether a property of this name belongs to the field.
    pub(super) fn is_called(&self, name: &str) -> bool {
        same_name(&self.name, name) || self.aliases.iter().any(|alias| same_name(alias, name))
    }
}

impl Facts {
    /// Returns what is known about a type.
    pub(super) fn of(code: Code) -> Arc<Self> {
        let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&code).cloned().unwrap_or_default()
    }

    pub(super) fn needed(&self) -> &[Needed] {
        &self.needed
    }

    pub(super) fn field(&self, name: &str) -> Option<&Needed> {
        self.needed.iter().find(|field| field.name == name)
    }

    /// Returns whether an optional field of this type has rejected such a text, so that it is NULL.
    pub(super) fn rejects(&self, blank: &str) -> bool {
        self.rejected
            .get(class_of(blank))
            .copied()
            .unwrap_or_default()
    }
}

/// A `char` takes one blank, a string any number, and a number none.
fn class_of(blank: &str) -> usize {
    blank.chars().take(2).count()
}

/// One attempt to read an instance into a struct.
#[derive(Default)]
pub(super) struct Attempt {
    has_learned: Cell<bool>,
}

impl Attempt {
    /// Returns whether the attempt failed with a new fact, so that another can go further.
    pub(super) fn has_learned(&self) -> bool {
        self.has_learned.get()
    }

    /// Records that serde reported a missing field.
    pub(super) fn learn_needed(&self, code: Code, name: &str) {
        self.learn(code, |facts| {
            if facts.field(name).is_none() {
                facts.needed.push(Needed {
                    name: name.to_owned(),
                    aliases: Vec::new(),
                    wanted: None,
                });
            }
        });
    }

    /// Records that a property set a field that was also set as missing.
    pub(super) fn learn_alias(&self, code: Code, name: &str, alias: &str) {
        self.learn(code, |facts| {
            let field = facts.needed.iter_mut().find(|field| field.name == name);
            if let Some(field) = field.filter(|field| !field.is_called(alias)) {
                field.aliases.push(alias.to_owned());
            }
        });
    }

    /// Records that an optional field rejected a blank text.
    pub(super) fn learn_rejected(&self, code: Code, blank: &str) {
        self.learn(code, |facts| {
            if let Some(rejected) = facts.rejected.get_mut(class_of(blank)) {
                *rejected = true;
            }
        });
    }

    /// Learns the first fact of an attempt, which is the innermost: the failures that follow it in the
    /// same attempt are its consequence.
    fn learn(&self, code: Code, fact: impl FnOnce(&mut Facts)) {
        if !self.has_learned.replace(true) {
            record(code, fact);
        }
    }
}

/// Records what a missing field expects that is not a list. The attempt ends with that error.
pub(super) fn record_wanted(code: Code, name: &str, wanted: &str) {
    record(code, |facts| {
        if let Some(field) = facts.needed.iter_mut().find(|field| field.name == name) {
            field.wanted = Some(wanted.to_owned());
        }
    });
}

fn record(code: Code, fact: impl FnOnce(&mut Facts)) {
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    fact(Arc::make_mut(known.entry(code).or_default()));
}
