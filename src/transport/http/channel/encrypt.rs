//! TLS of a connection.

use std::io;
use std::sync::{Arc, OnceLock};

use http::Uri;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::dialler::Dialler;
use super::proxied::DialError;
use super::stream::ByteStream;
use crate::transport::ServerCertificate;
use crate::transport::tls::{Shown, TlsConfig};

impl Dialler {
    /// Makes a TLS handshake with the server; returns its certificate.
    pub(super) async fn encrypt(
        &self,
        stream: Box<dyn ByteStream>,
    ) -> Result<(Box<dyn ByteStream>, Option<ServerCertificate>), DialError> {
        let config = self.configured(&self.client, &self.shown)?;
        let name = self.server_name().map_err(DialError::Tls)?;
        let stream = TlsConnector::from(config).connect(name, stream).await;
        let stream = stream.map_err(DialError::Tls)?;
        let shown = stream.get_ref().1.peer_certificates();
        let certificate = shown.and_then(|chain| chain.first());
        let certificate = certificate.map(|der| ServerCertificate::new(der));
        Ok((Box::new(stream), certificate))
    }

    /// Returns the name of the server in TLS.
    pub(in crate::transport::http) fn server_name(&self) -> io::Result<ServerName<'static>> {
        let host = self.server.host().unwrap_or_default();
        let name = self.tls.as_ref().map(|tls| tls.server_name(host));
        let name = name.unwrap_or_else(|| ServerName::try_from(host.to_owned()));
        name.map_err(io::Error::other)
    }

    /// Makes a TLS handshake with the proxy, whose certificate is not taken for the server's.
    pub(super) async fn encrypt_to_proxy(
        &self,
        stream: Box<dyn ByteStream>,
    ) -> Result<Box<dyn ByteStream>, DialError> {
        let config = self.configured(&self.client_of_proxy, &Shown::default())?;
        let stream = handshake(config, stream, self.path.first_hop(&self.server)).await;
        let stream = stream.map_err(|error| DialError::Proxy(error.into()))?;
        Ok(Box::new(stream))
    }

    /// Returns a configuration of TLS that notes the certificate there; makes it once.
    fn configured(
        &self,
        made: &OnceLock<Arc<ClientConfig>>,
        shown: &Shown,
    ) -> Result<Arc<ClientConfig>, DialError> {
        if let Some(config) = made.get() {
            return Ok(Arc::clone(config));
        }
        let tls = match &self.tls {
            Some(tls) => tls.clone(),
            // An HTTPS proxy of the environment before plain HTTP.
            None => TlsConfig::platform().map_err(|error| DialError::Connect(error.into()))?,
        };
        let config = Arc::new(tls.client(shown));
        Ok(Arc::clone(made.get_or_init(|| config)))
    }
}

async fn handshake(
    config: Arc<ClientConfig>,
    stream: Box<dyn ByteStream>,
    address: &Uri,
) -> io::Result<TlsStream<Box<dyn ByteStream>>> {
    let host = address.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    TlsConnector::from(config).connect(name, stream).await
}
