//! Validates an instance against its class before sending, as a compiler would.

use super::get_class::{known_class, of_class};
use crate::cim::{Class, Instance, InstancePath, Key, Keys, Name, PropertyDecl};
use crate::cim::{ValueError, WbemStatus};
use crate::error::{Error, Failure};
use crate::session::call::Call;

/// An instance to validate.
#[derive(Clone, Copy)]
pub(in crate::session) struct Unchecked<'a> {
    pub(in crate::session) instance: &'a Instance,
    /// The path of the request, if it differs from that of the instance.
    pub(in crate::session) at: Option<&'a InstancePath>,
    pub(in crate::session) purpose: Purpose,
    /// The property of a fragment, which alone is sent.
    pub(in crate::session) only: Option<&'a Name>,
}

/// The operation for which an instance is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) enum Purpose {
    /// Keys may be missing, for the server to assign; read-only properties may be set.
    Create,
    /// The keys select the instance; only writable properties may change.
    Update,
    /// A create-or-update: the keys are required; read-only properties may be set.
    Either,
}

/// Validates an instance against its class. Takes the keys from the class if none are marked, and
/// converts values to the declared types if the conversion loses nothing.
pub(in crate::session) async fn checked(
    call: &Call,
    unchecked: Unchecked<'_>,
) -> Result<Instance, Error> {
    let instance = unchecked.instance;
    let namespace = unchecked.at.and_then(InstancePath::namespace);
    let namespace = namespace.or(instance.namespace());
    let class = known_class(call, namespace, instance.class()).await;
    let class = class.map_err(|error| of_class(error.before_sending(), instance.class()))?;
    // Untyped text has the form in which this server writes values.
    let typed = instance.clone().typed_in(&class, call.form().char16_text());
    let instance = &typed;
    Unchecked {
        instance,
        ..unchecked
    }
    .against(&class)
}

impl Unchecked<'_> {
    fn against(self, class: &Class) -> Result<Instance, Error> {
        if class.is_abstract() {
            let text = format!(
                "the class {} is abstract and cannot have instances",
                class.name()
            );
            return Err(Error::InvalidClass(Failure::new(text)));
        }
        let mut instance = self.instance.clone();
        for property in instance.properties_mut() {
            let name = property.name();
            if self.only.is_some_and(|only| only != name) {
                continue;
            }
            let declared = class.property(name.as_str());
            let declared = declared.ok_or_else(|| unknown_property(class, name))?;
            if self.is_fixed(declared) && property.is_modified() {
                return Err(read_only(class, name));
            }
            if property.value().is_null() && self.needs_value(declared) {
                return Err(illegal_null(class, name));
            }
            match declared.declared(property.value()) {
                Ok(value) => *property.value_mut() = value,
                // An unmodified empty element is sent back as received.
                Err(_) if property.value().is_blank() && !property.is_modified() => {}
                Err(error) => return Err(mismatch(class, error)),
            }
        }
        self.with_keys(class, instance)
    }

    fn is_fixed(self, declared: &PropertyDecl) -> bool {
        self.purpose == Purpose::Update && declared.read_only && !declared.key
    }

    fn needs_value(self, declared: &PropertyDecl) -> bool {
        declared.not_null || (declared.key && self.purpose != Purpose::Create)
    }

    /// Validates the keys that select the instance. Marks the keys of the class if none are marked.
    fn with_keys(self, class: &Class, instance: Instance) -> Result<Instance, Error> {
        let own = instance.path();
        match self.at.or(own.as_ref()).map(InstancePath::keys) {
            Some(Keys::Named(keys)) => {
                self.check_keys(class, keys)?;
                Ok(instance)
            }
            Some(Keys::Singleton) => Ok(instance),
            Some(Keys::Class) if self.at.is_some() => Ok(instance),
            Some(Keys::Class) | None if class.is_singleton() => Ok(instance.singleton()),
            Some(Keys::Class) | None => self.find_keys(class, instance),
        }
    }

    fn check_keys(self, class: &Class, keys: &[Key]) -> Result<(), Error> {
        if class.keys().next().is_none() {
            return Ok(());
        }
        for key in keys {
            let declared = class.property(key.name.as_str()).filter(|found| found.key);
            let declared = declared.ok_or_else(|| no_key(class, &key.name))?;
            let value = declared.declared(&key.value);
            value.map_err(|error| mismatch(class, error))?;
        }
        let missing = class.keys().find(|declared| {
            let named = keys.iter().any(|key| key.name == declared.name);
            !named && self.purpose != Purpose::Create
        });
        missing.map_or(Ok(()), |missing| Err(missing_key(class, &missing.name)))
    }

    fn find_keys(self, class: &Class, instance: Instance) -> Result<Instance, Error> {
        let place = instance.path();
        let mut path = place.unwrap_or_else(|| InstancePath::new(instance.class()));
        for declared in class.keys() {
            let value = instance.value(declared.name.as_str());
            match value.filter(|value| !value.is_null()) {
                Some(value) => path = path.with_key(declared.name.clone(), value.clone()),
                None if self.purpose == Purpose::Create => return Ok(instance),
                None => return Err(missing_key(class, &declared.name)),
            }
        }
        Ok(match class.keys().next() {
            Some(_) => instance.with_path(path),
            None => instance,
        })
    }
}

