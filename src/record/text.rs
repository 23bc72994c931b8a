//! Searches and edits messages as plain bytes.
//!
//! Recordings hold the bytes of the wire, XML or not, and must stay unchanged. These functions
//! recognize tags, comments and CDATA sections, and do not serialize XML.

use std::ops::Range;

/// Iterates over the tags of a message, up to a truncated tag.
struct Tags<'a> {
    message: &'a [u8],
    at: usize,
}

/// A tag and its position.
struct Tag<'a> {
    local_name: &'a [u8],
    kind: TagKind,
    place: Range<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TagKind {
    Start,
    Empty,
    End,
}

/// The start and end of constructs that are skipped.
const PASSED_OVER: [(&[u8], &[u8]); 4] = [
    (b"<!--", b"-->"),
    (b"<![CDATA[", b"]]>"),
    (b"<?", b"?>"),
    (b"<!", b">"),
];

impl<'a> Tags<'a> {
    fn of(message: &'a [u8]) -> Self {
        Self { message, at: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        self.message.get(self.at..).unwrap_or_default()
    }
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            self.at += self.rest().iter().position(|byte| *byte == b'<')?;
            let rest = self.rest();
            if let Some((_, end)) = PASSED_OVER
                .iter()
                .find(|(start, _)| rest.starts_with(start))
            {
                let close = rest.windows(end.len()).position(|found| found == *end)?;
                self.at += close + end.len();
                continue;
            }
            let length = tag_length(rest)?;
            let start = self.at;
            self.at += length;
            return Some(Tag::read(rest.get(..length)?, start));
        }
    }
}

impl<'a> Tag<'a> {
    /// Parses a tag with its brackets, which starts at `start` in the message.
    fn read(tag: &'a [u8], start: usize) -> Self {
        let inside = tag.get(1..tag.len() - 1).unwrap_or_default();
        let (kind, inside) = match (inside.strip_prefix(b"/"), inside.strip_suffix(b"/")) {
            (Some(name), _) => (TagKind::End, name),
            (None, Some(content)) => (TagKind::Empty, content),
            (None, None) => (TagKind::Start, inside),
        };
        let name = inside.split(u8::is_ascii_whitespace).next();
        let local_name = name.and_then(|name| name.rsplit(|byte| *byte == b':').next());
        Self {
            local_name: local_name.unwrap_or_default(),
            kind,
            place: start..start + tag.len(),
        }
    }

    fn opens(&self, local_name: &str) -> bool {
        self.kind != TagKind::End && self.local_name == local_name.as_bytes()
    }
}

/// Returns the length of the tag at the start of a text; a bracket in quotes does not end it.
fn tag_length(text: &[u8]) -> Option<usize> {
    let mut quote = None;
    let end = text.iter().position(|byte| match (quote, byte) {
        (Some(open), byte) => {
            quote = quote.filter(|_| open != *byte);
            false
        }
        (None, b'"' | b'\'') => {
            quote = Some(*byte);
            false
        }
        (None, byte) => *byte == b'>',
    })?;
    Some(end + 1)
}

/// Returns the text of the first element with a local name, whatever its prefix.
pub(super) fn element_text<'a>(message: &'a [u8], local_name: &str) -> Option<&'a [u8]> {
    let mut tags = Tags::of(message);
    let found = tags.find(|tag| tag.opens(local_name))?;
    if found.kind == TagKind::Empty {
        return Some(b"");
    }
    let end = tags.next()?.place.start;
    Some(message.get(found.place.end..end)?.trim_ascii())
}

/// Replaces the text of each element at this path of local names from the root; a message may hold
/// several documents. An element without text is unchanged.
pub(super) fn replace_text_at(message: &[u8], path: &[&str], with: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(message.len());
    let mut copied = 0;
    for place in texts_at(message, path) {
        result.extend_from_slice(message.get(copied..place.start).unwrap_or_default());
        result.extend_from_slice(with);
        copied = place.end;
    }
    result.extend_from_slice(message.get(copied..).unwrap_or_default());
    result
}

/// Returns the ranges of the texts that [`replace_text_at`] replaces, trimmed.
fn texts_at(message: &[u8], path: &[&str]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut depth, mut on_path) = (0, 0);
    let mut start = None;
    for tag in Tags::of(message) {
        if tag.kind == TagKind::End {
            if depth == path.len()
                && let Some(text) = start
                    .take()
                    .and_then(|start| trimmed(message, start..tag.place.start))
            {
                found.push(text);
            }
            depth = depth.saturating_sub(1);
            on_path = on_path.min(depth);
        } else if tag.kind == TagKind::Start {
            let is_next = on_path == depth && path.get(depth).is_some_and(|name| tag.opens(name));
            depth += 1;
            if is_next {
                on_path = depth;
            }
            if is_next && depth == path.len() {
                start = Some(tag.place.end);
            }
        }
    }
    found
}

