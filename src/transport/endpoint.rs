//! The address of a server: a URL, or the name of a host.

use std::convert::Infallible;
use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use url::{ParseError, Url};

/// The address of a server, from a [`Url`] or a text.
///
/// | text | address |
/// |---|---|
/// | `https://host:5986/wsman` | as written |
/// | `host`, `192.0.2.7`, `fe80::1` | `http://HOST:5985/wsman`, the address of a Windows host |
/// | `host:8080`, `[fe80::1]:8080` | the same with another port |
///
/// Over `http://` the login must seal messages, as NTLM and Kerberos do, unless the caller
/// [allows](crate::SessionBuilder::allow_unencrypted) unsealed ones.
///
/// ```
/// use wsman::transport::Endpoint;
/// let endpoint: Endpoint = "win01".parse()?;
/// assert_eq!(endpoint.url().as_str(), "http://win01:5985/wsman");
/// assert!("win01/wsman".parse::<Endpoint>().is_err());
/// # Ok::<(), wsman::transport::EndpointError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Endpoint(Url);

/// The error of a text that is not an [`Endpoint`]. It does not repeat the text, which may hold a
/// password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointError(Fault);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Neither a host nor a URL.
    Form,
    Url(ParseError),
    /// An IPv6 address with a zone (RFC 6874).
    Zone,
}

impl Endpoint {
    /// Returns the URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Returns the URL, owned.
    pub fn into_url(self) -> Url {
        self.0
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        if has_zone(text) {
            return Err(EndpointError(Fault::Zone));
        }
        let url = if text.contains("://") {
            Url::parse(text)
        } else {
            Url::parse(&url_of_host(text)?)
        };
        url.map(Self)
            .map_err(|error| EndpointError(Fault::Url(error)))
    }
}

/// Whether the host is an IPv6 address with a zone, such as `fe80::1%eth0`.
fn has_zone(text: &str) -> bool {
    let (_, host) = text.rsplit_once("//").unwrap_or(("", text));
    let host = host.strip_prefix('[').unwrap_or(host);
    let address = host.split_once('%').map(|(address, _)| address);
    address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// Returns `http://HOST:5985/wsman`, with the port of the host if it has one.
fn url_of_host(host: &str) -> Result<String, EndpointError> {
    if host.is_empty() || host.contains(['/', '\\', '?', '#', '@']) {
        return Err(EndpointError(Fault::Form));
    }
    if host.parse::<Ipv6Addr>().is_ok() {
        return Ok(format!("http://[{host}]:5985/wsman"));
    }
    let after_brackets = host.rsplit(']').next().unwrap_or(host);
    match after_brackets.split_once(':') {
        None => Ok(format!("http://{host}:5985/wsman")),
        Some((_, port)) if port.parse::<u16>().is_ok() => Ok(format!("http://{host}/wsman")),
        // Such as a URL that lacks its slashes.
        Some(_) => Err(EndpointError(Fault::Form)),
    }
}

impl TryFrom<&str> for Endpoint {
    type Error = EndpointError;

    fn try_from(text: &str) -> Result<Self, EndpointError> {
        text.parse()
    }
}

impl TryFrom<String> for Endpoint {
    type Error = EndpointError;

    fn try_from(text: String) -> Result<Self, EndpointError> {
        text.parse()
    }
}

impl TryFrom<&String> for Endpoint {
    type Error = EndpointError;

    fn try_from(text: &String) -> Result<Self, EndpointError> {
        text.parse()
    }
}

impl From<Url> for Endpoint {
    fn from(url: Url) -> Self {
        Self(url)
    }
}

impl From<&Url> for Endpoint {
    fn from(url: &Url) -> Self {
        Self(url.clone())
    }
}

/// Shows scheme, host and port: the rest may hold a password.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("scheme", &self.0.scheme())
            .field("host", &self.0.host_str())
            .field("port", &self.0.port_or_known_default())
            .finish()
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Fault::Form | Fault::Url(_) => {
                "invalid endpoint: expected a host, or a URL such as https://host:5986/wsman"
            }
            Fault::Zone => {
                "invalid endpoint: an IPv6 zone cannot be part of a URL: leave it out, and set the \
                 address with SessionBuilder::address"
            }
        })
    }
}

impl std::error::Error for EndpointError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Fault::Url(error) => Some(error),
            Fault::Form | Fault::Zone => None,
        }
    }
}

impl From<Infallible> for EndpointError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Result<String, EndpointError> {
        text.parse()
            .map(|endpoint: Endpoint| endpoint.into_url().into())
    }

    #[test]
    fn a_bare_host_gets_the_usual_port_and_path() {
        for (text, expected) in [
            ("win01", "http://win01:5985/wsman"),
            (" win01\n", "http://win01:5985/wsman"),
            ("192.0.2.7", "http://192.0.2.7:5985/wsman"),
            ("::1", "http://[::1]:5985/wsman"),
            ("[::1]", "http://[::1]:5985/wsman"),
            ("[::1]:5986", "http://[::1]:5986/wsman"),
            ("win01:8080", "http://win01:8080/wsman"),
            ("https://win01/a?b", "https://win01/a?b"),
        ] {
            assert_eq!(url(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn an_ipv6_zone_is_named_as_such() {
        for text in [
            "fe80::1%eth0",
            "[fe80::1%2]",
            "[fe80::1%eth0]:5986",
            "http://[fe80::1%25eth0]:5985/wsman",
            "https://[fe80::1%eth0]/wsman",
        ] {
            let error = url(text).unwrap_err().to_string();
            assert!(error.contains("SessionBuilder::address"), "{text}: {error}");
        }
        for text in ["host%eth0", "https://host/a%20b", "10.1.2.3%1", "%"] {
            let told = url(text).map_err(|error| error.to_string());
            assert!(!told.is_err_and(|text| text.contains("zone")), "{text}");
        }
    }

    #[test]
    fn an_error_does_not_repeat_what_may_hold_a_password() {
        for text in [
            "",
            " ",
            "win01/wsman",
            "ops:hunter2@win01",
            "http:win01",
            "win01:",
            "win01:99999",
            "a b",
            "http://ops:hunter2@win01:99999/",
            "http://",
            "::1::hunter2",
        ] {
            let error = url(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{text}");
        }
        let endpoint: Endpoint = "http://ops:hunter2@win01/?hunter2".parse().unwrap();
        assert!(!format!("{endpoint:?}").contains("hunter2"));
    }
}
