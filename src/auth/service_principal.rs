//! The service principal of a server.

/// The service principal: the name under which Kerberos finds the key of a server, such as
/// `HTTP/host.example`.
///
/// Defaults to the class `HTTP` and the host of the URL, without its port, as WinRM registers it.
/// The host name is used without a DNS lookup for its canonical name. As realms write them, capitals
/// become small letters, and a trailing dot is left out.
///
/// ```
/// use wsman::auth::ServicePrincipal;
/// use wsman::{Credentials, Session};
///
/// let session = Session::builder("http://10.1.2.3:5985/wsman")
///     .credentials(Credentials::kerberos("ops@EXAMPLE.TEST", "hunter2"))
///     .service_principal(ServicePrincipal::new().class("WSMAN").host("host.example"))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ServicePrincipal {
    class: String,
    host: Option<String>,
    with_port: bool,
}

impl Default for ServicePrincipal {
    fn default() -> Self {
        Self::new()
    }
}

impl ServicePrincipal {
    /// Returns the default: `HTTP` and the host of the URL.
    pub fn new() -> Self {
        Self {
            class: "HTTP".to_owned(),
            host: None,
            with_port: false,
        }
    }

    /// Sets another class, such as `WSMAN` or `host`.
    pub fn class(mut self, class: impl Into<String>) -> Self {
        self.class = class.into();
        self
    }

    /// Sets another host than that of the URL: needed if the URL has an alias or an IP address, for
    /// which realms have no principal.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Adds the port of the URL, as in `HTTP/host.example:5985`. Some servers that share a host
    /// have such names (`ENCODE_PORT_IN_SPN` in MI).
    pub fn with_port(mut self) -> Self {
        self.with_port = true;
        self
    }

    /// The host that the caller set.
    #[cfg(feature = "negotiate")]
    pub(crate) fn given_host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Returns both parts of the name, for a host and a port.
    #[cfg(feature = "negotiate")]
    pub(crate) fn parts(&self, host: &str, port: Option<u16>) -> [String; 2] {
        let host = host.strip_suffix('.').unwrap_or(host).to_lowercase();
        let place = match port.filter(|_| self.with_port) {
            Some(port) => format!("{host}:{port}"),
            None => host,
        };
        [self.class.clone(), place]
    }
}

#[cfg(test)]
#[cfg(feature = "negotiate")]
mod tests {
    use super::*;

    #[test]
    fn folds_capitals_and_a_trailing_dot() {
        let service = ServicePrincipal::new();
        let with_port = ServicePrincipal::new().class("WSMAN").with_port();
        for (host, name) in [
            ("host.example", "host.example"),
            ("Host.EXAMPLE.", "host.example"),
            ("HOST", "host"),
            ("10.1.2.3", "10.1.2.3"),
            (".", ""),
        ] {
            assert_eq!(service.parts(host, Some(5985)), ["HTTP", name]);
            let place = format!("{name}:5985");
            assert_eq!(with_port.parts(host, Some(5985)), ["WSMAN", &place]);
        }
    }
}