/// Trims a range of a message; `None` if it is empty then.
fn trimmed(message: &[u8], place: Range<usize>) -> Option<Range<usize>> {
    let text = message.get(place.clone())?;
    let start = place.start + (text.len() - text.trim_ascii_start().len());
    let end = start + text.trim_ascii().len();
    (start < end).then_some(start..end)
}

/// Replaces every occurrence of `needle`, ignoring the case of ASCII letters, whose context (the
/// bytes before and after it) is accepted.
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
    fn an_element_is_found_behind_comments_quotes_and_sections() {
        let message = "<a b='<To>' c=\"'>\"><!-- <To>1</To> --><![CDATA[<To>2</To>]]>\
                       <?x <To>3</To>?><To d='>'>4</To></a>";
        assert_eq!(text(message, "To").unwrap(), "4");
    }

    /// Texts, each with the expected result of setting `RelatesTo` to `uuid:NEW`.
    const RELATED: [(&str, &str); 9] = [
        (
            "<s:Envelope v='0'><s:Header><a:RelatesTo>0</a:RelatesTo></s:Header>\
             <s:Body><n>100</n></s:Body></s:Envelope>",
            "<s:Envelope v='0'><s:Header><a:RelatesTo>uuid:NEW</a:RelatesTo></s:Header>\
             <s:Body><n>100</n></s:Body></s:Envelope>",
        ),
        (
            "<Envelope><Header><RelatesTo t='>0'> 0\n</RelatesTo></Header></Envelope>",
            "<Envelope><Header><RelatesTo t='>0'> uuid:NEW\n</RelatesTo></Header></Envelope>",
        ),
        (
            "<Envelope><Header><RelatesTo><![CDATA[0]]></RelatesTo></Header></Envelope>",
            "<Envelope><Header><RelatesTo>uuid:NEW</RelatesTo></Header></Envelope>",
        ),
        // A property of that name, one level deeper in the header, and one in a comment.
        (
            "<Envelope><Body><X><RelatesTo>0</RelatesTo></X></Body></Envelope>",
            "<Envelope><Body><X><RelatesTo>0</RelatesTo></X></Body></Envelope>",
        ),
        (
            "<Envelope><Body><RelatesTo>0</RelatesTo></Body></Envelope>",
            "<Envelope><Body><RelatesTo>0</RelatesTo></Body></Envelope>",
        ),
        (
            "<Envelope><Header><From><RelatesTo>0</RelatesTo></From>\
             <!--<RelatesTo>0</RelatesTo>--></Header></Envelope>",
            "<Envelope><Header><From><RelatesTo>0</RelatesTo></From>\
             <!--<RelatesTo>0</RelatesTo>--></Header></Envelope>",
        ),
        // Nothing to replace, and a truncated answer.
        (
            "<Envelope><Header><RelatesTo/><To/></Header></Envelope>0",
            "<Envelope><Header><RelatesTo/><To/></Header></Envelope>0",
        ),
        (
            "<?xml version='1.0'?><Envelope><Header><To/><RelatesTo>0</RelatesTo><Act",
            "<?xml version='1.0'?><Envelope><Header><To/><RelatesTo>uuid:NEW</RelatesTo><Act",
        ),
        // Two documents, as in the answer to an operation with callbacks.
        (
            "<Envelope><Header><RelatesTo>0</RelatesTo></Header></Envelope>\
             <Envelope><Header><RelatesTo>1</RelatesTo></Header></Envelope>",
            "<Envelope><Header><RelatesTo>uuid:NEW</RelatesTo></Header></Envelope>\
             <Envelope><Header><RelatesTo>uuid:NEW</RelatesTo></Header></Envelope>",
        ),
    ];

    #[test]
    fn replaces_the_text_at_a_path_and_nothing_else() {
        for (message, expected) in RELATED {
            let path = ["Envelope", "Header", "RelatesTo"];
            let replaced = replace_text_at(message.as_bytes(), &path, b"uuid:NEW");
            assert_eq!(String::from_utf8(replaced).unwrap(), expected);
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
