//! The name under which a server is known in TLS.

use rustls::pki_types::{InvalidDnsNameError, ServerName};
use url::Host;

/// Returns the name of a host for the handshake and for its certificate: in lower case and in ASCII
/// (IDNA), without the trailing dot and the brackets of a URL.
pub(in crate::transport) fn server_name(
    host: &str,
) -> Result<ServerName<'static>, InvalidDnsNameError> {
    let host = match host.strip_suffix('.') {
        Some(rest) if !rest.ends_with('.') => rest,
        _ => host,
    };
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let host = bare.unwrap_or(host);
    let host = match Host::parse(host) {
        Ok(Host::Domain(name)) if !host.is_ascii() => name,
        _ => host.to_ascii_lowercase(),
    };
    ServerName::try_from(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_one_form() {
        for (host, expected) in [
            ("host.example", "host.example"),
            ("Host.EXAMPLE.", "host.example"),
            ("B\u{fc}cher.example", "xn--bcher-kva.example"),
            ("b\u{fc}cher.example.", "xn--bcher-kva.example"),
            ("XN--bcher-kva.example", "xn--bcher-kva.example"),
            ("192.0.2.7", "192.0.2.7"),
            ("[FE80::1]", "fe80::1"),
            ("fe80::1", "fe80::1"),
        ] {
            assert_eq!(server_name(host).unwrap().to_str(), expected, "{host}");
        }
    }

    #[test]
    fn rejects_what_is_no_name() {
        for host in ["", ".", "a b", "fe80::1%eth0", "[fe80::1", "host:5986"] {
            assert!(server_name(host).is_err(), "{host}");
        }
    }
}
