//! The flags of MI's operations, and the architecture of a provider.

use crate::error::{Error, Failure};
use crate::protocol::{PolymorphismMode, WsmanOption};

/// The valid flags of every MI operation (`MI_OPERATIONFLAGS_…`).
///
/// | flag | effect |
/// |---|---|
/// | [`NO_RTTI`](Self::NO_RTTI) | values stay text: [`Value::Untyped`](crate::Value::Untyped) |
/// | [`BASIC_RTTI`](Self::BASIC_RTTI), none | values have the types that the server marked |
/// | [`STANDARD_RTTI`](Self::STANDARD_RTTI), [`FULL_RTTI`](Self::FULL_RTTI) | instances that are read get the types that their class declares, as with [`typed`](crate::Request::<crate::request::GetInstance>::typed) |
/// | [`POLYMORPHISM_SHALLOW`](Self::POLYMORPHISM_SHALLOW), [`POLYMORPHISM_DEEP_BASE_PROPS_ONLY`](Self::POLYMORPHISM_DEEP_BASE_PROPS_ONLY) | the [`PolymorphismMode`] of `enumerate_instances` |
/// | [`REPORT_OPERATION_STARTED`](Self::REPORT_OPERATION_STARTED) | [`Callback::Started`](crate::Callback::Started) when the server begins to answer |
/// | [`LOCALIZED_QUALIFIERS`](Self::LOCALIZED_QUALIFIERS), [`EXPENSIVE_PROPERTIES`](Self::EXPENSIVE_PROPERTIES) | none: no specification defines a form of them in WS-Management |
/// | [`MANUAL_ACK_RESULTS`](Self::MANUAL_ACK_RESULTS) | none: taking the result acknowledges it |
///
/// ```
/// use wsman::request::OperationFlags;
/// let flags = OperationFlags::NO_RTTI | OperationFlags::REPORT_OPERATION_STARTED;
/// assert_eq!(OperationFlags::from_bits(0x600)?, flags);
/// assert!(OperationFlags::from_bits(0x10).is_err());
/// # Ok::<(), wsman::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OperationFlags(u32);

impl OperationFlags {
    /// `MI_OPERATIONFLAGS_MANUAL_ACK_RESULTS`
    pub const MANUAL_ACK_RESULTS: Self = Self(0x1);
    /// `MI_OPERATIONFLAGS_BASIC_RTTI`
    pub const BASIC_RTTI: Self = Self(0x2);
    /// `MI_OPERATIONFLAGS_FULL_RTTI`
    pub const FULL_RTTI: Self = Self(0x4);
    /// `MI_OPERATIONFLAGS_LOCALIZED_QUALIFIERS`
    pub const LOCALIZED_QUALIFIERS: Self = Self(0x8);
    /// `MI_OPERATIONFLAGS_EXPENSIVE_PROPERTIES`
    pub const EXPENSIVE_PROPERTIES: Self = Self(0x40);
    /// `MI_OPERATIONFLAGS_POLYMORPHISM_SHALLOW`
    pub const POLYMORPHISM_SHALLOW: Self = Self(0x80);
    /// `MI_OPERATIONFLAGS_POLYMORPHISM_DEEP_BASE_PROPS_ONLY`
    pub const POLYMORPHISM_DEEP_BASE_PROPS_ONLY: Self = Self(0x180);
    /// `MI_OPERATIONFLAGS_REPORT_OPERATION_STARTED`
    pub const REPORT_OPERATION_STARTED: Self = Self(0x200);
    /// `MI_OPERATIONFLAGS_NO_RTTI`
    pub const NO_RTTI: Self = Self(0x400);
    /// `MI_OPERATIONFLAGS_STANDARD_RTTI`
    pub const STANDARD_RTTI: Self = Self(0x800);

    const ALL: u32 = 0xfcf;

    /// Reads the flags of an MI operation (MI.h, `MI_OPERATIONFLAGS_…`).
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if a bit is unknown, or 0x100 is set without 0x80, with which it
    /// means [`POLYMORPHISM_DEEP_BASE_PROPS_ONLY`](Self::POLYMORPHISM_DEEP_BASE_PROPS_ONLY).
    pub fn from_bits(bits: u32) -> Result<Self, Error> {
        let base = Self::POLYMORPHISM_DEEP_BASE_PROPS_ONLY.0;
        let half = base & !Self::POLYMORPHISM_SHALLOW.0;
        let known = if bits & base == half {
            Self::ALL & !half
        } else {
            Self::ALL
        };
        let unknown = bits & !known;
        if unknown != 0 {
            let text = format!("unknown operation flag {unknown:#x}");
            return Err(Error::InvalidParameter(Failure::new(text)));
        }
        Ok(Self(bits))
    }

    /// Returns the bits.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Returns whether all of these flags are set.
    pub fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Returns whether values are converted to the types of their class; `usual` is the default without
    /// a flag.
    pub(super) fn types(self, usual: bool) -> bool {
        let class = Self::STANDARD_RTTI.0 | Self::FULL_RTTI.0;
        let server = Self::NO_RTTI.0 | Self::BASIC_RTTI.0;
        match self.0 & (class | server) {
            0 => usual,
            flags => flags & class != 0 && flags & Self::NO_RTTI.0 == 0,
        }
    }

    /// Returns the mode of the polymorphism flags; `None` without any, which every server reads as deep.
    pub fn polymorphism(self) -> Option<PolymorphismMode> {
        if self.contains(Self::POLYMORPHISM_DEEP_BASE_PROPS_ONLY) {
            return Some(PolymorphismMode::DeepBasePropertiesOnly);
        }
        self.contains(Self::POLYMORPHISM_SHALLOW)
            .then_some(PolymorphismMode::Shallow)
    }
}

impl std::ops::BitOr for OperationFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The architecture of the provider, on a server that has a 32-bit and a 64-bit provider of a class
/// (`MI_OperationOptions_SetProviderArchitecture`).
///
/// Complete: WMI defines no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProviderArchitecture {
    /// The 32-bit provider.
    Bits32,
    /// The 64-bit provider.
    Bits64,
}

/// Names of values in WMI's context object, with the prefix of such values (MS-WSMV 3.1.4.1.10).
const ARCHITECTURE: &str = "wmi:__ProviderArchitecture";
const REQUIRED: &str = "wmi:__RequiredArchitecture";

impl ProviderArchitecture {
    /// The option that prefers this provider.
    pub(super) fn preferred(self) -> WsmanOption {
        let bits = match self {
            ProviderArchitecture::Bits32 => "32",
            ProviderArchitecture::Bits64 => "64",
        };
        WsmanOption::new(ARCHITECTURE, bits).with_type("xs:int")
    }

    /// The option that, next to the preferred provider, admits no other.
    pub(super) fn required() -> WsmanOption {
        WsmanOption::flag(REQUIRED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_bits_of_mi_alone() {
        assert!(OperationFlags::from_bits(0xfcf).is_ok());
        for unknown in [0x10, 0x20, 0x1000, 0x8000_0000, 0x100] {
            let refused = OperationFlags::from_bits(unknown);
            assert!(
                matches!(refused, Err(Error::InvalidParameter(_))),
                "{unknown:#x}"
            );
        }
        let base = OperationFlags::from_bits(0x180).unwrap();
        assert_eq!(
            base.polymorphism(),
            Some(PolymorphismMode::DeepBasePropertiesOnly)
        );
        let shallow = OperationFlags::POLYMORPHISM_SHALLOW;
        assert_eq!(shallow.polymorphism(), Some(PolymorphismMode::Shallow));
        assert_eq!(OperationFlags::default().polymorphism(), None);
    }
}
