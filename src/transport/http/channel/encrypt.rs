//! TLS of a connection.

use std::io;
use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;

use super::dial_error::DialError;
use super::dialler::Dialler;
use super::stream::ByteStream;
use crate::transport::ServerCertificate;
use crate::transport::tls::{TlsConfig, TlsError, server_name};

impl Dialler {
    /// Makes a TLS handshake with the server; returns its certificate.
    pub(super) async fn encrypt(
        &self,
        stream: Box<dyn ByteStream>,
    ) -> Result<(Box<dyn ByteStream>, Option<ServerCertificate>), DialError> {
        let config = self.configured()?;
        let failed = |error| DialError::Tls {
            error,
            is_certificate_requested: self.shown.is_requested(),
        };
        let name = self.server_name().map_err(failed)?;
        let stream = TlsConnector::from(config).connect(name, stream).await;
        let stream = stream.map_err(failed)?;
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
        let made = || TlsConfig::of_proxy(self.tls.as_ref());
        let config = once(&self.client_of_proxy, made)?;
        let host = self.path.first_hop(&self.server).host();
        let name = server_name(host.unwrap_or_default());
        let name = name.map_err(|error| DialError::TlsToProxy(io::Error::other(error)))?;
        let stream = TlsConnector::from(config).connect(name, stream).await;
        Ok(Box::new(stream.map_err(DialError::TlsToProxy)?))
    }

    /// Returns the configuration of TLS with the server.
    fn configured(&self) -> Result<Arc<ClientConfig>, DialError> {
        once(&self.client, || {
            let tls = match &self.tls {
                Some(tls) => tls.clone(),
                None => TlsConfig::platform()?,
            };
            Ok(tls.client(&self.shown))
        })
    }
}

/// Returns a configuration, which is made once.
fn once(
    made: &OnceLock<Arc<ClientConfig>>,
    make: impl FnOnce() -> Result<ClientConfig, TlsError>,
) -> Result<Arc<ClientConfig>, DialError> {
    if let Some(config) = made.get() {
        return Ok(Arc::clone(config));
    }
    let config = make().map_err(|error| DialError::Connect(error.into()))?;
    Ok(Arc::clone(made.get_or_init(|| Arc::new(config))))
}
