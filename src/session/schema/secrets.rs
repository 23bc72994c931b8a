//! Marks what known classes declare secret, before `Debug` prints a request.
//!
//! Only the class cache is asked, so that nothing is sent. A session that has read no class with a secret
//! tests one flag.

use crate::cim::{Array, CimType, Class, Instance, Name, Value};
use crate::session::Session;

impl Session {
    /// Returns the instance with its secrets marked, as far as its class is in the cache.
    pub(in crate::session) fn with_secrets_marked(&self, instance: Instance) -> Instance {
        if self.classes().has_secrets() {
            self.marked(instance)
        } else {
            instance
        }
    }

    #[cold]
    fn marked(&self, mut instance: Instance) -> Instance {
        for class in self.classes().of_name(instance.class()) {
            mark(&mut instance, secrets(&class));
        }
        let holds_instances = |value: &Value| matches!(value.cim_type(), Some(CimType::Instance));
        if instance
            .properties()
            .iter()
            .any(|property| holds_instances(property.value()))
        {
            for property in instance.properties_mut() {
                let value = std::mem::take(property.value_mut());
                *property.value_mut() = self.marked_value(value);
            }
        }
        instance
    }

    fn marked_value(&self, value: Value) -> Value {
        match value {
            Value::Instance(instance) => Value::from(self.marked(*instance)),
            Value::Array(array) if array.element_type() == Some(CimType::Instance) => {
                let items = array.into_vec().into_iter();
                let marked = items.map(|item| self.marked_value(item)).collect();
                Value::Array(Array::of(Some(CimType::Instance), marked))
            }
            other => other,
        }
    }

    /// Marks the arguments of a method that its class declares secret, as far as the class is in the cache.
    pub(in crate::session) fn mark_arguments(
        &self,
        class: &Name,
        method: &Name,
        arguments: &mut Instance,
    ) {
        if !self.classes().has_secrets() {
            return;
        }
        for class in self.classes().of_name(class) {
            let declared = class.method(method.as_str());
            let inputs = declared.into_iter().flat_map(|method| &method.parameters);
            let secrets = inputs.filter(|input| input.secret).map(|input| &input.name);
            mark(arguments, secrets);
        }
    }
}

fn secrets(class: &Class) -> impl Iterator<Item = &Name> {
    let declared = class.properties().iter();
    declared
        .filter(|property| property.secret)
        .map(|property| &property.name)
}

fn mark<'n>(instance: &mut Instance, names: impl Iterator<Item = &'n Name>) {
    names.for_each(|name| instance.mark_secret(name));
}

/// Returns whether a class declares a secret.
pub(super) fn has_secrets(class: &Class) -> bool {
    let inputs = class.methods().iter().flat_map(|method| &method.parameters);
    secrets(class).next().is_some() || inputs.into_iter().any(|input| input.secret)
}
