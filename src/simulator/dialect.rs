//! The servers that the simulator can stand for.

use super::semantics::{BadValue, Missing, Rules};
use crate::cim::Namespace;
use crate::wsman::{ResourceUriPrefix, WireForm};

/// Which server the simulator behaves like.
///
/// Each follows what was recorded from, or is documented of, the real one:
///
/// | | `Windows` | `Omi` | `Openwsman` |
/// |---|---|---|---|
/// | property missing in a Put | kept | kept | NULL |
/// | NULL in a Put | written | passed over | written |
/// | unknown property | error | error | passed over |
/// | value of a wrong type | error | error; integers wrap | 0 or NULL |
/// | body of another class or key | error | passed over | class: error |
/// | answer to a Put | all properties | all properties | sorted, set properties |
/// | `ResourceCreated` | with namespace | without | with |
/// | values | typed | `TRUE`, bare dates | CIM texts |
/// | faults | `f:WSManFault`, `MSFT_WmiError` | `OMI_Error` | bare subcodes |
/// | fragments | honoured | refused | honoured |
/// | modified-properties list, `__PUT_EXT_*` | honoured | passed over | passed over |
/// | connection | kept | kept | closed |
/// | chunked request | read | connection dropped | 411 |
/// | namespace where none is named | `root/hardware` | `interop` | `root/cimv2` |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// WinRM with WMI, Windows 8 and Server 2012 or later.
    #[default]
    Windows,
    /// Microsoft's Open Management Infrastructure 1.9.
    Omi,
    /// openwsman 2.8 over sfcb.
    Openwsman,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Dialect; 3] = [Dialect::Windows, Dialect::Omi, Dialect::Openwsman];

    /// The form of values that this server reads.
    pub fn wire_form(self) -> WireForm {
        match self {
            Dialect::Windows => WireForm::Windows,
            Dialect::Omi => WireForm::Omi,
            Dialect::Openwsman => WireForm::Openwsman,
        }
    }

    pub(super) fn rules(self) -> Rules {
        match self {
            Dialect::Windows => Rules {
                missing: Missing::Keep,
                writes_null: true,
                refuses_unknown: true,
                bad_value: BadValue::Refuse,
                takes_any_selector: false,
                checks_class: true,
                checks_keys: true,
            },
            Dialect::Omi => Rules {
                missing: Missing::Keep,
                writes_null: false,
                refuses_unknown: true,
                bad_value: BadValue::Wrap,
                takes_any_selector: true,
                checks_class: false,
                checks_keys: false,
            },
            Dialect::Openwsman => Rules {
                missing: Missing::SetNull,
                writes_null: true,
                refuses_unknown: false,
                bad_value: BadValue::Zero,
                takes_any_selector: false,
                checks_class: true,
                checks_keys: false,
            },
        }
    }

    /// The namespace of a request that names none; `None` if it has no valid name.
    pub(super) fn default_namespace(self) -> Option<Namespace> {
        let name = match self {
            Dialect::Windows => "root/hardware",
            Dialect::Omi => "interop",
            Dialect::Openwsman => "root/cimv2",
        };
        name.parse().ok()
    }

    /// Whether a resource URI with this prefix means a class. OMI looks only at its last segment; on
    /// openwsman a vendor's prefix is one that was configured, here any of the usual form.
    pub(super) fn takes_prefix(self, prefix: &ResourceUriPrefix) -> bool {
        match (self, prefix) {
            (Dialect::Omi, _) | (_, ResourceUriPrefix::Dmtf) => true,
            (Dialect::Windows, ResourceUriPrefix::Wmi) => true,
            (Dialect::Openwsman, ResourceUriPrefix::Vendor(uri)) => {
                uri.ends_with("/wbem/wscim/1/cim-schema/2/")
            }
            _ => false,
        }
    }

    /// Whether the options of a Put that name properties are honoured.
    pub(super) fn honours_put_options(self) -> bool {
        self == Dialect::Windows
    }

    /// Whether one property can be read and written (`w:FragmentTransfer`).
    pub(super) fn honours_fragments(self) -> bool {
        self != Dialect::Omi
    }

    /// Whether every message needs a `wsa:MessageID` and a `wsa:ReplyTo`.
    pub(super) fn needs_addressing(self) -> bool {
        self != Dialect::Omi
    }

    /// Whether an answer longer than the request's `MaxEnvelopeSize` is a fault.
    pub(super) fn keeps_to_envelope_size(self) -> bool {
        self != Dialect::Omi
    }

    /// Whether the connection is closed after each answer.
    pub(super) fn closes(self) -> bool {
        self == Dialect::Openwsman
    }
}
