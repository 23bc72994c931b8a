//! Splits a stream of consecutive documents by their structure.

use bytes::{Bytes, BytesMut};

use super::error::XmlError;

/// Splits a stream of UTF-8 documents at the end of each root element.
///
/// It examines only brackets, quotes, comments and CDATA sections, each byte once, whatever the pieces.
/// The [`Reader`](super::Reader) validates each document.
pub(crate) struct Splitter {
    buffer: BytesMut,
    /// The number of bytes of the buffer already examined.
    seen: usize,
    place: Place,
    depth: usize,
    limit: usize,
}

/// The context of the next byte.
#[derive(Clone, Copy)]
enum Place {
    Text,
    /// After a `<`.
    Bracket,
    StartTag {
        /// Whether the last byte was a slash.
        slash: bool,
    },
    /// In an attribute value, up to this quote.
    Quoted(u8),
    EndTag,
    /// After `<!` and this many bytes of what it opens.
    Bang(usize),
    /// In a `<![CDATA[`, after this many of its bytes.
    Opening(usize),
    Skipped {
        until: Until,
        /// The number of bytes of the end just read.
        matched: usize,
    },
}

/// Skipped content ends with this byte, this number of times, and a bracket.
#[derive(Clone, Copy)]
enum Until {
    Comment,
    CData,
    Instruction,
}

/// The text after `<!` of a CDATA section.
const CDATA: &[u8] = b"[CDATA[";

impl Splitter {
    /// Creates a splitter that buffers at most `limit` bytes of a document.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            seen: 0,
            place: Place::Text,
            depth: 0,
            limit,
        }
    }

    /// Adds the next piece of the stream.
    pub(crate) fn push(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    /// Returns the next complete document; `None` if it needs more of the stream.
    pub(crate) fn next_document(&mut self) -> Result<Option<Bytes>, XmlError> {
        while let Some(byte) = self.buffer.get(self.seen).copied() {
            self.seen += 1;
            if self.seen > self.limit {
                return Err(XmlError::TooLarge(self.limit));
            }
            if self.ends_document(byte)? {
                let document = self.buffer.split_to(self.seen);
                self.seen = 0;
                return Ok(Some(document.freeze()));
            }
        }
        Ok(None)
    }

    /// Returns the rest at the end of the stream, which is not a complete document.
    pub(crate) fn rest(&mut self) -> Bytes {
        self.seen = 0;
        self.buffer.split().freeze()
    }

    /// Reads one byte; returns whether the root element ends with it.
    fn ends_document(&mut self, byte: u8) -> Result<bool, XmlError> {
        let mut closed = false;
        self.place = match (self.place, byte) {
            (Place::Text, b'<') => Place::Bracket,
            (Place::Text, _) => Place::Text,
            (Place::Bracket, b'/') => Place::EndTag,
            (Place::Bracket, b'!') => Place::Bang(0),
            (Place::Bracket, b'?') => Until::Instruction.begin(),
            (Place::Bracket, _) => Place::StartTag { slash: false },
            (Place::StartTag { .. }, quote @ (b'"' | b'\'')) => Place::Quoted(quote),
            (Place::StartTag { slash: true }, b'>') => {
                closed = true;
                Place::Text
            }
            (Place::StartTag { slash: false }, b'>') => {
                self.depth += 1;
                Place::Text
            }
            (Place::StartTag { .. }, byte) => Place::StartTag {
                slash: byte == b'/',
            },
            (Place::Quoted(quote), byte) if byte == quote => Place::StartTag { slash: false },
            (Place::Quoted(quote), _) => Place::Quoted(quote),
            (Place::EndTag, b'>') => {
                closed = true;
                self.depth = self.depth.saturating_sub(1);
                Place::Text
            }
            (Place::EndTag, _) => Place::EndTag,
            (Place::Bang(0), b'-') => Place::Bang(1),
            (Place::Bang(1), b'-') => Until::Comment.begin(),
            (Place::Bang(0), b'[') => Place::Opening(1),
            (Place::Bang(_), _) => return Err(XmlError::DocumentType),
            (Place::Opening(read), byte) => opening(read, byte)?,
            (Place::Skipped { until, matched }, byte) => until.next(matched, byte),
        };
        Ok(closed && self.depth == 0)
    }
}

