//! Reads the status and the title of a web page that a server sent instead of a SOAP message.

use std::borrow::Cow;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::auth::evidence::seconds_of_http_date;
use crate::protocol::DecodeError;
use crate::shown::Shown;
use crate::transport::WholeAnswer;

/// The longest text of a web server that an error shows, in characters.
const LONGEST: usize = 120;

/// How much of a page is searched for its title, in bytes.
const LOOKED_AT: usize = 16 << 10;

/// The kind of a body that is not XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Html,
    Json,
    Text,
    /// As by gzip: it is never inflated.
    Compressed,
}

/// Returns the status of an answer without SOAP and the title of its page: `HTTP 400 Bad Request:
/// Invalid Hostname`, or `HTTP 503` alone.
pub(super) fn status_line(answer: &WholeAnswer) -> String {
    let status = answer.status;
    match said(answer) {
        Some(said) => format!("HTTP {status} {said}"),
        None => format!("HTTP {status}"),
    }
}

/// Returns the error of the body. Its kind, such as a web page, says more than a position of bad XML.
pub(super) fn why(answer: &WholeAnswer, why: DecodeError) -> DecodeError {
    let kind = match kind(answer) {
        Some(Kind::Html) => "html",
        Some(Kind::Json) => "JSON",
        Some(Kind::Text) => "text",
        Some(Kind::Compressed) => "gzip",
        None => return why,
    };
    DecodeError::NotSoap(kind.to_owned())
}

/// Returns whether a WS-Management service may have sent the answer: its content type is SOAP.
pub(super) fn claims_soap(answer: &WholeAnswer) -> bool {
    let is_soap = content_type(answer).is_some_and(|named| named == "application/soap+xml");
    is_soap && !answer.body.is_empty()
}

/// Returns whether a web server sent a page.
pub(super) fn is_page(answer: &WholeAnswer) -> bool {
    kind(answer) == Some(Kind::Html)
}

fn kind(answer: &WholeAnswer) -> Option<Kind> {
    let start = answer
        .body
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&answer.body);
    let start = start.trim_ascii_start();
    let first = start.first()?;
    if start.starts_with(&[0x1f, 0x8b]) {
        return Some(Kind::Compressed);
    }
    let begins = |tag: &[u8]| {
        let found = start.get(..tag.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(tag))
    };
    match content_type(answer).as_deref() {
        Some("application/soap+xml") => None,
        Some("text/html" | "application/xhtml+xml") => Some(Kind::Html),
        _ if begins(b"<html") || begins(b"<!doctype html") => Some(Kind::Html),
        Some(named) if named.ends_with("json") => Some(Kind::Json),
        Some("text/plain") => Some(Kind::Text),
        _ if matches!(first, b'{' | b'[') => Some(Kind::Json),
        _ => None,
    }
}

/// Returns the media type in lower case.
fn content_type(answer: &WholeAnswer) -> Option<String> {
    let named = answer.header("content-type")?.split(';').next()?;
    Some(named.trim().to_ascii_lowercase())
}

/// Returns the title of a page with its first heading, or the first line of a text.
pub(super) fn said(answer: &WholeAnswer) -> Option<String> {
    let text = match kind(answer)? {
        Kind::Json | Kind::Compressed => return None,
        Kind::Text => {
            let text = decoded(answer);
            shown(text.lines().find(|line| !line.trim().is_empty())?)
        }
        Kind::Html => {
            let page = decoded(answer);
            let title = element(&page, "title");
            let title = title.map(|title| without_status(&title, answer.status));
            let heading = ["h1", "h2", "h3"]
                .iter()
                .find_map(|tag| element(&page, tag));
            let heading = heading.map(|heading| without_status(&heading, answer.status));
            joined(title.unwrap_or_default(), heading.unwrap_or_default())
        }
    };
    Some(text).filter(|text| !text.is_empty())
}

