//! The settings of the connection, which the HTTP options hold.

use std::net::SocketAddr;
use std::time::Duration;

use super::SessionBuilder;
use crate::auth::Credentials;
use crate::transport::Proxy;
#[cfg(feature = "rustls")]
use crate::transport::TlsConfig;
#[cfg(feature = "negotiate")]
use crate::transport::http::MimeForm;

impl SessionBuilder {
    /// Sets the credentials of the login. Defaults to none.
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.http = self.http.credentials(credentials);
        self
    }

    /// Sets the time limit of name look-up, connection and TLS handshake together. Defaults to 10
    /// seconds.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.http = self.http.connect_timeout(limit);
        self
    }

    /// Sets the longest pause of the server before or within an answer. Defaults to no limit.
    pub fn inactivity_timeout(mut self, limit: Duration) -> Self {
        self.http = self.http.inactivity_timeout(limit);
        self
    }

    /// Sets the TLS configuration, which several sessions may share. Defaults to the trust store of the
    /// system.
    #[cfg(feature = "rustls")]
    pub fn tls(mut self, tls: TlsConfig) -> Self {
        self.http = self.http.tls(tls);
        self
    }

    /// Connects to the server through a proxy.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.http = self.http.proxy(proxy);
        self
    }

    /// Connects through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` names, unless `NO_PROXY`
    /// names the server. The session reads these variables when it is built. By default it ignores them.
    pub fn environment_proxy(mut self) -> Self {
        self.http = self.http.environment_proxy();
        self
    }

    /// Connects to this address, instead of the host and the port of the URL: for a tunnel, or an IPv6
    /// address with a zone (`fe80::1%eth0`), which a URL cannot hold. The `Host` header, the service
    /// principal and the name of the certificate remain those of the URL.
    ///
    /// A number is a zone of every system. [`to_socket_addrs`](std::net::ToSocketAddrs) also finds the zone
    /// of a network interface by its name.
    ///
    /// ```
    /// # wsman::doc_examples::block_on(async || {
    /// # let simulator = wsman::simulator::sample().start().await?;
    /// # let address = simulator.address();
    /// // Such as "[fe80::1%2]:5985".parse()?
    /// let session = wsman::Session::builder("http://host.example:5985/wsman")
    ///     .credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
    ///     .allow_unencrypted()
    ///     .address(address)
    ///     .build()?;
    /// session.identify().await?;
    /// # Ok(()) });
    /// ```
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.http = self.http.address(address);
        self
    }

    /// Sets the most connections that are open at a time, each of which carries one message. Defaults to
    /// 8, and is at least one. Further messages wait for a free connection.
    ///
    /// An operation whose callbacks are read has a connection beside these, because the answers to its
    /// prompts need one.
    ///
    /// ```
    /// # wsman::doc_examples::block_on(async || {
    /// # let simulator = wsman::simulator::sample().start().await?;
    /// let session = wsman::Session::builder(simulator.url())
    ///     .credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
    ///     .allow_unencrypted()
    ///     .connections(1)
    ///     .build()?;
    /// let (one, other) = tokio::join!(session.identify(), session.identify());
    /// assert_eq!(one?.product_vendor, other?.product_vendor);
    /// assert_eq!(simulator.connections(), 1);
    /// # Ok(()) });
    /// ```
    pub fn connections(mut self, most: usize) -> Self {
        self.http = self.http.connections(most);
        self
    }

    /// Sets the time after which an idle connection is closed. Defaults to 50 seconds, because servers
    /// close theirs after a minute.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.http = self.http.idle_timeout(limit);
        self
    }

    /// Allows Basic, Digest and unsealed bodies over `http://`. An attacker on the network can then read
    /// the messages, and with Basic the password as well.
    pub fn allow_unencrypted(mut self) -> Self {
        self.http = self.http.allow_unencrypted();
        self
    }

    /// Sets the MIME form of sealed messages. By default the session sends an Identify before the first
    /// message to find the form that the server accepts.
    #[cfg(feature = "negotiate")]
    pub fn mime_form(mut self, form: MimeForm) -> Self {
        self.http = self.http.mime_form(form);
        self
    }
}
