//! Provider context: the values of WMI's `IWbemContext`, sent as options.

use crate::cim::{CimType, Name, Value, ValueError};
use crate::protocol::WsmanOption;

/// Returns the options of a value of the context (MS-WSMV 3.1.4.1.10): one `wmi:` option, or a
/// `wmiarray:` option for each element of an array, in their order.
pub(super) fn options(name: &Name, value: &Value) -> Result<Vec<WsmanOption>, ValueError> {
    let wrong = |value: &Value| {
        let wanted = "a value of the provider context: text, a number, a boolean or a datetime";
        value.is_not(wanted).in_property(name)
    };
    if name.as_str().trim().is_empty() {
        return Err(ValueError::new(
            name,
            "the name of a value of the provider context",
        ));
    }
    let prefix = if value.is_array() {
        "wmiarray:"
    } else {
        "wmi:"
    };
    let name = [prefix, name.as_str()].concat();
    let option = |item: &Value| {
        let text = item.key_text().filter(|_| !matches!(item, Value::Lossy(_)));
        let option = WsmanOption::new(name.as_str(), text.ok_or_else(|| wrong(item))?);
        let option = if matches!(item, Value::Secret(_)) {
            option.secret()
        } else {
            option
        };
        Ok(match item.cim_type().map(type_name) {
            Some(value_type) => option.with_type(value_type.ok_or_else(|| wrong(item))?),
            None => option,
        })
    };
    match value {
        Value::Octets(octets) => octets
            .iter()
            .map(|octet| option(&Value::Uint8(*octet)))
            .collect(),
        Value::Null => Err(wrong(value)),
        value => value.elements().iter().map(option).collect(),
    }
}

/// Returns the type of XML Schema that an option names (MS-WSMV 2.2.4.5); `None` for a type that an
/// option cannot have.
fn type_name(cim_type: CimType) -> Option<&'static str> {
    Some(match cim_type {
        CimType::Boolean => "xs:boolean",
        CimType::Uint8 => "xs:unsignedByte",
        CimType::Sint8 => "xs:byte",
        CimType::Uint16 => "xs:unsignedShort",
        CimType::Sint16 => "xs:short",
        CimType::Uint32 => "xs:unsignedInt",
        CimType::Sint32 => "xs:int",
        CimType::Uint64 => "xs:unsignedLong",
        CimType::Sint64 => "xs:long",
        CimType::Real32 => "xs:float",
        CimType::Real64 => "xs:double",
        CimType::Char16 | CimType::String | CimType::DateTime => "xs:string",
        CimType::Reference | CimType::Instance => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cim::{Array, Instance, InstancePath};

    fn written(name: &str, value: impl Into<Value>) -> Result<Vec<[String; 3]>, ValueError> {
        let options = options(&name.into(), &value.into())?;
        let parts = |o: &WsmanOption| {
            let value_type = o.value_type().unwrap_or("none");
            [o.name(), o.value(), value_type].map(str::to_owned)
        };
        Ok(options.iter().map(parts).collect())
    }

    #[test]
    fn values_become_typed_options() {
        for (value, text, value_type) in [
            (Value::from(true), "true", "xs:boolean"),
            (Value::from(64i32), "64", "xs:int"),
            (
                Value::from(u64::MAX),
                "18446744073709551615",
                "xs:unsignedLong",
            ),
            (Value::from(0.5f32), "0.5", "xs:float"),
            (Value::from("a\"b"), "a\"b", "xs:string"),
            (Value::Untyped("7".into()), "7", "none"),
        ] {
            let option = written("__X", value).unwrap();
            assert_eq!(option, [["wmi:__X", text, value_type].map(str::to_owned)]);
        }
        let names = written("Names", ["a", "b"]).unwrap();
        let expected = ["a", "b"].map(|text| ["wmiarray:Names", text, "xs:string"]);
        assert_eq!(names, expected.map(|option| option.map(str::to_owned)));
        let octets = written("O", Value::octets([7])).unwrap();
        assert_eq!(
            octets,
            [["wmiarray:O", "7", "xs:unsignedByte"].map(str::to_owned)]
        );
    }

    #[test]
    fn refuses_values_that_an_option_cannot_have() {
        let nullable = Array::from_values(vec![Value::from(1u8), Value::Null]).unwrap();
        for value in [
            Value::Null,
            Value::Lossy("a".into()),
            Value::from(Instance::new("A")),
            Value::from(InstancePath::new("A")),
            Value::from(nullable),
        ] {
            let error = written("X", value).unwrap_err();
            assert_eq!(error.property(), Some("X"));
        }
        assert!(written(" ", 1u8).is_err());
    }
}
