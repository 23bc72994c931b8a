//! Scans tags approximately.

use crate::white_space::is_space;

/// Returns the local names of the tags of a document, the last one first, by their brackets alone. The
/// result is an estimate, because comments and CDATA sections are not recognised.
pub(crate) fn tag_names_from_end(text: &str) -> impl Iterator<Item = &str> {
    text.rsplit('<').map(|tag| {
        let name = tag.trim_start_matches('/');
        let name = name.split(|c| is_space(c) || matches!(c, '/' | '>')).next();
        let name = name.unwrap_or_default();
        name.split_once(':').map_or(name, |(_, local)| local)
    })
}
