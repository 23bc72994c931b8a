//! The settings of the connection, which the options of HTTP keep.

use std::time::Duration;

use super::SessionBuilder;
use crate::auth::Credentials;
use crate::transport::Proxy;
#[cfg(feature = "rustls")]
use crate::transport::TlsConfig;
#[cfg(feature = "negotiate")]
use crate::transport::http::MimeForm;

impl SessionBuilder {
    /// Who logs in.
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Self {
        self.http = self.http.credentials(credentials);
        self
    }

    /// How long name look-up, connection and TLS handshake may take together.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.http = self.http.connect_timeout(limit);
        self
    }

    /// How long the server may be silent, before an answer or within one.
    pub fn inactivity_timeout(mut self, limit: Duration) -> Self {
        self.http = self.http.inactivity_timeout(limit);
        self
    }

    /// What HTTPS trusts; give one configuration to many sessions to share it. What the system trusts
    /// if nothing is said.
    #[cfg(feature = "rustls")]
    pub fn tls(mut self, tls: TlsConfig) -> Self {
        self.http = self.http.tls(tls);
        self
    }

    /// Goes to the server through a proxy.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.http = self.http.proxy(proxy);
        self
    }

    /// Goes through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` names, if one of them
    /// does and `NO_PROXY` does not name the server. Without this the environment has no say.
    pub fn environment_proxy(mut self) -> Self {
        self.http = self.http.environment_proxy();
        self
    }

    /// How many connections may be open at a time where a login belongs to its connection, as with NTLM
    /// and Kerberos: 8 if nothing is said, and at least one. Further messages wait for their turn.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use wsman::simulator::{LoginScheme, NtlmScheme, sample};
    /// # let simulator = sample().logins([LoginScheme::Ntlm(NtlmScheme::new())]).start().await?;
    /// let session = wsman::Session::builder(simulator.url())
    ///     .credentials(wsman::Credentials::ntlm(simulator.user(), simulator.password()))
    ///     .connections(1)
    ///     .build()?;
    /// let (one, other) = tokio::join!(session.identify(), session.identify());
    /// assert_eq!(one?.product_vendor, other?.product_vendor);
    /// assert_eq!(simulator.connections(), 1);
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "negotiate")]
    pub fn connections(mut self, most: usize) -> Self {
        self.http = self.http.connections(most);
        self
    }

    /// Allows Basic, Digest and unsealed bodies over `http://`, where everybody on the way can read
    /// them: with Basic the password too, with Digest the messages alone.
    pub fn allow_unencrypted(mut self) -> Self {
        self.http = self.http.allow_unencrypted();
        self
    }

    /// How the parts of sealed messages are written. If this is not called, an Identify of its own, before
    /// the first message, shows what the server wants.
    #[cfg(feature = "negotiate")]
    pub fn mime_form(mut self, form: MimeForm) -> Self {
        self.http = self.http.mime_form(form);
        self
    }
}
