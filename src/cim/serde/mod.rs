//! serde: a user's own struct from and to an [`Instance`], and the model itself in other formats.
//!
//! | what | where |
//! |---|---|
//! | struct to instance | `ser` |
//! | instance to struct | `de`, `fields` |
//! | which fields a struct has | `field_names` |
//! | `Value`, `DateTime`, `InstancePath`, `Instance` as JSON and the like | `model` |
//! | how those four keep their exact type inside a struct | `handoff` |

mod de;
mod field_names;
mod fields;
mod handoff;
mod model;
mod ser;
#[cfg(test)]
mod tests;

pub(crate) use self::field_names::field_names;

use serde::Serialize;
use serde::de::DeserializeOwned;

use self::fields::{InstanceDeserializer, Lessons};
use self::ser::ValueSerializer;
use super::{Instance, Value, ValueError};

/// The class and the keys of a user's own struct.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use wsman::Instance;
/// use wsman::cim::{CimClass, Value};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// #[serde(rename_all = "PascalCase")]
/// struct Share {
///     name: String,
///     #[serde(rename = "Type")]
///     kind: u32,
///     description: Option<String>,
/// }
///
/// impl CimClass for Share {
///     const CLASS: &'static str = "Win32_Share";
///     const KEYS: &'static [&'static str] = &["Name"];
/// }
///
/// let logs = Share { name: "logs".into(), kind: 0, description: None };
/// let instance = Instance::from_struct(&logs)?;
/// assert_eq!(instance.path().unwrap().to_string(), r#"Win32_Share.Name="logs""#);
/// assert_eq!(instance.value("Type"), Some(&Value::Uint32(0)));
/// assert_eq!(instance.to_struct::<Share>()?, logs);
/// # Ok::<(), wsman::cim::ValueError>(())
/// ```
pub trait CimClass {
    /// The name of the class.
    const CLASS: &'static str;
    /// The names of its key properties, as serde names the fields; compared without case.
    const KEYS: &'static [&'static str] = &[];
}

impl Instance {
    /// An instance made of a struct: a property for each field, of the type of the field.
    ///
    /// | in Rust | in CIM |
    /// |---|---|
    /// | `bool`, `u8` to `u64`, `i8` to `i64`, `f32`, `f64`, `String` | the type of that size |
    /// | `char` | `char16` |
    /// | `DateTime`, `InstancePath`, `Instance`, `Value` | just as it is |
    /// | a nested struct | an embedded instance of a class of the struct's name |
    /// | a list | an array; an empty one is of no type |
    /// | bytes (`serialize_bytes`) | [`Value::Octets`] |
    /// | an enum's variant without fields | `string` |
    /// | `None`, `()` | NULL |
    /// | left out by `skip_serializing_if` | missing |
    ///
    /// A field that is one of [`CimClass::KEYS`] is marked a key.
    ///
    /// # Errors
    /// What CIM cannot say: a map in a field, a list of lists or of different types, a character
    /// beyond U+FFFF, an integer of 128 bits, a variant with fields, a `T` that is no struct. The
    /// error names the field.
    pub fn from_struct<T: Serialize + CimClass>(value: &T) -> Result<Self, ValueError> {
        let instance = Self::of_fields(T::CLASS, value)?;
        Ok(T::KEYS.iter().fold(instance, |instance, key| {
            match instance
                .property(key)
                .map(|property| (property.name().clone(), property.value().clone()))
            {
                Some((name, value)) => instance.key(name, value),
                None => instance,
            }
        }))
    }

    /// An instance of a class with a property for each field of a struct or entry of a map.
    pub(crate) fn of_fields<T: Serialize + ?Sized>(
        class: &'static str,
        value: &T,
    ) -> Result<Self, ValueError> {
        match value.serialize(ValueSerializer::of_class(class))? {
            Value::Instance(instance) => Ok(*instance),
            other => Err(ValueError::new(other.describe(), "a struct")),
        }
    }

    /// The instance as a struct: a field for each property of that name, compared without case.
    ///
    /// Untyped text is read as the type of the field. A property that is missing or NULL, and an empty
    /// element unless the field is a string, is `None`
    /// in an `Option`; the first two are empty in a list (servers leave empty arrays out); `#[serde(default)]`
    /// goes first where it is missing. A single value is a list of one, because a server that sends
    /// no types sends both alike. Properties without a field are passed over unless the struct
    /// denies them.
    ///
    /// In a struct with `#[serde(flatten)]`, serde does not say which fields there are: a field
    /// that is optional or has a default is found only by its exact name, and what is flattened
    /// gets text for untyped text, datetimes and paths, and untyped text for integers.
    ///
    /// # Errors
    /// A property is missing, or its value is not of the type of the field; the error names the
    /// property, what was found and what was wanted.
    pub fn to_struct<T: DeserializeOwned>(&self) -> Result<T, ValueError> {
        let lessons = Lessons::default();
        loop {
            match T::deserialize(InstanceDeserializer::new(self, &lessons)) {
                Err(_) if lessons.learned() => {}
                done => return done,
            }
        }
    }
}
