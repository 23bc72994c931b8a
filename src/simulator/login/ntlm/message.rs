//! The AUTHENTICATE message, as a server reads it (MS-NLMP 2.2.1.3).

use crate::auth::negotiate::ntlm::av_pairs::{AvPairs, HAS_INTEGRITY_CODE, id};
use crate::auth::negotiate::ntlm::message::{field, message_type, number};

/// Where the integrity code stands in an AUTHENTICATE message.
const CODE_AT: usize = 72;

/// An AUTHENTICATE message (MS-NLMP 2.2.1.3) with an NTLMv2 response.
pub(super) struct Authenticate<'a> {
    pub(super) flags: u32,
    pub(super) user: String,
    pub(super) domain: String,
    pub(super) proof: [u8; 16],
    /// What the proof is for, behind the challenge.
    pub(super) proven: &'a [u8],
    /// The session key, encrypted; empty if none is exchanged.
    pub(super) session_key: &'a [u8],
    /// The integrity code, if the attributes say that there is one.
    pub(super) code: Option<[u8; 16]>,
    pub(super) binding: Option<Vec<u8>>,
}

impl<'a> Authenticate<'a> {
    /// `None` if it is none, or one with an older response than NTLMv2.
    pub(super) fn read(message: &'a [u8]) -> Option<Self> {
        if message_type(message)? != 3 {
            return None;
        }
        let (proof, proven) = field(message, 20)?.split_first_chunk()?;
        // Version, time, challenge of the client, and the attributes behind them.
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

/// An AUTHENTICATE message with zeros for its integrity code, over which that is computed.
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
