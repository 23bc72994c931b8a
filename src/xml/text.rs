//! White space, and a guess at tags.

/// White space as XML defines it.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Cuts XML white space off both ends.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// The local names of the tags of a document, the last one first, by nothing but their brackets: fit to
/// guess with, because comments and CDATA sections are not told apart.
pub(crate) fn tag_names_from_end(text: &str) -> impl Iterator<Item = &str> {
    text.rsplit('<').map(|tag| {
        let name = tag.trim_start_matches('/');
        let name = name.split(|c| is_space(c) || matches!(c, '/' | '>')).next();
        let name = name.unwrap_or_default();
        name.split_once(':').map_or(name, |(_, local)| local)
    })
}
