//! What goes wrong with one answer.

use std::time::Duration;

use crate::tap::Sending;

/// A trouble of one step: of one request and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Cut,
    Stall,
    GarbageByte,
    WrongRelatesTo,
    WrongAction,
    DuplicateAnswer,
    Http401,
    Http413,
    Http429,
    Http500,
    SlowDrip,
}

use Trouble::{
    Cut, DuplicateAnswer, GarbageByte, Http401, Http413, Http429, Http500, SlowDrip, Stall,
    WrongAction, WrongRelatesTo,
};

pub(crate) const TROUBLES: [Trouble; 11] = [
    Cut,
    Stall,
    GarbageByte,
    WrongRelatesTo,
    WrongAction,
    DuplicateAnswer,
    Http401,
    Http413,
    Http429,
    Http500,
    SlowDrip,
];

/// The pause between two bytes that drip.
const DRIP: Duration = Duration::from_millis(50);

/// An answer to another message, as an attacker would write it.
const FORGED: &str = "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" \
    xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\"><s:Header>\
    <a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/PutResponsf</a:Action>\
    <a:RelatesTo>uuid:00000000-0000-0000-0000-000000000000</a:RelatesTo></s:Header><s:Body/></s:Envelope>";

impl Trouble {
    /// Returns the title of its table.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Cut => "The answer is cut in its middle",
            Stall => "The answer stalls in its middle",
            GarbageByte => "A byte in the middle of the answer is garbage",
            WrongRelatesTo => "The answer names another message (RelatesTo)",
            WrongAction => "The answer has another action",
            DuplicateAnswer => "The answer comes twice",
            Http401 => "HTTP 401 in place of the answer",
            Http413 => "HTTP 413 in place of the answer",
            Http429 => "HTTP 429 in place of the answer",
            Http500 => "HTTP 500 with HTML in place of the answer",
            SlowDrip => "The answer comes byte by byte, 20 a second",
        }
    }

    /// Returns whether the answer ends only after a time limit.
    pub(crate) fn takes_time(self) -> bool {
        matches!(self, Stall | SlowDrip)
    }

    /// Returns how a request is answered in place of the server, or how the server's answer is sent.
    pub(crate) fn meddle(self, answer: Option<Vec<u8>>) -> Option<Sending> {
        let in_place = match self {
            Http401 => Some(http("401 Unauthorized", OFFERS, "")),
            Http413 => Some(http("413 Content Too Large", "", "")),
            Http429 => Some(http("429 Too Many Requests", "Retry-After: 1\r\n", "")),
            Http500 => Some(http(
                "500 Internal Server Error",
                "Content-Type: text/html\r\n",
                "<html><body><h1>Internal Server Error</h1></body></html>",
            )),
            _ => None,
        };
        if let Some(bytes) = in_place {
            return Some(Sending::Whole(bytes));
        }
        let answer = answer?;
        Some(match self {
            Cut => Sending::Cut(half(answer)),
            Stall => Sending::Stalled(half(answer)),
            GarbageByte => Sending::Whole(garbled(answer)),
            WrongRelatesTo => Sending::Whole(other(answer, "RelatesTo")),
            WrongAction => Sending::Whole(other(answer, "Action")),
            DuplicateAnswer => Sending::Whole([answer.as_slice(), answer.as_slice()].concat()),
            SlowDrip => Sending::Dripping(answer, DRIP),
            Http401 | Http413 | Http429 | Http500 => Sending::Whole(answer),
        })
    }
}

/// What the server of each login could offer.
const OFFERS: &str = "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: Basic realm=\"WSMAN\"\r\n";

fn http(status: &str, head: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{head}Content-Length: {length}\r\n\r\n{body}").into_bytes()
}

fn half(mut answer: Vec<u8>) -> Vec<u8> {
    answer.truncate(answer.len() / 2);
    answer
}

fn find(bytes: &[u8], text: &str) -> Option<usize> {
    let mut windows = bytes.windows(text.len());
    windows.position(|window| window == text.as_bytes())
}

/// Changes a byte in the middle of the body, or of the head where there is no body, to one that no text may
/// have. A sealed body has each byte now and then, also that one.
fn garbled(mut answer: Vec<u8>) -> Vec<u8> {
    let head = find(&answer, "\r\n\r\n").map_or(0, |at| at + 4);
    let body = answer.len() - head;
    let at = if body == 0 { head / 2 } else { head + body / 2 };
    if let Some(byte) = answer.get_mut(at) {
        *byte = u8::from(*byte == 0);
    }
    answer
}

/// Changes the last character of a SOAP header. A sealed answer has none that can be seen: an attacker can
/// only send one that is not sealed.
fn other(mut answer: Vec<u8>, header: &str) -> Vec<u8> {
    let start = find(&answer, &format!("{header}>")).map(|at| at + header.len() + 1);
    let end = start.and_then(|start| Some(start + find(answer.get(start..)?, "</")?));
    let Some(last) = end.and_then(|end| answer.get_mut(end.checked_sub(1)?)) else {
        return http(
            "200 OK",
            "Content-Type: application/soap+xml;charset=UTF-8\r\n",
            FORGED,
        );
    };
    *last = if *last == b'0' { b'1' } else { b'0' };
    answer
}

#[test]
fn garbage_differs_from_each_byte() {
    for byte in 0..=u8::MAX {
        let answer = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &[byte]].concat();
        assert_ne!(garbled(answer.clone()), answer, "{byte}");
    }
}
