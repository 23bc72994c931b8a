//! The codes of a WSManFault.

use std::fmt;

use super::code_names::NAMES;

/// The `Code` of an `f:WSManFault`: usually an `ERROR_WSMAN_*` (0x8033xxxx), but also a Win32 code, an
/// HRESULT or a number defined by a plug-in.
///
/// ```
/// use wsman::protocol::WsmanCode;
/// assert_eq!(WsmanCode(0x80338000).to_string(), "ERROR_WSMAN_RESOURCE_NOT_FOUND (0x80338000)");
/// assert_eq!(WsmanCode(5).name(), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WsmanCode(pub u32);

impl WsmanCode {
    /// Returns the name without its `ERROR_WSMAN_`, if the code has one.
    pub fn name(self) -> Option<&'static str> {
        let index = NAMES
            .binary_search_by_key(&self.0, |(code, _)| *code)
            .ok()?;
        NAMES.get(index).map(|(_, name)| *name)
    }
}

impl fmt::Display for WsmanCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "ERROR_WSMAN_{name} (0x{:08X})", self.0),
            None => write!(f, "0x{:08X}", self.0),
        }
    }
}

impl fmt::Debug for WsmanCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
