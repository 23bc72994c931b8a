//! Builds the HTTP clients of a transport.

use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect, retry};

use super::SetupError;
use super::options::Route;
use crate::transport::tls::{Shown, TlsConfig};

/// Shorter than the minute after which servers close an idle connection, so that a message is
/// rarely sent into a connection that is just closing.
pub(super) const KEPT_IDLE: Duration = Duration::from_secs(50);

/// The settings from which a transport builds its HTTP clients.
pub(super) struct Dialler {
    pub(super) connect_timeout: Duration,
    pub(super) encrypted: bool,
    pub(super) tls: Option<TlsConfig>,
    pub(super) way: Route,
    /// The server's certificate.
    pub(super) shown: Shown,
}

impl Dialler {
    pub(super) fn client(&self) -> Result<Client, SetupError> {
        let builder = self.builder(&self.shown)?;
        builder.build().map_err(client_error)
    }

    /// Returns the builder of a client that notes the server's certificate in `shown`.
    pub(super) fn builder(&self, shown: &Shown) -> Result<ClientBuilder, SetupError> {
        let builder = plain_client(self.connect_timeout);
        let builder = match &self.way {
            Route::Direct => builder.no_proxy(),
            Route::Proxy(proxy) => builder.proxy(proxy.for_reqwest()?),
            Route::Environment => builder,
        };
        self.with_tls(builder, shown)
    }

    #[cfg(feature = "rustls")]
    fn with_tls(&self, builder: ClientBuilder, shown: &Shown) -> Result<ClientBuilder, SetupError> {
        Ok(builder.tls_backend_preconfigured(self.trusted()?.client(shown)))
    }

    /// The TLS settings.
    #[cfg(feature = "rustls")]
    pub(super) fn trusted(&self) -> Result<TlsConfig, SetupError> {
        Ok(match &self.tls {
            Some(tls) => tls.clone(),
            None if self.encrypted => TlsConfig::platform()?,
            None => TlsConfig::without_trust()?,
        })
    }

    #[cfg(not(feature = "rustls"))]
    fn with_tls(&self, builder: ClientBuilder, _: &Shown) -> Result<ClientBuilder, SetupError> {
        if self.encrypted {
            Err(SetupError::NoTls)
        } else {
            Ok(builder)
        }
    }

    /// Whether there is a client certificate.
    #[cfg(feature = "rustls")]
    pub(super) fn has_certificate(&self) -> bool {
        self.tls.as_ref().is_some_and(TlsConfig::logs_in)
    }

    #[cfg(not(feature = "rustls"))]
    pub(super) fn has_certificate(&self) -> bool {
        self.tls.is_some()
    }
}

/// Returns the builder of a client without redirects and retries.
///
/// Each transport has its own client, so that none takes another's connection; it costs 4 KiB.
fn plain_client(connect_timeout: Duration) -> ClientBuilder {
    Client::builder()
        .http1_only()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .user_agent(concat!("wsman/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect_timeout)
        .tcp_nodelay(true)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(KEPT_IDLE)
}

fn client_error(error: reqwest::Error) -> SetupError {
    SetupError::Client(Box::new(error.without_url()))
}
