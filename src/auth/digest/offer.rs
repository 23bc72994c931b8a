//! A server's Digest challenge, and the choice among several.

use super::{BodyIntegrity, DigestAlgorithm, DigestQop};
use crate::auth::LoginLimits;
use crate::auth::challenge::Challenge;

/// A Digest challenge that the client supports (RFC 7616 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(super) realm: String,
    pub(super) nonce: String,
    pub(super) opaque: Option<String>,
    /// The algorithm that the server named; no name means `MD5`.
    pub(super) named: Option<DigestAlgorithm>,
    pub(super) auth: bool,
    pub(super) auth_int: bool,
    /// The server accepted the response except for its expired nonce.
    pub(super) stale: bool,
    pub(super) userhash: bool,
    pub(super) utf8: bool,
}

impl Offer {
    /// Returns the strongest supported challenge; the first of several equal ones.
    pub(crate) fn best(challenges: &[Challenge], limits: &LoginLimits) -> Option<Self> {
        let read = |challenge| Self::read(challenge, limits);
        let offers = challenges.iter().filter_map(read);
        offers.reduce(|best, next| {
            if next.algorithm() > best.algorithm() {
                next
            } else {
                best
            }
        })
    }

    /// Parses a challenge; `None` if it is not Digest, requires something unsupported, or exceeds a limit.
    fn read(challenge: &Challenge, limits: &LoginLimits) -> Option<Self> {
        if !challenge.is("Digest") {
            return None;
        }
        let named = match challenge.parameter("algorithm") {
            Some(name) => Some(DigestAlgorithm::named(name)?),
            None => None,
        };
        let mut auth = false;
        let mut auth_int = false;
        let qop = challenge.parameter("qop");
        for option in qop.unwrap_or_default().split(',').map(str::trim) {
            auth |= option.eq_ignore_ascii_case("auth");
            auth_int |= option.eq_ignore_ascii_case("auth-int");
        }
        let is_true = |name| {
            let value = challenge.parameter(name);
            value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
        };
        let charset = challenge.parameter("charset");
        let offer = Self {
            realm: sendable(challenge.parameter("realm")?, limits)?,
            nonce: sendable(challenge.parameter("nonce")?, limits)?,
            opaque: match challenge.parameter("opaque") {
                Some(opaque) => Some(sendable(opaque, limits)?),
                None => None,
            },
            named,
            auth,
            auth_int,
            stale: is_true("stale"),
            userhash: is_true("userhash"),
            utf8: charset.is_some_and(|name| name.eq_ignore_ascii_case("UTF-8")),
        };
        let has_known_qop = offer.auth || offer.auth_int;
        // Without a qop the client sends no client nonce, which the session algorithms need.
        let is_answerable = match qop {
            Some(_) => has_known_qop,
            None => !offer.algorithm().is_session(),
        };
        is_answerable.then_some(offer)
    }

    pub(super) fn algorithm(&self) -> DigestAlgorithm {
        self.named.unwrap_or(DigestAlgorithm::Md5)
    }

    /// Chooses the quality of protection.
    pub(super) fn qop(&self, integrity: BodyIntegrity) -> DigestQop {
        match (self.auth, self.auth_int, integrity) {
            (false, false, _) => DigestQop::None,
            (true, false, _) | (true, true, BodyIntegrity::ByTls) => DigestQop::Auth,
            (false, true, _) | (true, true, BodyIntegrity::Wanted) => DigestQop::AuthInt,
        }
    }
}

/// Returns a text unless it is too long, or holds a replacement character: such a text was invalid UTF-8
/// and cannot be sent back unchanged.
pub(super) fn sendable(text: &str, limits: &LoginLimits) -> Option<String> {
    let is_odd = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
    let fits = text.len() <= limits.digest_bytes && !text.chars().any(is_odd);
    fits.then(|| text.to_owned())
}
