//! Sealed messages: what goes over HTTP in place of a SOAP message whose login has keys
//! (`multipart/encrypted`, MS-WSMV 2.2.9.1).
//!
//! Here is the frame alone; a [`Sealer`] does the sealing. Its keys and counts belong to one
//! connection, so messages are sealed and opened in the order in which they travel.

mod read;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use read::{begins, is_sealed, unseal};
pub(crate) use write::seal;

/// What seals and opens messages with the keys of one login.
pub(crate) trait Sealer {
    /// Why it cannot.
    type Error;

    /// Seals a message.
    fn seal(&mut self, message: &[u8]) -> Result<Sealed, Self::Error>;

    /// Opens a message, after its signature was checked.
    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, Self::Error>;
}

/// A sealed message in its two pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// NTLM's signature, or the header of a Kerberos token.
    pub(crate) header: Vec<u8>,
    pub(crate) data: Vec<u8>,
}

/// What the login was made with, as the content types name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// NTLM and Kerberos inside Negotiate.
    Spnego,
    /// The scheme Kerberos.
    Kerberos,
}

/// How the headers of the parts are written: MS-WSMV 2.2.9.1 asks for a tab before them, and OMI
/// closes the connection when there is one.
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

    /// The content type of the first part.
    fn name(self) -> &'static str {
        match self {
            Self::Spnego => "application/HTTP-SPNEGO-session-encrypted",
            Self::Kerberos => "application/HTTP-Kerberos-session-encrypted",
        }
    }
}

const BOUNDARY: &str = "Encrypted Boundary";
