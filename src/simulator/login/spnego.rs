//! SPNEGO on the server's side (RFC 4178): Kerberos if it is the best of the offer, or NTLM.

use crate::auth::negotiate::ntlm::keys::NtlmKeys;
use crate::auth::negotiate::spnego::{Mechanism, NegTokenInit, Reply, State};

/// A token of a login, as it arrived.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A raw token of NTLM or Kerberos.
    Raw(Vec<u8>),
    Offer(NegTokenInit),
    Reply(Reply),
}

/// A negotiation that chose NTLM.
#[derive(Debug)]
pub(super) struct Negotiation {
    /// The mechanism list, which both sides sign.
    list: Vec<u8>,
    /// Whether NTLM was the first in the list.
    is_best: bool,
}

impl Incoming {
    pub(super) fn read(token: Vec<u8>) -> Self {
        if let Some(offer) = NegTokenInit::read(&token) {
            return Self::Offer(offer);
        }
        match Reply::read(&token) {
            Some(reply) => Self::Reply(reply),
            None => Self::Raw(token),
        }
    }
}

impl Negotiation {
    /// Chooses NTLM; returns its first token if the offer has one. `None` if NTLM was not offered.
    pub(super) fn choose(offer: NegTokenInit) -> Option<(Self, Option<Vec<u8>>)> {
        let mut offered = offer.mechanisms();
        let place = offered.position(|mechanism| mechanism == Some(Mechanism::Ntlm))?;
        let is_best = place == 0;
        drop(offered);
        let NegTokenInit { list, token } = offer;
        Some((Self { list, is_best }, token.filter(|_| is_best)))
    }

    /// Returns the chosen mechanism, with its first token if there is one.
    pub(super) fn chosen(&self, token: Option<Vec<u8>>) -> Vec<u8> {
        let state = if self.is_best {
            State::Incomplete
        } else {
            State::RequestsSignature
        };
        Reply {
            state: Some(state),
            mechanism: Some(Mechanism::Ntlm),
            token,
            signature: None,
        }
        .written()
    }

    /// Wraps a token of the mechanism.
    pub(super) fn goes_on(token: Vec<u8>) -> Vec<u8> {
        Reply {
            state: Some(State::Incomplete),
            token: Some(token),
            ..Reply::default()
        }
        .written()
    }

    /// Completes the negotiation with the signatures of both sides; `None` if the client's is
    /// missing or wrong.
    ///
    /// Windows requires a signature as soon as the login has an integrity code (MS-SPNG 3.3.5.1).
    pub(super) fn end(
        &self,
        keys: &mut NtlmKeys,
        signature: Option<&[u8]>,
        is_lenient: bool,
    ) -> Option<Vec<u8>> {
        let signature = match signature {
            Some(signature) => {
                keys.verify(&self.list, signature).ok()?;
                Some(keys.sign(&self.list))
            }
            None if self.is_best && is_lenient => None,
            None => return None,
        };
        Some(
            Reply {
                state: Some(State::Completed),
                signature,
                ..Reply::default()
            }
            .written(),
        )
    }
}

/// Returns the ticket of an offer whose first mechanism is Kerberos.
pub(super) fn ticket_of(offer: NegTokenInit) -> Option<Vec<u8>> {
    let is_kerberos = matches!(
        offer.mechanisms().next(),
        Some(Some(Mechanism::Kerberos | Mechanism::WindowsKerberos))
    );
    offer.token.filter(|_| is_kerberos)
}

/// Completes a negotiation with the token that authenticates the server.
pub(super) fn by_ticket(proof: Vec<u8>) -> Vec<u8> {
    Reply {
        state: Some(State::Completed),
        mechanism: Some(Mechanism::Kerberos),
        token: Some(proof),
        signature: None,
    }
    .written()
}
