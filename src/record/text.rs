//! Looking into messages as plain bytes.
//!
//! Recordings hold whatever was on the wire, XML or not, and must stay as they were: so these
//! neither parse nor write anything anew.

/// The text of the first element of a local name, whatever its prefix.
pub(super) fn element_text<'a>(message: &'a [u8], local_name: &str) -> Option<&'a [u8]> {
    let mut rest = message;
    while let Some((_, after)) = split_at_byte(rest, b'<') {
        let (tag, content) = split_at_byte(after, b'>')?;
        let name = tag
            .split(|byte| byte.is_ascii_whitespace() || *byte == b'/')
            .next()?;
        let local = name.rsplit(|byte| *byte == b':').next()?;
        if local == local_name.as_bytes() {
            if tag.ends_with(b"/") {
                return Some(b"");
            }
            return Some(split_at_byte(content, b'<')?.0.trim_ascii());
        }
        rest = after;
    }
    None
}

fn split_at_byte(bytes: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|found| *found == byte)?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

/// Replaces every occurrence of `needle`, in whatever case of ASCII letters, whose surroundings
/// (what stands before and behind it) are accepted.
pub(super) fn replace(
    message: &[u8],
    needle: &[u8],
    with: &[u8],
    accepted: impl Fn(&[u8], &[u8]) -> bool,
) -> Vec<u8> {
    let mut result = Vec::with_capacity(message.len());
    let mut at = 0;
    while let Some((before, rest)) = message.split_at_checked(at) {
        let Some((&byte, _)) = rest.split_first() else {
            break;
        };
        let found = rest.split_at_checked(needle.len());
        match found {
            Some((same, behind))
                if !needle.is_empty()
                    && same.eq_ignore_ascii_case(needle)
                    && accepted(before, behind) =>
            {
                result.extend_from_slice(with);
                at += needle.len();
            }
            _ => {
                result.push(byte);
                at += 1;
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(message: &str, name: &str) -> Option<String> {
        element_text(message.as_bytes(), name)
            .map(|found| String::from_utf8(found.to_vec()).unwrap())
    }

    #[test]
    fn an_element_is_found_by_its_local_name() {
        let message = "<?xml version='1.0'?><s:A><a:To b='/'> x </a:To>\
                       <w:Empty/>text</Empty><Action>put</Action></s:A>";
        assert_eq!(text(message, "Empty").unwrap(), "");
        assert_eq!(text(message, "To").unwrap(), "x");
        assert_eq!(text(message, "Action").unwrap(), "put");
        assert_eq!(text(message, "A").unwrap(), "");
        assert_eq!(text(message, "MessageID"), None);
    }

    #[test]
    fn anything_else_holds_no_element() {
        for message in ["", "<", "<To", "<To>", "To>x<", "< To>x</To"] {
            assert_eq!(text(message, "To"), None, "{message}");
        }
    }

    #[test]
    fn replaces_what_is_accepted() {
        let replaced = replace(b"ab xab AB b", b"ab", b"-", |before, _| {
            !before.ends_with(b"x")
        });
        assert_eq!(replaced, b"- xab - b");
        assert_eq!(replace(b"ab", b"", b"-", |_, _| true), b"ab");
    }
}
