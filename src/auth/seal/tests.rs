//! Frames of a real server and client, generated frames, and invalid frames.

use std::path::Path;

use proptest::prelude::*;

use super::read::{LONGEST_HEADER, LONGEST_LINE, MOST_LINES, MOST_PADDING, UnsealError};
use super::*;

/// A test sealer: inverts every bit after some bytes of padding; its header is their sum.
#[derive(Default)]
struct Inverter {
    padding: usize,
}

impl Sealer for Inverter {
    type Error = &'static str;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, Self::Error> {
        let padded = [message, &vec![0; self.padding]].concat();
        Ok(Sealed {
            header: sum(&padded),
            data: padded.iter().map(|byte| !byte).collect(),
        })
    }

    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, Self::Error> {
        let message: Vec<u8> = data.iter().map(|byte| !byte).collect();
        if sum(&message) == header {
            Ok(message)
        } else {
            Err("the sum is wrong")
        }
    }
}

fn sum(bytes: &[u8]) -> Vec<u8> {
    let sum: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
    sum.to_le_bytes().to_vec()
}

/// Returns the parts of a recorded message, whose keys are lost.
#[derive(Default)]
struct Recorded(Option<Sealed>);

impl Sealer for Recorded {
    type Error = ();

    fn seal(&mut self, _: &[u8]) -> Result<Sealed, ()> {
        self.0.take().ok_or(())
    }

    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, ()> {
        let (header, data) = (header.to_vec(), Bytes::copy_from_slice(data));
        let length = data.len();
        self.0 = Some(Sealed { header, data });
        Ok(vec![b'x'; length])
    }
}

fn recording(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/omi-sealed");
    std::fs::read(folder.join(name)).unwrap()
}

const RECORDED: [(&str, Protocol, usize); 4] = [
    ("encrypted-ntlm-Negotiate", Protocol::Spnego, 16),
    ("encrypted-negotiate-Negotiate", Protocol::Spnego, 60),
    ("encrypted-kerberos-Negotiate", Protocol::Spnego, 60),
    ("encrypted-kerberos-Kerberos", Protocol::Kerberos, 60),
];

#[test]
fn recorded_requests_are_read_and_written_byte_for_byte() {
    for (name, protocol, header) in RECORDED {
        let body = recording(&format!("{name}.request.bin"));
        let mut sealer = Recorded::default();
        let message = unseal(&mut sealer, &body, 2000).unwrap();
        assert_eq!(message.len(), 1620, "{name}");
        assert_eq!(sealer.0.as_ref().unwrap().header.len(), header, "{name}");
        let again = seal(&mut sealer, protocol, MimeForm::Untabbed, &message).unwrap();
        assert!(again == body, "{name}");
    }
}

#[test]
fn recorded_answers_are_read() {
    for (name, protocol, header) in RECORDED {
        let whole = recording(&format!("{name}.response.bin"));
        let end = whole
            .windows(4)
            .position(|part| part == b"\r\n\r\n")
            .unwrap();
        let (head, body) = whole.split_at(end + 4);
        let head = std::str::from_utf8(head).unwrap();
        let content_type = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Type: "));
        assert_eq!(content_type, Some(protocol.content_type()));
        let mut sealer = Recorded::default();
        let message = unseal(&mut sealer, body, 2000).unwrap();
        assert_eq!(message.len(), 1262, "{name}");
        assert_eq!(sealer.0.unwrap().header.len(), header, "{name}");
    }
}

fn sealed(form: MimeForm, padding: usize, message: &[u8]) -> Vec<u8> {
    seal(&mut Inverter { padding }, Protocol::Spnego, form, message).unwrap()
}

fn opened(body: &[u8]) -> Result<Vec<u8>, UnsealError<&'static str>> {
    unseal(&mut Inverter::default(), body, 10_000)
}

