//! Hands a value of the model to the type that serde hides.
//!
//! Between a type and a format serde carries only its own data model. The one exception is the error of
//! the format: it is a [`std::error::Error`], whose source can be downcast. So both directions end in an
//! error of this module, with a slot for the value as its source:
//! * [`Receiver`] fails on whatever is written to it; the type then puts its value into the slot.
//! * [`Sender`] fails on whatever is read from it; the type then takes its value out of the slot.

use std::cell::RefCell;
use std::error::Error;
use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde::ser::{self, Impossible, Serialize, Serializer};

use crate::cim::{Value, ValueError};

/// The error of [`Receiver`] and [`Sender`].
#[derive(Debug)]
pub(super) struct Handover {
    slot: Slot,
    /// The problem, if the type took no part in the exchange.
    problem: ValueError,
}

/// The place of the value, found as the source of the error.
#[derive(Debug, Default)]
struct Slot(RefCell<Option<Value>>);

impl Handover {
    fn with(slot: Slot) -> Self {
        Self {
            slot,
            problem: ValueError::missing("a value of the model"),
        }
    }

    fn because(message: impl fmt::Display) -> Self {
        Self {
            slot: Slot::default(),
            problem: de::Error::custom(message),
        }
    }
}

/// Puts a value into the error of a [`Receiver`]; leaves every other error alone.
pub(super) fn put(error: &dyn Error, value: impl FnOnce() -> Value) {
    if let Some(Slot(slot)) = slot_of(error) {
        slot.replace(Some(value()));
    }
}

/// Takes the value out of the error of a [`Sender`]; finds none in any other error.
pub(super) fn take(error: &dyn Error) -> Option<Value> {
    slot_of(error)?.0.take()
}

fn slot_of(error: &dyn Error) -> Option<&Slot> {
    error.source()?.downcast_ref()
}

/// Returns the value that a type of the model puts into the slot; `None` for every other type, also for
/// a copy in which serde has buffered the value.
pub(super) fn receive<T: Serialize + ?Sized>(announced: &T) -> Option<Value> {
    match announced.serialize(Receiver) {
        Ok(value) => Some(value),
        Err(handover) => handover.slot.0.take(),
    }
}

/// Runs the visitor of a type of the model, which takes `value` out of the slot.
pub(super) fn send<'de, V: Visitor<'de>>(value: Value, visitor: V) -> Result<V::Value, ValueError> {
    let sent = visitor.visit_newtype_struct(Sender(value));
    sent.map_err(|handover| handover.problem)
}

struct Sender(Value);

impl<'de> Deserializer<'de> for Sender {
    type Error = Handover;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Handover> {
        Err(Handover::with(Slot(RefCell::new(Some(self.0)))))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Receiver;

/// Fails every request for a form with an empty slot.
macro_rules! receive {
    ($($serialize:ident($($argument:ty),*) -> $ok:ty;)*) => {$(
        fn $serialize(self, $(_: $argument),*) -> Result<$ok, Handover> {
            Err(Handover::with(Slot::default()))
        }
    )*};
}

type Never = Impossible<Value, Handover>;

impl Serializer for Receiver {
    type Ok = Value;
    type Error = Handover;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    receive! {
        serialize_bool(bool) -> Value;
        serialize_u8(u8) -> Value;
        serialize_u16(u16) -> Value;
        serialize_u32(u32) -> Value;
        serialize_u64(u64) -> Value;
        serialize_i8(i8) -> Value;
        serialize_i16(i16) -> Value;
        serialize_i32(i32) -> Value;
        serialize_i64(i64) -> Value;
        serialize_f32(f32) -> Value;
        serialize_f64(f64) -> Value;
        serialize_char(char) -> Value;
        serialize_str(&str) -> Value;
        serialize_bytes(&[u8]) -> Value;
        serialize_none() -> Value;
        serialize_unit() -> Value;
        serialize_unit_struct(&'static str) -> Value;
        serialize_unit_variant(&'static str, u32, &'static str) -> Value;
        serialize_seq(Option<usize>) -> Never;
        serialize_tuple(usize) -> Never;
        serialize_tuple_struct(&'static str, usize) -> Never;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Never;
        serialize_map(Option<usize>) -> Never;
        serialize_struct(&'static str, usize) -> Never;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Never;
    }

    /// Does not print the text, which is not needed.
    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<Value, Handover> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Value, Handover> {
        self.serialize_unit()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<Value, Handover> {
        self.serialize_unit()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Value, Handover> {
        self.serialize_unit()
    }
}

impl fmt::Display for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl Error for Handover {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.slot)
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value on its way")
    }
}

impl Error for Slot {}

impl ser::Error for Handover {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::because(message)
    }
}

impl de::Error for Handover {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::because(message)
    }
}
