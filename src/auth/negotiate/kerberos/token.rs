//! The frame of a token (RFC 2743 3.1, RFC 4121 4.1).

use crate::auth::der::{Der, OBJECT_IDENTIFIER, application, written};

/// `1.2.840.113554.1.2.2`.
pub(super) const MECHANISM: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02];

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Request,
    Reply,
    Error,
}

impl TokenKind {
    fn number(self) -> [u8; 2] {
        match self {
            Self::Request => [1, 0],
            Self::Reply => [2, 0],
            Self::Error => [3, 0],
        }
    }
}

pub(crate) fn write_token(kind: TokenKind, message: &[u8]) -> Vec<u8> {
    let mechanism = written(OBJECT_IDENTIFIER, &[&MECHANISM]);
    written(application(0), &[&mechanism, &kind.number(), message])
}

pub(crate) fn read_token(token: &[u8]) -> Option<(TokenKind, &[u8])> {
    let mut rest = Der(token).only(application(0))?;
    let mechanism = rest.next_of(OBJECT_IDENTIFIER)?;
    let (number, message) = rest.0.split_first_chunk::<2>()?;
    let kinds = [TokenKind::Request, TokenKind::Reply, TokenKind::Error];
    let kind = kinds.into_iter().find(|kind| kind.number() == *number)?;
    (mechanism.content == MECHANISM).then_some((kind, message))
}
