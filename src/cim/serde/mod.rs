//! serde support: converts a struct from and to an [`Instance`], and the model itself to other formats.
//!
//! | contents | module |
//! |---|---|
//! | struct to instance | `ser` |
//! | instance to struct | `de`, `fields` |
//! | the same with texts that are moved, for rows | `moved` |
//! | the field names of a struct | `field_names` |
//! | what serde reports about a type only by an error | `facts` |
//! | `Value`, `DateTime`, `InstancePath`, `Instance` as JSON and similar formats | `model` |
//! | how those four keep their exact type inside a struct | `exact`, `handover` |

mod de;
mod exact;
mod facts;
mod field_names;
mod fields;
mod handover;
mod model;
mod moved;
mod ser;
#[cfg(test)]
mod tests;

pub(crate) use self::field_names::field_names;

use serde::Serialize;
use serde::de::DeserializeOwned;

use self::facts::Attempt;
use self::fields::InstanceDeserializer;
use self::moved::MovingDeserializer;
use self::ser::ValueSerializer;
use super::{Instance, Value, ValueError};

/// The class and the keys of the caller's own struct.
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
    /// Creates an instance from a struct: a property for each field, of the type of the field.
    ///
    /// | in Rust | in CIM |
    /// |---|---|
    /// | `bool`, `u8` to `u64`, `i8` to `i64`, `f32`, `f64`, `String` | the type of that size |
    /// | `char` | `char16` |
    /// | `DateTime`, `InstancePath`, `Instance`, `Value` | the same |
    /// | a nested struct | an embedded instance of a class of the struct's name |
    /// | a list | an array; an empty list has no type |
    /// | bytes (`serialize_bytes`) | [`Value::Octets`] |
    /// | a variant without fields | `string` |
    /// | `None`, `()` | NULL |
    /// | a field left out by `skip_serializing_if` | missing |
    ///
    /// A field that is one of [`CimClass::KEYS`] is marked a key.
    ///
    /// # Errors
    /// Fails on what CIM cannot express: a map in a field, a list of lists or of different types, a
    /// character beyond U+FFFF, a 128-bit integer, a variant with fields, and a `T` that is not a
    /// struct. The error names the field.
    pub fn from_struct<T: Serialize + CimClass>(value: &T) -> Result<Self, ValueError> {
        let instance = Self::of_fields(T::CLASS, value)?;
        Ok(T::KEYS.iter().fold(instance, |instance, key| {
            match instance
                .property(key)
                .map(|property| (property.name().clone(), property.value().clone()))
            {
                Some((name, value)) => instance.with_key(name, value),
                None => instance,
            }
        }))
    }

    /// Creates an instance with a property for each field of a struct or entry of a map.
    pub(crate) fn of_fields<T: Serialize + ?Sized>(
        class: &'static str,
        value: &T,
    ) -> Result<Self, ValueError> {
        match value.serialize(ValueSerializer::of_class(class))? {
            Value::Instance(instance) => Ok(*instance),
            other => Err(other.is_not("a struct")),
        }
    }

    /// Reads the instance into a struct. Each field takes the property of its name, compared without
    /// case.
    ///
    /// * Untyped text is parsed as the type of the field.
    /// * In an `Option`, a missing property, NULL and (except for a string) an empty element are
    ///   `None`.
    /// * In a list, a missing property and NULL are an empty list, because servers omit empty arrays.
    /// * `#[serde(default)]` takes precedence for a missing property.
    /// * A single value is a list of one, because a server without types sends both alike.
    /// * Properties without a field are ignored unless the struct denies them.
    ///
    /// In a struct with `#[serde(flatten)]`, serde does not list the fields in advance. An optional or
    /// default field is then found only by its exact name. A flattened field gets text for datetimes
    /// and paths, untyped text for integers, and an empty text for an empty element, even in an `Option`.
    ///
    /// # Errors
    /// Fails if a property is missing or its value is not of the type of the field. The error names the
    /// property, the value found and the expected type.
    pub fn to_struct<T: DeserializeOwned>(&self) -> Result<T, ValueError> {
        // Only the first rows of a type take more than one attempt.
        for _ in 0..facts::MOST {
            let attempt = Attempt::default();
            let read = T::deserialize(InstanceDeserializer::new(self, &attempt));
            if read.is_ok() || !attempt.has_learned() {
                return read;
            }
        }
        T::deserialize(InstanceDeserializer::new(self, &Attempt::default()))
    }

    /// Does the same with an instance that is not needed afterwards, whose texts are moved.
    pub(crate) fn move_into_struct<T: DeserializeOwned>(&mut self) -> Result<T, ValueError> {
        let attempt = Attempt::default();
        let read = T::deserialize(MovingDeserializer {
            instance: self,
            attempt: &attempt,
        });
        if read.is_err() && attempt.has_learned() {
            // Nothing was moved.
            return self.to_struct();
        }
        read
    }
}
