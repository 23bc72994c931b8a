//! TLS of a connection.

use std::io;
use std::sync::Arc;

use http::Uri;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;

use super::dialler::Dialler;
use super::proxied::DialError;
use super::stream::ByteStream;
use crate::transport::ServerCertificate;
use crate::transport::tls::TlsConfig;

impl Dialler {
    /// Makes a TLS handshake with the server of this address; returns its certificate.
    pub(super) async fn encrypt(
        &self,
        stream: Box<dyn ByteStream>,
        address: &Uri,
    ) -> Result<(Box<dyn ByteStream>, Option<ServerCertificate>), DialError> {
        let config = self.client_config()?;
        let host = address.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| DialError::Tls(io::Error::other(error)))?;
        let connecting = TlsConnector::from(config).connect(name, stream);
        let stream = connecting.await.map_err(DialError::Tls)?;
        let shown = stream.get_ref().1.peer_certificates();
        let certificate = shown.and_then(|chain| chain.first());
        let certificate = certificate.map(|der| ServerCertificate::new(der));
        Ok((Box::new(stream), certificate))
    }

    fn client_config(&self) -> Result<Arc<rustls::ClientConfig>, DialError> {
        if let Some(config) = self.client.get() {
            return Ok(Arc::clone(config));
        }
        let tls = match &self.tls {
            Some(tls) => tls.clone(),
            // An HTTPS proxy of the environment before plain HTTP.
            None => TlsConfig::platform().map_err(|error| DialError::Connect(error.into()))?,
        };
        let made = Arc::new(tls.client(&self.shown));
        Ok(Arc::clone(self.client.get_or_init(|| made)))
    }
}
