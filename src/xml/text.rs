//! Trims white space, and scans tags approximately.

/// White space as XML defines it.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Trims XML white space off both ends.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Returns whether a text is at most white space.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| is_space(char::from(byte)))
}

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
