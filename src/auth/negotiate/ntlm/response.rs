//! The NTLMv2 response, which proves the password (MS-NLMP 3.3.2).

use std::time::{SystemTime, UNIX_EPOCH};

use zeroize::Zeroizing;

use super::crypt::{Block, hmac_md5};

/// The proof of a password, and the key derived with it.
pub(super) struct Response {
    pub(super) nt: Vec<u8>,
    pub(super) lm: [u8; 24],
    pub(super) session_base_key: Zeroizing<Block>,
}

/// The input of a response besides the password.
#[derive(Clone, Copy)]
pub(super) struct Proven<'a> {
    pub(super) server_nonce: [u8; 8],
    pub(super) client_nonce: [u8; 8],
    /// In tenths of a microsecond since 1601.
    pub(super) time: u64,
    /// The server's attributes, and those that the client adds.
    pub(super) target_info: &'a [u8],
}

impl Proven<'_> {
    /// Computes the response with the key of the password (`NTOWFv2`).
    pub(super) fn respond(&self, key: &Block) -> Response {
        let proven = [
            &[1, 1, 0, 0, 0, 0, 0, 0][..],
            &self.time.to_le_bytes(),
            &self.client_nonce,
            &[0; 4],
            self.target_info,
            &[0; 4],
        ]
        .concat();
        let proof = hmac_md5(key, &[&self.server_nonce, &proven]);
        let mut lm = [0; 24];
        let code = hmac_md5(key, &[&self.server_nonce, &self.client_nonce]);
        for (to, from) in lm.iter_mut().zip(code.iter().chain(&self.client_nonce)) {
            *to = *from;
        }
        Response {
            nt: [&proof[..], &proven].concat(),
            lm,
            session_base_key: Zeroizing::new(hmac_md5(key, &[&proof])),
        }
    }
}

/// The seconds from 1601, the epoch of Windows, to 1970.
const EPOCH: u64 = 11_644_473_600;

/// Converts to a Windows time (`FILETIME`): tenths of a microsecond since 1601.
pub(crate) fn file_time(now: SystemTime) -> u64 {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs().saturating_add(EPOCH);
    seconds.saturating_mul(10_000_000) + u64::from(since.subsec_nanos()) / 100
}