#[test]
fn the_frame_of_the_specification() {
    let body = sealed(MimeForm::Tabbed, 0, b"<s/>");
    let text: Vec<u8> = body.iter().copied().filter(u8::is_ascii).collect();
    let expected = "--Encrypted Boundary\r\n\
        \tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n\
        \tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=4\r\n\
        --Encrypted Boundary\r\n\
        \tContent-Type: application/octet-stream\r\n\
        \x08\0\0\0\x1c\x01\0\0\0\0\0\0--Encrypted Boundary--\r\n";
    assert_eq!(sum(b"<s/>"), 0x11c_u64.to_le_bytes());
    assert_eq!(String::from_utf8(text).unwrap(), expected);
}

#[test]
fn other_forms_are_read_too() {
    let plain = sealed(MimeForm::Untabbed, 0, b"<s/>");
    let replaced = |from: &str, to: &str| {
        let mut body = Vec::new();
        let mut rest = plain.as_slice();
        while let Some(at) = rest
            .windows(from.len())
            .position(|part| part == from.as_bytes())
        {
            body.extend_from_slice(&rest[..at]);
            body.extend_from_slice(to.as_bytes());
            rest = &rest[at + from.len()..];
        }
        [&body, rest].concat()
    };
    for body in [
        sealed(MimeForm::Tabbed, 0, b"<s/>"),
        replaced("--Encrypted", "-- Encrypted"),
        replaced("\r\nOriginal", "\r\n\t\t Original"),
        replaced("octet-stream\r\n", "octet-stream\r\n\r\n"),
        replaced("Length=4\r\n", "Length=4\r\n\r\n"),
        replaced("Boundary--\r\n", "Boundary--"),
        replaced("Boundary--\r\n", "Boundary--\r\n\r\n"),
        replaced("--Encrypted Boundary--", "\r\n--Encrypted Boundary--"),
        replaced("HTTP-SPNEGO", "http-kerberos"),
        [b"\r\n", plain.as_slice()].concat(),
        sealed(MimeForm::Tabbed, 12, b"<s/>"),
        // Padding was added before the length was taken.
        sealed(MimeForm::Tabbed, 0, b"<s/>\0\0\0\0\0\0\0\0\0\0\0\0"),
    ] {
        let text = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(opened(&body).unwrap(), b"<s/>", "{text}");
    }
    for (from, to, error) in [
        ("Length=4", "Length=5", "has 4"),
        ("Length=4", "Length=3", "has 4"),
        ("Length=4", "Length=-4", "no length"),
        ("Length=4", "Length=", "no length"),
        ("Length=4", "Size=4", "no length"),
        ("Length=4", "Length=99999999999999999999999", "no length"),
        ("Length=4", "Length=10001", "longer than 10000"),
        ("SPNEGO", "CredSSP", "unknown Content-Type"),
        ("octet-stream", "xml", "unknown Content-Type"),
        (
            "--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n",
            "",
            "no header",
        ),
        ("Boundary--", "Boundary", "closing boundary"),
        ("\x08\0\0\0\x1c", "\x09\0\0\0\x1c", "has 3"),
        ("\x08\0\0\0\x1c", "\x7f\x7f\0\0\x1c", "no data"),
        ("\x1c\x01", "\x1d\x01", "cannot be unsealed"),
    ] {
        let told = opened(&replaced(from, to)).unwrap_err().to_string();
        assert!(told.contains(error), "{from} to {to}: {told}");
    }
}

#[test]
fn data_may_hold_the_boundary() {
    let message: Vec<u8> = b"--Encrypted Boundary--\r\n--Encrypted Boundary\r\n"
        .iter()
        .map(|byte| !byte)
        .collect();
    assert_eq!(
        opened(&sealed(MimeForm::Tabbed, 0, &message)).unwrap(),
        message
    );
}

/// Inserts text before the second part of a frame.
fn with_lines(lines: &str) -> Vec<u8> {
    let body = sealed(MimeForm::Untabbed, 0, b"<s/>");
    let mark = b"--Encrypted Boundary\r\nContent-Type: application/octet";
    let at = body.windows(mark.len()).position(|part| part == mark);
    let (before, after) = body.split_at(at.unwrap());
    [before, lines.as_bytes(), after].concat()
}

