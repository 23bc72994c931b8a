//! Tokens with RC4 keys, which have an older form (RFC 4757 7, RFC 1964 1.2).

use bytes::Bytes;
use zeroize::Zeroizing;

use super::super::crypt::{hmac_md5, is_same, md5, rc4};
use super::super::token::MECHANISM;
use super::{Context, LoginError, Role, broken};
use crate::auth::der::{Der, OBJECT_IDENTIFIER, application, written};
use crate::auth::seal::Sealed;

/// The headers of a signature and a sealed message: the kind, HMAC-MD5 and RC4.
const SIGNED: [u8; 8] = [1, 1, 0x11, 0, 0xFF, 0xFF, 0xFF, 0xFF];
const SEALED: [u8; 8] = [2, 1, 0x11, 0, 0x10, 0, 0xFF, 0xFF];

/// The usages of the checksums (RFC 4757 7.2, 7.3).
const OF_SIGNED: u32 = 15;
const OF_SEALED: u32 = 13;

const CONFOUNDER: usize = 8;

/// The padding of a message: its own length, one byte.
const FILLER: [u8; 1] = [1];

/// Seals a message.
pub(super) fn seal(context: &Context, message: &[u8]) -> Result<Sealed, LoginError> {
    let confounder: [u8; CONFOUNDER] = context.environment.random()?;
    let mut data = [&confounder[..], message, &FILLER].concat();
    let (head, token) = sealed(context, &mut data).ok_or_else(broken)?;
    Ok(Sealed {
        header: token.get(..head).unwrap_or_default().to_vec(),
        data: Bytes::copy_from_slice(token.get(head..).unwrap_or_default()),
    })
}

/// Returns the token, and the length of its part before the message.
fn sealed(context: &Context, data: &mut [u8]) -> Option<(usize, Vec<u8>)> {
    let number = u32::try_from(context.next).ok()?;
    let key = context.key.bytes();
    let code = code(key, OF_SEALED, &[&SEALED, data])?;
    rc4(&sealing_key(key, number)?, data)?;
    let numbered = numbered(key, &code, context.role, number)?;
    let mechanism = written(OBJECT_IDENTIFIER, &[&MECHANISM]);
    let pieces: [&[u8]; 5] = [&mechanism, &SEALED, &numbered, &code, data];
    let token = written(application(0), &pieces);
    let head = token.len().checked_sub(data.len())? + CONFOUNDER;
    Some((head, token))
}

/// Unseals a token; returns the sequence number.
pub(super) fn unseal(context: &Context, token: &[u8]) -> Option<(u64, Vec<u8>)> {
    let (numbered, rest) = opened(token, SEALED)?;
    let (found, data) = rest.split_first_chunk::<8>()?;
    let key = context.key.bytes();
    let number = number(key, found, context.role.other(), numbered)?;
    let mut data = data.to_vec();
    rc4(&sealing_key(key, number)?, &mut data)?;
    if !is_same(&code(key, OF_SEALED, &[&SEALED, &data])?, found) {
        return None;
    }
    let message = data.get(CONFOUNDER..)?.strip_suffix(&FILLER)?;
    Some((number.into(), message.to_vec()))
}

/// Signs a message.
pub(super) fn sign(context: &Context, message: &[u8]) -> Option<Vec<u8>> {
    let number = u32::try_from(context.next).ok()?;
    let key = context.key.bytes();
    let code = code(key, OF_SIGNED, &[&SIGNED, message])?;
    let numbered = numbered(key, &code, context.role, number)?;
    let mechanism = written(OBJECT_IDENTIFIER, &[&MECHANISM]);
    let pieces: [&[u8]; 4] = [&mechanism, &SIGNED, &numbered, &code];
    Some(written(application(0), &pieces))
}

/// Verifies the other side's signature; returns the sequence number.
pub(super) fn verify(context: &Context, message: &[u8], signature: &[u8]) -> Option<u64> {
    let (numbered, found) = opened(signature, SIGNED)?;
    let found: &[u8; 8] = found.try_into().ok()?;
    let key = context.key.bytes();
    let code = code(key, OF_SIGNED, &[&SIGNED, message])?;
    let number = number(key, found, context.role.other(), numbered)?;
    // The checksum does not cover the sequence number, which an attacker could change.
    let is_next = context
        .expected
        .is_none_or(|expected| expected == u64::from(number));
    (is_next && is_same(&code, found)).then(|| number.into())
}

/// Splits a token into its encrypted sequence number and the rest.
fn opened(token: &[u8], kind: [u8; 8]) -> Option<(&[u8; 8], &[u8])> {
    let mut inside = Der(token).only(application(0))?;
    if inside.next_of(OBJECT_IDENTIFIER)?.content != MECHANISM {
        return None;
    }
    inside.0.strip_prefix(&kind)?.split_first_chunk()
}

/// Returns the checksum of a message: the first half of an HMAC.
fn code(key: &[u8], usage: u32, parts: &[&[u8]]) -> Option<[u8; 8]> {
    let key = Zeroizing::new(hmac_md5(key, &[b"signaturekey\0"])?);
    let hash = md5(&[&[&usage.to_le_bytes()[..]], parts].concat());
    hmac_md5(&key, &[&hash])?.first_chunk().copied()
}

/// Encrypts the sequence number and the direction with a key derived from the checksum. The same
/// operation decrypts.
fn numbered(key: &[u8], code: &[u8; 8], role: Role, number: u32) -> Option<[u8; 8]> {
    let [a, b, c, d] = number.to_be_bytes();
    let way = direction(role);
    let mut numbered = [a, b, c, d, way, way, way, way];
    turn_number(key, code, &mut numbered)?;
    Some(numbered)
}

/// Decrypts a sequence number; `None` if the direction is wrong.
fn number(key: &[u8], code: &[u8; 8], role: Role, numbered: &[u8; 8]) -> Option<u32> {
    let mut numbered = *numbered;
    turn_number(key, code, &mut numbered)?;
    let (number, ways) = numbered.split_first_chunk()?;
    let is_theirs = ways.iter().all(|way| *way == direction(role));
    is_theirs.then(|| u32::from_be_bytes(*number))
}

fn turn_number(key: &[u8], code: &[u8; 8], numbered: &mut [u8; 8]) -> Option<()> {
    let key = Zeroizing::new(hmac_md5(key, &[&[0; 4]])?);
    let key = Zeroizing::new(hmac_md5(&key, &[code])?);
    rc4(&key, numbered)
}

fn direction(role: Role) -> u8 {
    match role {
        Role::Initiator => 0,
        Role::Acceptor => 0xFF,
    }
}

fn sealing_key(key: &[u8], number: u32) -> Option<Zeroizing<Vec<u8>>> {
    let key: Zeroizing<Vec<u8>> = Zeroizing::new(key.iter().map(|byte| byte ^ 0xF0).collect());
    let key = Zeroizing::new(hmac_md5(&key, &[&[0; 4]])?);
    hmac_md5(&key, &[&number.to_be_bytes()]).map(Zeroizing::new)
}
