//! Digest on the server's side.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::auth::challenge::Challenge;
use crate::auth::digest::{Proof, Protected, hashed_user, secret_hash};
use crate::auth::{DigestAlgorithm, DigestQop};

/// The opaque value of every challenge, which the client must return.
const OPAQUE: &str = "5ccc069c403ebaf9f0171e9517f40e41";

/// The limit of remembered nonces.
const REMEMBERED: usize = 1000;

/// How a [`Simulator`](crate::simulator::Simulator) challenges for Digest (RFC 7616), and what it
/// accepts.
///
/// It is strict: it accepts only its own nonces, and only increasing nonce counts.
#[derive(Clone, Debug)]
#[must_use]
pub struct DigestScheme {
    algorithm: DigestAlgorithm,
    qops: Vec<DigestQop>,
    nonce_uses: Option<u32>,
    hashed_users: bool,
    next_nonces: bool,
}

impl Default for DigestScheme {
    fn default() -> Self {
        Self::new()
    }
}

impl DigestScheme {
    /// Creates settings with SHA-256 and `auth`, and nonces that never expire.
    pub fn new() -> Self {
        Self {
            algorithm: DigestAlgorithm::Sha256,
            qops: vec![DigestQop::Auth],
            nonce_uses: None,
            hashed_users: false,
            next_nonces: false,
        }
    }

    /// Sets the hash algorithm.
    pub fn algorithm(mut self, algorithm: DigestAlgorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Sets the offered qualities of protection; only [`DigestQop::None`] for RFC 2069.
    pub fn qops(mut self, qops: impl IntoIterator<Item = DigestQop>) -> Self {
        self.qops = qops.into_iter().collect();
        self
    }

    /// Sets how often a nonce can be used before it is stale. Without a qop uses are not counted,
    /// and nonces never expire.
    pub fn nonce_uses(mut self, uses: u32) -> Self {
        self.nonce_uses = Some(uses);
        self
    }

    /// Accepts only hashed user names (`userhash`).
    pub fn hashed_users(mut self) -> Self {
        self.hashed_users = true;
        self
    }

    /// Sends a new nonce with each answer (`nextnonce`), and accepts each only once.
    pub fn next_nonces(mut self) -> Self {
        self.next_nonces = true;
        self.nonce_uses(1)
    }

    /// Returns a value of `WWW-Authenticate` with a new nonce.
    pub(super) fn challenge(&self, nonces: &Nonces, realm: &str, stale: bool) -> String {
        let nonce = nonces.issue();
        let algorithm = self.algorithm;
        let mut value = format!(
            "Digest realm=\"{realm}\", nonce=\"{nonce}\", opaque=\"{OPAQUE}\", \
             algorithm={algorithm}, charset=UTF-8"
        );
        let qops: Vec<&str> = self.qops.iter().filter_map(|qop| qop.name()).collect();
        if !qops.is_empty() {
            value.push_str(&format!(", qop=\"{}\"", qops.join(",")));
        }
        for (name, is_set) in [("stale", stale), ("userhash", self.hashed_users)] {
            if is_set {
                value.push_str(&format!(", {name}=true"));
            }
        }
        value
    }

    /// Verifies a value of `Authorization`.
    pub(super) fn verify(
        &self,
        nonces: &Nonces,
        user: [&str; 3],
        given: &str,
        message: Protected<'_>,
    ) -> Verified {
        let given = Challenge::read_all([given]);
        let answer = given
            .first()
            .and_then(|given| self.read(given, user, message));
        let Some(Answer { nonce, count }) = answer else {
            return Verified::Refused;
        };
        match nonces.use_up(nonce, count, self.nonce_uses) {
            Use::Fresh => {}
            Use::Replayed => return Verified::Refused,
            Use::Stale => return Verified::Stale,
        }
        let next = || format!("nextnonce=\"{}\"", nonces.issue());
        Verified::Accepted(self.next_nonces.then(next))
    }

    /// Parses a response that proves the password; `None` if it does not.
    fn read<'a>(
        &self,
        given: &'a Challenge,
        [user, realm, password]: [&str; 3],
        message: Protected<'_>,
    ) -> Option<Answer<'a>> {
        let qop = match given.parameter("qop") {
            None => DigestQop::None,
            Some(name) => *self.qops.iter().find(|qop| qop.name() == Some(name))?,
        };
        let is_allowed = qop != DigestQop::None || self.qops.iter().all(|qop| qop.name().is_none());
        let nonce = given.parameter("nonce")?;
        let is_ours = given.is("Digest")
            && is_allowed
            && given.parameter("algorithm") == Some(self.algorithm.name())
            && given.parameter("realm") == Some(realm)
            && given.parameter("uri") == Some(message.uri)
            && given.parameter("opaque") == Some(OPAQUE)
            && self.is_user(given, user, realm);
        let count = given.parameter("nc").unwrap_or_default();
        let client_nonce = given.parameter("cnonce").unwrap_or_default();
        let expected = Proof {
            algorithm: self.algorithm,
            qop,
            secret_hash: &secret_hash(
                self.algorithm,
                [user, realm, password],
                [nonce, client_nonce],
            ),
            nonce,
            client_nonce,
            count,
        }
        .response(message);
        let is_proven = given.parameter("response") == Some(expected.as_str());
        let count = match qop {
            DigestQop::None => None,
            _ => Some(
                u32::from_str_radix(count, 16)
                    .ok()
                    .filter(|_| count.len() == 8)?,
            ),
        };
        (is_ours && is_proven).then_some(Answer { nonce, count })
    }

    fn is_user(&self, given: &Challenge, user: &str, realm: &str) -> bool {
        if self.hashed_users {
            let hashed = hashed_user(self.algorithm, user, realm);
            return given.parameter("userhash") == Some("true")
                && given.parameter("username") == Some(hashed.as_str());
        }
        match given.parameter("username*") {
            Some(extended) => percent_decoded(extended).as_deref() == Some(user),
            None => given.parameter("username") == Some(user),
        }
    }
}

