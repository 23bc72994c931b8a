//! Values as people read them.

use std::fmt::{self, Write};

use crate::cim::{Array, Instance, Value, mof};
use crate::secret::HIDDEN;

impl fmt::Display for Value {
    /// Prints the value for people; `{:#}` prints it as MOF (DSP0004 annex A).
    ///
    /// | value | text |
    /// |---|---|
    /// | NULL | `NULL` |
    /// | text, of a type or without | the text itself, unescaped: see [`Shown`](crate::error::Shown) |
    /// | a secret | `***` |
    /// | a number, a boolean, a datetime, a reference | as in a selector |
    /// | an array | `{a, b}` |
    /// | an octet string | its digits: `0x0102` |
    /// | an embedded instance | `Lamp {Id: 1, On: true}` |
    ///
    /// ```
    /// use wsman::cim::Value;
    /// assert_eq!(Value::from(vec!["a", "b"]).to_string(), "{a, b}");
    /// assert_eq!(format!("[{:>5}]", Value::from(7u8)), "[    7]");
    /// assert_eq!(format!("{:#}", Value::from("C:\\logs")), r#""C:\\logs""#);
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return mof::write_value(f, self);
        }
        match self {
            Value::Null => f.pad("NULL"),
            Value::String(text) | Value::Untyped(text) | Value::Lossy(text) => f.pad(text),
            Value::Secret(_) => f.pad(HIDDEN),
            Value::Reference(path) => f.pad(&path.to_string()),
            Value::Instance(instance) => f.pad(&embedded(instance)),
            Value::Octets(octets) => f.pad(&digits(octets)),
            Value::Array(array) => f.pad(&list(array)),
            scalar => f.pad(&scalar.key_text().unwrap_or_default()),
        }
    }
}

fn list(array: &Array) -> String {
    let items: Vec<String> = array.into_iter().map(Value::to_string).collect();
    format!("{{{}}}", items.join(", "))
}

fn embedded(instance: &Instance) -> String {
    let properties = instance.properties().iter();
    let properties: Vec<String> = properties
        .map(|property| format!("{}: {}", property.name(), property.printed()))
        .collect();
    format!("{} {{{}}}", instance.class(), properties.join(", "))
}

fn digits(octets: &[u8]) -> String {
    octets.iter().fold("0x".to_owned(), |mut text, octet| {
        // Writing to a string does not fail.
        let _written = write!(text, "{octet:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cim::InstancePath;
    use crate::secret::Secret;

    #[test]
    fn prints_every_kind_of_value() {
        let lamp = Instance::new("Lamp").with("Id", 1u8).with("On", true);
        let path = InstancePath::new("Lamp").with_key("Id", 1u8);
        for (value, text) in [
            (Value::Null, "NULL"),
            (Value::Untyped(" 07".into()), " 07"),
            (Value::Lossy("a\u{fffd}".into()), "a\u{fffd}"),
            (Value::from("a\"\n"), "a\"\n"),
            (Value::from(Secret::from("hunter2")), "***"),
            (Value::from(true), "true"),
            (Value::from(-8i8), "-8"),
            (Value::from(u64::MAX), "18446744073709551615"),
            (Value::from(0.1f32), "0.1"),
            (Value::from(f64::NAN), "NaN"),
            (Value::Char16(65), "A"),
            (Value::Char16(0xd800), "55296"),
            (
                Value::DateTime("00000001000000.000000:000".parse().unwrap()),
                "00000001000000.000000:000",
            ),
            (Value::from(path), "Lamp.Id=1"),
            (Value::from(lamp), "Lamp {Id: 1, On: true}"),
            (Value::octets([0, 171]), "0x00ab"),
            (Value::from(vec![1u8, 2]), "{1, 2}"),
            (Value::from(Vec::<u8>::new()), "{}"),
        ] {
            assert_eq!(value.to_string(), text);
        }
    }

    #[test]
    fn pads_every_kind_of_value() {
        for value in [Value::Null, Value::from(7u8), Value::from(vec!["a"])] {
            assert_eq!(format!("{value:>6}").len(), 6);
            assert_eq!(format!("{value:<6}").trim_end(), value.to_string());
        }
    }
}
