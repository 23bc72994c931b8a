//! The checks of the connection: the name, the port and TLS.

use super::talk::NOT_HTTP;
use super::{Examination, Finding, Outcome};
use crate::error::Error;
use crate::transport::http::HttpTransport;

impl<'a> Examination<'a> {
    pub(super) async fn name(&mut self) -> Outcome {
        let http = match self.direct() {
            Ok(http) => http,
            Err(why) => return Ok(Finding::Skipped(why)),
        };
        let (host, _) = http.host_and_port();
        let found = http.resolve().await.map_err(Error::from)?;
        let addresses: Vec<String> = found.iter().map(|found| found.ip().to_string()).collect();
        self.found.addresses = found;
        if http.has_address() {
            return Ok(Finding::Skipped("the session sets the address"));
        }
        if addresses == [host.as_str()] {
            return Ok(Finding::Skipped("the URL contains an address"));
        }
        Ok(Finding::Passed(format!(
            "{host} is {}",
            addresses.join(", ")
        )))
    }

    pub(super) async fn port(&mut self) -> Outcome {
        let http = match self.direct() {
            Ok(http) => http,
            Err(why) => return Ok(Finding::Skipped(why)),
        };
        let stream = http
            .dial(&self.found.addresses)
            .await
            .map_err(Error::from)?;
        let peer = stream.peer_addr().map(|address| address.to_string());
        self.stream = Some(stream);
        let peer = peer.unwrap_or_else(|_| "the server".to_owned());
        Ok(Finding::Passed(format!("{peer} accepts connections")))
    }

    pub(super) async fn tls(&mut self) -> Outcome {
        let http = match self.direct() {
            Ok(http) => http,
            Err(why) => return Ok(Finding::Skipped(why)),
        };
        let stream = match self.stream.take() {
            Some(stream) if http.is_encrypted() => stream,
            _ => return Ok(Finding::Skipped("the URL is http://")),
        };
        let shown = http.shake_hands(stream).await;
        self.found.tls_version = shown.version;
        self.found.certificates = shown.chain;
        if let Some(error) = shown.error {
            return Err(Error::from(error).into());
        }
        let version = shown.version.unwrap_or("TLS");
        let text = format!("{version}, the certificate is trusted");
        Ok(Finding::Passed(text))
    }

    /// Returns the transport, if the session connects directly over HTTP.
    fn direct(&self) -> Result<&'a HttpTransport, &'static str> {
        match self.http {
            None => Err(NOT_HTTP),
            Some(http) if !http.is_direct() => Err("the session uses a proxy"),
            Some(http) => Ok(http),
        }
    }
}
