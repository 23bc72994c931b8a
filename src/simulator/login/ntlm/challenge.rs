//! The challenge of the server (MS-NLMP 2.2.1.2).

use std::time::{SystemTime, UNIX_EPOCH};

use crate::simulator::login::ntlm::crypt::utf16;
use crate::simulator::login::ntlm::message::{SIGNATURE, attribute, flags, message_type, number};

/// What the simulator calls itself.
const NAME: &str = "SIMULATOR";

/// The header of the message, before the name of the target.
const HEADER: u32 = 56;

/// Seconds from 1601, which Windows counts from, to 1970.
const EPOCH: u64 = 11_644_473_600;

/// Answers a NEGOTIATE message; `None` if it is none. The challenge must be random.
///
/// The time in it makes clients send an integrity code (MS-NLMP 3.1.5.1.2).
pub(in crate::simulator::login) fn challenge(negotiate: &[u8], random: [u8; 8]) -> Option<Vec<u8>> {
    if !is_negotiate(negotiate) {
        return None;
    }
    let wanted = number(negotiate, 12)?;
    let offered = flags::UNICODE
        | flags::REQUEST_TARGET
        | flags::NTLM
        | flags::TARGET_IS_SERVER
        | flags::EXTENDED_SESSION_SECURITY
        | flags::TARGET_INFO
        | flags::VERSION;
    let granted = flags::SIGN
        | flags::SEAL
        | flags::ALWAYS_SIGN
        | flags::KEY_128
        | flags::KEY_EXCHANGE
        | flags::KEY_56;
    let name = utf16(NAME);
    let attributes = attributes(&name);
    let at = HEADER + size(&name);
    let fields = |bytes: &[u8], offset: u32| {
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_le_bytes();
        [length.as_slice(), &length, &offset.to_le_bytes()].concat()
    };
    Some(
        [
            SIGNATURE.as_slice(),
            &2_u32.to_le_bytes(),
            &fields(&name, HEADER),
            &(offered | wanted & granted).to_le_bytes(),
            &random,
            &[0; 8],
            &fields(&attributes, at),
            // Windows 10, and the revision of NTLM (MS-NLMP 2.2.2.10).
            &[10, 0, 0x63, 0x45, 0, 0, 0, 15],
            &name,
            &attributes,
        ]
        .concat(),
    )
}

/// Whether a message begins a login.
pub(in crate::simulator::login) fn is_negotiate(message: &[u8]) -> bool {
    message_type(message) == Some(1)
}

fn size(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

fn attributes(name: &[u8]) -> Vec<u8> {
    let one = |identifier: u16, value: &[u8]| {
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        [
            &identifier.to_le_bytes(),
            length.to_le_bytes().as_slice(),
            value,
        ]
        .concat()
    };
    [
        one(attribute::DOMAIN, name),
        one(attribute::COMPUTER, name),
        one(attribute::DNS_COMPUTER, &utf16("simulator.example")),
        one(attribute::TIME, &now().to_le_bytes()),
        one(attribute::END, &[]),
    ]
    .concat()
}

/// The time as Windows has it: in tenths of a microsecond since 1601.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = since.unwrap_or_default();
    (since.as_secs() + EPOCH) * 10_000_000 + u64::from(since.subsec_nanos()) / 100
}
