//! Converts a value to the type that its class declares.

use crate::cim::{Array, CimType, InstancePath, Value, ValueError};

impl Value {
    /// Converts the value to a type: untyped text is parsed as in [`Value::to`], and a typed number is
    /// converted if nothing is lost. NULL stays NULL, and the elements of an array are converted.
    ///
    /// ```
    /// use wsman::cim::{CimType, Value};
    /// assert_eq!(Value::Untyped("TRUE".into()).typed_as(CimType::Boolean)?, Value::from(true));
    /// assert_eq!(Value::from(5u8).typed_as(CimType::Sint16)?, Value::from(5i16));
    /// assert!(Value::from(500u16).typed_as(CimType::Uint8).is_err());
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    ///
    /// # Errors
    /// Fails on text that is invalid for the type, and on a value of another type. The error names the
    /// type. Text is never an embedded instance.
    pub fn typed_as(&self, cim_type: CimType) -> Result<Value, ValueError> {
        match self {
            Value::Null => Ok(Value::Null),
            Value::Array(array) => {
                let items = array.into_iter().map(|item| item.typed_as(cim_type));
                let items = items.collect::<Result<Vec<_>, _>>()?;
                Ok(Value::Array(Array::of(Some(cim_type), items)))
            }
            Value::Untyped(_) if cim_type == CimType::Reference => {
                self.to::<InstancePath>().map(Value::from)
            }
            Value::Untyped(text) => {
                Self::of_text(text, cim_type).ok_or_else(|| self.is_not_of(cim_type))
            }
            Value::Lossy(_) if cim_type == CimType::String => Ok(self.clone()),
            typed if typed.cim_type() == Some(cim_type) => Ok(typed.clone()),
            typed => typed.converted(cim_type),
        }
    }

    /// Converts a boolean or a number to another of these types.
    fn converted(&self, cim_type: CimType) -> Result<Value, ValueError> {
        match cim_type {
            CimType::Boolean => self.to::<bool>().map(Value::from),
            CimType::Uint8 => self.to::<u8>().map(Value::from),
            CimType::Sint8 => self.to::<i8>().map(Value::from),
            CimType::Uint16 => self.to::<u16>().map(Value::from),
            CimType::Sint16 => self.to::<i16>().map(Value::from),
            CimType::Uint32 => self.to::<u32>().map(Value::from),
            CimType::Sint32 => self.to::<i32>().map(Value::from),
            CimType::Uint64 => self.to::<u64>().map(Value::from),
            CimType::Sint64 => self.to::<i64>().map(Value::from),
            CimType::Real32 => self.to::<f32>().map(Value::from),
            CimType::Real64 => self.to::<f64>().map(Value::from),
            _ => Err(self.is_not_of(cim_type)),
        }
    }

    /// Creates the error for a value of another type.
    pub(crate) fn is_not_of(&self, cim_type: CimType) -> ValueError {
        let wanted = cim_type.wanted();
        if self.is_blank() {
            return ValueError::empty(wanted);
        }
        self.is_not(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, cim_type: CimType) -> Result<Value, ValueError> {
        Value::Untyped(text.to_owned()).typed_as(cim_type)
    }

    #[test]
    fn parses_text_as_the_type() {
        assert_eq!(read(" +007 ", CimType::Uint8), Ok(Value::Uint8(7)));
        assert_eq!(read("inf", CimType::Real64), Ok(f64::INFINITY.into()));
        assert_eq!(read(" a ", CimType::String), Ok(Value::from(" a ")));
        let path = InstancePath::new("A").with_key("K", "v");
        assert_eq!(read("A.K=\"v\"", CimType::Reference), Ok(path.into()));
    }

    #[test]
    fn a_char16_is_a_character_or_a_number() {
        assert_eq!(read("5", CimType::Char16), Ok(Value::Char16(0x35)));
        assert_eq!(read("065", CimType::Char16), Ok(Value::Char16(65)));
        assert_eq!(read("é", CimType::Char16), Ok(Value::Char16(0xe9)));
        for bad in ["", "🦀", "ab", "65536"] {
            assert!(read(bad, CimType::Char16).is_err(), "{bad}");
        }
    }

    #[test]
    fn errors_name_the_type() {
        for cim_type in CimType::ALL.into_iter().filter(|t| *t != CimType::String) {
            let error = read("", cim_type).unwrap_err();
            assert!(error.wanted().contains(cim_type.as_str()), "{error}");
        }
        let error = Value::from("5").typed_as(CimType::Uint8).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a string of 1 character is not a value of type uint8"
        );
    }

    #[test]
    fn every_scalar_parses_its_own_text() {
        let values = [
            Value::Boolean(true),
            Value::Sint8(-8),
            Value::Uint64(u64::MAX),
            Value::Real32(0.1),
            Value::Real64(f64::INFINITY),
            Value::Char16(0xd800),
            Value::Char16(5),
            Value::Char16(u16::from(b'5')),
            Value::DateTime("PT1S".parse().unwrap()),
            Value::String(" a ".into()),
        ];
        for value in values {
            let text = value.key_text().unwrap();
            assert_eq!(read(&text, value.cim_type().unwrap()), Ok(value));
        }
    }

    #[test]
    fn converts_typed_numbers_only_without_loss() {
        let number = Value::from(5i64);
        assert_eq!(number.typed_as(CimType::Uint32), Ok(Value::Uint32(5)));
        assert_eq!(number.typed_as(CimType::Real32), Ok(Value::Real32(5.0)));
        let refused = [
            (Value::from(256u32), CimType::Uint8),
            (Value::from(-5i8), CimType::Uint64),
            (Value::from(16_777_217u32), CimType::Real32),
            (Value::from(5.0f32), CimType::Sint64),
            (Value::from(0.1f64), CimType::Real32),
            (Value::from(true), CimType::Uint8),
            (Value::from("5"), CimType::Char16),
            (Value::octets([5]), CimType::Uint16),
        ];
        for (value, cim_type) in refused {
            assert!(value.typed_as(cim_type).is_err(), "{value:?} {cim_type}");
        }
    }

    #[test]
    fn arrays_keep_their_null_elements() {
        let items = vec![Value::Untyped("1".into()), Value::Null];
        let array = Value::from(Array::from_values(items).unwrap());
        let typed = array.typed_as(CimType::Uint8).unwrap();
        assert_eq!(typed.elements(), [Value::Uint8(1), Value::Null]);
        assert_eq!(typed.cim_type(), Some(CimType::Uint8));
        assert_eq!(typed.typed_as(CimType::Uint8), Ok(typed));
        let none = Value::from(Array::untyped()).typed_as(CimType::Real32);
        assert_eq!(none, Ok(Value::from(Vec::<f32>::new())));
    }
}
