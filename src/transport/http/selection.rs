//! Which scheme logs in, where the caller leaves that to the server.

use std::sync::OnceLock;

use super::HttpTransport;
use super::answer::Begun;
use super::channel::Pool;
use super::login::ProvenLogin;
use crate::auth::LoginAttempt;
use crate::auth::challenge::Challenge;
use crate::transport::{IncomingMessage, OutgoingMessage, TransportError};

/// What the server was found to take; nothing before the first message.
#[derive(Debug, Default)]
pub(super) struct Selection(OnceLock<Scheme>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Negotiate,
    /// Digest, or Basic.
    Weaker,
}

impl HttpTransport {
    /// Sends a message by Negotiate, unasked, because OMI answers nobody who comes without a login; or
    /// by a weaker scheme, if the server does not know Negotiate.
    pub(super) async fn select(
        &self,
        pool: &Pool,
        weaker: &ProvenLogin,
        message: OutgoingMessage,
    ) -> Result<Begun, TransportError> {
        let chosen = &self.selection.0;
        if chosen.get() == Some(&Scheme::Weaker) {
            return self.log_in(weaker, message).await;
        }
        let answer = self.deliver_bound(pool, message.clone()).await?;
        if answer.tried.is_empty() {
            chosen.get_or_init(|| Scheme::Negotiate);
        }
        // What was found once stays: a server that takes Negotiate has no reason to forget it.
        if chosen.get() == Some(&Scheme::Negotiate) || knows_negotiate(&answer) {
            return Ok(Begun::Whole(answer));
        }
        chosen.get_or_init(|| Scheme::Weaker);
        self.log_in_after(weaker, answer, message).await
    }
}

/// Whether a server that let nobody in offers Negotiate, or has seen the proof of the password: tried by
/// another scheme, a wrong one would count twice where accounts are locked. Only its offers say that it
/// does not: OMI answers HTTP 400 where it has no keys for a ticket.
fn knows_negotiate(answer: &IncomingMessage) -> bool {
    let mut tried = answer.tried.iter();
    let mut offers = Challenge::read_all(answer.login_offers()).into_iter();
    answer.status != 401
        || offers.any(|offer| offer.is("Negotiate"))
        || tried.any(|attempt| matches!(attempt, LoginAttempt::Ntlm { leg: 2.. }))
}
