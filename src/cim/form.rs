//! The form in which servers expect values and queries.

use crate::cim::Char16Text;

/// The form in which values and queries are written. Reading accepts every form.
///
/// Servers differ in the form they accept and do not advertise it. A session has one form, set when it
/// is built, and never changes it on its own: the server may have partly done a write that it rejected
/// in one form.
///
/// | | point in time | interval | `char16` | root element |
/// |---|---|---|---|---|
/// | `Windows` | `<cim:Datetime>` | `<cim:Interval>` | the character | `xsi:type` |
/// | `Omi` | `xs:dateTime` text | `xs:duration` text | its number | plain |
/// | `Openwsman` | CIM text | CIM text | the character | plain |
///
/// [`cim::wql`](super::wql) describes how the conditions of queries differ.
///
/// A datetime with wildcards is written as `<cim:CIM_DateTime>`, or as the CIM text for openwsman.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WireForm {
    /// The form of a Windows MI client (DSP0230); also for Intel AMT and iDRAC.
    #[default]
    Windows,
    /// The form that OMI reads.
    Omi,
    /// The form that openwsman reads.
    Openwsman,
}

impl WireForm {
    /// Returns how the server writes a `char16`.
    pub(crate) fn char16_text(self) -> Char16Text {
        match self {
            WireForm::Omi => Char16Text::Number,
            WireForm::Windows | WireForm::Openwsman => Char16Text::Character,
        }
    }
}
