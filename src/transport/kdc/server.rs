//! The address of a KDC.

use std::fmt;
use std::net::Ipv6Addr;

/// The default port of a KDC (RFC 4120 7.2.1).
pub(super) const PORT: u16 = 88;

/// A KDC by its name or address, and its port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) speaks: Speaks,
}

/// The protocols of a KDC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Speaks {
    Both,
    /// A DNS record of `_udp` alone names it.
    #[cfg_attr(not(feature = "dns-srv"), allow(dead_code, reason = "for the DNS"))]
    Udp,
    /// A DNS record of `_tcp` alone names it.
    #[cfg_attr(not(feature = "dns-srv"), allow(dead_code, reason = "for the DNS"))]
    Tcp,
    /// A proxy for KDCs (MS-KKDCP), which is not supported.
    Https,
    /// The address is invalid.
    Nothing,
}

impl Server {
    pub(super) fn new(host: &str, port: u16) -> Self {
        Self {
            host: host.to_owned(),
            port,
            speaks: Speaks::Both,
        }
    }

    /// Parses `host`, `host:port` or `[address]:port`, as MIT Kerberos does, and also an IPv6
    /// address without brackets.
    pub(super) fn of(text: &str) -> Self {
        let unusable = |speaks| Self {
            speaks,
            ..Self::new(text, PORT)
        };
        if text.starts_with("https://") {
            return unusable(Speaks::Https);
        }
        if text.parse::<Ipv6Addr>().is_ok() {
            return Self::new(text, PORT);
        }
        parts(text).map_or_else(
            || unusable(Speaks::Nothing),
            |(host, port)| Self::new(host, port),
        )
    }
}

/// Splits the host and the port.
fn parts(text: &str) -> Option<(&str, u16)> {
    let number = |port: &str| port.parse().ok();
    let is_number = text.chars().all(|c| c.is_ascii_digit());
    if is_number || text.starts_with(':') {
        return None;
    }
    if let Some((host, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        let port = rest.strip_prefix(':').map_or(Some(PORT), number);
        return Some((host, port?));
    }
    let end = text.find([' ', '\t', ':']).unwrap_or(text.len());
    let (host, rest) = text.split_at_checked(end)?;
    let port = rest.strip_prefix(':').map_or(Some(PORT), number);
    Some((host, port?))
}

/// Writes the address as the caller would.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, speaks } = self;
        match speaks {
            Speaks::Https | Speaks::Nothing => f.write_str(host),
            _ if host.contains(':') => write!(f, "[{host}]:{port}"),
            _ => write!(f, "{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_leave_the_port_out() {
        for (given, address) in [
            ("kdc", "kdc:88"),
            ("kdc:750", "kdc:750"),
            ("kdc rest", "kdc:88"),
            ("[2001:db8::1]", "[2001:db8::1]:88"),
            ("[2001:db8::1]:750", "[2001:db8::1]:750"),
            ("2001:db8::1", "[2001:db8::1]:88"),
            ("10.0.0.1", "10.0.0.1:88"),
        ] {
            assert_eq!(Server::of(given).to_string(), address);
        }
    }

    #[test]
    fn marks_an_unusable_address() {
        for given in [
            "",
            "88",
            ":88",
            "kdc:",
            "kdc:x",
            "kdc:88 rest",
            "kdc:65536",
            "[::1]:x",
        ] {
            assert_eq!(Server::of(given).speaks, Speaks::Nothing, "{given:?}");
        }
        let proxy = Server::of("https://proxy.example/KdcProxy");
        assert_eq!(proxy.speaks, Speaks::Https);
        assert_eq!(proxy.to_string(), "https://proxy.example/KdcProxy");
    }
}
