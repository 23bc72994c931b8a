//! Tokens with AES keys (RFC 4121 4.2), in the form that MS-WSMV 2.2.9.1.2.2 splits in two.

use bytes::Bytes;

use super::{Context, LoginError, broken};
use crate::auth::seal::Sealed;

/// The length of a token's header, in bytes.
const HEAD: usize = 16;

/// The length of the confounder before a message.
const CONFOUNDER: usize = 16;

const TOKEN: [u8; 2] = [5, 4];
const SENT_BY_ACCEPTOR: u8 = 1;
const IS_SEALED: u8 = 2;
const ACCEPTOR_KEY: u8 = 4;
const KNOWN: u8 = SENT_BY_ACCEPTOR | IS_SEALED | ACCEPTOR_KEY;

/// Seals a message. RFC 4121 allows a sender to rotate the bytes so that all additions come first
/// (the field `RRC`), and Windows requires it.
pub(super) fn seal(context: &Context, message: &[u8]) -> Result<Sealed, LoginError> {
    let head = Head {
        flags: flags(context, context.role.is_acceptor()) | IS_SEALED,
        extra: 0,
        turned: 0,
        number: context.next,
    };
    let confounder = context.environment.random()?;
    let usage = context.role.seals();
    let plain = [message, &head.write()];
    let mut data = context.key.encrypt_parts(usage, &confounder, &plain)?;
    // The encrypted header and the checksum, which come first.
    let tail = HEAD + context.key.etype().code_length();
    let turned = Head {
        turned: u16::try_from(tail).unwrap_or(0),
        ..head
    };
    let before = data.len().checked_sub(tail).ok_or_else(broken)?;
    let tail = data.split_off(before);
    let mut data = Bytes::from(data);
    let confounder = data.split_to(CONFOUNDER.min(data.len()));
    Ok(Sealed {
        header: [&turned.write()[..], &tail, &confounder].concat(),
        data,
    })
}

/// Unseals a token in two pieces with any rotation: MIT does not rotate, and OMI splits elsewhere.
pub(super) fn unseal(context: &Context, token: [&[u8]; 2]) -> Result<(u64, Vec<u8>), LoginError> {
    let bytes = token.iter().flat_map(|piece| piece.iter().copied());
    let mut head = [0; HEAD];
    for (to, from) in head.iter_mut().zip(bytes) {
        *to = from;
    }
    let data = token_after(HEAD, token).ok_or_else(broken)?;
    let head = Head::read(&head).ok_or_else(broken)?;
    let expected = flags(context, !context.role.is_acceptor()) | IS_SEALED;
    if head.flags & KNOWN != expected {
        return Err(broken());
    }
    let message = open(context, &head, data).ok_or_else(broken)?;
    Ok((head.number, message))
}

/// Signs a message (RFC 4121 4.2.6.1).
pub(super) fn sign(context: &Context, message: &[u8]) -> Result<Vec<u8>, LoginError> {
    let flags = flags(context, context.role.is_acceptor());
    let head = signature_head(flags, context.next);
    let signed = [message, &head].concat();
    let code = context.key.checksum(context.role.signs(), &signed)?;
    Ok([&head[..], &code].concat())
}

/// Verifies the other side's signature; returns the sequence number.
pub(super) fn verify(context: &Context, message: &[u8], signature: &[u8]) -> Option<u64> {
    let (head, code) = signature.split_first_chunk::<HEAD>()?;
    let (_, number) = head.split_last_chunk()?;
    let number = u64::from_be_bytes(*number);
    let flags = flags(context, !context.role.is_acceptor());
    let signed = [message, head].concat();
    let usage = context.role.other().signs();
    let is_right =
        *head == signature_head(flags, number) && context.key.has_checksum(usage, &signed, code);
    is_right.then_some(number)
}

/// Returns the flags of one side's tokens.
fn flags(context: &Context, by_acceptor: bool) -> u8 {
    let sent_by = if by_acceptor { SENT_BY_ACCEPTOR } else { 0 };
    let key = if context.is_of_acceptor {
        ACCEPTOR_KEY
    } else {
        0
    };
    sent_by | key
}

/// Returns the pieces of a token after its first bytes.
fn token_after(bytes: usize, [first, second]: [&[u8]; 2]) -> Option<[&[u8]; 2]> {
    let in_first = bytes.min(first.len());
    Some([first.get(in_first..)?, second.get(bytes - in_first..)?])
}

/// Returns the rotated bytes in their order, in one copy.
fn turned_back(pieces: [&[u8]; 2], by: usize) -> Option<Vec<u8>> {
    let [first, second] = token_after(by, pieces)?;
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    let mut data = Vec::with_capacity(length);
    data.extend_from_slice(first);
    data.extend_from_slice(second);
    let ahead = pieces.iter().flat_map(|piece| piece.iter().copied());
    data.extend(ahead.take(by));
    Some(data)
}

fn open(context: &Context, head: &Head, data: [&[u8]; 2]) -> Option<Vec<u8>> {
    // With padding, Windows rotates by its length too (MS-KILE 3.4.5.4.1).
    let extra = usize::from(head.extra);
    let turned = usize::from(head.turned);
    let turns = [turned, turned + extra];
    let plain = turns
        .iter()
        .take(1 + usize::from(extra != 0))
        .find_map(|by| {
            let length = data.iter().map(|piece| piece.len()).sum();
            let data = turned_back(data, by.checked_rem(length)?)?;
            let usage = context.role.other().seals();
            context.key.decrypt_in_place(usage, data)
        })?;
    let (rest, inner) = plain.split_last_chunk::<HEAD>()?;
    let outer = Head { turned: 0, ..*head };
    if *inner != outer.write() {
        return None;
    }
    let length = rest.len().checked_sub(extra)?;
    let mut message = plain;
    message.truncate(length);
    if length < CONFOUNDER {
        return None;
    }
    message.drain(..CONFOUNDER);
    Some(message)
}

/// The header of a token (RFC 4121 4.2.6.2).
#[derive(Clone, Copy, Debug)]
struct Head {
    flags: u8,
    /// The length of the padding after the message (`EC`).
    extra: u16,
    /// The number of bytes by which the rest is rotated right (`RRC`).
    turned: u16,
    number: u64,
}

impl Head {
    fn write(&self) -> [u8; HEAD] {
        let mut head = [0xFF; HEAD];
        let pieces = [
            &TOKEN[..],
            &[self.flags, 0xFF],
            &self.extra.to_be_bytes(),
            &self.turned.to_be_bytes(),
            &self.number.to_be_bytes(),
        ];
        for (to, from) in head.iter_mut().zip(pieces.concat()) {
            *to = from;
        }
        head
    }

    fn read(head: &[u8; HEAD]) -> Option<Self> {
        let [t0, t1, flags, 0xFF, e0, e1, r0, r1, number @ ..] = *head else {
            return None;
        };
        ([t0, t1] == TOKEN).then_some(Self {
            flags,
            extra: u16::from_be_bytes([e0, e1]),
            turned: u16::from_be_bytes([r0, r1]),
            number: u64::from_be_bytes(number),
        })
    }
}

/// Builds the header of a signature (RFC 4121 4.2.6.1).
fn signature_head(flags: u8, number: u64) -> [u8; HEAD] {
    let mut head = [0xFF; HEAD];
    let pieces = [&[4, 4, flags][..], &[0xFF; 5], &number.to_be_bytes()];
    for (to, from) in head.iter_mut().zip(pieces.concat()) {
        *to = from;
    }
    head
}
