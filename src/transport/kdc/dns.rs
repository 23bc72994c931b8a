//! Finds the KDCs of a realm in the DNS (RFC 4120 7.2.3.2, RFC 2782).
//!
//! DNS answers are unsigned: an attacker can name another host, who then can guess the password from
//! the proof of it, like an attacker on the path to the KDC. `dns_lookup_kdc` of `krb5.conf` turns this
//! off.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::net::NetError;
use hickory_resolver::proto::rr::RData;
use tokio::sync::OnceCell;

use super::limits;
use super::server::{Server, Speaks};

/// The resolver of the system's DNS servers, which is made for the first question.
#[derive(Clone, Default)]
pub(super) struct Dns(Arc<OnceCell<TokioResolver>>);

/// What the DNS says about a realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The KDCs in the order to ask them.
    Kdcs(Vec<Server>),
    /// The realm has no KDC (RFC 2782: the target `.`).
    NoService,
    /// There are no records, or no answer.
    Nothing(String),
}

/// The time limit of one DNS question, which is asked twice.
const TIME: Duration = Duration::from_secs(2);

/// An SRV record.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Srv {
    priority: u16,
    weight: u16,
    server: Server,
}

impl Dns {
    /// Uses these DNS servers in place of the system's.
    #[cfg(test)]
    pub(super) fn with(resolver: TokioResolver) -> Self {
        Self(Arc::new(OnceCell::new_with(Some(resolver))))
    }

    /// Looks up the KDCs of a realm.
    pub(super) async fn kdcs(&self, realm: &str) -> Found {
        // Another realm is no name of the DNS, and may come from the network.
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if realm.is_empty() || !realm.chars().all(is_name) {
            return Found::Nothing("the realm is no domain name".to_owned());
        }
        let resolver = match self.0.get_or_try_init(|| async { resolver() }).await {
            Ok(resolver) => resolver,
            Err(error) => return Found::Nothing(error.to_string()),
        };
        let (udp, tcp) = tokio::join!(
            records(resolver, realm, Speaks::Udp),
            records(resolver, realm, Speaks::Tcp)
        );
        match (udp, tcp) {
            (Err(error), Err(_)) => Found::Nothing(short(&error)),
            (udp, tcp) => found(udp.unwrap_or_default(), tcp.unwrap_or_default()),
        }
    }
}

fn resolver() -> Result<TokioResolver, NetError> {
    let mut builder = TokioResolver::builder_tokio()?;
    let options = builder.options_mut();
    options.timeout = TIME;
    options.attempts = 1;
    builder.build()
}

/// Looks up the records of one protocol, in the order to ask their targets.
async fn records(
    resolver: &TokioResolver,
    realm: &str,
    speaks: Speaks,
) -> Result<Vec<Srv>, NetError> {
    let protocol = match speaks {
        Speaks::Udp => "_udp",
        _ => "_tcp",
    };
    let name = format!("_kerberos.{protocol}.{}.", realm.trim_end_matches('.'));
    let answer = resolver.srv_lookup(name).await?;
    let mut records = Vec::new();
    for record in answer.answers() {
        let RData::SRV(srv) = &record.data else {
            continue;
        };
        let host = srv.target.to_ascii();
        records.push(Srv {
            priority: srv.priority,
            weight: srv.weight,
            server: Server {
                host: host.trim_end_matches('.').to_owned(),
                port: srv.port,
                speaks,
            },
        });
    }
    records.sort_by_key(|srv| (srv.priority, srv.weight));
    records.truncate(limits::SERVERS);
    Ok(ordered(records, draw))
}

/// Orders sorted records of one priority by their weights (RFC 2782).
fn ordered(mut records: Vec<Srv>, draw: impl Fn(u32) -> u32) -> Vec<Srv> {
    let mut ordered = Vec::new();
    while let Some(first) = records.first() {
        let priority = first.priority;
        let same = || records.iter().take_while(|srv| srv.priority == priority);
        let total = same().map(|srv| u32::from(srv.weight)).sum();
        let mut left = draw(total);
        let position = same().position(|srv| {
            let is_it = left <= srv.weight.into();
            left = left.saturating_sub(srv.weight.into());
            is_it
        });
        ordered.push(records.remove(position.unwrap_or(0)));
    }
    ordered
}