fn unknown_property(class: &Class, name: &Name) -> Error {
    let text = format!("the class {} has no property {name}", class.name());
    Error::InvalidParameter(Failure::new(text).wbem(Some(WbemStatus::INVALID_PROPERTY)))
}

fn read_only(class: &Class, name: &Name) -> Error {
    let text = format!(
        "the property {name} of the class {} is read-only",
        class.name()
    );
    Error::InvalidParameter(Failure::new(text).wbem(Some(WbemStatus::READ_ONLY)))
}

fn illegal_null(class: &Class, name: &Name) -> Error {
    let text = format!(
        "the property {name} of the class {} requires a value",
        class.name()
    );
    Error::IllegalNull(Failure::new(text))
}

fn mismatch(class: &Class, error: ValueError) -> Error {
    let text = format!("class {}: {error}", class.name());
    Error::TypeMismatch(Failure::new(text).told_by(error))
}

fn missing_key(class: &Class, name: &Name) -> Error {
    let text = format!("the key {name} of the class {} is missing", class.name());
    Error::InvalidParameter(Failure::new(text))
}

fn no_key(class: &Class, name: &Name) -> Error {
    let text = format!("{name} is not a key of the class {}", class.name());
    Error::InvalidParameter(Failure::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cim::{CimType, Property, Value};
    use crate::transport::Delivery;

    fn class() -> Class {
        let read_only = |name| PropertyDecl::new(name, CimType::String).read_only();
        Class::new("Share")
            .with_key("Name", CimType::String)
            .with_key("Number", CimType::Uint8)
            .with_not_null("Path", CimType::String)
            .with("Type", CimType::Uint32)
            .with_array("Tags", CimType::String)
            .with_property(read_only("State"))
    }

    fn share() -> Instance {
        Instance::new("Share")
            .with("Name", "logs")
            .with("Number", 1u8)
    }

    fn held(instance: &Instance, purpose: Purpose) -> Result<Instance, Error> {
        let unchecked = Unchecked {
            instance,
            at: None,
            purpose,
            only: None,
        };
        unchecked.against(&class())
    }

    fn refused(instance: &Instance, purpose: Purpose) -> (&'static str, WbemStatus, String) {
        let error = held(instance, purpose).unwrap_err();
        assert_eq!(error.delivery(), Delivery::NotSent);
        (error.name(), error.wbem(), error.to_string())
    }

    #[test]
    fn rejects_each_fault_with_an_error_that_names_class_and_property() {
        let parameter = WbemStatus::INVALID_PARAMETER;
        let rows = [
            (
                share().with("Sise", 1u8),
                "InvalidParameter",
                WbemStatus::INVALID_PROPERTY,
                "Sise",
            ),
            (
                share().with("Type", "many"),
                "TypeMismatch",
                WbemStatus::TYPE_MISMATCH,
                "Type",
            ),
            (
                share().with("Type", -1),
                "TypeMismatch",
                WbemStatus::TYPE_MISMATCH,
                "Type",
            ),
            (
                share().with("Path", vec!["a"]),
                "TypeMismatch",
                WbemStatus::TYPE_MISMATCH,
                "Path",
            ),
            (
                share().with_null("Path"),
                "IllegalNull",
                WbemStatus::ILLEGAL_NULL,
                "Path",
            ),
            (
                share().with_null("Name"),
                "IllegalNull",
                WbemStatus::ILLEGAL_NULL,
                "Name",
            ),
            (
                share().with("State", "on"),
                "InvalidParameter",
                WbemStatus::READ_ONLY,
                "State",
            ),
            (
                Instance::new("Share").with("Name", "a"),
                "InvalidParameter",
                parameter,
                "Number",
            ),
            (
                Instance::new("Share").with_key("Name", "a"),
                "InvalidParameter",
                parameter,
                "Number",
            ),
            (
                share().with_key("Type", 1u32),
                "InvalidParameter",
                parameter,
                "Type",
            ),
        ];
        for (instance, name, wbem, property) in rows {
            let (found, code, text) = refused(&instance, Purpose::Update);
            assert_eq!((found, code), (name, wbem), "{instance:?}");
            assert!(text.contains(property) && text.contains("Share"), "{text}");
        }
    }

    #[test]
    fn takes_the_keys_from_the_class() {
        let path = held(&share(), Purpose::Update).unwrap().path().unwrap();
        assert_eq!(path.to_string(), r#"Share.Name="logs",Number=1"#);
        let place = InstancePath::new("Share").in_namespace("root/x".parse().unwrap());
        let placed = held(&share().with_path(place), Purpose::Either).unwrap();
        assert_eq!(
            placed.path().unwrap().to_string(),
            r#"root\x:Share.Name="logs",Number=1"#
        );
    }

    #[test]
    fn accepts_missing_keys_and_read_only_properties_in_a_create() {
        let new = Instance::new("Share").with("State", "on").with_null("Name");
        assert_eq!(held(&new, Purpose::Create).unwrap().path(), None);
        assert_eq!(
            refused(&new.with_null("Path"), Purpose::Create).0,
            "IllegalNull"
        );
        assert!(held(&share().with("State", "on"), Purpose::Either).is_ok());
    }

    #[test]
    fn converts_values_and_keeps_their_modified_state() {
        let mut read = share().with("Type", 5).with("Tags", "a");
        read.set_unmodified();
        read.push_read(Property::read("State".into(), Value::Untyped("on".into())));
        let held = held(&read, Purpose::Update).unwrap();
        assert_eq!(held.value("Type"), Some(&Value::Uint32(5)));
        assert_eq!(held.value("Tags"), Some(&Value::from(vec!["a"])));
        assert_eq!(held.modified().count(), 0);
    }

    #[test]
    fn validates_only_the_property_of_a_fragment() {
        let (instance, only) = (share().with("Sise", 1u8).with("Type", 1), Name::new("type"));
        let unchecked = Unchecked {
            instance: &instance,
            at: None,
            purpose: Purpose::Update,
            only: Some(&only),
        };
        assert!(unchecked.against(&class()).is_ok());
        let abstracted = unchecked.against(&class().as_abstract());
        assert_eq!(abstracted.unwrap_err().name(), "InvalidClass");
    }

    #[test]
    fn accepts_any_keys_for_a_class_that_declares_none() {
        let bare = Class::new("Share").with("Name", CimType::String);
        let check = |class: &Class, instance: &Instance| {
            let unchecked = Unchecked {
                instance,
                at: None,
                purpose: Purpose::Update,
                only: None,
            };
            unchecked.against(class).map(|instance| instance.path())
        };
        let instance = Instance::new("Share").with("Name", "a");
        assert_eq!(check(&bare, &instance).unwrap(), None);
        assert!(
            check(&bare, &Instance::new("Share").with_key("Name", "a"))
                .unwrap()
                .is_some()
        );
        let only = check(&bare.as_singleton(), &instance).unwrap();
        assert_eq!(only, Some(InstancePath::singleton("Share")));
    }
}
