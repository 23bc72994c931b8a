//! The authentication exchange of a service (RFC 4120 5.5).

use super::super::crypt::{Key, Usage};
use super::super::name::{PrincipalName, read_text, text};
use super::super::time::{Stamp, read_time, time};
use super::{Encrypted, Ticket, VERSION, bits, fields, read_key, word, write_key};
use crate::auth::der::{
    Der, OCTET_STRING, SEQUENCE, application, int32, integer, octets, sequence, tagged, written,
};
use crate::auth::negotiate::{Environment, LoginError};

/// Requests mutual authentication.
const MUTUAL_REQUIRED: u32 = 1 << (31 - 2);

/// Proves that the sender holds the ticket's session key now.
#[derive(Clone, Debug)]
pub(crate) struct Authenticator {
    pub(crate) realm: String,
    pub(crate) user: PrincipalName,
    /// The type and the value.
    pub(crate) checksum: (i32, Vec<u8>),
    pub(crate) now: Stamp,
    pub(crate) subkey: Option<Key>,
    pub(crate) sequence: u32,
}

impl Authenticator {
    fn write(&self) -> Vec<u8> {
        let (kind, checksum) = &self.checksum;
        let checksum = sequence(&[&tagged(0, &int32(*kind)), &tagged(1, &octets(checksum))]);
        let subkey = self.subkey.as_ref();
        let subkey = subkey.map(|key| tagged(6, &write_key(key)));
        let fields = sequence(&[
            &tagged(0, &integer(VERSION)),
            &tagged(1, &text(&self.realm)),
            &tagged(2, &self.user.write()),
            &tagged(3, &checksum),
            &tagged(4, &integer(self.now.microseconds.into())),
            &tagged(5, &time(self.now.seconds)),
            &subkey.unwrap_or_default(),
            &tagged(7, &integer(self.sequence.into())),
        ]);
        written(application(2), &[&fields])
    }

    #[cfg_attr(not(feature = "simulator"), allow(dead_code, reason = "for servers"))]
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Der(bytes).only(application(2))?.only(SEQUENCE)?;
        let realm = read_text(&mut fields.field(1)?)?;
        let user = PrincipalName::read(fields.field(2)?)?;
        let mut checksum = fields.field(3)?.inside(SEQUENCE)?;
        let kind = checksum.field(0)?.int32()?;
        let checksum = checksum.field(1)?.next_of(OCTET_STRING)?.content;
        let microseconds = word(&mut fields.field(4)?)?;
        let seconds = read_time(&mut fields.field(5)?)?;
        // A subkey of an unknown type must not count as absent.
        let subkey = match fields.field(6) {
            Some(field) => Some(read_key(field)?),
            None => None,
        };
        Some(Self {
            realm,
            user,
            checksum: (kind, checksum.to_vec()),
            now: Stamp {
                seconds,
                microseconds,
            },
            subkey,
            sequence: fields.field(7).and_then(|mut field| word(&mut field))?,
        })
    }
}

/// A ticket and its authenticator (`AP-REQ`).
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "simulator"), allow(dead_code, reason = "for servers"))]
pub(crate) struct ApRequest {
    options: u32,
    pub(crate) ticket: Ticket,
    pub(crate) authenticator: Encrypted,
}

impl ApRequest {
    /// Sends a ticket, and requests mutual authentication from a service.
    pub(crate) fn write(
        ticket: &Ticket,
        authenticator: &Authenticator,
        (key, usage): (&Key, Usage),
        environment: Environment,
    ) -> Result<Vec<u8>, LoginError> {
        // A KDC authenticates itself by its reply.
        let options = if usage == Usage::ApAuthenticator {
            MUTUAL_REQUIRED
        } else {
            0
        };
        let authenticator = Encrypted::with((key, usage), &authenticator.write(), environment)?;
        let fields = sequence(&[
            &tagged(0, &integer(VERSION)),
            &tagged(1, &integer(14)),
            &tagged(2, &bits(options)),
            &tagged(3, &ticket.whole),
            &tagged(4, &authenticator.write()),
        ]);
        Ok(written(application(14), &[&fields]))
    }

    /// Whether mutual authentication is the only requested option.
    #[cfg(feature = "simulator")]
    pub(crate) fn is_mutual(&self) -> bool {
        self.options == MUTUAL_REQUIRED
    }

    #[cfg(feature = "simulator")]
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = fields(bytes, 14, 0)?;
        Some(Self {
            options: super::read_bits(&mut fields.field(2)?)?,
            ticket: Ticket::read(fields.field(3)?)?,
            authenticator: Encrypted::read(fields.field(4)?)?,
        })
    }
}

/// The service's proof of its identity (`EncAPRepPart`).
#[derive(Clone, Debug)]
pub(crate) struct ApReply {
    /// The time of the authenticator, which only the service can decrypt.
    pub(crate) time: Stamp,
    pub(crate) subkey: Option<Key>,
    pub(crate) sequence: Option<u32>,
}

impl ApReply {
    /// Encodes an `AP-REP` with the key of the ticket.
    #[cfg(feature = "simulator")]
    pub(crate) fn write(&self, key: &Key, environment: Environment) -> Result<Vec<u8>, LoginError> {
        let field = |number: u8, element: Option<Vec<u8>>| {
            element.map_or_else(Vec::new, |element| tagged(number, &element))
        };
        let part = sequence(&[
            &tagged(0, &time(self.time.seconds)),
            &tagged(1, &integer(self.time.microseconds.into())),
            &field(2, self.subkey.as_ref().map(write_key)),
            &field(3, self.sequence.map(|number| integer(number.into()))),
        ]);
        let part = written(application(27), &[&part]);
        let part = Encrypted::with((key, Usage::ApReply), &part, environment)?;
        let fields = sequence(&[
            &tagged(0, &integer(VERSION)),
            &tagged(1, &integer(15)),
            &tagged(2, &part.write()),
        ]);
        Ok(written(application(15), &[&fields]))
    }

    /// Decrypts an `AP-REP` with the key of the ticket.
    pub(crate) fn open(bytes: &[u8], key: &Key) -> Option<Self> {
        let mut fields = fields(bytes, 15, 0)?;
        let part = Encrypted::read(fields.field(2)?)?;
        let plain = part.open(key, Usage::ApReply)?;
        let mut fields = Der(&plain).only(application(27))?.only(SEQUENCE)?;
        let seconds = read_time(&mut fields.field(0)?)?;
        let microseconds = word(&mut fields.field(1)?)?;
        // A subkey of an unknown type must not count as absent, nor an invalid number.
        let subkey = match fields.field(2) {
            Some(field) => Some(read_key(field)?),
            None => None,
        };
        let sequence = match fields.field(3) {
            Some(mut field) => Some(word(&mut field)?),
            None => None,
        };
        Some(Self {
            time: Stamp {
                seconds,
                microseconds,
            },
            subkey,
            sequence,
        })
    }
}
