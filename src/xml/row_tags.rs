//! The start tags of rows, which repeat from row to row.

use std::ops::Range;

use super::namespace::Ns;
use super::open_element::{OpenElement, RowTag};
use super::tag::Tag;

/// The start tags of one row of a page. Those of the rows after it are nearly always the same, byte for
/// byte and in the same order. To find that costs less than to parse them.
///
/// A tag that also stands in the same place, within the same tags of its row, means the same: its prefixes
/// stand for the same namespaces.
#[derive(Default)]
pub(super) struct RowTags {
    known: Vec<Known>,
    /// The number before that of the first of them. A number is never used again.
    numbered: usize,
    /// The offset of the element that holds the rows.
    holder: Option<usize>,
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
    /// Where it stands, if only tags of its row are around it.
    around: Option<RowTag>,
    /// `None` until the tag is known to be valid.
    meaning: Option<Meaning>,
}

/// What the attributes of a tag mean.
pub(super) struct Meaning {
    /// The declarations: each a prefix, and its namespace as the value.
    pub(super) declared: Vec<MeantAttribute>,
    pub(super) attributes: Vec<MeantAttribute>,
}

/// An attribute with its namespace, as ranges of its tag.
pub(super) struct MeantAttribute {
    pub(super) ns: Ns,
    name: Range<usize>,
    value: Range<usize>,
}

/// The most tags that are kept of a row.
const MOST: usize = 256;

impl RowTags {
    /// Begins a row in the innermost element. The first is learned, and a row that has few tags of the one
    /// before it makes the next one be learned anew.
    pub(super) fn begin_row(&mut self, holder: Option<OpenElement>) {
        let holder = holder.map(|holder| holder.start);
        let differs = self.found * 2 < self.read;
        let is_elsewhere = self.holder != holder;
        self.is_learning = self.known.is_empty() || is_elsewhere || (differs && !self.is_learning);
        if self.is_learning {
            self.numbered += self.known.len();
            self.known.clear();
        }
        self.holder = holder;
        (self.next, self.read, self.found) = (0, 0, 0);
    }

    /// Returns the tag at the start of `rest`, and the text after it, if it is the one that follows or
    /// the one after that: a row may omit a property. It has a number if it stands in the same place.
    #[inline(always)]
    pub(super) fn find<'i>(
        &mut self,
        text: &str,
        rest: &'i str,
        innermost: Option<OpenElement>,
    ) -> Option<(Tag<'i>, &'i str, RowTag)> {
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
            let is_same_place = known.around.is_some() && known.around == self.place(innermost);
            let row_tag = if is_same_place {
                RowTag(self.numbered + at + 1)
            } else {
                RowTag::NONE
            };
            return Some((tag, behind, row_tag));
        }
        None
    }

    /// Notes a tag that was parsed, and its range in the text. Returns its number if it was learned.
    #[inline]
    pub(super) fn note(
        &mut self,
        tag: &Tag<'_>,
        (start, end): (usize, usize),
        innermost: Option<OpenElement>,
    ) -> RowTag {
        self.read += 1;
        if !self.is_learning || self.known.len() >= MOST {
            return RowTag::NONE;
        }
        let around = self.place(innermost);
        self.known.push(Known {
            start,
            end,
            parsed: Tag { text: "", ..*tag },
            around,
            meaning: None,
        });
        // Nothing of this row is compared with itself.
        self.next = self.known.len();
        match around {
            Some(_) => RowTag(self.numbered + self.known.len()),
            None => RowTag::NONE,
        }
    }

    /// Learns that a tag is valid, and what its attributes mean.
    pub(super) fn learn(&mut self, tag: RowTag, meaning: Option<Meaning>) {
        let at = tag.0.checked_sub(self.numbered + 1);
        if let Some(known) = at.and_then(|at| self.known.get_mut(at)) {
            known.meaning = meaning;
        }
    }

    /// Returns what the attributes of a tag mean that was found valid in an earlier row.
    #[inline]
    pub(super) fn meaning(&self, tag: RowTag) -> Option<&Meaning> {
        let known = self.known.get(tag.0.checked_sub(self.numbered + 1)?)?;
        known.meaning.as_ref()
    }

    /// Returns what is around the next tag, if it is a tag of the row, or the holder of the rows itself.
    #[inline]
    fn place(&self, innermost: Option<OpenElement>) -> Option<RowTag> {
        let innermost = innermost?;
        let is_of_row = innermost.row_tag != RowTag::NONE;
        let is_holder = Some(innermost.start) == self.holder;
        (is_of_row || is_holder).then_some(innermost.row_tag)
    }
}

impl MeantAttribute {
    /// Returns an attribute as ranges of its tag; `None` if its parts do not stand there.
    pub(super) fn of(ns: Ns, name: &str, value: Option<&str>, tag: &str) -> Option<Self> {
        let range = |part: &str| {
            let start = part.as_ptr().addr().checked_sub(tag.as_ptr().addr())?;
            tag.get(start..start + part.len())?;
            Some(start..start + part.len())
        };
        Some(Self {
            ns,
            name: range(name)?,
            value: range(value?)?,
        })
    }

    /// Returns the name and the value in the same tag.
    #[inline]
    pub(super) fn in_tag<'i>(&self, tag: &'i str) -> Option<(&'i str, &'i str)> {
        Some((tag.get(self.name.clone())?, tag.get(self.value.clone())?))
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
            tags.begin_row(None);
            let mut of_row = 0;
            for sent in *row {
                let start = text.len() - rest.len();
                let (parsed, behind) = Tag::plain(rest).unwrap();
                if let Some((known, behind_known, _)) = tags.find(&text, rest, None) {
                    assert_eq!((known, behind_known), (parsed, behind));
                    of_row += 1;
                } else {
                    tags.note(&parsed, (start, start + sent.len()), None);
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
