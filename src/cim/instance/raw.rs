//! Elements as they stood in the message.

use std::sync::Arc;

use crate::cim::Name;

/// The raw XML that an instance keeps.
#[derive(Clone, Debug, Default)]
pub(super) struct RawXml {
    /// The whole element, if the request asked for it.
    pub(super) element: Option<Arc<str>>,
    /// The raw XML of the instance itself.
    pub(super) own: Option<String>,
    /// The raw XML of properties, in their order.
    pub(super) properties: Vec<(Name, String)>,
}