/// Joins a title and what its heading adds: HTTP.sys sends the title `Bad Request` and the heading `Bad
/// Request - Invalid Hostname`.
fn joined(title: String, heading: String) -> String {
    if title.is_empty() {
        return heading;
    }
    let more = match heading.get(..title.len()) {
        Some(start) if start.eq_ignore_ascii_case(&title) => {
            heading.get(title.len()..).unwrap_or_default()
        }
        _ => heading.as_str(),
    };
    let more = more.trim_matches(|c: char| c.is_whitespace() || "-:.\u{2013}\u{2014}".contains(c));
    match more {
        "" => title,
        more => format!("{title}: {more}"),
    }
}

/// Returns a text for display, without the leading status number of many servers.
fn without_status(text: &str, status: u16) -> String {
    let text = shown(text);
    let number = status.to_string();
    let rest = ["HTTP Error ", "HTTP ", "Error ", ""]
        .iter()
        .find_map(|before| text.strip_prefix(before)?.strip_prefix(&number));
    let rest = rest.map(|rest| rest.trim_start_matches([' ', '-', ':', '.']));
    rest.map_or_else(|| text.clone(), str::to_owned)
}

/// Returns the text of the first element with a name, without inner tags.
fn element(page: &str, name: &str) -> Option<String> {
    let (_, from_tag) = page.match_indices('<').find_map(|(at, _)| {
        let rest = page.get(at + 1..)?;
        let found = rest.get(..name.len())?;
        let behind = rest.get(name.len()..)?;
        let is_tag = found.eq_ignore_ascii_case(name)
            && behind.starts_with(|c: char| c == '>' || c.is_whitespace());
        is_tag.then_some((at, behind))
    })?;
    let (_, content) = from_tag.split_once('>')?;
    let mut text = String::new();
    for (number, piece) in content.split('<').enumerate() {
        let closes = piece.get(1..).and_then(|tag| tag.get(..name.len()));
        if number > 0
            && piece.starts_with('/')
            && closes.is_some_and(|t| t.eq_ignore_ascii_case(name))
        {
            break;
        }
        match number {
            0 => text.push_str(piece),
            _ => text.push_str(piece.split_once('>').map_or("", |(_, behind)| behind)),
        }
    }
    let text = resolved(&text);
    Some(text).filter(|text| !text.trim().is_empty())
}

/// Replaces the entities that are common in titles by their characters.
fn resolved(text: &str) -> String {
    let known = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&nbsp;", " "),
        ("&ndash;", "\u{2013}"),
        ("&mdash;", "\u{2014}"),
        ("&amp;", "&"),
    ];
    known
        .iter()
        .fold(text.to_owned(), |text, (entity, character)| {
            text.replace(entity, character)
        })
}

/// Decodes the start of the body in the character set of its content type, or as UTF-8 if that is
/// unknown.
fn decoded(answer: &WholeAnswer) -> Cow<'_, str> {
    let body = answer.body.get(..LOOKED_AT).unwrap_or(&answer.body);
    let units = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| match pair {
            [first, second] => unit([*first, *second]),
            _ => 0,
        });
        let text: String = char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        Cow::Owned(text)
    };
    match body {
        [0xff, 0xfe, rest @ ..] => return units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => return units(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => return String::from_utf8_lossy(rest),
        _ => {}
    }
    let named = answer.header("content-type").unwrap_or_default();
    let named = named.to_ascii_lowercase();
    match named
        .split_once("charset=")
        .map(|(_, name)| name.trim_matches('"'))
    {
        Some(name) if name.starts_with("utf-16be") => units(body, u16::from_be_bytes),
        Some(name) if name.starts_with("utf-16") => units(body, u16::from_le_bytes),
        Some(name) if name.starts_with("iso-8859-1") || name.starts_with("windows-1252") => {
            Cow::Owned(body.iter().map(|byte| char::from(*byte)).collect())
        }
        _ => String::from_utf8_lossy(body),
    }
}

/// Returns a server's text for display, in one line.
fn shown(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    Shown::new(&line).at_most(LONGEST).to_string()
}

