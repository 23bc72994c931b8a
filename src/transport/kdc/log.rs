//! What each KDC did, for the error if none answered.

use std::fmt::{self, Write as _};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::server::Server;

/// The attempts of a request, in their order.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Vec<Attempt>>);

#[derive(Debug)]
struct Attempt {
    server: String,
    address: Option<SocketAddr>,
    protocol: Option<Protocol>,
    /// `None` while the answer is awaited.
    result: Option<String>,
    is_forgotten: bool,
}

/// The protocol of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Udp,
    Tcp,
}

/// The place of an attempt in the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(usize);

impl Log {
    /// Adds an attempt, whose answer is awaited.
    pub(super) fn begin(&self, server: &Server, to: Option<(SocketAddr, Protocol)>) -> Place {
        let mut attempts = self.attempts();
        attempts.push(Attempt {
            server: server.to_string(),
            address: to.map(|(address, _)| address),
            protocol: to.map(|(_, protocol)| protocol),
            result: None,
            is_forgotten: false,
        });
        Place(attempts.len() - 1)
    }

    /// Adds something else that was tried.
    #[cfg(feature = "dns-srv")]
    pub(super) fn note(&self, what: String, result: String) {
        self.attempts().push(Attempt {
            server: what,
            address: None,
            protocol: None,
            result: Some(result),
            is_forgotten: false,
        });
    }

    /// Leaves an attempt out.
    pub(super) fn forget(&self, place: Place) {
        let mut attempts = self.attempts();
        if let Some(attempt) = attempts.get_mut(place.0) {
            attempt.is_forgotten = true;
        }
    }

    fn attempts(&self) -> MutexGuard<'_, Vec<Attempt>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the result of an attempt.
    pub(super) fn end(&self, place: Place, result: impl Into<String>) {
        let mut attempts = self.attempts();
        if let Some(attempt) = attempts.get_mut(place.0) {
            attempt.result = Some(result.into());
        }
    }
}

impl Attempt {
    /// Writes the address, if the name of the server does not show it.
    fn write_address(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address.map(|address| address.to_string());
        f.write_str(&self.server)?;
        match address {
            Some(address) if address != self.server => write!(f, " ({address})"),
            _ => Ok(()),
        }
    }
}

/// Writes each address once, with what it did.
impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempts = self.attempts();
        let mut written: Vec<(&str, Option<SocketAddr>)> = Vec::new();
        for first in attempts.iter().filter(|it| !it.is_forgotten) {
            let key = (first.server.as_str(), first.address);
            if written.contains(&key) {
                continue;
            }
            if !written.is_empty() {
                f.write_str("; ")?;
            }
            written.push(key);
            first.write_address(f)?;
            let mut separator = ':';
            let same = attempts.iter().filter(|it| !it.is_forgotten);
            for attempt in same.filter(|it| (it.server.as_str(), it.address) == key) {
                f.write_char(separator)?;
                separator = ',';
                let result = attempt.result.as_deref().unwrap_or("no answer in time");
                match attempt.protocol {
                    Some(Protocol::Udp) => write!(f, " {result} over UDP")?,
                    Some(Protocol::Tcp) => write!(f, " {result} over TCP")?,
                    None => write!(f, " {result}")?,
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_is_named_once_with_what_it_did() {
        let log = Log::default();
        let address = "10.0.0.1:88".parse().unwrap();
        let named = Server::new("kdc", 88);
        let literal = Server::new("10.0.0.1", 88);
        let first = log.begin(&literal, Some((address, Protocol::Udp)));
        let second = log.begin(&named, None);
        log.begin(&literal, Some((address, Protocol::Tcp)));
        log.begin(&named, Some((address, Protocol::Udp)));
        log.end(first, "connection refused");
        log.end(second, "the name does not resolve");
        assert_eq!(
            log.to_string(),
            "10.0.0.1:88: connection refused over UDP, no answer in time over TCP; \
             kdc:88: the name does not resolve; \
             kdc:88 (10.0.0.1:88): no answer in time over UDP"
        );
    }
}
