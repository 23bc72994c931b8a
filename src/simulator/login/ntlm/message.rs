//! Parses the AUTHENTICATE message on the server's side (MS-NLMP 2.2.1.3).

use crate::auth::negotiate::ntlm::av_pairs::{AvPairs, HAS_INTEGRITY_CODE, id};
use crate::auth::negotiate::ntlm::message::{field, message_type, number};

/// The position of the integrity code in an AUTHENTICATE message.
const CODE_AT: usize = 72;

/// An AUTHENTICATE message (MS-NLMP 2.2.1.3) with an NTLMv2 response.
pub(super) struct Authenticate<'a> {
    pub(super) flags: u32,
    pub(super) user: String,
    pub(super) domain: String,
    pub(super) proof: [u8; 16],
    /// The bytes after the challenge that the proof covers.
    pub(super) proven: &'a [u8],
    /// The encrypted session key; empty without a key exchange.
    pub(super) session_key: &'a [u8],
    /// The integrity code, if the attributes announce one.
    pub(super) code: Option<[u8; 16]>,
    pub(super) binding: Option<Vec<u8>>,
}

impl<'a> Authenticate<'a> {
    /// Parses a message; `None` if it is invalid, or has an older response than NTLMv2.
    pub(super) fn read(message: &'a [u8]) -> Option<Self> {
        if message_type(message)? != 3 {
            return None;
        }
        let (proof, proven) = field(message, 20)?.split_first_chunk()?;
        // Version, time, client challenge, and then the attributes.
        let attributes = AvPairs::read(proven.strip_prefix(&[1, 1])?.get(26..)?)?;
        let code = if attributes.flags()? & HAS_INTEGRITY_CODE != 0 {
            Some(*message.get(CODE_AT..)?.first_chunk()?)
        } else {
            None
        };
        Some(Self {
            flags: number(message, 60)?,
            user: text(field(message, 36)?)?,
            domain: text(field(message, 28)?)?,
            proof: *proof,
            proven,
            session_key: field(message, 52)?,
            code,
            binding: attributes.get(id::CHANNEL_BINDING).map(<[u8]>::to_vec),
        })
    }
}

/// Returns the message with a zeroed integrity code, as it is computed over.
pub(super) fn without_code(message: &[u8]) -> Vec<u8> {
    let mut message = message.to_vec();
    if let Some(code) = message.get_mut(CODE_AT..CODE_AT + 16) {
        code.fill(0);
    }
    message
}

fn text(bytes: &[u8]) -> Option<String> {
    let (units, rest) = bytes.as_chunks();
    let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    rest.is_empty().then(|| String::from_utf16(&units).ok())?
}
