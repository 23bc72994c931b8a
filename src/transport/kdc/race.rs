//! Asks the KDCs of a realm beside each other.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::lookup_host;

use super::exchange::exchange;
use super::limits;
use super::log::{Log, Protocol};
use super::server::{Server, Speaks};
use super::staggered::staggered;
use crate::auth::negotiate::KdcAnswer;

/// One request to the KDCs of a realm.
pub(super) struct Race<'a> {
    pub(super) message: &'a [u8],
    /// The most bytes of an answer.
    pub(super) answer_bytes: usize,
    /// The protocol to begin with.
    pub(super) first: Protocol,
    /// The time until the next attempt starts beside the last one.
    pub(super) pause: Duration,
    pub(super) log: &'a Log,
}

/// The KDC that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Winner {
    pub(super) server: Server,
    pub(super) address: SocketAddr,
    pub(super) protocol: Protocol,
}

/// The winner and its answer.
pub(super) type Answered = Option<(Winner, Vec<u8>)>;

impl Race<'_> {
    /// Asks the one that answered last first, and the others in order.
    pub(super) async fn run(&self, last: Option<Winner>, servers: &[Server]) -> Answered {
        let mut entries = Vec::new();
        if let Some(last) = &last {
            entries.push(Entry::Last(last));
        }
        for server in servers {
            let is_last = last.as_ref().is_some_and(|last| last.server == *server);
            // Its name may have another address by now.
            if !is_last || server.host.parse::<IpAddr>().is_err() {
                entries.push(Entry::Next(server));
            }
        }
        let attempts: Vec<_> = entries.into_iter().map(|entry| self.entry(entry)).collect();
        staggered(attempts, self.pause).await
    }

    async fn entry(&self, entry: Entry<'_>) -> Answered {
        match entry {
            Entry::Last(last) => {
                self.address(&last.server, last.address, last.protocol)
                    .await
            }
            Entry::Next(server) => self.server(server).await,
        }
    }

    /// Asks the addresses of a KDC.
    async fn server(&self, server: &Server) -> Answered {
        let failed = |why: String| {
            let place = self.log.begin(server, None);
            self.log.end(place, why);
        };
        match server.speaks {
            Speaks::Https => failed("a proxy for KDCs over HTTPS is not supported".to_owned()),
            Speaks::Nothing => failed("invalid address: expected host or host:port".to_owned()),
            Speaks::Both | Speaks::Udp | Speaks::Tcp => {
                let place = self.log.begin(server, None);
                match lookup_host((server.host.as_str(), server.port)).await {
                    Ok(addresses) => {
                        self.log.forget(place);
                        let addresses = addresses.collect();
                        return self.addresses(server, addresses).await;
                    }
                    Err(error) => self.log.end(place, format!("no address: {error}")),
                }
            }
        }
        None
    }

    async fn addresses(&self, server: &Server, addresses: Vec<SocketAddr>) -> Answered {
        let attempt = |address| self.address(server, address, self.first);
        let addresses = addresses.into_iter().take(limits::ADDRESSES);
        let attempts: Vec<_> = addresses.map(attempt).collect();
        staggered(attempts, self.pause).await
    }

    /// Asks one address over both protocols.
    async fn address(&self, server: &Server, address: SocketAddr, first: Protocol) -> Answered {
        let second = match first {
            Protocol::Udp => Protocol::Tcp,
            Protocol::Tcp => Protocol::Udp,
        };
        let fits = |protocol: &Protocol| match protocol {
            Protocol::Udp => {
                server.speaks != Speaks::Tcp && self.message.len() <= limits::UDP_BYTES
            }
            Protocol::Tcp => server.speaks != Speaks::Udp,
        };
        let protocols = [first, second].into_iter().filter(fits);
        let attempt = |protocol| self.once(server, address, protocol);
        let attempts: Vec<_> = protocols.map(attempt).collect();
        staggered(attempts, self.pause).await
    }

    async fn once(&self, server: &Server, address: SocketAddr, protocol: Protocol) -> Answered {
        let place = self.log.begin(server, Some((address, protocol)));
        let why = match exchange(address, protocol, self.message, self.answer_bytes).await {
            Ok(answer) => match KdcAnswer::of(&answer) {
                KdcAnswer::Final => {
                    let winner = Winner {
                        server: server.clone(),
                        address,
                        protocol,
                    };
                    return Some((winner, answer));
                }
                KdcAnswer::Unavailable => "unavailable (KDC_ERR_SVC_UNAVAILABLE)".to_owned(),
                KdcAnswer::TooBig => "answer too large (KRB_ERR_RESPONSE_TOO_BIG)".to_owned(),
                KdcAnswer::Invalid => "invalid answer".to_owned(),
            },
            Err(error) => short(&error),
        };
        self.log.end(place, why);
        None
    }
}

/// An attempt of a race.
enum Entry<'a> {
    Last(&'a Winner),
    Next(&'a Server),
}

/// Returns an error without the number of the operating system.
fn short(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(_) => error.kind().to_string(),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_addresses_of_a_kdc_are_limited() {
        let log = Log::default();
        let race = Race {
            message: b"request",
            answer_bytes: 1 << 20,
            first: Protocol::Tcp,
            pause: Duration::from_secs(1),
            log: &log,
        };
        let addresses = (1..=20).map(|last| SocketAddr::from(([127, 0, 0, last], 1)));
        let server = Server::new("kdc", 88);
        assert_eq!(race.addresses(&server, addresses.collect()).await, None);
        let text = log.to_string();
        assert_eq!(
            text.matches("kdc:88 (127.0.0.").count(),
            limits::ADDRESSES,
            "{text}"
        );
    }
}
