//! How servers want values and queries written.

use crate::cim::Char16Text;

/// The form in which values and queries are written; everything is read whatever the form.
///
/// Servers differ in what they accept, and none says so beforehand. A session has one form, set when
/// it is built, and never changes it on its own: a write that was refused in one form may have been
/// done in part.
///
/// | | point in time | interval | `char16` | root element |
/// |---|---|---|---|---|
/// | `Windows` | `<cim:Datetime>` | `<cim:Interval>` | the character | `xsi:type` |
/// | `Omi` | `xs:dateTime` text | `xs:duration` text | its number | plain |
/// | `Openwsman` | CIM text | CIM text | the character | plain |
///
/// How conditions of queries differ is told at [`cim::wql`](super::wql).
///
/// A datetime with wildcards is `<cim:CIM_DateTime>`, or the CIM text on openwsman.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WireForm {
    /// As a Windows MI client writes (DSP0230); also for Intel AMT and iDRAC.
    #[default]
    Windows,
    /// As OMI reads.
    Omi,
    /// As openwsman reads.
    Openwsman,
}

impl WireForm {
    /// How the server writes a `char16`.
    pub(crate) fn char16_text(self) -> Char16Text {
        match self {
            WireForm::Omi => Char16Text::Number,
            WireForm::Windows | WireForm::Openwsman => Char16Text::Character,
        }
    }
}
