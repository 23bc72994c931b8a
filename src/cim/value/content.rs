//! Compares what two values say, typed or not.

use crate::cim::{InstancePath, Value};

impl Value {
    /// Returns whether two values of a property say the same, as [`Instance::diff`] compares them: a
    /// server that sends no types did not change a value.
    ///
    /// [`Instance::diff`]: crate::Instance::diff
    pub(crate) fn says_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Null, _) | (_, Value::Null) => false,
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.into_iter().zip(b).all(|(a, b)| a.says_same(b))
            }
            // Without types an array of one is sent as a single value.
            (Value::Array(array), Value::Untyped(_)) => {
                matches!(array.as_slice(), [only] if only.says_same(other))
            }
            (Value::Untyped(_), Value::Array(_)) => other.says_same(self),
            (Value::Untyped(_), Value::Octets(octets))
            | (Value::Octets(octets), Value::Untyped(_)) => {
                let text = if self.is_array() { other } else { self };
                text.to_octets().is_ok_and(|read| read == *octets)
            }
            (Value::Octets(octets), Value::Array(array))
            | (Value::Array(array), Value::Octets(octets)) => {
                let numbers = octets.iter().map(|octet| Value::Uint8(*octet));
                numbers.eq(array.into_iter().cloned())
            }
            (Value::Instance(a), Value::Instance(b)) => {
                a.class() == b.class() && a.diff(b).is_empty()
            }
            (Value::Reference(a), Value::Reference(b)) => a.is_same_reference(b),
            (Value::Untyped(text), Value::Reference(path))
            | (Value::Reference(path), Value::Untyped(text)) => {
                let read = text.parse::<InstancePath>();
                read.is_ok_and(|read| read.is_same_reference(path))
            }
            (a, b) => match (a.as_str(), b.as_str()) {
                (Some(a), Some(b)) => a == b,
                _ => a.reads_as(b) || b.reads_as(a) || a.is_same_scalar(b),
            },
        }
    }

    /// Compares typed scalars: numbers by value, whatever their size, and anything else exactly.
    fn is_same_scalar(&self, other: &Value) -> bool {
        match (self.real(), other.real()) {
            (Some(a), Some(b)) => a == b || (a.is_nan() && b.is_nan()),
            _ => self == other || self.is_same_integer(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cim::Instance;
    use crate::secret::Secret;

    fn untyped(text: &str) -> Value {
        Value::Untyped(text.to_owned())
    }

    #[test]
    fn ignores_types_that_a_server_does_not_send() {
        let path = || InstancePath::new("A").with_key("K", "x");
        let lamp = |level: Value| Value::from(Instance::new("Lamp").with("Level", level));
        for (a, b) in [
            (Value::Null, Value::Null),
            (Value::from(7u8), untyped("7")),
            (Value::from(7u8), Value::from(7i64)),
            (Value::from(u64::MAX), Value::from(u64::MAX)),
            (Value::from(0.5f32), Value::from(0.5f64)),
            (Value::from(f64::NAN), Value::from(f64::NAN)),
            (Value::from(f64::NAN), Value::from(f32::NAN)),
            (Value::from(true), untyped("TRUE")),
            (Value::from("a"), untyped("a")),
            (Value::from("a"), Value::from(Secret::from("a"))),
            (Value::from(vec!["a"]), untyped("a")),
            (Value::from(vec![1u8, 2]), Value::from(vec![1u16, 2])),
            (Value::octets([1, 2]), untyped("AQI=")),
            (Value::octets([1, 2]), Value::from(vec![1u8, 2])),
            (Value::from(path()), untyped("a.k=\"x\"")),
            (lamp(7u8.into()), lamp(untyped("7"))),
        ] {
            assert!(a.says_same(&b) && b.says_same(&a), "{a:?} {b:?}");
        }
    }

    #[test]
    fn tells_other_values_apart() {
        let lamp = |level: Value| Value::from(Instance::new("Lamp").with("Level", level));
        for (a, b) in [
            (Value::Null, untyped("")),
            (Value::Null, Value::from("")),
            (Value::from("7"), Value::from(7u8)),
            (Value::from("a"), Value::from("A")),
            (Value::from(true), Value::from(1u8)),
            (Value::from(7u8), untyped("8")),
            (Value::from(u64::MAX), Value::from(u64::MAX - 1)),
            (Value::from(u64::MAX), Value::from(-1i64)),
            (Value::from(vec!["a"]), Value::from(vec!["a", "b"])),
            (Value::from(vec!["a", "b"]), untyped("a")),
            (Value::octets([1, 2]), untyped("AQM=")),
            (Value::octets([1, 2]), Value::from(vec![1u8])),
            (lamp(7u8.into()), lamp(untyped("8"))),
            (lamp(7u8.into()), Value::from(Instance::new("Lamp"))),
            (lamp(7u8.into()), Value::from("Lamp")),
        ] {
            assert!(!a.says_same(&b) && !b.says_same(&a), "{a:?} {b:?}");
        }
    }
}
