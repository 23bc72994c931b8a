//! White space as XML defines it, which is no part of a number, a datetime or a name.

pub(crate) fn is_space(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_space_byte)
}

pub(crate) fn is_space_byte(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Trims white space off both ends.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Returns whether a text is at most white space.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(is_space_byte)
}
