//! The intrinsic types of CIM.

use std::fmt;
use std::str::FromStr;

use crate::cim::error::ValueError;

/// An intrinsic type of CIM (DSP0004 5.2), without the array mark.
///
/// Exhaustive: DSP0004 and MI.h (`MI_Type`) close the set, so a `match` needs no wildcard. The
/// discriminants are those of `MI_Type`; an array adds 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CimType {
    /// `boolean`
    Boolean = 0,
    /// `uint8`
    Uint8 = 1,
    /// `sint8`
    Sint8 = 2,
    /// `uint16`
    Uint16 = 3,
    /// `sint16`
    Sint16 = 4,
    /// `uint32`
    Uint32 = 5,
    /// `sint32`
    Sint32 = 6,
    /// `uint64`
    Uint64 = 7,
    /// `sint64`
    Sint64 = 8,
    /// `real32`
    Real32 = 9,
    /// `real64`
    Real64 = 10,
    /// `char16`: one UTF-16 code unit
    Char16 = 11,
    /// `datetime`: a point in time or an interval
    DateTime = 12,
    /// `string`
    String = 13,
    /// `ref`: the path of another instance
    Reference = 14,
    /// An embedded instance (a `string` with the qualifier `EmbeddedInstance` in DSP0004)
    Instance = 15,
}

impl CimType {
    /// Returns the expectation that an error names where a value of this type is missing.
    pub(crate) fn wanted(self) -> String {
        format!("a value of type {self}")
    }

    /// Every type, in the order of `MI_Type`.
    pub const ALL: [CimType; 16] = [
        CimType::Boolean,
        CimType::Uint8,
        CimType::Sint8,
        CimType::Uint16,
        CimType::Sint16,
        CimType::Uint32,
        CimType::Sint32,
        CimType::Uint64,
        CimType::Sint64,
        CimType::Real32,
        CimType::Real64,
        CimType::Char16,
        CimType::DateTime,
        CimType::String,
        CimType::Reference,
        CimType::Instance,
    ];

    /// Returns the name in MOF, such as `uint32`.
    pub const fn as_str(self) -> &'static str {
        match self {
            CimType::Boolean => "boolean",
            CimType::Uint8 => "uint8",
            CimType::Sint8 => "sint8",
            CimType::Uint16 => "uint16",
            CimType::Sint16 => "sint16",
            CimType::Uint32 => "uint32",
            CimType::Sint32 => "sint32",
            CimType::Uint64 => "uint64",
            CimType::Sint64 => "sint64",
            CimType::Real32 => "real32",
            CimType::Real64 => "real64",
            CimType::Char16 => "char16",
            CimType::DateTime => "datetime",
            CimType::String => "string",
            CimType::Reference => "reference",
            CimType::Instance => "instance",
        }
    }
}

impl fmt::Display for CimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CimType {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        Self::ALL
            .into_iter()
            .find(|cim_type| cim_type.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| ValueError::new(text, "a CIM type"))
    }
}
