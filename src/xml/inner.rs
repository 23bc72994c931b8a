//! Reads the content of an element of unknown form: its raw XML and all its text.

use std::borrow::Cow;

use super::character::replace_forbidden;
use super::reader::{Next, Reader};
use super::{Element, XmlError, is_blank};

/// The start of an element, so that [`Reader::raw`] can return it after it was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

impl Mark {
    /// Whether the element begins before an offset.
    pub(super) fn is_before(self, offset: usize) -> bool {
        self.0 < offset
    }
}

impl<'i> Reader<'i> {
    /// Marks the start of an element of this document that was read.
    pub(crate) fn mark_of(&self, element: &Element<'_>) -> Mark {
        let tag = element.tag().as_ptr().addr();
        Mark(tag.wrapping_sub(self.text.as_ptr().addr()).wrapping_sub(1))
    }

    /// Returns the bytes from a marked element up to where the reader is.
    pub(crate) fn bytes_since(&self, mark: Mark) -> usize {
        self.offset().saturating_sub(mark.0)
    }

    /// Returns the raw XML from a marked element up to where the reader is: the whole element as it
    /// stands, once it has ended. U+FFFD stands for what is no character, in the element too.
    pub(crate) fn raw(&self, mark: Mark) -> Cow<'i, str> {
        let raw = self.text.get(mark.0..self.offset()).unwrap_or_default();
        if self.place.is_damaged() {
            replace_forbidden(Cow::Borrowed(raw))
        } else {
            Cow::Borrowed(raw)
        }
    }

    /// Returns the text of the element the reader is in, to its end, including the text of every element
    /// inside it. Use it where a server may have put markup into a text.
    pub(crate) fn inner_text(&mut self) -> Result<Cow<'i, str>, XmlError> {
        if let Some(text) = self.leaf() {
            return Ok(Cow::Borrowed(text));
        }
        let outside = self.place.depth().saturating_sub(1);
        self.rest_of_text(Cow::Borrowed(""), outside)
    }

    /// Returns the same of an element that was read before, all of whose ancestors are still open. The
    /// text is read a second time.
    pub(crate) fn inner_text_of(&self, element: &Element<'_>) -> Result<Cow<'i, str>, XmlError> {
        let place = self.place.again_at(self.mark_of(element).0);
        let mut again = Self::resume(self.text, place);
        again.root()?;
        again.inner_text()
    }

    /// Adds to `text` all text up to the end of the element that is open at a depth of `outside` + 1.
    #[cold]
    pub(super) fn rest_of_text(
        &mut self,
        mut text: Cow<'i, str>,
        outside: usize,
    ) -> Result<Cow<'i, str>, XmlError> {
        while self.place.depth() > outside {
            let piece = match self.next()? {
                Next::Start(_) | Next::End | Next::Nothing => continue,
                Next::Text(piece) => piece,
            };
            self.append(&mut text, piece);
        }
        Ok(text)
    }

    /// Returns whether [`Reader::child`] skipped text other than white space since the last call.
    pub(crate) fn take_stray_text(&mut self) -> bool {
        std::mem::take(&mut self.has_stray_text)
    }

    /// Sets what [`Reader::take_stray_text`] returns next.
    pub(crate) fn set_stray_text(&mut self, has_stray_text: bool) {
        self.has_stray_text = has_stray_text;
    }

    /// Records text between two children; outside of the root element it is an error.
    pub(super) fn note_stray_text(&mut self, text: &str) -> Result<(), XmlError> {
        if self.place.depth() == 0 {
            return Err(XmlError::Malformed("text before the root element".into()));
        }
        self.has_stray_text |= !is_blank(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Content, Limits};
    use super::*;

    /// Returns a reader in the second `p:V` of a document, and its mark.
    fn in_value(document: &str) -> (Reader<'_>, Mark) {
        let mut reader = Reader::new(document, Limits::default()).unwrap();
        reader.root().unwrap();
        reader.child().unwrap();
        reader.skip().unwrap();
        let element = reader.child().unwrap().unwrap();
        let mark = reader.mark_of(&element);
        (reader, mark)
    }

    /// Values: the raw XML, all text, and whether it mixes text and elements.
    const VALUES: [(&str, &str, bool); 8] = [
        ("<p:V>plain</p:V>", "plain", false),
        ("<p:V/>", "", false),
        ("<p:V a='>'></p:V >", "", false),
        ("<p:V>note <q:b>x</q:b></p:V>", "note x", true),
        ("<p:V><q:b>x</q:b> note</p:V>", "x note", true),
        (
            "<p:V>a &amp; <q:b><c/>b<!-- no --></q:b>\n<![CDATA[<d>]]></p:V>",
            "a & b\n<d>",
            true,
        ),
        (
            "<p:V>\n<q:b>x</q:b>\n<q:b>y</q:b>\n</p:V>",
            "\nx\ny\n",
            false,
        ),
        ("<p:V><b>1</b>&#50;</p:V>", "12", true),
    ];

    fn document(raw: &str) -> String {
        [
            "<r xmlns:p='p' xmlns:q='q'><p:V>before</p:V>",
            raw,
            "<p:V>after</p:V></r>",
        ]
        .concat()
    }

    #[test]
    fn returns_raw_xml_however_the_element_was_read() {
        let read: [fn(&mut Reader<'_>); 2] = [
            |reader| reader.skip().unwrap(),
            |reader| drop(reader.inner_text().unwrap()),
        ];
        for (raw, ..) in VALUES {
            for read in read {
                let document = document(raw);
                let (mut reader, mark) = in_value(&document);
                read(&mut reader);
                assert_eq!(reader.raw(mark), raw);
                reader.child().unwrap();
                assert_eq!(reader.text().unwrap(), "after");
            }
        }
    }

    #[test]
    fn reads_the_text_of_an_element_again() {
        for (raw, text, _) in VALUES {
            let document = document(raw);
            let mut reader = Reader::new(&document, Limits::default()).unwrap();
            reader.root().unwrap();
            reader.child().unwrap();
            reader.skip().unwrap();
            let element = reader.child().unwrap().unwrap();
            reader.skip().unwrap();
            assert_eq!(reader.inner_text_of(&element).unwrap(), text, "{raw}");
            reader.child().unwrap();
            assert_eq!(reader.text().unwrap(), "after");
        }
    }

    #[test]
    fn returns_the_same_raw_xml_after_a_pause() {
        for (raw, ..) in VALUES {
            let document = document(raw);
            let (reader, mark) = in_value(&document);
            let mut reader = Reader::resume(&document, reader.pause());
            reader.skip().unwrap();
            assert_eq!(reader.raw(mark), raw);
        }
    }

    #[test]
    fn joins_the_text_of_every_inner_element() {
        for (raw, text, _) in VALUES {
            let document = document(raw);
            let (mut reader, _) = in_value(&document);
            assert_eq!(reader.inner_text().unwrap(), text, "{raw}");
        }
    }

    #[test]
    fn detects_text_beside_elements_at_any_position() {
        for (raw, text, is_mixed) in VALUES {
            let document = document(raw);
            let (mut reader, mark) = in_value(&document);
            let found = match reader.content().unwrap() {
                Content::Mixed(found) => {
                    assert_eq!(found, text);
                    true
                }
                Content::Text(_) => false,
                Content::Child(_) => {
                    reader.skip().unwrap();
                    while reader.child().unwrap().is_some() {
                        reader.skip().unwrap();
                    }
                    reader.take_stray_text()
                }
            };
            assert_eq!((found, &*reader.raw(mark)), (is_mixed, raw));
            assert!(!reader.take_stray_text());
        }
    }
}
