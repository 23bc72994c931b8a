//! The path of an instance that a server sent without one, made from its keys.

use super::{Instance, Property};
use crate::cim::{InstancePath, Key, Keys, Name, Value};

/// Why an instance that was read has no path from its keys.
///
/// ```
/// use wsman::cim::PathProblem;
/// # wsman::doc_examples::run(async |session, _| {
/// // Each shape is of a derived class, whose keys are not known.
/// for shape in session.enumerate_instances("Demo_Shape").paths_from_keys(["Name"]).await? {
///     assert_eq!(shape.path_problem(), Some(PathProblem::OtherClass));
///     assert!(shape.path().is_none());
/// }
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum PathProblem {
    /// The instance is of another class than the one whose keys are known, such as of a derived class.
    #[error("its class is not the class whose keys are known")]
    OtherClass,
    /// A key property is missing.
    #[error("a key property is missing")]
    MissingKey,
    /// A key property is NULL or empty.
    #[error("a key property is NULL or empty")]
    NullKey,
    /// A key property is an array, a reference, an embedded instance or text with replaced characters.
    #[error("the value of a key property cannot be a key")]
    UnfitKey,
}

impl Instance {
    /// Returns why the instance has no path, if it was read with
    /// [`paths_from_keys`](crate::Request::<crate::enumerate::EnumerateInstances>::paths_from_keys).
    pub fn path_problem(&self) -> Option<PathProblem> {
        self.path_problem
    }

    /// Sets the path of an instance that was read without one, from its properties with these names.
    /// `place` has what its keys do not say.
    pub(crate) fn name_by_keys(&mut self, place: &InstancePath, keys: &[Name]) {
        if self.path.is_some() {
            return;
        }
        match self.keys_of(place.class(), keys) {
            Ok(keys) => {
                let path = place.clone().of_instance(self.class.clone(), keys);
                self.set_path(path);
            }
            Err(problem) => self.path_problem = Some(problem),
        }
    }

    fn keys_of(&self, class: &Name, keys: &[Name]) -> Result<Keys, PathProblem> {
        if self.class != *class {
            return Err(PathProblem::OtherClass);
        }
        let named: Result<Vec<Key>, _> = keys.iter().map(|name| self.key(name)).collect();
        Ok(Keys::Named(named?))
    }

    fn key(&self, name: &Name) -> Result<Key, PathProblem> {
        let property = self.properties.iter().find(|known| known.name == *name);
        let property = property.ok_or(PathProblem::MissingKey)?;
        match &property.value {
            Value::Null => Err(PathProblem::NullKey),
            value if value.is_blank() => Err(PathProblem::NullKey),
            Value::Array(_)
            | Value::Octets(_)
            | Value::Reference(_)
            | Value::Instance(_)
            | Value::Lossy(_) => Err(PathProblem::UnfitKey),
            _ => Ok(Property::to_key(property)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(class: &str, key: Option<Value>) -> Instance {
        let mut instance = Instance::new(class);
        if let Some(key) = key {
            instance.set("Name", key);
        }
        let place = InstancePath::new("Acme_Lamp").in_namespace("root/acme".parse().unwrap());
        instance.name_by_keys(&place, &[Name::new("NAME")]);
        instance
    }

    #[test]
    fn makes_the_path_only_of_complete_scalar_keys() {
        let reference = Value::Reference(Box::new(InstancePath::new("A").with_key("K", 1u8)));
        let array = Value::from(vec!["a".to_owned()]);
        for (class, key, problem) in [
            ("acme_LAMP", Some(Value::from("a")), None),
            ("Acme_Lamp", Some(Value::Untyped("7".into())), None),
            ("Acme_Lamp", Some(Value::Uint32(7)), None),
            ("Acme_Lamp", Some(Value::Boolean(false)), None),
            (
                "Acme_DeskLamp",
                Some(Value::from("a")),
                Some(PathProblem::OtherClass),
            ),
            ("", Some(Value::from("a")), Some(PathProblem::OtherClass)),
            ("Acme_Lamp", None, Some(PathProblem::MissingKey)),
            ("Acme_Lamp", Some(Value::Null), Some(PathProblem::NullKey)),
            (
                "Acme_Lamp",
                Some(Value::Untyped(" ".into())),
                Some(PathProblem::NullKey),
            ),
            ("Acme_Lamp", Some(reference), Some(PathProblem::UnfitKey)),
            ("Acme_Lamp", Some(array), Some(PathProblem::UnfitKey)),
            (
                "Acme_Lamp",
                Some(Value::Octets(vec![1])),
                Some(PathProblem::UnfitKey),
            ),
            (
                "Acme_Lamp",
                Some(Value::Lossy("a\u{fffd}".into())),
                Some(PathProblem::UnfitKey),
            ),
        ] {
            let instance = named(class, key.clone());
            assert_eq!(instance.path_problem(), problem, "{class} {key:?}");
            let path = key.filter(|_| problem.is_none()).map(|key| {
                let path = InstancePath::new(class).with_key("Name", key);
                path.in_namespace("root/acme".parse().unwrap())
            });
            assert_eq!(instance.path(), path, "{class}");
        }
    }

    #[test]
    fn a_path_set_later_has_no_problem() {
        let lamp = named("Acme_Lamp", None);
        let lamp = lamp.with_path(InstancePath::new("Acme_Lamp").with_key("Name", "a"));
        assert_eq!(lamp.path_problem(), None);
    }
}
