//! The start tags of rows, which repeat from row to row.

use super::tag::Tag;

/// The start tags of one row of a page. Those of the rows after it are nearly always the same, byte for
/// byte and in the same order. To find that costs less than to parse them.
#[derive(Default)]
pub(super) struct RowTags {
    known: Vec<Known>,
    /// The tag that probably follows.
    next: usize,
    is_learning: bool,
    /// The tags of the current row, and those of them that were known.
    read: usize,
    found: usize,
}

/// A tag as a range of the text, and what its parser returned but for the text.
struct Known {
    start: usize,
    end: usize,
    parsed: Tag<'static>,
}

/// The most tags that are kept of a row.
const MOST: usize = 256;

impl RowTags {
    /// Begins a row. The first is learned, and a row that has few tags of the one before it makes the
    /// next one be learned anew.
    pub(super) fn begin_row(&mut self) {
        let differs = self.found * 2 < self.read;
        self.is_learning = self.known.is_empty() || (differs && !self.is_learning);
        if self.is_learning {
            self.known.clear();
        }
        (self.next, self.read, self.found) = (0, 0, 0);
    }

    /// Returns the tag at the start of `rest`, and the text after it, if it is the one that follows or
    /// the one after that: a row may omit a property.
    #[inline]
    pub(super) fn find<'i>(&mut self, text: &str, rest: &'i str) -> Option<(Tag<'i>, &'i str)> {
        for at in [self.next, self.next + 1] {
            let known = self.known.get(at)?;
            let Some(behind) = rest.strip_prefix(text.get(known.start..known.end)?) else {
                continue;
            };
            self.next = at + 1;
            self.read += 1;
            self.found += 1;
            let closing = if known.parsed.is_empty { "/>" } else { ">" };
            let inner = known.end - known.start - closing.len();
            let tag = Tag {
                text: rest.get(1..inner)?,
                ..known.parsed
            };
            return Some((tag, behind));
        }
        None
    }

    /// Notes a tag that was parsed, and its range in the text.
    #[inline]
    pub(super) fn note(&mut self, tag: &Tag<'_>, start: usize, end: usize) {
        self.read += 1;
        if self.is_learning && self.known.len() < MOST {
            self.known.push(Known {
                start,
                end,
                parsed: Tag { text: "", ..*tag },
            });
            // Nothing of this row is compared with itself.
            self.next = self.known.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads rows, each of which is a list of tags, and returns how many tags of each row were found.
    fn found(rows: &[&[&str]]) -> Vec<usize> {
        let text: String = rows.iter().flat_map(|row| row.iter().copied()).collect();
        let (mut tags, mut rest) = (RowTags::default(), text.as_str());
        let mut found = Vec::new();
        for row in rows {
            tags.begin_row();
            let mut of_row = 0;
            for sent in *row {
                let start = text.len() - rest.len();
                let (parsed, behind) = Tag::plain(rest).unwrap();
                if let Some((known, behind_known)) = tags.find(&text, rest) {
                    assert_eq!((known, behind_known), (parsed, behind));
                    of_row += 1;
                } else {
                    tags.note(&parsed, start, start + sent.len());
                }
                rest = behind;
            }
            found.push(of_row);
        }
        found
    }

    const ROW: &[&str] = &[
        r#"<p:A xmlns:p="urn:a" xsi:type="p:A_Type">"#,
        "<p:B>",
        "<p:C>",
        r#"<p:D xsi:nil="true"/>"#,
    ];

    #[test]
    fn finds_the_tags_of_the_row_before() {
        assert_eq!(found(&[ROW, ROW, ROW]), [0, 4, 4]);
        assert_eq!(found(&[&["<a>", "<a>", "<a>"], &["<a>", "<a>"]]), [0, 2]);
    }

    #[test]
    fn a_row_may_omit_a_property_or_have_one_more() {
        let [a, b, c, d] = ROW else { panic!() };
        assert_eq!(
            found(&[ROW, &[a, b, d], &[a, c, d], &[a, b, c, d]]),
            [0, 3, 3, 4]
        );
        assert_eq!(found(&[ROW, &[a, b, "<p:BB>", c, d]]), [0, 4]);
    }

    #[test]
    fn learns_another_kind_of_row() {
        let other: &[&str] = &["<q:A>", "<q:B>", "<q:C>"];
        assert_eq!(found(&[ROW, other, other, other, ROW]), [0, 0, 0, 3, 0]);
        assert_eq!(found(&[ROW, other, ROW, ROW]), [0, 0, 0, 4]);
    }

    #[test]
    fn keeps_a_limited_number_of_tags() {
        let many = vec!["<a>"; MOST + 9];
        assert_eq!(found(&[&many, &many]), [0, MOST]);
    }
}
