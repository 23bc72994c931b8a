//! Sealed and signed messages with the keys of a login.

mod cfx;
mod rc4;
#[cfg(test)]
mod tests;

use super::super::{Environment, LoginError};
use super::crypt::{KerberosEtype, Key, Usage};
use crate::auth::seal::{Sealed, Sealer};

/// The keys of a login, and its sequence numbers.
#[derive(Debug)]
pub(crate) struct Context {
    key: Key,
    /// Whether the service created the key.
    is_of_acceptor: bool,
    role: Role,
    /// The sequence number of the next sent message.
    next: u64,
    /// The least sequence number of the next received message.
    expected: Option<u64>,
    environment: Environment,
}

/// The result of a login.
#[derive(Debug)]
pub(crate) struct ContextKey {
    pub(crate) key: Key,
    /// Whether the service created the key.
    pub(crate) is_of_acceptor: bool,
    pub(crate) role: Role,
    /// The sequence number of the first sent message.
    pub(crate) next: u32,
    /// The sequence number of the first received message.
    pub(crate) expected: Option<u32>,
    pub(crate) environment: Environment,
}

/// The side of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Initiator,
    #[cfg_attr(not(feature = "simulator"), allow(dead_code, reason = "for servers"))]
    Acceptor,
}

impl Role {
    fn is_acceptor(self) -> bool {
        self == Self::Acceptor
    }

    fn other(self) -> Self {
        match self {
            Self::Initiator => Self::Acceptor,
            Self::Acceptor => Self::Initiator,
        }
    }

    fn seals(self) -> Usage {
        match self {
            Self::Initiator => Usage::InitiatorSeal,
            Self::Acceptor => Usage::AcceptorSeal,
        }
    }

    fn signs(self) -> Usage {
        match self {
            Self::Initiator => Usage::InitiatorSign,
            Self::Acceptor => Usage::AcceptorSign,
        }
    }
}

impl Context {
    pub(crate) fn new(made: ContextKey) -> Self {
        Self {
            key: made.key,
            is_of_acceptor: made.is_of_acceptor,
            role: made.role,
            next: made.next.into(),
            expected: made.expected.map(u64::from),
            environment: made.environment,
        }
    }

    /// Unseals a token in two pieces, whose sequence number must not be older than the last.
    fn unseal_pieces(&mut self, token: [&[u8]; 2]) -> Result<Vec<u8>, LoginError> {
        let (number, message) = if self.is_rc4() {
            rc4::unseal(self, &token.concat()).ok_or_else(broken)?
        } else {
            cfx::unseal(self, token)?
        };
        if self.was_before(number) {
            return Err(LoginError::new("the sealed message is a replay"));
        }
        self.expected = number.checked_add(1);
        Ok(message)
    }

    /// Signs a message.
    pub(crate) fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, LoginError> {
        let signature = if self.is_rc4() {
            rc4::sign(self, message).ok_or_else(broken)?
        } else {
            cfx::sign(self, message)?
        };
        self.next += 1;
        Ok(signature)
    }

    /// Verifies a signature of the other side.
    pub(crate) fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), LoginError> {
        let number = if self.is_rc4() {
            rc4::verify(self, message, signature)
        } else {
            cfx::verify(self, message, signature)
        };
        let number = number.filter(|number| !self.was_before(*number));
        let number = number.ok_or_else(|| LoginError::new("the server's signature is invalid"))?;
        self.expected = number.checked_add(1);
        Ok(())
    }

    fn was_before(&self, number: u64) -> bool {
        self.expected.is_some_and(|expected| number < expected)
    }

    fn is_rc4(&self) -> bool {
        self.key.etype() == KerberosEtype::Rc4Hmac
    }
}

impl Sealer for Context {
    type Error = LoginError;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, LoginError> {
        let sealed = if self.is_rc4() {
            rc4::seal(self, message)?
        } else {
            cfx::seal(self, message)?
        };
        self.next += 1;
        Ok(sealed)
    }

    /// The header and the data form one token, which OMI splits elsewhere than Windows.
    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, LoginError> {
        self.unseal_pieces([header, data])
    }
}

fn broken() -> LoginError {
    LoginError::new("the seal of the message is invalid")
}
