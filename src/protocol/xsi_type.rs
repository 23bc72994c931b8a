//! `xsi:type`: the names of CIM types and classes on the wire.
//!
//! Servers leave their prefixes undeclared, so they are plain text: only the part after the colon
//! counts.

use crate::cim::{CimType, Value};

/// Makes the markup of the attribute.
macro_rules! marked {
    ($name:literal) => {
        concat!(" xsi:type=\"", $name, "\"")
    };
}

/// Returns the attribute `xsi:type` of a typed value, as a Windows client writes it; empty for untyped
/// text.
pub(super) fn type_mark(value: &Value) -> &'static str {
    if let Value::Octets(_) = value {
        return marked!("cim:cimBase64Binary");
    }
    value.cim_type().map_or("", |cim_type| match cim_type {
        CimType::Boolean => marked!("cim:cimBoolean"),
        CimType::Uint8 => marked!("cim:cimUnsignedByte"),
        CimType::Sint8 => marked!("cim:cimByte"),
        CimType::Uint16 => marked!("cim:cimUnsignedShort"),
        CimType::Sint16 => marked!("cim:cimShort"),
        CimType::Uint32 => marked!("cim:cimUnsignedInt"),
        CimType::Sint32 => marked!("cim:cimInt"),
        CimType::Uint64 => marked!("cim:cimUnsignedLong"),
        CimType::Sint64 => marked!("cim:cimLong"),
        CimType::Real32 => marked!("cim:cimFloat"),
        CimType::Real64 => marked!("cim:cimDouble"),
        CimType::Char16 => marked!("cim:cimChar16"),
        CimType::DateTime => marked!("cim:cimDateTime"),
        CimType::String => marked!("cim:cimString"),
        CimType::Reference => marked!("cim:cimReference"),
        CimType::Instance => marked!("cim:cimAnySimpleType"),
    })
}

/// Returns the type that an `xsi:type` names, whatever its prefix; `None` for a class.
pub(super) fn type_of(name: &str) -> Option<CimType> {
    Some(match local_name(name) {
        "cimBoolean" => CimType::Boolean,
        "cimUnsignedByte" => CimType::Uint8,
        "cimByte" => CimType::Sint8,
        "cimUnsignedShort" => CimType::Uint16,
        "cimShort" => CimType::Sint16,
        "cimUnsignedInt" => CimType::Uint32,
        "cimInt" => CimType::Sint32,
        "cimUnsignedLong" => CimType::Uint64,
        "cimLong" => CimType::Sint64,
        "cimFloat" => CimType::Real32,
        "cimDouble" => CimType::Real64,
        "cimChar16" => CimType::Char16,
        "cimDateTime" => CimType::DateTime,
        "cimString" => CimType::String,
        "cimReference" => CimType::Reference,
        _ => return None,
    })
}

/// `xsi:type="p0:Win32_Share_Type"` names the class `Win32_Share`.
pub(super) fn class_of_type(xsi_type: &str) -> Option<&str> {
    local_name(xsi_type)
        .strip_suffix("_Type")
        .filter(|class| !class.is_empty())
}

/// Returns the prefix of a type; empty without one.
pub(super) fn prefix_of_type(xsi_type: &str) -> &str {
    let local = local_name(xsi_type).len();
    let prefix = xsi_type.get(..xsi_type.len() - local).unwrap_or_default();
    prefix.trim_end_matches(':')
}

/// Returns the part after the last colon.
fn local_name(name: &str) -> &str {
    let colon = name.bytes().rposition(|byte| byte == b':');
    colon
        .and_then(|colon| name.get(colon + 1..))
        .unwrap_or(name)
}
