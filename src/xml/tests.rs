//! Tests that a reader that is paused between any two elements reads the same as one that is not.

use super::charset::Charset;
use super::{Content, Element, Limits, Ns, Place, Reader, XmlError, decode, decode_owned};

const DOCUMENT: &str = r#"<?xml version="1.0"?><!-- first -->
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">
  <s:Body> between <w:Items xmlns="urn:rows">
    <Row Id="1"><Name>one &amp; <![CDATA[<two>]]></Name><Empty/><Inner xmlns="urn:inner"><Deep/></Inner><After/></Row>
    <w:Item><Row xmlns:s="urn:other"><s:Name/></Row></w:Item><s:Row/>
  </w:Items></s:Body>
</s:Envelope> <!-- last -->
"#;

/// Describes an element or an end of a walk.
fn told(reader: &Reader<'_>, element: Option<Element<'_>>) -> String {
    let Some(element) = element else {
        return "end".to_owned();
    };
    let id = reader.attribute(&element, Ns::None, "Id");
    let uri = reader.ns_uri(&element);
    format!(
        "{} {:?} {uri:?} {id:?}",
        element.local_name(),
        reader.ns(&element)
    )
}

/// Walks through every element of a document, and pauses the reader before each step for which `pauses`
/// is true.
fn walk(
    text: &str,
    limits: Limits,
    pauses: impl Fn(usize) -> bool,
) -> Result<Vec<String>, XmlError> {
    let mut reader = Reader::new(text, limits)?;
    let mut steps = Vec::new();
    let mut depth = 0;
    loop {
        if pauses(steps.len()) {
            let place = reader.pause();
            reader = Reader::resume(text, place);
        }
        let element = reader.child()?;
        depth = if element.is_some() {
            depth + 1
        } else {
            depth - 1
        };
        steps.push(told(&reader, element));
        if depth == 0 {
            reader.finish()?;
            return Ok(steps);
        }
    }
}

#[test]
fn a_pause_changes_nothing() {
    let whole = walk(DOCUMENT, Limits::default(), |_| false).expect("read");
    assert_eq!(whole.len(), 26);
    assert!(whole.contains(&"Deep Other Some(\"urn:inner\") None".to_owned()));
    assert!(whole.contains(&"After Other Some(\"urn:rows\") None".to_owned()));
    assert!(whole.contains(&"Name Other Some(\"urn:other\") None".to_owned()));
    assert_eq!(
        walk(DOCUMENT, Limits::default(), |_| true),
        Ok(whole.clone())
    );
    for pause in 0..whole.len() {
        let paused = walk(DOCUMENT, Limits::default(), |step| step == pause);
        assert_eq!(paused.as_ref(), Ok(&whole), "{pause}");
    }
}

/// A page that owns its text.
struct Page {
    text: String,
    place: Place,
}

impl Page {
    fn new(bytes: &[u8]) -> Result<Self, XmlError> {
        let document = decode_owned(bytes.to_vec(), None)?;
        let mut reader = Reader::of(&document, Limits::default())?;
        reader.root()?;
        let place = reader.pause();
        let text = document.text.into_owned();
        Ok(Self { text, place })
    }

    /// Returns the text of the next row; none at the end of the document.
    fn next(self) -> Result<Option<(String, Self)>, XmlError> {
        let mut reader = Reader::resume(&self.text, self.place);
        if reader.child()?.is_none() {
            reader.finish()?;
            return Ok(None);
        }
        let row = reader.text()?.into_owned();
        let place = reader.pause();
        let text = self.text;
        Ok(Some((row, Self { text, place })))
    }
}

#[test]
fn reads_a_page_row_by_row_while_it_is_moved() {
    let mut page = Page::new("\u{feff}<Items><Row>1</Row> <Row/><Row>3</Row></Items>".as_bytes());
    let mut rows = Vec::new();
    while let Some((row, rest)) = page.expect("read").next().expect("read") {
        rows.push(row);
        page = Ok(rest);
    }
    assert_eq!(rows, ["1", "", "3"]);
}

