//! A ticket shown to a service, and the service's proof (RFC 4120 5.5).

use super::super::crypt::{Key, Usage};
use super::super::name::{Name, read_text, text};
use super::super::time::{Stamp, read_time, time};
use super::{Encrypted, Ticket, VERSION, bits, read_key, word, write_key};
use crate::auth::der::{
    Der, OCTET_STRING, SEQUENCE, application, integer, octets, sequence, tagged, written,
};
use crate::auth::negotiate::LoginError;

/// The service is to prove itself.
const MUTUAL_REQUIRED: u32 = 1 << (31 - 2);

/// Shows that a ticket is in the hands of its user, and now.
#[derive(Clone, Debug)]
pub(crate) struct Authenticator {
    pub(crate) realm: String,
    pub(crate) user: Name,
    /// Its type and what it is.
    pub(crate) checksum: (u64, Vec<u8>),
    pub(crate) now: Stamp,
    pub(crate) subkey: Option<Key>,
    pub(crate) sequence: u32,
}

impl Authenticator {
    fn write(&self) -> Vec<u8> {
        let (kind, checksum) = &self.checksum;
        let checksum = sequence(&[&tagged(0, &integer(*kind)), &tagged(1, &octets(checksum))]);
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
        let mut fields = Der(bytes).inside(application(2))?.inside(SEQUENCE)?;
        let realm = read_text(&mut fields.field(1)?)?;
        let user = Name::read(fields.field(2)?)?;
        let mut checksum = fields.field(3)?.inside(SEQUENCE)?;
        let kind = checksum.field(0)?.number()?;
        let checksum = checksum.field(1)?.next_of(OCTET_STRING)?.content;
        let microseconds = word(&mut fields.field(4)?)?;
        let seconds = read_time(&mut fields.field(5)?)?;
        let subkey = fields.field(6).and_then(read_key);
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
    pub(crate) ticket: Ticket,
    pub(crate) authenticator: Encrypted,
}

impl ApRequest {
    /// Shows a ticket; `mutual` if the service is to prove itself.
    pub(crate) fn write(
        ticket: &Ticket,
        authenticator: &Authenticator,
        (key, usage): (&Key, Usage),
        mutual: bool,
    ) -> Result<Vec<u8>, LoginError> {
        let options = match mutual {
            true => MUTUAL_REQUIRED,
            false => 0,
        };
        let authenticator = Encrypted::with(key, usage, &authenticator.write())?;
        let fields = sequence(&[
            &tagged(0, &integer(VERSION)),
            &tagged(1, &integer(14)),
            &tagged(2, &bits(options)),
            &tagged(3, &ticket.whole),
            &tagged(4, &authenticator.write()),
        ]);
        Ok(written(application(14), &[&fields]))
    }

    #[cfg_attr(not(feature = "simulator"), allow(dead_code, reason = "for servers"))]
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Der(bytes).inside(application(14))?.inside(SEQUENCE)?;
        Some(Self {
            ticket: Ticket::read(fields.field(3)?)?,
            authenticator: Encrypted::read(fields.field(4)?)?,
        })
    }
}

/// What a service proves itself with (`EncAPRepPart`).
#[derive(Clone, Debug)]
pub(crate) struct ApReply {
    /// The time of the authenticator, which only the service could read.
    pub(crate) time: Stamp,
    pub(crate) subkey: Option<Key>,
    pub(crate) sequence: Option<u32>,
}

impl ApReply {
    /// Opens an `AP-REP` with the key of the ticket.
    pub(crate) fn open(bytes: &[u8], key: &Key) -> Option<Self> {
        let mut fields = Der(bytes).inside(application(15))?.inside(SEQUENCE)?;
        let part = Encrypted::read(fields.field(2)?)?;
        let plain = part.open(key, Usage::ApReply)?;
        let mut fields = Der(&plain).inside(application(27))?.inside(SEQUENCE)?;
        let seconds = read_time(&mut fields.field(0)?)?;
        let microseconds = word(&mut fields.field(1)?)?;
        // A subkey of a kind that is not known must not be taken for none.
        let subkey = match fields.field(2) {
            Some(field) => Some(read_key(field)?),
            None => None,
        };
        Some(Self {
            time: Stamp {
                seconds,
                microseconds,
            },
            subkey,
            sequence: fields.field(3).and_then(|mut field| word(&mut field)),
        })
    }
}
