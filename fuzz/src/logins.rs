//! Logins: what a server and a KDC send before a message is answered.

use wsman::fuzzing;

/// The headers `WWW-Authenticate` of one answer, one a line.
pub fn challenge(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let headers: Vec<&str> = text.lines().collect();
    fuzzing::challenges(&headers);
}

/// The answers to one message of a Digest login, one a line; the first byte of a line chooses between a 401
/// and success.
pub fn digest(data: &[u8]) {
    let Some((settings, data)) = data.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(data);
    let answers = text
        .lines()
        .take(15)
        .map(|line| match line.strip_prefix('+') {
            Some(info) => (false, info),
            None => (true, line),
        });
    let answers: Vec<(bool, &str)> = answers.collect();
    fuzzing::digest(&answers, settings & 1 == 1, settings & 2 == 2);
}

pub use fuzzing::{certificate, der, kerberos, ntlm, sealed};

/// Tokens of SPNEGO.
pub fn spnego(data: &[u8]) {
    fuzzing::spnego(&pieces(data));
}

/// Answers of KDCs.
pub fn kdc(data: &[u8]) {
    fuzzing::kdc(&pieces(data));
}

/// Splits an input into at most 8 pieces: each has its length before it, in two bytes.
fn pieces(mut data: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while let Some((length, rest)) = data.split_first_chunk()
        && pieces.len() < 8
    {
        let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
        let (piece, rest) = rest.split_at(length);
        pieces.push(piece);
        data = rest;
    }
    pieces
}

/// Writes a message as the only piece of an input.
pub fn one_piece(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len())
        .unwrap_or(u16::MAX)
        .to_le_bytes();
    [&length[..], message].concat()
}