/// Draws a number up to and including this one.
fn draw(most: u32) -> u32 {
    let mut bytes = [0; 4];
    // Without chance the order of the weights remains.
    let _ = getrandom::fill(&mut bytes);
    u32::from_be_bytes(bytes) % most.saturating_add(1)
}

/// Joins the records of both protocols.
fn found(udp: Vec<Srv>, tcp: Vec<Srv>) -> Found {
    let mut servers: Vec<Server> = Vec::new();
    let mut has_none = false;
    for Srv { server, .. } in udp.into_iter().chain(tcp) {
        if server.host.is_empty() {
            has_none = true;
            continue;
        }
        let same = |known: &&mut Server| known.host == server.host && known.port == server.port;
        match servers.iter_mut().find(same) {
            Some(known) if known.speaks != server.speaks => known.speaks = Speaks::Both,
            Some(_) => {}
            None => servers.push(server),
        }
    }
    match (servers.is_empty(), has_none) {
        (false, _) => Found::Kdcs(servers),
        (true, true) => Found::NoService,
        (true, false) => Found::Nothing("no records".to_owned()),
    }
}

fn short(error: &NetError) -> String {
    if error.is_no_records_found() {
        "no records".to_owned()
    } else {
        error.to_string()
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dns")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::net::SocketAddr;

    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
    use hickory_resolver::net::runtime::TokioRuntimeProvider;
    use tokio::net::UdpSocket;

    use super::*;

    /// A record of the test's DNS server: protocol, priority, weight, port, target.
    pub(in crate::transport::kdc) type Row = (&'static str, u16, u16, u16, &'static str);

    /// Starts a DNS server for the realm `EXAMPLE.TEST`; without rows it says that the name does not
    /// exist.
    pub(in crate::transport::kdc) async fn serve(rows: Vec<Row>) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut query = [0; 512];
            while let Ok((length, client)) = socket.recv_from(&mut query).await {
                let answer = answer(&query[..length], &rows);
                socket.send_to(&answer, client).await.unwrap();
            }
        });
        address
    }

    /// Answers a query for `_kerberos._udp` or `_kerberos._tcp` (RFC 1035 4).
    fn answer(query: &[u8], rows: &[Row]) -> Vec<u8> {
        let labels = |name: &str| -> Vec<u8> {
            let labels = name.split('.').filter(|label| !label.is_empty());
            let label = |label: &str| {
                let length = u8::try_from(label.len()).unwrap();
                [&[length], label.as_bytes()].concat()
            };
            let mut bytes: Vec<u8> = labels.flat_map(label).collect();
            bytes.push(0);
            bytes
        };
        let asked = |protocol: &str| labels(&format!("_kerberos.{protocol}.EXAMPLE.TEST"));
        let name = ["_udp", "_tcp"].into_iter().find(|protocol| {
            query[12..]
                .to_ascii_lowercase()
                .starts_with(&asked(protocol).to_ascii_lowercase())
        });
        let protocol = name.unwrap();
        let rows: Vec<&Row> = rows.iter().filter(|row| row.0 == protocol).collect();
        let status = if rows.is_empty() { 0x83 } else { 0x80 };
        let count = u16::try_from(rows.len()).unwrap().to_be_bytes();
        let question = &query[12..12 + asked(protocol).len() + 4];
        let mut bytes = query[..2].to_vec();
        bytes.extend([0x84, status, 0, 1, count[0], count[1], 0, 0, 0, 0]);
        bytes.extend(question);
        for (_, priority, weight, port, target) in rows {
            let target = labels(target);
            bytes.extend([0xC0, 12, 0, 33, 0, 1, 0, 0, 0, 60]);
            bytes.extend(u16::try_from(6 + target.len()).unwrap().to_be_bytes());
            for number in [priority, weight, port] {
                bytes.extend(number.to_be_bytes());
            }
            bytes.extend(target);
        }
        bytes
    }

    pub(in crate::transport::kdc) fn asking(address: SocketAddr) -> Dns {
        let mut connection = ConnectionConfig::udp();
        connection.port = address.port();
        let mut server = NameServerConfig::udp(address.ip());
        server.connections = vec![connection];
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let provider = TokioRuntimeProvider::default();
        let mut builder = TokioResolver::builder_with_config(config, provider);
        builder.options_mut().timeout = Duration::from_millis(500);
        builder.options_mut().attempts = 1;
        Dns::with(builder.build().unwrap())
    }

    async fn looked_up(rows: &[Row]) -> Found {
        asking(serve(rows.to_vec()).await)
            .kdcs("EXAMPLE.TEST")
            .await
    }

    fn kdc(host: &str, port: u16, speaks: Speaks) -> Server {
        Server {
            speaks,
            ..Server::new(host, port)
        }
    }

    #[tokio::test]
    async fn the_records_of_both_protocols_are_joined() {
        let found = looked_up(&[
            ("_udp", 20, 0, 88, "second.example.test"),
            ("_udp", 10, 100, 88, "first.example.test"),
            ("_tcp", 10, 100, 88, "first.example.test"),
            ("_tcp", 30, 0, 750, "third.example.test"),
        ])
        .await;
        let expected = vec![
            kdc("first.example.test", 88, Speaks::Both),
            kdc("second.example.test", 88, Speaks::Udp),
            kdc("third.example.test", 750, Speaks::Tcp),
        ];
        assert_eq!(found, Found::Kdcs(expected));
    }

    #[tokio::test]
    async fn no_records_and_no_service_are_told_apart() {
        assert_eq!(
            looked_up(&[]).await,
            Found::Nothing("no records".to_owned())
        );
        let none = looked_up(&[("_tcp", 0, 0, 0, ".")]).await;
        assert_eq!(none, Found::NoService);
        // A realm from the network must not choose the name that is looked up.
        let nowhere = asking("127.0.0.1:1".parse().unwrap());
        for realm in ["", "A B", "A/B", "[::1]"] {
            assert!(matches!(nowhere.kdcs(realm).await, Found::Nothing(_)));
        }
    }

    #[tokio::test]
    async fn many_records_are_cut() {
        let rows = vec![("_udp", 1, 1, 88, "a"); 40];
        let resolver = asking(serve(rows).await);
        let resolver = resolver.0.get().unwrap();
        let records = records(resolver, "EXAMPLE.TEST", Speaks::Udp)
            .await
            .unwrap();
        assert_eq!(records.len(), limits::SERVERS);
    }

    #[tokio::test]
    async fn a_silent_dns_server_ends() {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let began = std::time::Instant::now();
        let found = asking(socket.local_addr().unwrap())
            .kdcs("EXAMPLE.TEST")
            .await;
        assert!(matches!(found, Found::Nothing(_)), "{found:?}");
        assert!(began.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn weights_decide_within_a_priority() {
        let record = |priority, weight, host: &str| Srv {
            priority,
            weight,
            server: Server::new(host, 88),
        };
        let records = vec![
            record(1, 0, "a"),
            record(1, 10, "b"),
            record(1, 30, "c"),
            record(2, 0, "d"),
        ];
        for (drawn, hosts) in [
            (0, "abcd"),
            (1, "bcad"),
            (10, "bcad"),
            (11, "cbad"),
            (40, "cbad"),
        ] {
            let order = ordered(records.clone(), |most| drawn.min(most));
            let order: String = order.iter().map(|srv| srv.server.host.as_str()).collect();
            assert_eq!(order, hosts, "{drawn}");
        }
        assert!((0..100).all(|_| draw(3) <= 3));
    }
}