/// Decodes a text in the form of RFC 5987 3.2, in UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let text = text.strip_prefix("UTF-8''")?;
    let pair = ["x=", text].concat();
    let (_, value) = url::form_urlencoded::parse(pair.as_bytes()).next()?;
    Some(value.into_owned())
}

/// A response that proves the password.
struct Answer<'a> {
    nonce: &'a str,
    /// Absent without a qop.
    count: Option<u32>,
}

/// The result of the verification.
pub(super) enum Verified {
    /// The response is valid; with the value of `Authentication-Info`.
    Accepted(Option<String>),
    /// The response is valid for a nonce that has expired or is unknown.
    Stale,
    Refused,
}

/// The result of using a nonce.
enum Use {
    Fresh,
    Replayed,
    Stale,
}

/// The nonces of a server and their last counts.
#[derive(Debug, Default)]
pub(super) struct Nonces(Mutex<VecDeque<Nonce>>);

#[derive(Debug)]
struct Nonce {
    text: String,
    count: u32,
    uses: u32,
}

impl Nonces {
    fn issue(&self) -> String {
        let text = Uuid::new_v4().simple().to_string();
        let mut nonces = self.lock();
        nonces.push_back(Nonce {
            text: text.clone(),
            count: 0,
            uses: 0,
        });
        if nonces.len() > REMEMBERED {
            nonces.pop_front();
        }
        text
    }

    fn use_up(&self, text: &str, count: Option<u32>, most: Option<u32>) -> Use {
        let mut nonces = self.lock();
        let Some(nonce) = nonces.iter_mut().find(|nonce| nonce.text == text) else {
            return Use::Stale;
        };
        let Some(count) = count else {
            return Use::Fresh;
        };
        if count <= nonce.count {
            return Use::Replayed;
        }
        nonce.count = count;
        nonce.uses += 1;
        match most {
            Some(most) if nonce.uses > most => Use::Stale,
            _ => Use::Fresh,
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Nonce>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
