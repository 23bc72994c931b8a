//! Names of users and services (RFC 4120 5.2.2, 6.2).

use std::fmt;

use crate::auth::der::{Der, GENERAL_STRING, SEQUENCE, integer, sequence, tagged, written};
use crate::auth::limits::{NAME_BYTES as LONGEST, NAME_PARTS as MOST_PARTS};

/// The name of a user or a service in its realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PrincipalName {
    pub(crate) kind: NameKind,
    pub(crate) parts: Vec<String>,
}

/// The type of a name, which is only a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameKind {
    Principal,
    Service,
    /// `user@domain` as one part, which the KDC looks up (RFC 6806 5).
    Enterprise,
}

impl PrincipalName {
    pub(crate) fn new(kind: NameKind, parts: &[&str]) -> Self {
        Self {
            kind,
            parts: parts.iter().map(|part| (*part).to_owned()).collect(),
        }
    }

    /// Returns the ticket-granting service of a realm.
    pub(crate) fn ticket_granting(realm: &str) -> Self {
        Self::new(NameKind::Service, &["krbtgt", realm])
    }

    /// Returns the realm of a ticket-granting service; `None` for other services.
    pub(crate) fn granted_realm(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [service, realm] if service == "krbtgt" => Some(realm),
            _ => None,
        }
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.parts == other.parts
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let kind = match self.kind {
            NameKind::Principal => 1,
            NameKind::Service => 2,
            NameKind::Enterprise => 10,
        };
        let parts: Vec<Vec<u8>> = self.parts.iter().map(|part| text(part)).collect();
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        sequence(&[&tagged(0, &integer(kind)), &tagged(1, &sequence(&parts))])
    }

    pub(crate) fn read(mut der: Der<'_>) -> Option<Self> {
        let mut name = der.inside(SEQUENCE)?;
        let kind = match name.field(0)?.int32()? {
            2 | 3 => NameKind::Service,
            10 => NameKind::Enterprise,
            _ => NameKind::Principal,
        };
        let mut list = name.field(1)?.inside(SEQUENCE)?;
        let mut parts = Vec::new();
        while !list.0.is_empty() {
            parts.push(read_text(&mut list)?);
        }
        (parts.len() <= MOST_PARTS).then_some(Self { kind, parts })
    }
}

/// Writes the form for people: `HTTP/host.example`.
impl fmt::Display for PrincipalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts.join("/"))
    }
}

/// Encodes a `KerberosString`, in UTF-8 as Windows does.
pub(crate) fn text(text: &str) -> Vec<u8> {
    written(GENERAL_STRING, &[text.as_bytes()])
}

/// Parses a `KerberosString`. An attacker can send any realm, and errors print it.
pub(crate) fn read_text(der: &mut Der<'_>) -> Option<String> {
    let bytes = der.next_of(GENERAL_STRING)?.content;
    let text = std::str::from_utf8(bytes).ok()?;
    let is_name = text.len() <= LONGEST && !text.contains(char::is_control);
    is_name.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[&str]) -> Option<PrincipalName> {
        PrincipalName::read(Der(&PrincipalName::new(NameKind::Service, parts).write()))
    }

    #[test]
    fn rejects_excessive_names() {
        let long = "x".repeat(LONGEST);
        for parts in [&["HTTP", "host.example"][..], &["HTTP", &long]] {
            let name = read(parts).unwrap();
            assert!(name.is_same(&PrincipalName::new(NameKind::Service, parts)));
        }
        // Error messages would contain them.
        for part in ["a\nb", "a\u{1b}[2J", &[&long, "x"].concat()] {
            assert!(read(&["HTTP", part]).is_none(), "{part:?}");
        }
        assert!(read(&["x"; MOST_PARTS + 1]).is_none());
    }
}
