//! The servers that the simulator can behave like.

pub(super) mod classes;
pub(super) mod represent;

use std::time::Duration;

use crate::cim::Namespace;
use crate::protocol::{ResourceUriPrefix, WireForm};
use crate::simulator::model::semantics::{BadValue, Missing, Rules};
use crate::simulator::model::wql::Syntax;

/// The server that the simulator behaves like.
///
/// Each follows the recordings or the documentation of the real server:
///
/// | | `Windows` | `Omi` | `Openwsman` |
/// |---|---|---|---|
/// | property missing in a Put | kept | kept | NULL |
/// | NULL in a Put | written | ignored | written |
/// | unknown property | error | error | ignored |
/// | value of a wrong type | error | error; integers wrap | 0 or NULL |
/// | keys in another case | the same instance | another | another |
/// | body of another class or key | error | ignored | class: error |
/// | answer to a Put | all properties | all properties | sorted, set properties |
/// | `ResourceCreated` | with namespace | without | with |
/// | values | typed | `TRUE`, bare dates | CIM texts |
/// | faults | `f:WSManFault`, `MSFT_WmiError` | `OMI_Error` | bare subcodes |
/// | classes | GetClass, EnumerateClasses | GetClass | none |
/// | escapes in a query | `\\` before quotes | the same | none |
/// | `LIKE` | `%`, `_`, `[…]` | the same | `%` at the ends, with case |
/// | fragments | honoured | refused | honoured |
/// | modified-properties list, `__PUT_EXT_*` | honoured | ignored | ignored |
/// | open enumerations | 60 s | 64, for ever | 100 s |
/// | rows beyond the envelope | next page | next page | lost, with a fault |
/// | association filter | any | any | four parts or more |
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
    /// All dialects.
    pub const ALL: [Dialect; 3] = [Dialect::Windows, Dialect::Omi, Dialect::Openwsman];

    /// The form of values that this server accepts.
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

    /// The syntax of queries.
    pub(super) fn query_syntax(self) -> Syntax {
        match self {
            Dialect::Windows => Syntax::Wmi,
            Dialect::Omi => Syntax::Omi,
            Dialect::Openwsman => Syntax::Sfcb,
        }
    }

    /// Whether keys are compared without case (MS-WSMV 3.1.4.1.2).
    pub(super) fn folds_keys(self) -> bool {
        self == Dialect::Windows
    }

    /// The default namespace of a request; `None` if its name is invalid.
    pub(super) fn default_namespace(self) -> Option<Namespace> {
        let name = match self {
            Dialect::Windows => "root/hardware",
            Dialect::Omi => "interop",
            Dialect::Openwsman => "root/cimv2",
        };
        name.parse().ok()
    }

    /// Whether a resource URI with this prefix means a class. OMI uses only the last segment;
    /// openwsman requires a configured vendor prefix, for which any of the usual form counts here.
    pub(super) fn takes_prefix(self, prefix: &ResourceUriPrefix) -> bool {
        match (self, prefix) {
            (Dialect::Omi, _) | (_, ResourceUriPrefix::Dmtf) => true,
            (Dialect::Windows, ResourceUriPrefix::Wmi) => true,
            (Dialect::Windows, classes) if classes.is_cim_xml() => true,
            (Dialect::Openwsman, ResourceUriPrefix::Vendor(uri)) => {
                uri.ends_with("/wscim/1/cim-schema/2/")
            }
            _ => false,
        }
    }

    /// Whether the server honours options of a Put that name properties.
    pub(super) fn honours_put_options(self) -> bool {
        self == Dialect::Windows
    }

    /// Whether the server supports fragments: reads and writes of one property
    /// (`w:FragmentTransfer`).
    pub(super) fn honours_fragments(self) -> bool {
        self != Dialect::Omi
    }

    /// Whether every message must have a `wsa:MessageID` and a `wsa:ReplyTo`.
    pub(super) fn needs_addressing(self) -> bool {
        self != Dialect::Omi
    }

    /// Whether an answer longer than the request's `MaxEnvelopeSize` is a fault.
    pub(super) fn keeps_to_envelope_size(self) -> bool {
        self != Dialect::Omi
    }

    /// How long an enumeration waits for the next Pull (`EnumerationTimeoutms` of Windows,
    /// `enum_idle_timeout` of openwsman); without a limit on OMI.
    pub(super) fn enumeration_timeout(self) -> Option<Duration> {
        match self {
            Dialect::Windows => Some(Duration::from_secs(60)),
            Dialect::Omi => None,
            Dialect::Openwsman => Some(Duration::from_secs(100)),
        }
    }

    /// The limit of open enumerations.
    pub(super) fn most_enumerations(self) -> Option<usize> {
        (self == Dialect::Omi).then_some(64)
    }

    /// The limit of rows in a page for this request; one if the client sets none.
    pub(super) fn page_rows(self, max_elements: Option<u32>) -> usize {
        let wanted = max_elements.unwrap_or(1).max(1);
        let allowed = match self {
            Dialect::Windows => wanted.min(32_000),
            Dialect::Omi | Dialect::Openwsman => wanted,
        };
        usize::try_from(allowed).unwrap_or(usize::MAX)
    }

    /// The limit of bytes of an answer with rows, for the client's `max_envelope_size`, and whether
    /// further rows go to the next page. Without that size openwsman returns all requested rows,
    /// and fails if they are too many.
    pub(super) fn page_size(self, max_envelope_size: Option<u32>) -> (usize, bool) {
        let wanted = max_envelope_size.and_then(|size| usize::try_from(size).ok());
        match self {
            Dialect::Windows => (wanted.unwrap_or(usize::MAX).min(500 * 1024), true),
            Dialect::Omi => (wanted.unwrap_or(usize::MAX).min(250 * 1024), true),
            Dialect::Openwsman => (wanted.unwrap_or(32_767), wanted.is_some()),
        }
    }

    /// Whether the server honours the polymorphism mode (MS-WSMV 3.1.4.1.27).
    pub(super) fn heeds_polymorphism(self) -> bool {
        self != Dialect::Windows
    }

    /// Whether subscriptions expire and can be renewed; OMI reports no expiry.
    pub(super) fn subscriptions_expire(self) -> bool {
        self != Dialect::Omi
    }

    /// Whether events carry bookmarks, from which a subscription can start.
    pub(super) fn sends_bookmarks(self) -> bool {
        self != Dialect::Openwsman
    }

    /// Whether a subscription without events sends heartbeats; no recording shows any.
    pub(super) fn sends_heartbeats(self) -> bool {
        self == Dialect::Windows
    }

    /// Whether the server supports CQL filters.
    pub(super) fn knows_cql(self) -> bool {
        self != Dialect::Windows
    }

    /// Whether the resource URI of a query must end in `*` (MS-WSMV 3.1.4.1.13).
    pub(super) fn queries_all_classes_only(self) -> bool {
        self == Dialect::Windows
    }

    /// Whether the server rejects a query with an unknown property; otherwise the property is NULL.
    pub(super) fn checks_queries(self) -> bool {
        self != Dialect::Openwsman
    }

    /// Whether the server closes the connection after each answer.
    pub(super) fn closes(self) -> bool {
        self == Dialect::Openwsman
    }
}
