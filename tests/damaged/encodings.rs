//! Encodings: what the bytes of an answer mean, and what is refused rather than read wrongly.

use wsman::Error;
use wsman::cim::Value;

use crate::{END, START, XML, exchange, path, play};

/// What is read of a value: its text and whether it is marked as lossy.
async fn read(is_lossy: bool, content_type: &str, bytes: Vec<u8>) -> Result<(String, bool), Error> {
    let (session, _) = play(is_lossy, vec![exchange(content_type, bytes)]);
    let instance = session.get_instance(path()).await?;
    let value = instance.value("D").unwrap();
    let is_marked = matches!(value, Value::Lossy(_));
    Ok((value.as_str().unwrap().to_owned(), is_marked))
}

/// An answer with a declaration and these bytes for a value. It names its action and not its request,
/// whose identifier the replay would write in UTF-8.
fn answer(declaration: &str, value: &[u8]) -> Vec<u8> {
    const ACTION: &str =
        "<a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/GetResponse</a:Action>";
    let start = START.replace("<a:RelatesTo>uuid:recorded</a:RelatesTo>", ACTION);
    let before = [declaration, &start, "<p:A><p:K>1</p:K><p:D>"].concat();
    let after = ["</p:D></p:A>", END].concat();
    [before.as_bytes(), value, after.as_bytes()].concat()
}

fn declared(encoding: &str) -> String {
    ["<?xml version=\"1.0\" encoding=\"", encoding, "\"?>"].concat()
}

fn of_charset(charset: &str) -> String {
    [XML, "; charset=", charset].concat()
}

/// Bytes that are no UTF-8: overlong forms, surrogates, code points behind the last, single bytes of a
/// character, and characters cut short. Each maximal part of a character is one U+FFFD (Unicode 3.9).
const NOT_UTF8: [(&[u8], &str); 10] = [
    (b"a\xc0\xafb", "a\u{fffd}\u{fffd}b"),
    (b"a\xe0\x80\xafb", "a\u{fffd}\u{fffd}\u{fffd}b"),
    (b"a\xc0\x80b", "a\u{fffd}\u{fffd}b"),
    (b"a\xed\xa0\x80b", "a\u{fffd}\u{fffd}\u{fffd}b"),
    (b"a\xf4\x90\x80\x80b", "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}b"),
    (b"a\xf8b", "a\u{fffd}b"),
    (b"a\x80b", "a\u{fffd}b"),
    (b"a\xe2\x82b", "a\u{fffd}b"),
    (b"a\xf0\x9f\x98b", "a\u{fffd}b"),
    (b"a\xc3", "a\u{fffd}"),
];

#[tokio::test]
async fn bytes_that_are_no_utf8_are_refused_or_replaced() {
    for declaration in [String::new(), declared("UTF-8"), "\u{feff}".into()] {
        for (bytes, lossy) in NOT_UTF8 {
            let bytes = answer(&declaration, bytes);
            let error = read(false, XML, bytes.clone()).await.unwrap_err();
            let text = error.to_string();
            assert!(text.contains("is not UTF-8"), "{lossy}: {text}");
            assert!(text.contains("property D: "), "{lossy}: {text}");
            let found = read(true, XML, bytes).await.unwrap();
            assert_eq!(found, (lossy.to_owned(), true));
        }
    }
}

