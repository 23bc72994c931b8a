//! Elements as they stood in the message.

use crate::cim::Name;

/// The raw XML that an instance keeps.
#[derive(Clone, Debug, Default)]
pub(super) struct RawXml {
    /// That of the instance itself.
    pub(super) own: Option<String>,
    /// Those of properties, in their order.
    pub(super) properties: Vec<(Name, String)>,
}
