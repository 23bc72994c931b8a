//! The checks of the connection: the name, the port, the proxy and TLS.

use std::net::{IpAddr, SocketAddr};

use super::talk::NOT_HTTP;
use super::{Examination, Finding, Outcome};
use crate::error::Error;
use crate::transport::http::{HttpTransport, ProxyUse};

impl Examination<'_> {
    /// Resolves each name that the client must know.
    pub(super) async fn name(&mut self) -> Outcome {
        let Some(http) = self.http else {
            return Ok(Finding::Skipped(NOT_HTTP));
        };
        if let Some(address) = http.address() {
            self.found.addresses = vec![address];
            return Ok(Finding::Skipped("the session sets the address"));
        }
        let hop = http.first_hop();
        let found = http.resolve(&hop).await.map_err(Error::from)?;
        let mut told = described(&hop, who(http), &found);
        self.found.addresses = found;
        if http.proxy_use() != ProxyUse::Nothing {
            let server = http.host_and_port();
            let of_server = if http.resolves_the_server() {
                let found = http.resolve(&server).await.map_err(Error::from)?;
                described(&server, "", &found)
            } else if is_address(&server.0) {
                None
            } else {
                Some(format!("the proxy resolves {}", server.0))
            };
            told = match (told, of_server) {
                (Some(of_proxy), Some(of_server)) => Some(format!("{of_proxy}; {of_server}")),
                (of_proxy, of_server) => of_proxy.or(of_server),
            };
        }
        Ok(told.map_or(
            Finding::Skipped("the URL contains an address"),
            Finding::Passed,
        ))
    }

    pub(super) async fn port(&mut self) -> Outcome {
        let Some(http) = self.http else {
            return Ok(Finding::Skipped(NOT_HTTP));
        };
        let stream = http
            .dial(&self.found.addresses)
            .await
            .map_err(Error::from)?;
        let peer = stream.peer_addr().map(|address| address.to_string());
        self.stream = Some(stream);
        let peer = peer.unwrap_or_else(|_| "the server".to_owned());
        let who = who(http);
        Ok(Finding::Passed(format!("{peer}{who} accepts connections")))
    }

    /// Makes the proxy connect to the server, for TLS.
    pub(super) async fn proxy(&mut self) -> Outcome {
        let (Some(http), Some(stream)) = (self.http, self.stream.take()) else {
            return Ok(Finding::Skipped(NOT_HTTP));
        };
        let proxy_use = http.proxy_use();
        if proxy_use == ProxyUse::Forwards {
            return Ok(Finding::Skipped(
                "the proxy forwards each message, which identify checks",
            ));
        }
        self.reached = Some(http.reach(stream).await.map_err(Error::from)?);
        if proxy_use == ProxyUse::Nothing {
            return Ok(Finding::Skipped("the session uses no proxy"));
        }
        let (host, port) = http.host_and_port();
        Ok(Finding::Passed(format!(
            "the proxy connects to {host}:{port}"
        )))
    }

    pub(super) async fn tls(&mut self) -> Outcome {
        let Some(http) = self.http else {
            return Ok(Finding::Skipped(NOT_HTTP));
        };
        let reached = match self.reached.take() {
            Some(reached) if http.is_encrypted() => reached,
            _ => return Ok(Finding::Skipped("the URL is http://")),
        };
        let shown = http.shake_hands(reached).await;
        self.found.tls_version = shown.version;
        self.found.certificates = shown.chain;
        if let Some(error) = shown.error {
            return Err(Error::from(error).into());
        }
        let version = shown.version.unwrap_or("TLS");
        let text = format!("{version}, the certificate is trusted");
        Ok(Finding::Passed(text))
    }
}

/// Names the first hop after its address, if it is not the server.
fn who(http: &HttpTransport) -> &'static str {
    match http.proxy_use() {
        ProxyUse::Nothing => "",
        ProxyUse::Forwards | ProxyUse::Connects => " (the proxy)",
    }
}

fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
}

/// Returns the addresses of a name; `None` if the name is an address.
fn described((host, _): &(String, u16), who: &str, found: &[SocketAddr]) -> Option<String> {
    if is_address(host) {
        return None;
    }
    let addresses: Vec<String> = found.iter().map(|found| found.ip().to_string()).collect();
    Some(format!("{host}{who} is {}", addresses.join(", ")))
}
