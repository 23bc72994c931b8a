//! Octets in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::cim::{Value, ValueError};
use crate::white_space::is_space_byte;

impl Value {
    /// Returns the octets of an octet string, an array of `uint8`, or base64 text, which may span
    /// several lines. Use it for a server that sends base64 without a type, such as Intel AMT.
    ///
    /// ```
    /// use wsman::cim::Value;
    /// assert_eq!(Value::Untyped("AQID\nBA==".into()).to_octets()?, [1, 2, 3, 4]);
    /// assert_eq!(Value::octets([5]).to_octets()?, [5]);
    /// # Ok::<(), wsman::cim::ValueError>(())
    /// ```
    ///
    /// # Errors
    /// Fails if the value is NULL, invalid base64 text, or of another type.
    pub fn to_octets(&self) -> Result<Vec<u8>, ValueError> {
        match self {
            Value::Untyped(text) | Value::String(text) => {
                read_base64(text).ok_or_else(|| self.is_not("base64"))
            }
            other => other.to(),
        }
    }

    /// Decodes base64 text into an octet string; `None` if it is invalid.
    pub(crate) fn of_base64(text: &str) -> Option<Value> {
        read_base64(text).map(Value::Octets)
    }
}

/// Base64 may be broken into lines (RFC 2045 6.8; XML Schema part 2, 3.2.16).
fn read_base64(text: &str) -> Option<Vec<u8>> {
    if !text.bytes().any(is_space_byte) {
        return BASE64.decode(text).ok();
    }
    let plain: Vec<u8> = text.bytes().filter(|byte| !is_space_byte(*byte)).collect();
    BASE64.decode(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_base64_on_several_lines() {
        for text in ["AQIDBA==", " AQIDBA==\n", "AQID\nBA==", "AQ\r\nID BA\t=="] {
            let untyped = Value::Untyped(text.to_owned());
            assert_eq!(untyped.to_octets(), Ok(vec![1, 2, 3, 4]), "{text:?}");
            assert_eq!(Value::of_base64(text), Some(Value::octets([1, 2, 3, 4])));
        }
        assert_eq!(Value::from("").to_octets(), Ok(Vec::new()));
    }

    #[test]
    fn rejects_invalid_base64() {
        for text in ["AQIDBA=", "A", "?", "AQID-_==", "AQIDBB=="] {
            let error = Value::from(text).to_octets().unwrap_err();
            assert_eq!(error.wanted(), "base64", "{text:?}");
            assert_eq!(Value::of_base64(text), None);
        }
        assert!(Value::Null.to_octets().is_err());
        assert!(Value::from(true).to_octets().is_err());
        assert_eq!(Value::from(vec![1u8, 2]).to_octets(), Ok(vec![1, 2]));
    }
}