#[test]
fn the_lines_of_a_frame_have_limits() {
    // Two headers are there, and a line has its line feed.
    for (lines, length, expected) in [
        (MOST_LINES - 2, 10, Ok(())),
        (MOST_LINES - 1, 10, Err(UnsealError::Missing("boundary"))),
        (1, LONGEST_LINE, Ok(())),
        (
            1,
            LONGEST_LINE + 1,
            Err(UnsealError::Missing("end of a line")),
        ),
    ] {
        let line = format!("X: {}\r\n", "a".repeat(length - "X: \r\n".len()));
        let opened = opened(&with_lines(&line.repeat(lines)));
        assert_eq!(opened.map(drop), expected, "{lines} lines of {length}");
    }
}

#[test]
fn the_header_and_the_padding_of_sealed_data_have_limits() {
    for (length, is_read) in [(LONGEST_HEADER, true), (LONGEST_HEADER + 1, false)] {
        let mut sealer = Recorded(Some(Sealed {
            header: vec![7; length],
            data: Bytes::from_static(b"data"),
        }));
        let body = seal(&mut sealer, Protocol::Spnego, MimeForm::Untabbed, b"data").unwrap();
        let opened = unseal(&mut sealer, &body, 100);
        let expected = if is_read {
            Ok(b"xxxx".to_vec())
        } else {
            Err(UnsealError::Missing("data"))
        };
        assert_eq!(opened, expected, "{length}");
    }
    for (padding, expected) in [
        (MOST_PADDING, Ok(b"<s/>".to_vec())),
        (
            MOST_PADDING + 1,
            Err(UnsealError::Length {
                announced: 4,
                found: MOST_PADDING + 5,
            }),
        ),
    ] {
        let body = sealed(MimeForm::Tabbed, padding, b"<s/>");
        // The padding is not announced, as by OMI.
        let announced = format!("Length={}", padding + 4);
        let mut found = body.windows(announced.len());
        let at = found.position(|part| part == announced.as_bytes()).unwrap();
        let (before, after) = (&body[..at], &body[at + announced.len()..]);
        let body = [before, b"Length=4".as_slice(), after].concat();
        assert_eq!(opened(&body), expected, "{padding}");
    }
}

#[test]
fn recognizes_the_content_type() {
    assert!(is_sealed(Protocol::Spnego.content_type()));
    assert!(is_sealed("Multipart/Encrypted ; x=y"));
    assert!(!is_sealed("application/soap+xml;charset=UTF-8"));
    assert!(!is_sealed("multipart/x-multi-encrypted"));
}

fn forms() -> impl Strategy<Value = MimeForm> {
    prop_oneof![Just(MimeForm::Tabbed), Just(MimeForm::Untabbed)]
}

proptest! {
    #[test]
    fn every_message_comes_back(
        mut message in prop::collection::vec(any::<u8>(), 0..300),
        form in forms(),
        padding in 0..20usize,
    ) {
        // A SOAP message does not end in NUL.
        message.push(b'>');
        // Two bytes of padding can read as one extra line break.
        prop_assume!(padding != 2);
        prop_assert_eq!(opened(&sealed(form, padding, &message)).unwrap(), message);
    }

    #[test]
    fn any_bytes_are_an_error_or_a_message(body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(opened(&body).is_err());
    }

    #[test]
    fn a_frame_that_is_cut_or_changed_anywhere_does_no_harm(
        form in forms(),
        at: prop::sample::Index,
        byte: u8,
        is_cut: bool,
    ) {
        let mut body = sealed(form, 0, b"<s:Envelope/>");
        let at = at.index(body.len());
        if is_cut { body.truncate(at) } else { body[at] = byte }
        if let Ok(message) = opened(&body) {
            prop_assert_eq!(message, b"<s:Envelope/>");
        }
    }
}
