//! What sessions with many servers share.

#[cfg(feature = "rustls")]
use std::sync::OnceLock;

use tokio::time::Instant;

use super::SessionBuilder;
use crate::auth::{Credentials, Secret};
#[cfg(feature = "rustls")]
use crate::transport::TlsConfig;
use crate::transport::{LoginGate, without_userinfo};

impl SessionBuilder {
    /// Sends no login that another session behind the same gate has found to be rejected: see
    /// [`LoginGate`]. [`Hosts`](crate::hosts::Hosts) sets one for each account.
    pub fn login_gate(mut self, gate: &LoginGate) -> Self {
        self.gate = Some(gate.clone());
        self
    }

    /// Returns the address of the server, without a user and a password.
    pub(crate) fn endpoint(&self) -> String {
        without_userinfo(&self.settings.to)
    }

    /// Returns the user and the password, unless the caller has set a gate or the login has none.
    pub(crate) fn ungated_account(&self) -> Option<(&str, &Secret)> {
        match self.gate {
            Some(_) => None,
            None => self.http.account().account(),
        }
    }

    /// Shares the Kerberos tickets of sessions with the same credentials.
    pub(crate) fn share_tickets(mut self, known: &mut Vec<Credentials>) -> Self {
        self.http = self.http.share_tickets(known);
        self
    }

    /// Ends every operation of the session at a moment.
    pub(crate) fn until(mut self, moment: Option<Instant>) -> Self {
        self.settings.until = moment;
        self
    }

    /// Uses a TLS configuration of several sessions if the caller set none. The first session that needs
    /// it makes it; building the session reports its error.
    #[cfg(feature = "rustls")]
    pub(crate) fn share_tls(self, shared: &OnceLock<Option<TlsConfig>>) -> Self {
        if !self.http.needs_tls() {
            return self;
        }
        match shared.get_or_init(|| TlsConfig::platform().ok()) {
            Some(tls) => self.tls(tls.clone()),
            None => self,
        }
    }
}
