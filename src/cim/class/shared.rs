//! What the declarations of classes, properties, methods and parameters share.

use crate::cim::Name;

/// A part of a declaration, which its name identifies.
pub(super) trait Named {
    fn name(&self) -> &Name;
}

/// Finds a part by its name.
pub(super) fn find<'p, T: Named>(parts: &'p [T], name: &str) -> Option<&'p T> {
    parts.iter().find(|part| part.name() == name)
}

/// Adds a part; replaces one of the same name.
pub(super) fn set<T: Named>(parts: &mut Vec<T>, part: T) {
    match parts.iter_mut().find(|known| known.name() == part.name()) {
        Some(known) => *known = part,
        None => parts.push(part),
    }
}

/// Implements what every declaration with qualifiers has. The type has a method `understand`, which
/// applies the meaning of its qualifiers. Its module imports `shared` and `Qualifier`.
macro_rules! qualified {
    ($type:ty) => {
        impl shared::Named for $type {
            fn name(&self) -> &Name {
                &self.name
            }
        }

        impl $type {
            /// Adds a qualifier and applies its meaning. Replaces one of the same name, but what that one
            /// declared a secret stays one.
            #[must_use]
            pub fn qualified(mut self, qualifier: Qualifier) -> Self {
                shared::set(&mut self.qualifiers, qualifier);
                self.understand();
                self
            }

            /// Sets all qualifiers as the server sent them and applies their meaning.
            pub(crate) fn set_qualifiers(&mut self, qualifiers: Vec<Qualifier>) {
                self.qualifiers = qualifiers;
                self.understand();
            }

            /// Returns a qualifier by its name.
            pub fn qualifier(&self, name: &str) -> Option<&Qualifier> {
                shared::find(&self.qualifiers, name)
            }
        }
    };
}

/// Implements what every declaration of a type has. Its module also imports `qualifier`.
macro_rules! typed {
    ($type:ty) => {
        impl $type {
            /// Makes it an array.
            #[must_use]
            pub fn array(mut self) -> Self {
                self.array = true;
                self
            }

            /// Sets the class of a reference or an embedded instance.
            #[must_use]
            pub fn of_class(mut self, class: impl Into<Name>) -> Self {
                self.class = Some(class.into());
                self
            }

            /// Makes a string an embedded instance if its qualifiers declare one.
            fn understand_embedded(&mut self) {
                let embedded = qualifier::embedded(&self.qualifiers, self.cim_type);
                if let Some(class) = embedded {
                    self.cim_type = CimType::Instance;
                    self.class = class.or(self.class.take());
                }
            }
        }
    };
}

pub(super) use {qualified, typed};
