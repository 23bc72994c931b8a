//! Serializes a struct into values.

use serde::ser::{self, Serialize, Serializer};

use super::{exact, handover};
use crate::cim::{Array, CimType, Instance, Value, ValueError};

/// Makes a [`Value`] of any serde input; a struct becomes an embedded instance.
#[derive(Clone, Copy, Default)]
pub(super) struct ValueSerializer {
    /// The class of the instance, if it differs from the name of the struct.
    class: Option<&'static str>,
}

impl ValueSerializer {
    /// Makes an instance of a class from a struct of any name, or from a map (serde presents a struct
    /// with a flattened field as a map).
    pub(super) fn of_class(class: &'static str) -> Self {
        Self { class: Some(class) }
    }
}

/// Implements the serde types that CIM has too.
macro_rules! same_type {
    ($($serialize:ident($type:ty)),* $(,)?) => {$(
        fn $serialize(self, value: $type) -> Result<Value, ValueError> {
            Ok(Value::from(value))
        }
    )*};
}

fn no_variant_with_fields<T>(variant: &str) -> Result<T, ValueError> {
    Err(ValueError::of_phrase(variant, "a variant without fields"))
}

fn too_long<T>(number: impl ToString) -> Result<T, ValueError> {
    let wanted = "an integer of at most 64 bits";
    Err(ValueError::of_kind(
        &number.to_string(),
        "a longer integer".to_owned(),
        wanted,
    ))
}

impl Serializer for ValueSerializer {
    type Ok = Value;
    type Error = ValueError;
    type SerializeSeq = Elements;
    type SerializeTuple = Elements;
    type SerializeTupleStruct = Elements;
    type SerializeTupleVariant = ser::Impossible<Value, ValueError>;
    type SerializeMap = Properties;
    type SerializeStruct = Properties;
    type SerializeStructVariant = ser::Impossible<Value, ValueError>;

    same_type! {
        serialize_bool(bool),
        serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64),
        serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64),
        serialize_f32(f32), serialize_f64(f64), serialize_str(&str),
    }

    fn serialize_u128(self, value: u128) -> Result<Value, ValueError> {
        too_long(value)
    }

    fn serialize_i128(self, value: i128) -> Result<Value, ValueError> {
        too_long(value)
    }

    fn serialize_char(self, value: char) -> Result<Value, ValueError> {
        match u16::try_from(u32::from(value)) {
            Ok(unit) => Ok(Value::Char16(unit)),
            Err(_) => Err(ValueError::of_text(
                value.to_string(),
                CimType::Char16.wanted(),
            )),
        }
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, ValueError> {
        Ok(Value::Octets(bytes.to_vec()))
    }

    fn serialize_none(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ValueError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, ValueError> {
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, ValueError> {
        let announced = exact::is_marker(name).then(|| handover::receive(value));
        match announced.flatten() {
            Some(value) => Ok(value),
            None => value.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: &T,
    ) -> Result<Value, ValueError> {
        no_variant_with_fields(variant)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements, ValueError> {
        Ok(Elements::default())
    }

    fn serialize_tuple(self, _: usize) -> Result<Elements, ValueError> {
        Ok(Elements::default())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Elements, ValueError> {
        Ok(Elements::default())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, ValueError> {
        no_variant_with_fields(variant)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Properties, ValueError> {
        match self.class {
            Some(class) => Ok(Properties::new(class)),
            None => Err(ValueError::of_phrase(
                "a map",
                "a struct, whose name is a class",
            )),
        }
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Properties, ValueError> {
        Ok(Properties::new(self.class.unwrap_or(name)))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, ValueError> {
        no_variant_with_fields(variant)
    }
}

/// The elements of an array.
#[derive(Default)]
pub(super) struct Elements(Vec<Value>);

impl Elements {
    fn add<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), ValueError> {
        self.0.push(element.serialize(ValueSerializer::default())?);
        Ok(())
    }
}

/// Implements the forms of a list, which are one in CIM.
macro_rules! elements {
    ($($form:ident $serialize:ident),* $(,)?) => {$(
        impl ser::$form for Elements {
            type Ok = Value;
            type Error = ValueError;

            fn $serialize<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), ValueError> {
                self.add(element)
            }

            fn end(self) -> Result<Value, ValueError> {
                Array::from_values(self.0).map(Value::Array)
            }
        }
    )*};
}

elements! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
}

/// The properties of an instance.
pub(super) struct Properties {
    instance: Instance,
    /// The entry name whose value comes next.
    name: Option<String>,
}

impl Properties {
    fn new(class: &str) -> Self {
        Self {
            instance: Instance::new(class),
            name: None,
        }
    }

    fn add<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), ValueError> {
        let value = value
            .serialize(ValueSerializer::default())
            .map_err(|error| error.in_property(name))?;
        self.instance.set(name, value);
        Ok(())
    }
}

impl ser::SerializeStruct for Properties {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), ValueError> {
        self.add(name, value)
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(Value::from(self.instance))
    }
}

impl ser::SerializeMap for Properties {
    type Ok = Value;
    type Error = ValueError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), ValueError> {
        match name.serialize(ValueSerializer::default())? {
            Value::String(name) => self.name = Some(name),
            other => {
                return Err(other.is_not("the name of a property"));
            }
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        match self.name.take() {
            Some(name) => self.add(&name, value),
            None => Err(ValueError::of_phrase(
                "a value without a name",
                "a property",
            )),
        }
    }

    fn end(self) -> Result<Value, ValueError> {
        Ok(Value::from(self.instance))
    }
}
