//! Encodes and parses the messages of NTLM (MS-NLMP 2.2.1).

use super::av_pairs::{AvPairs, id};
use super::crypt::{Block, utf16};
use super::flags;
use crate::auth::negotiate::LoginError;

/// The first bytes of every message.
pub(crate) const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";

/// Windows 10 and the NTLM revision (MS-NLMP 2.2.2.10), for debugging only.
pub(crate) const VERSION: [u8; 8] = [10, 0, 0x63, 0x45, 0, 0, 0, 15];

/// The flags that the client requests, and accepts from the server.
pub(super) const WANTED: u32 = flags::UNICODE
    | flags::REQUEST_TARGET
    | flags::SIGN
    | flags::SEAL
    | flags::NTLM
    | flags::ALWAYS_SIGN
    | flags::EXTENDED_SESSION_SECURITY
    | flags::TARGET_INFO
    | flags::VERSION
    | flags::KEY_128
    | flags::KEY_EXCHANGE
    | flags::KEY_56;

/// Encodes the NEGOTIATE message (MS-NLMP 2.2.1.1), without domain and workstation.
pub(super) fn negotiate() -> Vec<u8> {
    // Only the server sets `NTLMSSP_NEGOTIATE_TARGET_INFO`.
    let wanted = WANTED & !flags::TARGET_INFO;
    [
        SIGNATURE.as_slice(),
        &1_u32.to_le_bytes(),
        &wanted.to_le_bytes(),
        &[0; 16],
        &VERSION,
    ]
    .concat()
}

/// A CHALLENGE message (MS-NLMP 2.2.1.2) that allows NTLMv2 and sealed messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) flags: u32,
    pub(super) nonce: [u8; 8],
    pub(super) target_info: AvPairs,
    /// The time of the server, in tenths of a microsecond since 1601.
    pub(super) time: Option<u64>,
}

impl Challenge {
    /// # Errors
    ///
    /// Fails if the message is malformed, or lacks what MS-NLMP 3.1.5.1.2 requires for NTLMv2 and
    /// sealing.
    pub(super) fn read(message: &[u8]) -> Result<Self, LoginError> {
        let malformed = || LoginError::new("the server sent a malformed CHALLENGE message of NTLM");
        if message_type(message) != Some(2) {
            return Err(malformed());
        }
        let flags = number(message, 20).ok_or_else(malformed)?;
        let nonce = message.get(24..).and_then(<[u8]>::first_chunk);
        let nonce = *nonce.ok_or_else(malformed)?;
        for (flag, name) in [
            (flags::UNICODE, "Unicode"),
            (
                flags::EXTENDED_SESSION_SECURITY,
                "extended session security",
            ),
            (flags::TARGET_INFO, "target information"),
        ] {
            if flags & flag == 0 {
                let text = format!("the NTLM of the server does not support {name}");
                return Err(LoginError::new(text));
            }
        }
        let target_info = field(message, 40).and_then(AvPairs::read);
        let target_info = target_info.ok_or_else(malformed)?;
        target_info.flags().ok_or_else(malformed)?;
        let is_named = |id| target_info.get(id).is_some();
        if !is_named(id::COMPUTER) || !is_named(id::DOMAIN) {
            return Err(LoginError::new(
                "the CHALLENGE message of NTLM lacks the computer name or the domain name",
            ));
        }
        let time = match target_info.get(id::TIME) {
            Some(time) => Some(time.try_into().map_err(|_| malformed())?),
            None => None,
        };
        Ok(Self {
            flags,
            nonce,
            time: time.map(u64::from_le_bytes),
            target_info,
        })
    }
}

/// An AUTHENTICATE message (MS-NLMP 2.2.1.3).
#[derive(Clone, Copy)]
pub(super) struct Authenticate<'a> {
    pub(super) flags: u32,
    pub(super) lm_response: &'a [u8],
    pub(super) nt_response: &'a [u8],
    pub(super) domain: &'a str,
    pub(super) user: &'a str,
    pub(super) workstation: &'a str,
    /// The encrypted session key; empty without a key exchange.
    pub(super) session_key: &'a [u8],
    /// The integrity code; `None` also removes its field.
    pub(super) code: Option<&'a Block>,
}

/// The length of an AUTHENTICATE message's header, without an integrity code.
const HEAD: usize = 72;

impl Authenticate<'_> {
    /// Encodes the message; `None` if a part is too long.
    pub(super) fn write(&self) -> Option<Vec<u8>> {
        let [domain, user, workstation] = [self.domain, self.user, self.workstation].map(utf16);
        let code = self.code.map_or(&[][..], Block::as_slice);
        let mut payload = Vec::new();
        let mut fields = |value: &[u8]| {
            let length = u16::try_from(value.len()).ok()?.to_le_bytes();
            let offset = u32::try_from(HEAD + code.len() + payload.len()).ok()?;
            payload.extend_from_slice(value);
            let [l0, l1] = length;
            let [o0, o1, o2, o3] = offset.to_le_bytes();
            Some([l0, l1, l0, l1, o0, o1, o2, o3])
        };
        // The payload has another order than the header, as in Windows.
        let domain = fields(&domain)?;
        let user = fields(&user)?;
        let workstation = fields(&workstation)?;
        let lm_response = fields(self.lm_response)?;
        let nt_response = fields(self.nt_response)?;
        let session_key = fields(self.session_key)?;
        let head = [
            lm_response,
            nt_response,
            domain,
            user,
            workstation,
            session_key,
        ];
        let message = [
            SIGNATURE.as_slice(),
            &3_u32.to_le_bytes(),
            head.as_flattened(),
            &self.flags.to_le_bytes(),
            &VERSION,
            code,
            &payload,
        ];
        Some(message.concat())
    }
}

/// Returns the type of a message: 1 to 3.
pub(crate) fn message_type(message: &[u8]) -> Option<u32> {
    message.starts_with(SIGNATURE).then(|| number(message, 8))?
}

/// Reads a number of four bytes.
pub(crate) fn number(message: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*message.get(at..)?.first_chunk()?))
}

/// Returns the bytes at a field's offset and length.
pub(crate) fn field(message: &[u8], at: usize) -> Option<&[u8]> {
    let length = u16::from_le_bytes(*message.get(at..)?.first_chunk()?);
    let offset = usize::try_from(number(message, at + 4)?).ok()?;
    message.get(offset..)?.get(..usize::from(length))
}
