//! A server's offer of Digest, and which of several is taken.

use super::{BodyIntegrity, DigestAlgorithm, DigestQop};
use crate::auth::challenge::Challenge;

/// The longest nonce, realm or opaque value that is sent back, in bytes.
const LONGEST: usize = 4096;

/// An offer of Digest that can be answered (RFC 7616 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(super) realm: String,
    pub(super) nonce: String,
    pub(super) opaque: Option<String>,
    /// What the server named; `MD5` is meant where it named nothing.
    pub(super) named: Option<DigestAlgorithm>,
    pub(super) auth: bool,
    pub(super) auth_int: bool,
    /// The nonce of the answer before was too old, and all else was right.
    pub(super) stale: bool,
    pub(super) userhash: bool,
    pub(super) utf8: bool,
}

impl Offer {
    /// The strongest of the offers that can be answered; of equal ones the first.
    pub(crate) fn best(challenges: &[Challenge]) -> Option<Self> {
        let offers = challenges.iter().filter_map(Self::read);
        offers.reduce(|best, next| {
            if next.algorithm() > best.algorithm() {
                next
            } else {
                best
            }
        })
    }

    /// Reads an offer; `None` if it is not one of Digest, or asks for what is not known here.
    fn read(challenge: &Challenge) -> Option<Self> {
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
            realm: sendable(challenge.parameter("realm")?)?,
            nonce: sendable(challenge.parameter("nonce")?)?,
            opaque: match challenge.parameter("opaque") {
                Some(opaque) => Some(sendable(opaque)?),
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
        // Without a qop no client nonce is sent, which the session algorithms need.
        let is_answerable = match qop {
            Some(_) => has_known_qop,
            None => !offer.algorithm().is_session(),
        };
        is_answerable.then_some(offer)
    }

    pub(super) fn algorithm(&self) -> DigestAlgorithm {
        self.named.unwrap_or(DigestAlgorithm::Md5)
    }

    /// What is to be protected.
    pub(super) fn qop(&self, integrity: BodyIntegrity) -> DigestQop {
        match (self.auth, self.auth_int, integrity) {
            (false, false, _) => DigestQop::None,
            (true, false, _) | (true, true, BodyIntegrity::ByTls) => DigestQop::Auth,
            (false, true, _) | (true, true, BodyIntegrity::Wanted) => DigestQop::AuthInt,
        }
    }
}

/// A text that can be sent back as it came: one that was not UTF-8 has a replacement character now.
pub(super) fn sendable(text: &str) -> Option<String> {
    let is_odd = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
    let fits = text.len() <= LONGEST && !text.chars().any(is_odd);
    fits.then(|| text.to_owned())
}