/// The limit of a pause that a server asks for.
const LONGEST_PAUSE: u64 = 24 * 60 * 60;

/// Returns the pause that a server asks for, in seconds or as a date (RFC 9110 10.2.3).
pub(super) fn retry_after(answer: &WholeAnswer) -> Option<Duration> {
    let text = answer.header("retry-after")?.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = if is_number {
        // A larger number than this one has is as good as the limit.
        text.parse().unwrap_or(LONGEST_PAUSE)
    } else {
        let then = u64::try_from(seconds_of_http_date(text)?).ok()?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        // By the clock of the server, if it is known.
        let ahead = answer.evidence.clock_ahead.unwrap_or_default();
        then.saturating_sub(now.as_secs().saturating_add_signed(ahead))
    };
    Some(Duration::from_secs(seconds.min(LONGEST_PAUSE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> WholeAnswer {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        WholeAnswer::with_headers(status, headers, body.into().into())
    }

    fn page(title: &str, heading: &str) -> String {
        format!("<html><head><title>{title}</title></head><body><h1 class=\"x\">{heading}</h1>")
    }

    #[test]
    fn names_the_status_and_the_title() {
        let html = "text/html; charset=us-ascii";
        let http_sys = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">\r\n<HTML><HEAD>\
            <TITLE>Bad Request</TITLE></HEAD><BODY><h2>Bad Request - Invalid Hostname</h2>";
        for (status, content_type, body, expected) in [
            (
                400,
                html,
                http_sys.to_owned(),
                "HTTP 400 Bad Request: Invalid Hostname",
            ),
            (
                502,
                html,
                page("502 Bad Gateway", "502 Bad Gateway"),
                "HTTP 502 Bad Gateway",
            ),
            (403, html, page("", "<b>No</b> entry"), "HTTP 403 No entry"),
            (200, html, page("Sign in", ""), "HTTP 200 Sign in"),
            (
                404,
                html,
                page("IIS &amp; Co", "HTTP Error 404 - Nothing"),
                "HTTP 404 IIS & Co: Nothing",
            ),
            (503, html, "<p>x</p>".to_owned(), "HTTP 503"),
            (
                400,
                "text/plain",
                "\r\n bad  host\r\nmore".to_owned(),
                "HTTP 400 bad host",
            ),
            (400, "application/json", "{\"a\":1}".to_owned(), "HTTP 400"),
            (400, "application/soap+xml", "Bad".to_owned(), "HTTP 400"),
            (500, "text/html", String::new(), "HTTP 500"),
            (500, "", page("Oops", "Oops"), "HTTP 500 Oops"),
        ] {
            let line = status_line(&answer(status, content_type, body));
            assert_eq!(line, expected);
        }
    }

    #[test]
    fn reads_other_character_sets() {
        let page = page("Gr\u{fc}\u{df}e", "");
        let latin: Vec<u8> = page.chars().map(|c| c as u8).collect();
        let utf16: Vec<u8> = page.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [b"\xff\xfe".as_slice(), &utf16].concat();
        for (charset, body) in [
            ("utf-8", page.into_bytes()),
            ("ISO-8859-1", latin.clone()),
            ("windows-1252", latin),
            ("UTF-16", utf16),
            ("x-unknown", marked),
        ] {
            let html = format!("text/html; charset={charset}");
            let line = status_line(&answer(500, &html, body));
            assert_eq!(line, "HTTP 500 Gr\u{fc}\u{df}e", "{charset}");
        }
    }

    #[test]
    fn bounds_and_escapes_the_text_of_the_server() {
        let long = page(&"x".repeat(100_000), "");
        assert!(status_line(&answer(400, "text/html", long)).len() < 200);
        let odd = page("a\u{1b}[31mb\u{202e}c", "");
        let line = status_line(&answer(400, "text/html", odd));
        assert!(!line.contains(['\u{1b}', '\u{202e}']), "{line:?}");
    }
}
