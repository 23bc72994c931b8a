//! The names in a certificate, formatted for people (RFC 5280 4.1.2.4 and 4.2.1.6).

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::auth::der::{Der, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};

const SET: u8 = 0x31;
const BMP_STRING: u8 = 0x1E;
/// `dNSName` and `iPAddress` of a `GeneralName`.
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

/// 2.5.29.17.
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1D, 0x11];

/// Formats a distinguished name, such as `CN=host, O=Example`, with its most specific part first.
/// Returns `None` if it is invalid.
pub(super) fn distinguished(mut name: Der<'_>) -> Option<String> {
    let mut parts = Vec::new();
    while !name.0.is_empty() {
        let mut set = name.inside(SET)?;
        let mut attribute = set.inside(SEQUENCE)?;
        let kind = attribute.next_of(OBJECT_IDENTIFIER)?.content;
        let value = attribute.next()?;
        let text = match value.tag {
            BMP_STRING => wide(value.content),
            _ => String::from_utf8_lossy(value.content).into_owned(),
        };
        parts.push([short(kind), "=", &tame(&text)].concat());
    }
    parts.reverse();
    Some(parts.join(", "))
}

/// Returns the hosts that a certificate names in its extensions.
pub(super) fn hosts(mut extensions: Der<'_>) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(mut extension) = extensions.inside(SEQUENCE) {
        let kind = extension.next_of(OBJECT_IDENTIFIER);
        if kind.is_none_or(|kind| kind.content != SUBJECT_ALTERNATIVE_NAME) {
            continue;
        }
        // An optional `critical` flag may precede the value.
        while let Some(element) = extension.next() {
            if element.tag == OCTET_STRING
                && let Some(mut names) = Der(element.content).inside(SEQUENCE)
            {
                while let Some(name) = names.next() {
                    found.extend(host(name.tag, name.content));
                }
            }
        }
    }
    found
}

fn host(tag: u8, content: &[u8]) -> Option<String> {
    match tag {
        DNS_NAME => Some(tame(&String::from_utf8_lossy(content))),
        IP_ADDRESS if let Ok(octets) = <[u8; 4]>::try_from(content) => {
            Some(Ipv4Addr::from(octets).to_string())
        }
        IP_ADDRESS if let Ok(octets) = <[u8; 16]>::try_from(content) => {
            Some(Ipv6Addr::from(octets).to_string())
        }
        _ => None,
    }
}

/// Returns the short name of a name's attribute type (RFC 4514 3).
fn short(kind: &[u8]) -> &'static str {
    match kind {
        [0x55, 0x04, 0x03] => "CN",
        [0x55, 0x04, 0x06] => "C",
        [0x55, 0x04, 0x07] => "L",
        [0x55, 0x04, 0x08] => "ST",
        [0x55, 0x04, 0x0A] => "O",
        [0x55, 0x04, 0x0B] => "OU",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xF2, 0x2C, 0x64, 0x01, 0x19] => "DC",
        [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x01] => "E",
        _ => "?",
    }
}

fn wide(bytes: &[u8]) -> String {
    let (units, _) = bytes.as_chunks::<2>();
    let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
    char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Replaces control characters, which a terminal would interpret.
fn tame(text: &str) -> String {
    text.replace(char::is_control, "\u{FFFD}")
}
