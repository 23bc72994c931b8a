//! The challenge of the server (MS-NLMP 2.2.1.2).

use std::time::SystemTime;

use crate::auth::negotiate::ntlm::av_pairs::{AvPairs, id};
use crate::auth::negotiate::ntlm::crypt::utf16;
use crate::auth::negotiate::ntlm::flags;
use crate::auth::negotiate::ntlm::message::{SIGNATURE, VERSION, message_type, number};
use crate::auth::negotiate::ntlm::response::file_time;

/// The name of the simulator.
const NAME: &str = "SIMULATOR";

/// The length of the message's header, before the target name.
const HEADER: u32 = 56;

/// Answers a NEGOTIATE message; `None` if it is invalid. The challenge must be random.
///
/// The time in the challenge makes clients send an integrity code (MS-NLMP 3.1.5.1.2).
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
    let attributes = attributes(&name)?;
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
            &VERSION,
            &name,
            &attributes,
        ]
        .concat(),
    )
}

/// Whether a message starts a login.
pub(in crate::simulator::login) fn is_negotiate(message: &[u8]) -> bool {
    message_type(message) == Some(1)
}

fn size(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

fn attributes(name: &[u8]) -> Option<Vec<u8>> {
    let mut attributes = AvPairs::default();
    attributes.set(id::DOMAIN, name);
    attributes.set(id::COMPUTER, name);
    attributes.set(id::DNS_COMPUTER, &utf16("simulator.example"));
    attributes.set(id::TIME, &file_time(SystemTime::now()).to_le_bytes());
    attributes.write()
}
