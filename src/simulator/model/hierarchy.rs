//! The class hierarchy.

use crate::cim::Name;
use crate::simulator::model::wql::Ancestry;

/// A snapshot of a namespace's classes with their superclasses.
#[derive(Clone, Debug, Default)]
pub(in crate::simulator) struct Hierarchy(Vec<(Name, Option<Name>)>);

impl Hierarchy {
    /// Returns a class and all its subclasses, the class itself first.
    pub(in crate::simulator) fn family(&self, class: &Name) -> Vec<Name> {
        let derived = self.0.iter().map(|(name, _)| name);
        let derived = derived.filter(|name| *name != class && self.is_a(name, class));
        let itself = self.0.iter().map(|(name, _)| name);
        let itself = itself.filter(|name| *name == class);
        itself.chain(derived).cloned().collect()
    }

    /// Returns all subclasses of a class; all classes if none is named.
    pub(in crate::simulator) fn below(&self, base: Option<&Name>) -> Vec<Name> {
        let names = self.0.iter().map(|(name, _)| name);
        let below =
            names.filter(|name| base.is_none_or(|base| *name != base && self.is_a(name, base)));
        below.cloned().collect()
    }

    fn superclass(&self, class: &Name) -> Option<&Name> {
        let declared = self.0.iter().find(|(name, _)| name == class)?;
        declared.1.as_ref()
    }
}

impl Ancestry for Hierarchy {
    /// Stops if a class is its own ancestor: a chain is never longer than the number of classes.
    fn is_a(&self, class: &Name, ancestor: &Name) -> bool {
        let line = std::iter::successors(Some(class), |class| self.superclass(class));
        line.take(self.0.len() + 1).any(|class| class == ancestor)
    }
}

impl FromIterator<(Name, Option<Name>)> for Hierarchy {
    fn from_iter<I: IntoIterator<Item = (Name, Option<Name>)>>(classes: I) -> Self {
        Self(classes.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_a_class_and_all_below_it() {
        let name = Name::new;
        let hierarchy: Hierarchy = [
            (name("C"), Some(name("b"))),
            (name("A"), None),
            (name("B"), Some(name("A"))),
            (name("Loop"), Some(name("Loop"))),
        ]
        .into_iter()
        .collect();
        assert_eq!(hierarchy.family(&name("a")), ["A", "C", "B"]);
        assert_eq!(hierarchy.family(&name("Loop")), ["Loop"]);
        assert!(hierarchy.family(&name("Nope")).is_empty());
        assert_eq!(hierarchy.below(Some(&name("a"))), ["C", "B"]);
        assert_eq!(hierarchy.below(None).len(), 4);
        assert!(!hierarchy.is_a(&name("Loop"), &name("A")));
    }
}