#[test]
fn limits_apply_across_a_pause() {
    let limits = |depth, elements| Limits {
        depth,
        elements,
        ..Limits::default()
    };
    let always = |_| true;
    assert!(walk(DOCUMENT, limits(6, 13), always).is_ok());
    assert_eq!(
        walk(DOCUMENT, limits(5, 13), always),
        Err(XmlError::TooDeep(5))
    );
    assert_eq!(
        walk(DOCUMENT, limits(6, 12), always),
        Err(XmlError::TooManyElements(12))
    );
}

/// Writes an element with this many attributes, or declarations of namespaces.
fn wide(kind: &str, count: usize) -> String {
    let attributes: String = (0..count)
        .map(|n| format!(" {kind}a{n}='urn:{n}'"))
        .collect();
    format!("<r><e{attributes}/></r>")
}

#[test]
fn attributes_and_namespaces_have_limits() {
    let always = |_| true;
    let limits = Limits::default();
    for (limit, error) in [
        (limits.attributes, None),
        (
            limits.attributes + 1,
            Some(XmlError::TooManyAttributes(1_000)),
        ),
    ] {
        assert_eq!(walk(&wide("", limit), limits, always).err(), error);
    }
    for (limit, error) in [
        (limits.namespaces, None),
        (
            limits.namespaces + 1,
            Some(XmlError::TooManyNamespaces(128)),
        ),
    ] {
        assert_eq!(walk(&wide("xmlns:", limit), limits, always).err(), error);
    }
    let own = Limits {
        attributes: 3,
        namespaces: 2,
        ..limits
    };
    assert!(walk(&wide("", 3), own, always).is_ok());
    let error = walk(&wide("", 4), own, always).unwrap_err();
    assert_eq!(error, XmlError::TooManyAttributes(3));
    let error = walk(&wide("xmlns:", 3), own, always).unwrap_err();
    assert_eq!(error, XmlError::TooManyNamespaces(2));
    // What an element declared no longer counts after its end.
    let ended = format!("<r>{0}{0}</r>", "<e xmlns:a='urn:a' xmlns:b='urn:b'/>");
    assert!(walk(&ended, own, always).is_ok());
}

#[test]
fn rejects_an_invalid_document_with_and_without_a_pause() {
    let malformed = |what: &str| XmlError::Malformed(format!("ill-formed document: {what}"));
    let cases = [
        ("", XmlError::Empty),
        ("<a><b></b>", XmlError::Truncated),
        ("<a><b></b></a", XmlError::Truncated),
        (
            "<a><b></c></a>",
            malformed("expected `</b>`, but `</c>` was found"),
        ),
        (
            "<a><b/></b></a>",
            malformed("expected `</a>`, but `</b>` was found"),
        ),
        (
            "</a>",
            malformed("close tag `</a>` does not match any open tag"),
        ),
        (
            "<a></a></a>",
            XmlError::Malformed("content after the root element".into()),
        ),
        (
            "<a/><b/>",
            XmlError::Malformed("content after the root element".into()),
        ),
        ("<a><!DOCTYPE b></a>", XmlError::DocumentType),
        (
            "<a><!WHAT></a>",
            XmlError::Malformed("unknown markup after <!".into()),
        ),
    ];
    for (text, error) in cases {
        for pauses in [false, true] {
            let read = walk(text, Limits::default(), |_| pauses);
            assert_eq!(read, Err(error.clone()), "{text} {pauses}");
        }
    }
}

#[test]
fn rejects_a_position_in_another_text() {
    let mut reader = Reader::new(DOCUMENT, Limits::default()).expect("small");
    reader.root().expect("a root");
    reader.child().expect("a child");
    let mut elsewhere = Reader::resume("<a/>", reader.pause());
    assert_eq!(elsewhere.child().err(), Some(XmlError::Truncated));
}

#[test]
fn joins_text_and_distinguishes_elements() {
    let mut reader = Reader::new(DOCUMENT, Limits::default()).expect("small");
    for _ in 0..5 {
        reader.child().expect("a child");
    }
    assert_eq!(reader.text().expect("text"), "one & <two>");
    reader.child().expect("read").expect("Empty");
    assert_eq!(reader.text().expect("none"), "");
    reader.child().expect("read").expect("Inner");
    let Ok(Content::Child(deep)) = reader.content() else {
        panic!("no child");
    };
    assert_eq!(deep.local_name(), "Deep");
}

