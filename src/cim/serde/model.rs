//! The model itself in JSON and similar formats.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::exact::{self, Exact};
use crate::cim::{
    Array, DateTime, Instance, InstancePath, Keys, Namespace, Value, ValueError, same_name,
};

/// The entry for the class of an instance.
pub(super) const CLASS: &str = "__CLASS";

/// The entry for the namespace of an instance, if known.
const NAMESPACE: &str = "__NAMESPACE";

/// The entry for the path of an instance, if its keys are known.
const PATH: &str = "__PATH";

/// The prefix of these entries. A property whose name begins with it gets [`MARK`] in front, so that no
/// entry occurs twice.
const RESERVED: &str = "__";
const MARK: char = '@';

/// Implements Serialize and Deserialize by way of `exact`.
macro_rules! exact {
    ($($(#[$doc:meta])* $type:ty),* $(,)?) => {$(
        $(#[$doc])*
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                exact::serialize(self, serializer)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                exact::deserialize(deserializer)
            }
        }
    )*};
}

exact! {
    /// Serializes as a number, a text, a list or null. A 64-bit integer, a datetime, a path and a
    /// non-finite number are texts; an embedded instance is a map.
    ///
    /// Read back, a number with a point is `real64`, an integer is untyped text, every text is a
    /// string, and a list of octets is an array: convert them by the class. Inside
    /// [`Instance::from_struct`] and [`Instance::to_struct`] nothing is lost, except in a flattened
    /// field.
    Value,
    /// Serializes as RFC 3339 or an ISO 8601 duration, or as the 25 characters of CIM if it has
    /// wildcards.
    DateTime,
    /// Serializes as its text.
    InstancePath,
    /// Serializes as a flat map with `__CLASS` and, if known, `__NAMESPACE` and `__PATH`. A property
    /// whose own name begins with `__` gets an `@` in front.
    ///
    /// Read back, an instance without `__PATH` needs its keys marked again. Other entries that begin
    /// with `__` are not properties and are ignored.
    ///
    /// ```
    /// use wsman::Instance;
    /// let share = Instance::new("Win32_Share").with("Name", "logs").with("Size", 5u64).with_null("Path");
    /// let json = serde_json::to_string(&share)?;
    /// assert_eq!(json, r#"{"__CLASS":"Win32_Share","Name":"logs","Size":"5","Path":null}"#);
    /// assert_eq!(serde_json::from_str::<Instance>(&json)?.get::<String>("Size")?, "5");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    Instance,
}

impl Exact for Value {
    const MARKER: &'static str = "wsman::cim::Value";
    const EXPECTED: &'static str = "a value";

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        Ok(value.clone())
    }

    fn serialize_plain<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Untyped(text) | Value::String(text) | Value::Lossy(text) => {
                serializer.serialize_str(text)
            }
            Value::Secret(_) => Err(serde::ser::Error::custom("a secret is not written out")),
            Value::Boolean(flag) => serializer.serialize_bool(*flag),
            Value::Uint8(number) => serializer.serialize_u8(*number),
            Value::Sint8(number) => serializer.serialize_i8(*number),
            Value::Uint16(number) => serializer.serialize_u16(*number),
            Value::Sint16(number) => serializer.serialize_i16(*number),
            Value::Uint32(number) => serializer.serialize_u32(*number),
            Value::Sint32(number) => serializer.serialize_i32(*number),
            // JSON readers keep 53 bits of a number.
            Value::Uint64(number) => serializer.collect_str(number),
            Value::Sint64(number) => serializer.collect_str(number),
            Value::Real32(number) if number.is_finite() => serializer.serialize_f32(*number),
            Value::Real64(number) if number.is_finite() => serializer.serialize_f64(*number),
            Value::Real32(number) => serializer.serialize_str(not_finite((*number).into())),
            Value::Real64(number) => serializer.serialize_str(not_finite(*number)),
            Value::Char16(unit) => serialize_unit_of_text(*unit, serializer),
            Value::DateTime(datetime) => datetime.serialize_plain(serializer),
            Value::Reference(path) => path.serialize_plain(serializer),
            Value::Instance(instance) => instance.serialize_plain(serializer),
            Value::Octets(bytes) => serializer.collect_seq(bytes),
            Value::Array(array) => serializer.collect_seq(array),
        }
    }

    fn deserialize_plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

/// XML Schema names the numbers that JSON cannot express.
fn not_finite(number: f64) -> &'static str {
    match number {
        f64::INFINITY => "INF",
        f64::NEG_INFINITY => "-INF",
        _ => "NaN",
    }
}

