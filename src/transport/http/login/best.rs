//! The best login that the server accepts, where the caller leaves it to the server.

use std::sync::OnceLock;

use super::connection::ConnectionOriented;
use super::digest::Digest;
use super::first::Turn;
use crate::auth::LoginAttempt;
use crate::transport::http::answer::Begun;
use crate::transport::http::connections::Connections;
use crate::transport::{TransportError, WholeAnswer, WholeRequest};

/// Negotiate, and the fallback for a server that does not offer it.
pub(in crate::transport::http) struct BestScheme {
    negotiate: ConnectionOriented,
    weaker: Digest,
    /// The scheme that the server accepts; unset before the first message.
    chosen: OnceLock<Scheme>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Negotiate,
    /// Digest, or Basic.
    Weaker,
}

impl BestScheme {
    pub(super) fn new(negotiate: ConnectionOriented, weaker: Digest) -> Self {
        Self {
            negotiate,
            weaker,
            chosen: OnceLock::new(),
        }
    }

    pub(super) fn negotiate(&self) -> &ConnectionOriented {
        &self.negotiate
    }

    pub(super) fn schemes(&self) -> Vec<&'static str> {
        [self.negotiate.schemes(), self.weaker.schemes()].concat()
    }

    /// Sends a message by Negotiate without a challenge, because OMI does not answer messages
    /// without a login. Falls back to a weaker scheme if the server does not offer Negotiate.
    pub(super) async fn send(
        &self,
        connections: &Connections,
        turn: &mut Turn<'_>,
        message: WholeRequest,
    ) -> Result<Begun, TransportError> {
        let chosen = &self.chosen;
        if chosen.get() == Some(&Scheme::Weaker) {
            return self.weaker.send(connections, turn, message).await;
        }
        let answer = self
            .negotiate
            .send(connections, turn, message.clone())
            .await?;
        if answer.tried.is_empty() {
            chosen.get_or_init(|| Scheme::Negotiate);
        }
        // The choice is final: a server that accepted Negotiate does not stop offering it.
        if chosen.get() == Some(&Scheme::Negotiate) || self.knows_negotiate(&answer) {
            return Ok(Begun::Whole(answer));
        }
        chosen.get_or_init(|| Scheme::Weaker);
        // Boxed, because this happens once and all messages would reserve room for it.
        Box::pin(self.weaker.send_after(connections, turn, answer, message)).await
    }

    /// Whether a server that refused the login offers Negotiate, or has seen the proof of the password:
    /// a second attempt would count twice against an account's lockout limit. Only the offers of a 401
    /// show that it lacks Negotiate: OMI answers HTTP 400 if it has no key for a ticket.
    fn knows_negotiate(&self, answer: &WholeAnswer) -> bool {
        let mut tried = answer.tried.iter();
        let mut offers = self.negotiate.offers(answer).into_iter();
        answer.status != 401
            || offers.any(|offer| offer.is("Negotiate"))
            || tried.any(|attempt| matches!(attempt, LoginAttempt::Ntlm { step: 2.. }))
    }
}
