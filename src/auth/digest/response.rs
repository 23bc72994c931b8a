//! The hashes of a Digest response.

use zeroize::Zeroizing;

use super::{DigestAlgorithm, DigestQop, Protected};

/// The input of the hash that proves the password for one message (RFC 7616 3.4.1). The client
/// sends it, a server checks it.
pub(crate) struct Proof<'a> {
    pub(crate) algorithm: DigestAlgorithm,
    pub(crate) qop: DigestQop,
    /// From [`secret_hash`].
    pub(crate) secret_hash: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) client_nonce: &'a str,
    /// The nonce count, in eight hexadecimal digits.
    pub(crate) count: &'a str,
}

impl Proof<'_> {
    /// Returns the `response` parameter for a message.
    pub(crate) fn response(&self, message: Protected<'_>) -> Zeroizing<String> {
        let hash = |parts: &[&str]| {
            let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
            self.algorithm.hash(&parts)
        };
        let protected = match self.qop {
            DigestQop::None | DigestQop::Auth => hash(&[message.method, message.uri]),
            DigestQop::AuthInt => {
                let body = self.algorithm.hash(&[message.body]);
                hash(&[message.method, message.uri, &body])
            }
        };
        match self.qop.name() {
            None => hash(&[self.secret_hash, self.nonce, &protected]),
            Some(qop) => hash(&[
                self.secret_hash,
                self.nonce,
                self.count,
                self.client_nonce,
                qop,
                &protected,
            ]),
        }
    }
}

/// Hashes user, realm and password, and the nonces for a session algorithm (RFC 7616 3.4.2). The
/// hash is as secret as the password.
pub(crate) fn secret_hash(
    algorithm: DigestAlgorithm,
    [user, realm, password]: [&str; 3],
    [nonce, client_nonce]: [&str; 2],
) -> Zeroizing<String> {
    let plain = algorithm.hash(&[user.as_bytes(), realm.as_bytes(), password.as_bytes()]);
    if algorithm.is_session() {
        let parts = [plain.as_bytes(), nonce.as_bytes(), client_nonce.as_bytes()];
        algorithm.hash(&parts)
    } else {
        plain
    }
}

/// Hashes the user name for a server that sets `userhash` (RFC 7616 3.4.4).
pub(crate) fn hashed_user(
    algorithm: DigestAlgorithm,
    user: &str,
    realm: &str,
) -> Zeroizing<String> {
    algorithm.hash(&[user.as_bytes(), realm.as_bytes()])
}
