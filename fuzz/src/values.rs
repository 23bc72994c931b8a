//! Values and instances made of the bytes of an input.

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use wsman::cim::Array;
use wsman::{Instance, InstancePath, Value};

use crate::messages::goes_back;

/// A generated instance: what is written is well-formed, and reads back equal.
pub fn values(data: &[u8]) {
    if let Ok(instance) = instance(&mut Unstructured::new(data), 0) {
        goes_back(&instance);
    }
}

/// Returns a name of CIM, of one to four letters, digits and underscores. WMI keeps names that begin with two
/// underscores for itself.
pub fn name(input: &mut Unstructured<'_>) -> Result<String> {
    const FIRST: &[u8] = b"ABCxyz";
    const REST: &[u8] = b"ABCxyz_0189";
    let mut name = char::from(*input.choose(FIRST)?).to_string();
    for _ in 0..input.int_in_range(0..=3)? {
        name.push(char::from(*input.choose(REST)?));
    }
    Ok(name)
}

/// Returns any text.
pub fn text(input: &mut Unstructured<'_>) -> Result<String> {
    let length = input.int_in_range(0..=32)?;
    let bytes = input.bytes(length.min(input.len()))?;
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

/// Returns a value that is not an array.
pub fn scalar(input: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match input.int_in_range(0..=17)? {
        0 => Value::Null,
        1 => Value::Boolean(input.arbitrary()?),
        2 => Value::Uint8(input.arbitrary()?),
        3 => Value::Sint8(input.arbitrary()?),
        4 => Value::Uint16(input.arbitrary()?),
        5 => Value::Sint16(input.arbitrary()?),
        6 => Value::Uint32(input.arbitrary()?),
        7 => Value::Sint32(input.arbitrary()?),
        8 => Value::Uint64(input.arbitrary()?),
        9 => Value::Sint64(input.arbitrary()?),
        10 => Value::Real32(input.arbitrary()?),
        11 => Value::Real64(input.arbitrary()?),
        12 => Value::Char16(input.arbitrary()?),
        13 => Value::Untyped(text(input)?),
        14 => match text(input)?.parse() {
            Ok(datetime) => Value::DateTime(datetime),
            Err(_) => Value::Null,
        },
        15 => Value::Octets(text(input)?.into_bytes()),
        16 => Value::Reference(Box::new(path(input)?)),
        _ => Value::String(text(input)?),
    })
}

fn path(input: &mut Unstructured<'_>) -> Result<InstancePath> {
    let mut path = InstancePath::new(name(input)?);
    for _ in 0..input.int_in_range(0..=2)? {
        path = path.with_key(name(input)?, Value::Untyped(text(input)?));
    }
    Ok(path)
}

fn value(input: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    match input.int_in_range(0..=9)? {
        0 if depth < 3 => Ok(Value::Instance(Box::new(instance(input, depth + 1)?))),
        1 => {
            let mut items = Vec::new();
            for _ in 0..input.int_in_range(0..=3)? {
                items.push(scalar(input)?);
            }
            Ok(Array::from_values(items).map_or(Value::Null, Value::from))
        }
        _ => scalar(input),
    }
}

fn instance(input: &mut Unstructured<'_>, depth: usize) -> Result<Instance> {
    let mut instance = Instance::new(name(input)?);
    for _ in 0..input.int_in_range(0..=5)? {
        instance.set(name(input)?, value(input, depth)?);
    }
    Ok(instance)
}
