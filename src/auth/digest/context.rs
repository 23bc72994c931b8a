//! A Digest context: answers one nonce of the server for message after message.

use std::fmt;

use zeroize::Zeroizing;

use super::offer::sendable;
use super::response::{Proof, hashed_user, secret_hash};
use super::{BodyIntegrity, DigestQop, Offer, Protected};
use crate::auth::challenge::Challenge;
use crate::auth::{LoginAttempt, LoginLimits, Secret};

/// A server nonce, and the state to answer it.
///
/// Serves one message at a time: servers refuse a nonce count that is not higher than the last one.
pub(crate) struct Context {
    offer: Offer,
    qop: DigestQop,
    user: String,
    secret_hash: Zeroizing<String>,
    /// Stays the same for the lifetime of the nonce. Session algorithms hash the first client
    /// nonce, and servers disagree on a second one.
    client_nonce: String,
    count: u32,
    accepted: bool,
}

impl Context {
    /// Creates the context for an offer. The client nonce must be random: 16 letters and digits or
    /// more.
    pub(crate) fn new(
        user: &str,
        password: &Secret,
        offer: Offer,
        integrity: BodyIntegrity,
        client_nonce: String,
    ) -> Self {
        let secret_hash = secret_hash(
            offer.algorithm(),
            [user, &offer.realm, password.expose()],
            [&offer.nonce, &client_nonce],
        );
        Self {
            qop: offer.qop(integrity),
            user: user.to_owned(),
            secret_hash,
            client_nonce,
            count: 0,
            accepted: false,
            offer,
        }
    }

    /// Returns the value of `Authorization` for the next message; `None` once the nonce is used up.
    pub(crate) fn authorization(&mut self, message: Protected<'_>) -> Option<Secret> {
        self.count = self.count.checked_add(1)?;
        let count = format!("{:08x}", self.count);
        let response = Proof {
            algorithm: self.offer.algorithm(),
            qop: self.qop,
            secret_hash: &self.secret_hash,
            nonce: &self.offer.nonce,
            client_nonce: &self.client_nonce,
            count: &count,
        }
        .response(message);

        let mut header = Header(String::from("Digest "));
        self.name_user(&mut header);
        header.quoted("realm", &self.offer.realm);
        header.quoted("uri", message.uri);
        if let Some(algorithm) = self.offer.named {
            header.token("algorithm", algorithm.name());
        }
        header.quoted("nonce", &self.offer.nonce);
        if let Some(qop) = self.qop.name() {
            header.token("nc", &count);
            header.quoted("cnonce", &self.client_nonce);
            header.token("qop", qop);
        }
        header.quoted("response", &response);
        if let Some(opaque) = &self.offer.opaque {
            header.quoted("opaque", opaque);
        }
        if self.offer.userhash {
            header.token("userhash", "true");
        }
        Some(Secret::from(header.0))
    }

    /// Writes the user name: hashed if the server requires `userhash`; in the form of RFC 5987 if
    /// it is not ASCII and the server accepts UTF-8 (RFC 7616 3.4 and 4).
    fn name_user(&self, header: &mut Header) {
        let offer = &self.offer;
        if offer.userhash {
            let hashed = hashed_user(offer.algorithm(), &self.user, &offer.realm);
            header.quoted("username", &hashed);
        } else if offer.utf8 && !self.user.is_ascii() {
            header.token("username*", &extended(&self.user));
        } else {
            header.quoted("username", &self.user);
        }
    }

    /// Notes that the server accepted the response, and takes the next nonce from
    /// `Authentication-Info` if it names one (RFC 7616 3.5). Returns `None` if the next nonce is
    /// invalid, because this context is then unusable.
    pub(crate) fn accepted(
        mut self,
        authentication_info: Option<&str>,
        limits: &LoginLimits,
    ) -> Option<Self> {
        self.accepted = true;
        // The header is a list of parameters without a scheme, which the parser needs.
        let info = authentication_info.map(|info| ["Digest ", info].concat());
        let info = Challenge::read_within(info.as_deref(), limits);
        let next = info.first().and_then(|info| info.parameter("nextnonce"));
        match next {
            Some(next) if *next == self.offer.nonce => {}
            // Servers disagree on what session algorithms hash with a next nonce, so ask for a new
            // challenge.
            Some(_) if self.offer.algorithm().is_session() => return None,
            Some(next) => {
                self.offer.nonce = sendable(next, limits)?;
                self.count = 0;
            }
            None => {}
        }
        Some(self)
    }

    /// Whether the nonce count has reached its maximum.
    pub(crate) fn is_used_up(&self) -> bool {
        self.count == u32::MAX
    }

    /// The number of messages that used the nonce.
    pub(crate) fn uses(&self) -> u32 {
        self.count
    }

    /// Whether the server accepted a response of this context.
    pub(crate) fn was_accepted(&self) -> bool {
        self.accepted
    }

    /// The attempt that this context makes, for errors.
    pub(crate) fn attempt(&self) -> LoginAttempt {
        LoginAttempt::Digest {
            algorithm: self.offer.algorithm(),
            qop: self.qop,
        }
    }
}

/// Leaves out all that would help an attacker to guess the password.
impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("user", &self.user)
            .field("algorithm", &self.offer.algorithm())
            .field("qop", &self.qop)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

/// Builds a header value.
struct Header(String);

impl Header {
    fn token(&mut self, name: &str, value: &str) {
        if !self.0.ends_with(' ') {
            self.0.push_str(", ");
        }
        self.0.extend([name, "=", value]);
    }

    fn quoted(&mut self, name: &str, value: &str) {
        self.token(name, "\"");
        for c in value.chars() {
            if matches!(c, '"' | '\\') {
                self.0.push('\\');
            }
            self.0.push(c);
        }
        self.0.push('"');
    }
}

/// Encodes a text as in RFC 5987 3.2, for parameters whose name ends in an asterisk.
fn extended(text: &str) -> String {
    let mut value = String::from("UTF-8''");
    for byte in text.bytes() {
        match byte {
            b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => value.push(char::from(b)),
            b => value.push_str(&format!("%{b:02X}")),
        }
    }
    value
}
