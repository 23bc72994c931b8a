//! Configures the parser of quick-xml.

use super::error::XmlError;

/// Creates a parser for the rest of a text; this crate validates end tags itself.
pub(super) fn parser(rest: &str) -> quick_xml::Reader<&[u8]> {
    let mut events = quick_xml::Reader::from_str(rest);
    let config = events.config_mut();
    config.check_comments = true;
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    events
}

/// quick-xml reports an early end in several ways; all of them mean a truncated document.
#[cold]
pub(super) fn malformed(error: impl Into<quick_xml::Error>) -> XmlError {
    use quick_xml::errors::{Error, IllFormedError, SyntaxError};
    match error.into() {
        Error::Syntax(SyntaxError::InvalidBangMarkup) => {
            XmlError::Malformed("unknown markup after <!".into())
        }
        Error::Syntax(_) | Error::IllFormed(IllFormedError::MissingEndTag(_)) => {
            XmlError::Truncated
        }
        other => XmlError::Malformed(other.to_string()),
    }
}