fn opening(read: usize, byte: u8) -> Result<Place, XmlError> {
    if CDATA.get(read) != Some(&byte) {
        return Err(XmlError::Malformed("unknown markup after <!".into()));
    }
    Ok(match read + 1 {
        read if read == CDATA.len() => Until::CData.begin(),
        read => Place::Opening(read),
    })
}

impl Until {
    fn begin(self) -> Place {
        Place::Skipped {
            until: self,
            matched: 0,
        }
    }

    /// Returns the byte before the bracket, and its number of occurrences.
    fn end(self) -> (u8, usize) {
        match self {
            Until::Comment => (b'-', 2),
            Until::CData => (b']', 2),
            Until::Instruction => (b'?', 1),
        }
    }

    fn next(self, matched: usize, byte: u8) -> Place {
        let (repeated, times) = self.end();
        let matched = match byte {
            b'>' if matched == times => return Place::Text,
            byte if byte == repeated => times.min(matched + 1),
            _ => 0,
        };
        Place::Skipped {
            until: self,
            matched,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Documents with everything that resembles an end.
    const DOCUMENTS: [&str; 7] = [
        "<a/>",
        "<?xml version='1.0'?><!-- </a> > --->\n<a b='/>' c=\"</a>'\"><a>x</a ></a>",
        "\r\n <a><![CDATA[</a>]] ></a>]>]]]></a>",
        "<a><b/><b c='1'/><!----><!-- - -- ></a> --></a>",
        "<a><?pi </a> ? >?></a>",
        "<s:e xmlns:s='u'><s:b>\u{e4}&lt;&gt;\u{1f600}</s:b></s:e\t>",
        "<a><a><a></a></a><a/></a>",
    ];

    fn split(pieces: &[&[u8]]) -> Result<(Vec<Bytes>, Bytes), XmlError> {
        let mut splitter = Splitter::new(1000);
        let mut documents = Vec::new();
        for piece in pieces {
            splitter.push(piece);
            while let Some(document) = splitter.next_document()? {
                documents.push(document);
            }
        }
        Ok((documents, splitter.rest()))
    }

    #[test]
    fn splits_a_stream_cut_at_any_byte() {
        let stream = DOCUMENTS.concat();
        for at in 0..=stream.len() {
            let (before, after) = stream.as_bytes().split_at(at);
            let (documents, rest) = split(&[before, after]).unwrap();
            assert_eq!(documents, DOCUMENTS, "cut at {at}");
            assert!(rest.is_empty());
        }
        let single: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
        assert_eq!(split(&single).unwrap().0, DOCUMENTS);
    }

    #[test]
    fn returns_a_truncated_document_as_the_rest() {
        for document in DOCUMENTS {
            for at in 0..document.len() {
                let (documents, rest) = split(&[&document.as_bytes()[..at]]).unwrap();
                assert!(documents.is_empty());
                assert_eq!(rest, document.as_bytes()[..at]);
            }
        }
    }

    #[test]
    fn rejects_unknown_markup() {
        let refused = |text: &str| split(&[text.as_bytes()]).unwrap_err();
        assert_eq!(refused("<!DOCTYPE a><a/>"), XmlError::DocumentType);
        assert_eq!(refused("<!-x"), XmlError::DocumentType);
        assert!(matches!(refused("<a><![CDaTA["), XmlError::Malformed(_)));
        let endless = ["<a>", &"x".repeat(2000)].concat();
        assert_eq!(refused(&endless), XmlError::TooLarge(1000));
        let long = DOCUMENTS.concat().repeat(20);
        assert!(long.len() > 1000 && split(&[long.as_bytes()]).is_ok());
    }

    proptest! {
        #[test]
        fn the_result_is_independent_of_the_pieces(
            order in prop::collection::vec(0..DOCUMENTS.len(), 0..8),
            lengths in prop::collection::vec(1..40_usize, 1..60),
        ) {
            let documents: Vec<&str> = order.iter().map(|index| DOCUMENTS[*index]).collect();
            let stream = documents.concat();
            let (mut pieces, mut rest) = (Vec::new(), stream.as_bytes());
            for length in lengths {
                let (piece, behind) = rest.split_at(length.min(rest.len()));
                pieces.push(piece);
                rest = behind;
            }
            pieces.push(rest);
            prop_assert_eq!(split(&pieces).unwrap().0, documents);
        }

        #[test]
        fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok((documents, rest)) = split(&[&bytes]) {
                let mut all: Vec<u8> = documents.concat();
                all.extend_from_slice(&rest);
                prop_assert_eq!(all, bytes);
            }
        }
    }
}
