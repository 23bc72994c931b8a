//! Evaluates a query for an instance.

use std::cmp::Ordering;

use crate::cim::{Instance, Name, Value};
use crate::simulator::model::wql::compare::compare;
use crate::simulator::model::wql::{Comparison, Condition, PropertyPath, Query, Syntax};

/// The class hierarchy.
pub(in crate::simulator) trait Ancestry {
    /// Whether a class equals another one or derives from it.
    fn is_a(&self, class: &Name, ancestor: &Name) -> bool;
}

impl Query {
    /// Whether the condition is true for an instance. A comparison with NULL, or with a value of
    /// another kind, is unknown, and so is its negation; an unknown row is not selected.
    pub(in crate::simulator) fn matches(
        &self,
        instance: &Instance,
        ancestry: &impl Ancestry,
    ) -> bool {
        match &self.condition {
            Some(condition) => condition.holds(instance, ancestry, self.syntax) == Some(true),
            None => true,
        }
    }
}

impl Condition {
    fn holds(&self, instance: &Instance, ancestry: &impl Ancestry, syntax: Syntax) -> Option<bool> {
        match self {
            Condition::All(parts) => {
                let parts = parts
                    .iter()
                    .map(|part| part.holds(instance, ancestry, syntax));
                unless(false, parts)
            }
            Condition::Any(parts) => {
                let parts = parts
                    .iter()
                    .map(|part| part.holds(instance, ancestry, syntax));
                unless(true, parts)
            }
            Condition::Not(condition) => {
                let held = condition.holds(instance, ancestry, syntax);
                held.map(|held| !held)
            }
            Condition::Compare(path, comparison, literal) => {
                let value = path.value(instance)?;
                let ordering = compare(&value, literal, syntax);
                ordering.map(|ordering| comparison.allows(ordering))
            }
            Condition::Like(path, pattern) => match path.value(instance)? {
                Value::String(text) | Value::Untyped(text) => Some(pattern.matches(&text)),
                value => value.key_text().map(|text| pattern.matches(&text)),
            },
            Condition::IsNull(path) => {
                Some(path.value(instance).is_none_or(|value| value.is_null()))
            }
            Condition::IsA(path, class) => {
                let own = path.class(instance)?;
                Some(ancestry.is_a(&own, class))
            }
        }
    }
}

/// Combines the parts: `decisive` if one of them is, else unknown if one of them is.
fn unless(decisive: bool, parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(!decisive);
    for part in parts {
        match part {
            Some(part) if part == decisive => return Some(decisive),
            Some(_) => {}
            None => result = None,
        }
    }
    result
}

impl PropertyPath {
    /// Returns the value, if the instance has one.
    fn value(&self, instance: &Instance) -> Option<Value> {
        let (last, embedded) = self.0.split_last()?;
        let holder = holder(instance, embedded)?;
        if *last == "__CLASS" {
            Some(Value::String(holder.class().as_str().to_owned()))
        } else {
            holder.value(last.as_str()).cloned()
        }
    }

    /// Returns the class of the path's target: the instance itself (`__THIS`), an embedded
    /// instance, the target of a reference, or the instance that `__CLASS` belongs to.
    fn class(&self, instance: &Instance) -> Option<Name> {
        if matches!(&*self.0, [this] if *this == "__THIS") {
            return Some(instance.class().clone());
        }
        match self.value(instance)? {
            Value::Instance(embedded) => Some(embedded.class().clone()),
            Value::Reference(path) => Some(path.class().clone()),
            Value::String(class) => Some(Name::from(class)),
            _ => None,
        }
    }
}

fn holder<'a>(instance: &'a Instance, embedded: &[Name]) -> Option<&'a Instance> {
    embedded.iter().try_fold(instance, |holder, name| {
        match holder.value(name.as_str())? {
            Value::Instance(instance) => Some(&**instance),
            _ => None,
        }
    })
}

impl Comparison {
    fn allows(self, ordering: Ordering) -> bool {
        match self {
            Comparison::Equal => ordering.is_eq(),
            Comparison::NotEqual => ordering.is_ne(),
            Comparison::Less => ordering.is_lt(),
            Comparison::LessOrEqual => ordering.is_le(),
            Comparison::Greater => ordering.is_gt(),
            Comparison::GreaterOrEqual => ordering.is_ge(),
        }
    }
}
