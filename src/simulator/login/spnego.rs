//! SPNEGO as a server speaks it (RFC 4178): with Kerberos if that is the best of an offer, or NTLM.

use crate::auth::negotiate::ntlm::keys::NtlmKeys;
use crate::auth::negotiate::spnego::{Mechanism, Offer, Reply, State};

/// A token of a login, as it came.
#[derive(Debug)]
pub(super) enum Incoming {
    /// Of NTLM or Kerberos itself.
    Raw(Vec<u8>),
    Offer(Offer),
    Reply(Reply),
}

/// A negotiation that has chosen NTLM.
#[derive(Debug)]
pub(super) struct Negotiation {
    /// The offer, which both sides sign.
    list: Vec<u8>,
    /// Whether NTLM was the best of it.
    is_best: bool,
}

impl Incoming {
    pub(super) fn read(token: Vec<u8>) -> Self {
        if let Some(offer) = Offer::read(&token) {
            return Self::Offer(offer);
        }
        match Reply::read(&token) {
            Some(reply) => Self::Reply(reply),
            None => Self::Raw(token),
        }
    }
}

impl Negotiation {
    /// Chooses NTLM; with its first token, if that came with the offer. `None` if it was not offered.
    pub(super) fn choose(offer: Offer) -> Option<(Self, Option<Vec<u8>>)> {
        let mut offered = offer.mechanisms();
        let place = offered.position(|mechanism| mechanism == Some(Mechanism::Ntlm))?;
        let is_best = place == 0;
        drop(offered);
        let Offer { list, token } = offer;
        Some((Self { list, is_best }, token.filter(|_| is_best)))
    }

    /// Tells what was chosen; with a first token of it, if there is one.
    pub(super) fn chosen(&self, token: Option<Vec<u8>>) -> Vec<u8> {
        let state = match self.is_best {
            true => State::Incomplete,
            false => State::RequestsSignature,
        };
        Reply {
            state: Some(state),
            mechanism: Some(Mechanism::Ntlm),
            token,
            signature: None,
        }
        .written()
    }

    /// Goes on with a token.
    pub(super) fn goes_on(token: Vec<u8>) -> Vec<u8> {
        Reply {
            state: Some(State::Incomplete),
            token: Some(token),
            ..Reply::default()
        }
        .written()
    }

    /// Ends with the signatures of both sides; `None` if the client's is missing or wrong.
    ///
    /// Windows demands one as soon as the login has an integrity code (MS-SPNG 3.3.5.1).
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

/// The ticket of an offer whose best mechanism is Kerberos.
pub(super) fn ticket_of(offer: Offer) -> Option<Vec<u8>> {
    let is_kerberos = matches!(
        offer.mechanisms().next(),
        Some(Some(Mechanism::Kerberos | Mechanism::WindowsKerberos))
    );
    offer.token.filter(|_| is_kerberos)
}

/// Ends with the proof of a server that has taken a ticket.
pub(super) fn by_ticket(proof: Vec<u8>) -> Vec<u8> {
    Reply {
        state: Some(State::Completed),
        mechanism: Some(Mechanism::Kerberos),
        token: Some(proof),
        signature: None,
    }
    .written()
}
