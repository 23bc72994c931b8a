//! The messages as bytes (MS-NLMP 2.2.1).

/// How every message begins.
pub(super) const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";

/// The flags that are looked at (MS-NLMP 2.2.2.5).
pub(super) mod flags {
    pub(in crate::simulator::login::ntlm) use crate::auth::negotiate::ntlm::keys::flags::{
        EXTENDED_SESSION_SECURITY, KEY_56, KEY_128, KEY_EXCHANGE,
    };

    pub(in crate::simulator::login::ntlm) const UNICODE: u32 = 0x0000_0001;
    pub(in crate::simulator::login::ntlm) const REQUEST_TARGET: u32 = 0x0000_0004;
    pub(in crate::simulator::login::ntlm) const SIGN: u32 = 0x0000_0010;
    pub(in crate::simulator::login::ntlm) const SEAL: u32 = 0x0000_0020;
    pub(in crate::simulator::login::ntlm) const NTLM: u32 = 0x0000_0200;
    pub(in crate::simulator::login::ntlm) const ALWAYS_SIGN: u32 = 0x0000_8000;
    pub(in crate::simulator::login::ntlm) const TARGET_IS_SERVER: u32 = 0x0002_0000;
    pub(in crate::simulator::login::ntlm) const TARGET_INFO: u32 = 0x0080_0000;
    pub(in crate::simulator::login::ntlm) const VERSION: u32 = 0x0200_0000;
}

/// The identifiers of attributes (MS-NLMP 2.2.2.1).
pub(super) mod attribute {
    pub(in crate::simulator::login::ntlm) const END: u16 = 0;
    pub(in crate::simulator::login::ntlm) const COMPUTER: u16 = 1;
    pub(in crate::simulator::login::ntlm) const DOMAIN: u16 = 2;
    pub(in crate::simulator::login::ntlm) const DNS_COMPUTER: u16 = 3;
    pub(in crate::simulator::login::ntlm) const FLAGS: u16 = 6;
    pub(in crate::simulator::login::ntlm) const TIME: u16 = 7;
    pub(in crate::simulator::login::ntlm) const CHANNEL_BINDING: u16 = 10;
}

/// Where the integrity code stands in an AUTHENTICATE message.
const CODE_AT: usize = 72;

/// The bit of the attribute [`attribute::FLAGS`] that says that there is an integrity code.
const HAS_CODE: u32 = 2;

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
    pub(super) binding: Option<&'a [u8]>,
}

impl<'a> Authenticate<'a> {
    /// `None` if it is none, or one with an older response than NTLMv2.
    pub(super) fn read(message: &'a [u8]) -> Option<Self> {
        if message_type(message)? != 3 {
            return None;
        }
        let (proof, proven) = field(message, 20)?.split_first_chunk()?;
        // Version, time, challenge of the client, and the attributes behind them.
        let attributes = proven.strip_prefix(&[1, 1])?.get(26..)?;
        let has_code = find(attributes, attribute::FLAGS)
            .and_then(|flags| Some(u32::from_le_bytes(flags.try_into().ok()?)))
            .is_some_and(|flags| flags & HAS_CODE != 0);
        let code = match has_code {
            true => Some(*message.get(CODE_AT..)?.first_chunk()?),
            false => None,
        };
        Some(Self {
            flags: number(message, 60)?,
            user: text(field(message, 36)?)?,
            domain: text(field(message, 28)?)?,
            proof: *proof,
            proven,
            session_key: field(message, 52)?,
            code,
            binding: find(attributes, attribute::CHANNEL_BINDING),
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

/// The type of a message: 1 to 3.
pub(super) fn message_type(message: &[u8]) -> Option<u32> {
    message.starts_with(SIGNATURE).then(|| number(message, 8))?
}

/// A number of four bytes.
pub(super) fn number(message: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*message.get(at..)?.first_chunk()?))
}

/// What a field's length and offset point to.
fn field(message: &[u8], at: usize) -> Option<&[u8]> {
    let length = u16::from_le_bytes(*message.get(at..)?.first_chunk()?);
    let offset = usize::try_from(number(message, at + 4)?).ok()?;
    message.get(offset..)?.get(..usize::from(length))
}

/// An attribute's value.
fn find(mut attributes: &[u8], wanted: u16) -> Option<&[u8]> {
    loop {
        let (identifier, rest) = attributes.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (value, rest) = rest.split_at_checked(u16::from_le_bytes(*length).into())?;
        match u16::from_le_bytes(*identifier) {
            found if found == wanted => return Some(value),
            attribute::END => return None,
            _ => attributes = rest,
        }
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    let (units, rest) = bytes.as_chunks();
    let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    rest.is_empty().then(|| String::from_utf16(&units).ok())?
}
