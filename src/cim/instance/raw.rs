//! Elements as they stood in the message.

use std::fmt;
use std::sync::Arc;

use crate::cim::Name;

/// The raw XML that an instance keeps.
#[derive(Clone, Default)]
pub(super) struct RawXml {
    /// The whole element, if the request asked for it.
    pub(super) element: Option<Arc<str>>,
    /// The raw XML of the instance itself.
    pub(super) own: Option<String>,
    /// The raw XML of properties, in their order.
    pub(super) properties: Vec<(Name, String)>,
}

/// Prints which parts are kept, because their text holds values that may be secret.
impl fmt::Debug for RawXml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.properties.iter().map(|(name, _)| name).collect();
        f.debug_struct("RawXml")
            .field("element", &self.element.as_ref().map(|xml| xml.len()))
            .field("own", &self.own.as_ref().map(String::len))
            .field("properties", &names)
            .finish()
    }
}