/// Returns the text of the first child of a document, and what comes after it.
fn first_text(document: &str) -> Result<(String, String), XmlError> {
    let mut reader = Reader::new(document, Limits::default())?;
    reader.root()?;
    reader.child()?;
    let text = reader.text()?.into_owned();
    let next = reader.child()?;
    let next = next.map_or(String::new(), |next| next.local_name().to_owned());
    reader.finish()?;
    Ok((text, next))
}

#[test]
fn reads_the_same_text_whatever_the_end_of_its_element() {
    let read = |inner: &str| first_text(&["<r xmlns:a='a'>", inner, "<c/></r>"].concat());
    for (inner, text) in [
        ("<a:b>x > y</a:b>", "x > y"),
        ("<a:b>x &gt; y</a:b>", "x > y"),
        ("<a:b>x <!-- </a:b> -->&#62; y</a:b\n>", "x > y"),
        ("<a:b>x\ny</a:b>", "x\ny"),
        ("<a:b>x\r\ny</a:b>", "x\ny"),
        ("<a:b></a:b>", ""),
        ("<a:b/>", ""),
        ("<a:b>\u{feff}</a:b>", "\u{feff}"),
        ("<a:b><![CDATA[x</a:b>]]></a:b>", "x</a:b>"),
    ] {
        let expected = (text.to_owned(), "c".to_owned());
        assert_eq!(read(inner), Ok(expected), "{inner}");
    }
    for wrong in [
        "<a>x</b>",
        "<a>x</aa>",
        "<aa>x</a>",
        "<a>x</>",
        "<a>x</a/>",
        "<a>x</ a>",
    ] {
        let error = read(wrong).expect_err(wrong);
        assert!(matches!(error, XmlError::Malformed(_)), "{wrong}: {error}");
    }
    for cut in ["<r><a>x", "<r><a>x</", "<r><a>x</a", "<r><a>x</a>"] {
        assert_eq!(first_text(cut), Err(XmlError::Truncated), "{cut}");
    }
}

#[test]
fn reads_any_number_of_texts() {
    let row = "<a>1</a><b>2 &amp; 3</b><c/>";
    let document = ["<r>", &row.repeat(1500), "</r>"].concat();
    let mut reader = Reader::new(&document, Limits::default()).expect("small");
    reader.root().expect("root");
    let mut texts = Vec::new();
    while reader.child().expect("read").is_some() {
        texts.push(reader.text().expect("text"));
    }
    reader.finish().expect("the end");
    assert_eq!(texts.len(), 4500);
    assert!(texts.chunks(3).all(|row| row == ["1", "2 & 3", ""]));
}

#[test]
fn decodes_owned_bytes_like_borrowed_ones() {
    let utf16 = |unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}<a>ä</a>".encode_utf16().flat_map(unit).collect()
    };
    let cases = [
        b"<a/>".to_vec(),
        "\u{feff}<a>ä</a>".as_bytes().to_vec(),
        utf16(u16::to_be_bytes),
        utf16(u16::to_le_bytes),
        b"\xff\xfe<".to_vec(),
        b"<a>\xe4</a>".to_vec(),
        b"\xef\xbb\xbf<a>\xe4</a>".to_vec(),
        b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xc3\xa4</a>".to_vec(),
        b"<?xml version='1.0' encoding='UTF-16'?><a/>".to_vec(),
        b"<?xml version='1.0' encoding='UTF-16'?><a>\xc3\xa4</a>".to_vec(),
        Vec::new(),
    ];
    let headers = [None, Some(Charset::Utf8), Some(Charset::Latin1)];
    for (bytes, header) in cases
        .iter()
        .flat_map(|case| headers.map(|header| (case, header)))
    {
        assert_eq!(
            decode_owned(bytes.clone(), header),
            decode(bytes, header),
            "{bytes:?} {header:?}"
        );
    }
    let bytes = b"<a/>".to_vec();
    let at = bytes.as_ptr();
    let document = decode_owned(bytes, None).expect("text");
    assert_eq!(document.text.as_ptr(), at, "copied");
}
