//! Sealed messages: the encrypted form of SOAP messages over HTTP (`multipart/encrypted`, MS-WSMV
//! 2.2.9.1).
//!
//! This module handles the frame; a [`Sealer`] encrypts. Its keys and sequence numbers belong to
//! one connection, so messages are sealed and unsealed in the order in which they travel.

mod read;
#[cfg(test)]
mod tests;
mod write;

use bytes::Bytes;

#[cfg(test)]
pub(crate) use read::UnsealError;
pub(crate) use read::{begins, is_sealed, unseal};
pub(crate) use write::seal;

/// Seals and unseals messages with the keys of one login.
pub(crate) trait Sealer {
    /// The error of the mechanism.
    type Error;

    /// Seals a message.
    fn seal(&mut self, message: &[u8]) -> Result<Sealed, Self::Error>;

    /// Unseals a message after checking its signature.
    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, Self::Error>;
}

/// A sealed message in its two parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// NTLM's signature, or the header of a Kerberos token.
    pub(crate) header: Vec<u8>,
    pub(crate) data: Bytes,
}

/// The protocol of the login, as the content types name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// NTLM and Kerberos inside Negotiate.
    Spnego,
    /// The scheme `Kerberos`.
    Kerberos,
}

/// The format of the part headers: MS-WSMV 2.2.9.1 requires a leading tab, and OMI closes the
/// connection on one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MimeForm {
    Tabbed,
    Untabbed,
}

impl Protocol {
    /// The content type of a sealed message.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Spnego => {
                "multipart/encrypted;protocol=\"application/HTTP-SPNEGO-session-encrypted\";\
                 boundary=\"Encrypted Boundary\""
            }
            Self::Kerberos => {
                "multipart/encrypted;protocol=\"application/HTTP-Kerberos-session-encrypted\";\
                 boundary=\"Encrypted Boundary\""
            }
        }
    }

    /// The protocol's content type in the first part.
    fn name(self) -> &'static str {
        match self {
            Self::Spnego => "application/HTTP-SPNEGO-session-encrypted",
            Self::Kerberos => "application/HTTP-Kerberos-session-encrypted",
        }
    }
}

const BOUNDARY: &str = "Encrypted Boundary";
