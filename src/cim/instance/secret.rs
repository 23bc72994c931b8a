//! Properties whose value is not printed.

use std::borrow::Cow;
use std::fmt;

use crate::cim::{Instance, Name, Property, Value, ValueError};
use crate::secret::Secret;

impl Instance {
    /// Marks a property as one that its class declares secret.
    pub(crate) fn mark_secret(&mut self, name: &Name) {
        let is_unmarked = |property: &Property| property.name == *name && !property.secret;
        if let Some(at) = self.properties.iter().position(is_unmarked)
            && let Some(property) = self.properties_mut().get_mut(at)
        {
            property.mark_secret();
        }
    }
}

impl Property {
    /// Returns whether the value is not printed: the caller gave it as a
    /// [`Secret`](crate::auth::Secret), or the class marks the property
    /// ([`PropertyDecl::secret`](crate::cim::PropertyDecl::secret)) and the instance was read or sent
    /// with the types of its class.
    pub fn is_secret(&self) -> bool {
        self.secret || matches!(self.value, Value::Secret(_))
    }

    /// Marks the property as one that its class declares secret.
    pub(crate) fn mark_secret(&mut self) {
        self.secret = true;
    }

    /// Returns the value as texts print it.
    pub(in crate::cim) fn printed(&self) -> Cow<'_, Value> {
        if self.secret && !self.value.is_null() {
            Cow::Owned(Value::from(Secret::from("")))
        } else {
            Cow::Borrowed(&self.value)
        }
    }

    /// Removes the value of a secret from its error.
    pub(crate) fn explain(&self, error: ValueError) -> ValueError {
        if self.is_secret() {
            error.of_secret()
        } else {
            error
        }
    }
}

impl fmt::Debug for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Property")
            .field("name", &self.name)
            .field("value", &*self.printed())
            .field("key", &self.key)
            .field("modified", &self.modified)
            .field("altered", &self.altered)
            .finish()
    }
}
