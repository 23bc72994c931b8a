//! Binds the login of a channel to its TLS connection (RFC 5929 4).

use reqwest::{Client, ClientBuilder};

use super::cannot_log_in;
use crate::auth::negotiate::ConnectionLogin;
use crate::transport::http::SetupError;
use crate::transport::http::channel::{OneDial, OnlyHandshake};
use crate::transport::http::connections::{Connections, Outgoing};
use crate::transport::http::dialler::Dialler;
use crate::transport::tls::{ServerCertificate, Shown};
use crate::transport::{Delivery, OutgoingMessage, TransportError, TransportErrorKind};

/// The certificate of one channel, and the one that its login is bound to.
#[derive(Default)]
pub(super) struct Binding {
    /// The certificate that the server shows on this channel: another channel may reach another
    /// host.
    pub(super) shown: Shown,
    bound_to: Option<ServerCertificate>,
}

impl Binding {
    pub(super) fn is_bound(&self) -> bool {
        self.bound_to.is_some()
    }

    pub(super) fn bind(&mut self, login: &mut dyn ConnectionLogin, certificate: ServerCertificate) {
        login.bind(&certificate.channel_binding());
        self.bound_to = Some(certificate);
    }
}

/// Binds the login to the certificate of the channel, or validates the certificate against an
/// existing binding. Plain HTTP has no certificate.
pub(super) fn check(
    connections: &Connections,
    binding: &mut Binding,
    login: &mut dyn ConnectionLogin,
) -> Result<(), TransportError> {
    let Some(shown) = binding.shown.last() else {
        return Ok(());
    };
    connections.dialler.shown.note(shown.clone());
    match &binding.bound_to {
        Some(expected) if *expected != shown => Err(TransportError::new(
            TransportErrorKind::CertificateChanged,
            Delivery::NotSent,
            format!(
                "the server shows another certificate ({}) than the one that the login is bound to ({})",
                shown.pin(),
                expected.pin(),
            ),
        )),
        Some(_) => Ok(()),
        None => {
            binding.bind(login, shown);
            Ok(())
        }
    }
}

/// Returns the server's last certificate; makes a handshake without a request if there is none
/// yet.
pub(super) async fn learn_certificate(
    connections: &Connections,
    message: &OutgoingMessage,
) -> Result<ServerCertificate, TransportError> {
    let shown = &connections.dialler.shown;
    if let Some(known) = shown.last() {
        return Ok(known);
    }
    let client = connections.dialler.handshake_client()?;
    let answer = connections
        .post(&client, Outgoing::default(), message.answer_limit)
        .await;
    match (shown.last(), answer) {
        (Some(certificate), _) => Ok(certificate),
        (None, Err(error)) => Err(error.not_sent()),
        (None, Ok(_)) => Err(cannot_log_in("the server shows no certificate")),
    }
}

impl Dialler {
    /// Returns a client for one connection, which dials once.
    pub(super) fn channel_client(&self, shown: &Shown) -> Result<Client, TransportError> {
        let builder = self.builder(shown).map_err(unusable)?;
        built(builder.connector_layer(OneDial::default()))
    }

    /// Returns a client that closes its connection after the handshake.
    fn handshake_client(&self) -> Result<Client, TransportError> {
        let builder = self.builder(&self.shown).map_err(unusable)?;
        built(builder.connector_layer(OnlyHandshake))
    }
}

fn built(builder: ClientBuilder) -> Result<Client, TransportError> {
    let client = builder.build();
    client.map_err(|error| cannot_log_in(error.without_url().to_string()))
}

fn unusable(error: SetupError) -> TransportError {
    cannot_log_in(error.to_string())
}

#[cfg(test)]
#[cfg(feature = "rustls")]
mod tests {
    use super::*;
    use crate::auth::Credentials;
    use crate::transport::http::{HttpOptions, HttpTransport};

    fn certificate() -> ServerCertificate {
        let made = rcgen::generate_simple_self_signed(["host.example".to_owned()]).unwrap();
        ServerCertificate::new(made.cert.der())
    }

    #[test]
    fn a_login_is_bound_to_what_its_channel_shows() {
        let url = "https://host.example/wsman".parse().unwrap();
        let credentials = Credentials::ntlm("ops", "hunter2");
        let transport = HttpTransport::new(HttpOptions::new(url).credentials(credentials)).unwrap();
        let connections = &transport.connections;
        let login = transport.login.connection_oriented().unwrap();
        let mut login = login.user.login().unwrap();
        let [expected, other] = [certificate(), certificate()];

        let mut unbound = Binding::default();
        check(connections, &mut unbound, login.as_mut()).unwrap();
        assert!(!unbound.is_bound());
        unbound.shown.note(expected.clone());
        check(connections, &mut unbound, login.as_mut()).unwrap();
        assert_eq!(unbound.bound_to, Some(expected.clone()));

        let mut bound = Binding::default();
        bound.bind(login.as_mut(), expected.clone());
        bound.shown.note(expected);
        check(connections, &mut bound, login.as_mut()).unwrap();
        bound.shown.note(other.clone());
        let error = check(connections, &mut bound, login.as_mut());
        let error = error.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::CertificateChanged);
        assert_eq!(error.delivery(), Delivery::NotSent);
        // The next login is bound to the last certificate.
        assert_eq!(connections.dialler.shown.last(), Some(other));
    }
}
