//! The messages of Kerberos (RFC 4120 5) that a client and a service use.

mod ap;
mod error;
mod kdc;

pub(crate) use ap::{ApReply, ApRequest, Authenticator};
pub(crate) use error::{KrbError, code};
pub(crate) use kdc::{
    EtypeInfo, KdcReply, KdcRequestBody, PaData, ReplyPart, etype_infos, preauth_kinds,
    tgs_request, timestamp,
};

use crate::auth::der::{
    BIT_STRING, Der, INTEGER, OCTET_STRING, SEQUENCE, application, int32, octets, sequence, tagged,
    written,
};

use super::crypt::{KerberosEtype, Key, Usage};
use crate::auth::negotiate::{Environment, LoginError};

/// The protocol version of every message.
const VERSION: u64 = 5;

/// Data encrypted with a key (`EncryptedData`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Encrypted {
    pub(crate) etype: i32,
    pub(crate) data: Vec<u8>,
}

/// A ticket from a KDC, which only the service can decrypt (`Ticket`).
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    /// The bytes as they arrived.
    pub(crate) whole: Vec<u8>,
    pub(crate) realm: String,
    pub(crate) service: super::name::PrincipalName,
    #[cfg_attr(not(feature = "simulator"), allow(dead_code, reason = "for servers"))]
    pub(crate) part: Encrypted,
}

impl Encrypted {
    pub(crate) fn with(
        (key, usage): (&Key, Usage),
        plain: &[u8],
        environment: Environment,
    ) -> Result<Self, LoginError> {
        Ok(Self {
            etype: key.etype().number(),
            data: key.encrypt(usage, &environment.random()?, plain)?,
        })
    }

    /// Decrypts the data; `None` if it was encrypted with another key.
    pub(crate) fn open(&self, key: &Key, usage: Usage) -> Option<Vec<u8>> {
        if self.etype != key.etype().number() {
            return None;
        }
        key.decrypt(usage, &self.data)
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        sequence(&[
            &tagged(0, &int32(self.etype)),
            &tagged(2, &octets(&self.data)),
        ])
    }

    pub(crate) fn read(mut der: Der<'_>) -> Option<Self> {
        let mut fields = der.inside(SEQUENCE)?;
        Some(Self {
            etype: fields.field(0)?.int32()?,
            data: fields.field(2)?.next_of(OCTET_STRING)?.content.to_vec(),
        })
    }
}

impl Ticket {
    pub(crate) fn read(mut der: Der<'_>) -> Option<Self> {
        let whole = der.next_of(application(1))?;
        let mut fields = Der(whole.content).only(SEQUENCE)?;
        if fields.field(0)?.number()? != VERSION {
            return None;
        }
        Some(Self {
            whole: whole.whole.to_vec(),
            realm: super::name::read_text(&mut fields.field(1)?)?,
            service: super::name::PrincipalName::read(fields.field(2)?)?,
            part: Encrypted::read(fields.field(3)?)?,
        })
    }
}

/// Returns the fields after the version and the message type, whose tags are `[first]` and the next
/// one.
pub(crate) fn fields(bytes: &[u8], kind: u8, first: u8) -> Option<Der<'_>> {
    let mut fields = Der(bytes).only(application(kind))?.only(SEQUENCE)?;
    let is_it = fields.field(first)?.number()? == VERSION
        && fields.field(first + 1)?.number()? == u64::from(kind);
    is_it.then_some(fields)
}

/// Parses a key (`EncryptionKey`); `None` also for an unsupported type.
pub(crate) fn read_key(mut der: Der<'_>) -> Option<Key> {
    let mut fields = der.inside(SEQUENCE)?;
    let etype = KerberosEtype::of(fields.field(0)?.int32()?)?;
    Key::new(etype, fields.field(1)?.next_of(OCTET_STRING)?.content)
}

pub(crate) fn write_key(key: &Key) -> Vec<u8> {
    sequence(&[
        &tagged(0, &int32(key.etype().number())),
        &tagged(1, &octets(key.bytes())),
    ])
}

/// Takes a 32-bit number, which some implementations encode with a sign and some without.
pub(crate) fn word(der: &mut Der<'_>) -> Option<u32> {
    let digits = der.next_of(INTEGER)?.content;
    if digits.is_empty() || digits.len() > 5 {
        return None;
    }
    Some(digits.iter().fold(0_u32, |word, digit| {
        word.wrapping_shl(8) | u32::from(*digit)
    }))
}

/// Takes flags; `None` if they are not 32 bits.
#[cfg(feature = "simulator")]
pub(crate) fn read_bits(der: &mut Der<'_>) -> Option<u32> {
    let [0, flags @ ..] = der.next_of(BIT_STRING)?.content else {
        return None;
    };
    Some(u32::from_be_bytes(flags.try_into().ok()?))
}

/// Encodes flags and options: 32 bits, the highest first.
pub(crate) fn bits(flags: u32) -> Vec<u8> {
    written(BIT_STRING, &[&[0], &flags.to_be_bytes()])
}