#[tokio::test]
async fn an_encoding_that_is_declared_or_named_by_http_is_read_truly() {
    let (latin1, windows): (&[u8], &[u8]) = (b"caf\xe9 \xfc\xff\xa0", b"\x80 \x93caf\xe9\x94 \x9f");
    for (encoding, bytes, text) in [
        ("ISO-8859-1", latin1, "café üÿ\u{a0}"),
        ("iso-8859-1", latin1, "café üÿ\u{a0}"),
        ("latin1", latin1, "café üÿ\u{a0}"),
        ("windows-1252", windows, "€ “café” Ÿ"),
        ("CP1252", windows, "€ “café” Ÿ"),
        ("UTF-8", "café €".as_bytes(), "café €"),
        ("utf8", "café €".as_bytes(), "café €"),
        ("US-ASCII", b"cafe", "cafe"),
    ] {
        let expected = (text.to_owned(), false);
        let in_xml = answer(&declared(encoding), bytes);
        assert_eq!(read(false, XML, in_xml.clone()).await.unwrap(), expected);
        let in_http = answer("", bytes);
        let http = of_charset(encoding);
        assert_eq!(read(false, &http, in_http).await.unwrap(), expected);
        assert_eq!(read(false, &http, in_xml).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_byte_that_an_encoding_does_not_have_is_refused_or_replaced() {
    for (encoding, bytes, named) in [
        ("windows-1252", b"a\x81b", "byte 0x81"),
        ("US-ASCII", b"a\xe9b", "byte 0xE9"),
    ] {
        let bytes = answer(&declared(encoding), bytes);
        let error = read(false, XML, bytes.clone()).await.unwrap_err();
        assert!(error.to_string().contains(named), "{error}");
        let found = read(true, XML, bytes).await.unwrap();
        assert_eq!(found, ("a\u{fffd}b".to_owned(), true));
    }
}

/// Lossy text or not: an encoding that is not known is never guessed.
#[tokio::test]
async fn an_encoding_that_is_not_read_or_said_twice_is_refused() {
    for is_lossy in [false, true] {
        for (http, declaration) in [
            (XML.to_owned(), declared("koi8-r")),
            (XML.to_owned(), declared("Shift_JIS")),
            (XML.to_owned(), declared("UTF-16")),
            (of_charset("koi8-r"), String::new()),
            (of_charset("UTF-16"), String::new()),
            (of_charset("ISO-8859-1"), declared("UTF-8")),
            (of_charset("UTF-8"), declared("windows-1252")),
            (
                XML.to_owned(),
                ["\u{feff}", &declared("ISO-8859-1")].concat(),
            ),
        ] {
            let bytes = answer(&declaration, "é".as_bytes());
            let outcome = read(is_lossy, &http, bytes).await;
            let error = outcome.unwrap_err();
            assert_eq!(error.name(), "Decode", "{http} {declaration}");
            let text = error.to_string();
            assert!(text.contains("encoding"), "{http} {declaration}: {text}");
        }
    }
}

/// Where all bytes are of ASCII, it makes no difference which encoding of bytes is meant.
#[tokio::test]
async fn two_encodings_of_ascii_alone_are_one() {
    for (http, declaration) in [
        (of_charset("ISO-8859-1"), declared("UTF-8")),
        (of_charset("UTF-8"), declared("windows-1252")),
        (of_charset("\"UTF-8\""), declared("utf-8")),
    ] {
        let found = read(false, &http, answer(&declaration, b"plain")).await;
        assert_eq!(found.unwrap(), ("plain".to_owned(), false));
    }
}

type Order = fn(u16) -> [u8; 2];

fn utf16(text: &str, order: Order) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

#[tokio::test]
async fn utf16_is_read_in_both_orders_with_and_without_a_mark() {
    let text =
        |declaration: &str| String::from_utf8(answer(declaration, "é€😀".as_bytes())).unwrap();
    for order in [u16::to_be_bytes as Order, u16::to_le_bytes] {
        for mark in ["", "\u{feff}"] {
            for declaration in [String::new(), declared("UTF-16"), declared("utf-16")] {
                let bytes = utf16(&[mark, &text(&declaration)].concat(), order);
                for http in [XML.to_owned(), of_charset("UTF-16")] {
                    let found = read(false, &http, bytes.clone()).await.unwrap();
                    assert_eq!(found, ("é€😀".to_owned(), false));
                }
            }
        }
    }
}

#[tokio::test]
async fn utf16_with_half_a_pair_is_refused_or_replaced() {
    let whole = String::from_utf8(answer("\u{feff}", b"a@b")).unwrap();
    for order in [u16::to_be_bytes as Order, u16::to_le_bytes] {
        for half in [0xd800_u16, 0xdbff, 0xdc00, 0xdfff] {
            let unit = |unit: u16| order(if unit == u16::from(b'@') { half } else { unit });
            let bytes: Vec<u8> = whole.encode_utf16().flat_map(unit).collect();
            let at = bytes
                .chunks(2)
                .position(|pair| pair == order(half))
                .unwrap()
                * 2;
            let error = read(false, XML, bytes.clone()).await.unwrap_err();
            let named = format!("property D: 0x{half:04X} at byte {at} is not UTF-16");
            assert!(error.to_string().contains(&named), "{error}");
            let found = read(true, XML, bytes).await.unwrap();
            assert_eq!(found, ("a\u{fffd}b".to_owned(), true));
        }
    }
}

/// A message that was cut off is no message, lossy or not.
#[tokio::test]
async fn an_answer_that_was_cut_off_is_refused() {
    for is_lossy in [false, true] {
        for bytes in [answer("", "é".as_bytes()), answer("", b"a\xff")] {
            for cut in [
                1,
                5,
                20,
                END.len(),
                END.len() + 9,
                bytes.len() - START.len(),
            ] {
                let part = bytes[..bytes.len() - cut].to_vec();
                assert!(read(is_lossy, XML, part).await.is_err(), "{cut}");
            }
        }
    }
}