/// Writes a code unit as its character, or as its number if it is not a printable character. The number
/// has at least two digits, because one digit is a character.
fn serialize_unit_of_text<S: Serializer>(unit: u16, serializer: S) -> Result<S::Ok, S::Error> {
    match char::from_u32(unit.into()) {
        Some(character) if !character.is_whitespace() && !character.is_control() => {
            serializer.serialize_char(character)
        }
        _ => serializer.collect_str(&format_args!("{unit:02}")),
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Value::EXPECTED)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Boolean(flag))
    }

    /// The format does not report the width of the integer.
    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Untyped(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Untyped(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Real64(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Octets(bytes.to_vec()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items: Vec<Value> = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        let array = Array::from_values(of_one_type(items)).map_err(de::Error::custom)?;
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        InstanceVisitor.visit_map(map).map(Value::from)
    }
}

/// Makes the elements of a list such as `[1, 2.5, "INF"]` untyped text: they have one type in CIM and
/// several in JSON. Other elements stay unchanged.
fn of_one_type(items: Vec<Value>) -> Vec<Value> {
    let mut types = items
        .iter()
        .filter(|item| !item.is_null())
        .map(Value::cim_type);
    let first = types.next();
    if types.all(|cim_type| Some(cim_type) == first) {
        return items;
    }
    let untyped = |item| match item {
        Value::Real64(number) => Value::Untyped(number.to_string()),
        Value::String(text) => Value::Untyped(text),
        other => other,
    };
    items.into_iter().map(untyped).collect()
}

impl Exact for DateTime {
    const MARKER: &'static str = "wsman::cim::DateTime";
    const EXPECTED: &'static str = "a datetime";

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        Self::try_from(value)
    }

    fn serialize_plain<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&datetime_text(self))
    }

    fn deserialize_plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(PhantomData))
    }
}

/// Returns the text of a datetime that most readers know, else the CIM text.
pub(super) fn datetime_text(datetime: &DateTime) -> String {
    datetime.to_xs().unwrap_or_else(|| datetime.to_string())
}

impl Exact for InstancePath {
    const MARKER: &'static str = "wsman::cim::InstancePath";
    const EXPECTED: &'static str = "an object path";

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        Self::try_from(value)
    }

    fn serialize_plain<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }

    fn deserialize_plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(PhantomData))
    }
}

/// Visits a type that is read from its text.
struct TextVisitor<T>(PhantomData<T>);

impl<T: Exact + FromStr<Err = ValueError>> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

impl Exact for Instance {
    const MARKER: &'static str = "wsman::cim::Instance";
    const EXPECTED: &'static str = "an instance: a map with __CLASS";

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        Self::try_from(value)
    }

    fn serialize_plain<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let path = self
            .path()
            .filter(|path| !matches!(path.keys(), Keys::Class));
        let about = 1 + usize::from(self.namespace().is_some()) + usize::from(path.is_some());
        let mut map = serializer.serialize_map(Some(about + self.properties().len()))?;
        map.serialize_entry(CLASS, self.class().as_str())?;
        if let Some(namespace) = self.namespace() {
            map.serialize_entry(NAMESPACE, namespace.as_str())?;
        }
        if let Some(path) = path {
            map.serialize_entry(PATH, &path)?;
        }
        for property in self.properties() {
            map.serialize_entry(&*entry_name(property.name().as_str()), property.value())?;
        }
        map.end()
    }

    fn deserialize_plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InstanceVisitor)
    }
}

struct InstanceVisitor;

impl<'de> Visitor<'de> for InstanceVisitor {
    type Value = Instance;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Instance::EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Instance, A::Error> {
        let (mut class, mut namespace, mut path) = (None, None, None);
        let mut properties = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if same_name(&name, CLASS) {
                class = Some(map.next_value::<String>()?);
            } else if same_name(&name, NAMESPACE) {
                namespace = map.next_value::<Option<Parsed<Namespace>>>()?;
            } else if same_name(&name, PATH) {
                path = map.next_value::<Option<Parsed<InstancePath>>>()?;
            } else if name.starts_with(RESERVED) {
                map.next_value::<de::IgnoredAny>()?;
            } else {
                let name = property_name(&name).to_owned();
                properties.push((name, map.next_value::<Value>()?));
            }
        }
        let class = class.ok_or_else(|| de::Error::missing_field(CLASS))?;
        let start = Instance::new(class.as_str());
        let path = path.map(|Parsed(path)| path);
        let place = match namespace {
            Some(Parsed(namespace)) => {
                let path = path.unwrap_or_else(|| InstancePath::new(class));
                Some(path.in_namespace(namespace))
            }
            None => path,
        };
        let start = match place {
            Some(place) => start.with_path(place),
            None => start,
        };
        Ok(properties
            .into_iter()
            .fold(start, |instance, (name, value)| instance.with(name, value)))
    }
}

/// A type that is read from its text.
struct Parsed<T>(T);

impl<'de, T: FromStr<Err = ValueError>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(de::Error::custom)
    }
}

/// Returns whether a name, after any marks, could be taken for a reserved entry.
fn is_reserved(name: &str) -> bool {
    name.trim_start_matches(MARK).starts_with(RESERVED)
}

/// Returns the name of the entry for a property.
pub(super) fn entry_name(property: &str) -> Cow<'_, str> {
    if is_reserved(property) {
        let mut marked = String::from(MARK);
        marked.push_str(property);
        Cow::Owned(marked)
    } else {
        Cow::Borrowed(property)
    }
}

/// Returns the name of the property for an entry.
fn property_name(entry: &str) -> &str {
    match entry.strip_prefix(MARK) {
        Some(name) if is_reserved(name) => name,
        _ => entry,
    }
}
