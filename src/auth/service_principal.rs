//! The name that a server has in its realm.

/// The name under which Kerberos finds the key of a server, such as `HTTP/host.example`.
///
/// Unless it is told otherwise, it is the class `HTTP` and the host of the URL, without its port, as
/// WinRM registers it. The name of the host is taken as it stands, without asking the DNS for another.
///
/// ```
/// use wsman::auth::ServicePrincipal;
/// use wsman::{Credentials, Session};
///
/// let session = Session::builder("http://10.1.2.3:5985/wsman".parse()?)
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
    /// `HTTP` and the host of the URL.
    pub fn new() -> Self {
        Self {
            class: "HTTP".to_owned(),
            host: None,
            with_port: false,
        }
    }

    /// Another class, such as `WSMAN` or `host`.
    pub fn class(mut self, class: impl Into<String>) -> Self {
        self.class = class.into();
        self
    }

    /// Another host than the URL names: where that is an IP address, for which realms have no name, or
    /// an alias.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Adds the port of the URL, as in `HTTP/host.example:5985`. Some servers that share a host have such
    /// names (MI calls this `ENCODE_PORT_IN_SPN`).
    pub fn with_port(mut self) -> Self {
        self.with_port = true;
        self
    }

    /// The host that was given.
    #[cfg(feature = "negotiate")]
    pub(crate) fn given_host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Both parts of the name, for a host and a port.
    #[cfg(feature = "negotiate")]
    pub(crate) fn parts(&self, host: &str, port: Option<u16>) -> [String; 2] {
        let place = match port.filter(|_| self.with_port) {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        [self.class.clone(), place]
    }
}
