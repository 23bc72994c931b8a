//! The KDC: writes its replies (RFC 4120 5.3, 5.4.2, 5.9.1).

use crate::auth::der::{
    Der, SEQUENCE, application, int32, integer, octets, sequence, tagged, written,
};
use crate::auth::negotiate::kerberos::message::{Encrypted, PaData, bits, read_key, write_key};
use crate::auth::negotiate::kerberos::name::{PrincipalName, read_text, text};
use crate::auth::negotiate::kerberos::time::{Stamp, read_time, time};
use crate::auth::negotiate::kerberos::{KerberosEtype, Key, Usage};
use crate::simulator::environment::environment;

/// The client of a ticket.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Holder {
    pub(in crate::simulator) user: PrincipalName,
    pub(in crate::simulator) realm: String,
}

/// The encrypted part of a ticket, for the service alone.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct TicketPart {
    pub(in crate::simulator) key: Key,
    pub(in crate::simulator) holder: Holder,
    pub(in crate::simulator) end: u64,
}

impl TicketPart {
    /// Parses the decrypted part (`EncTicketPart`).
    pub(in crate::simulator) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Der(bytes).only(application(3))?.only(SEQUENCE)?;
        let key = read_key(fields.field(1)?)?;
        let realm = read_text(&mut fields.field(2)?)?;
        let user = PrincipalName::read(fields.field(3)?)?;
        Some(Self {
            key,
            holder: Holder { user, realm },
            end: read_time(&mut fields.field(7)?)?,
        })
    }

    fn write(&self, now: u64) -> Vec<u8> {
        let transited = sequence(&[&tagged(0, &integer(1)), &tagged(1, &octets(&[]))]);
        let fields = sequence(&[
            &tagged(0, &bits(0)),
            &tagged(1, &write_key(&self.key)),
            &tagged(2, &text(&self.holder.realm)),
            &tagged(3, &self.holder.user.write()),
            &tagged(4, &transited),
            &tagged(5, &time(now)),
            &tagged(7, &time(self.end)),
        ]);
        written(application(3), &[&fields])
    }
}

/// A ticket to issue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant<'a> {
    pub(super) holder: &'a Holder,
    pub(super) realm: &'a str,
    pub(super) service: &'a PrincipalName,
    pub(super) service_key: &'a Key,
    /// The key that encrypts the user's part of the reply.
    pub(super) user_key: &'a Key,
    pub(super) nonce: u32,
    pub(super) now: Stamp,
    /// The lifetime of the ticket, in seconds.
    pub(super) life: u64,
    /// The message type: 11 for the first ticket, 13 for another.
    pub(super) kind: u8,
}

impl Grant<'_> {
    /// Builds the reply; `None` if the random source failed.
    pub(super) fn reply(&self, data: &[u8]) -> Option<Vec<u8>> {
        let part = TicketPart {
            key: Key::random(self.user_key.etype(), environment()).ok()?,
            holder: self.holder.clone(),
            end: self.now.seconds.saturating_add(self.life),
        };
        let now = self.now.seconds;
        let with_service = (self.service_key, Usage::Ticket);
        let sealed = Encrypted::with(with_service, &part.write(now), environment()).ok()?;
        let ticket = sequence(&[
            &tagged(0, &integer(5)),
            &tagged(1, &text(self.realm)),
            &tagged(2, &self.service.write()),
            &tagged(3, &sealed.write()),
        ]);
        let usage = match self.kind {
            11 => Usage::AsReply,
            _ => Usage::TgsReply,
        };
        let with_user = (self.user_key, usage);
        let known = Encrypted::with(with_user, &self.known(&part), environment()).ok()?;
        let data = if data.is_empty() {
            Vec::new()
        } else {
            tagged(2, data)
        };
        let fields = sequence(&[
            &tagged(0, &integer(5)),
            &tagged(1, &integer(self.kind.into())),
            &data,
            &tagged(3, &text(&self.holder.realm)),
            &tagged(4, &self.holder.user.write()),
            &tagged(5, &written(application(1), &[&ticket])),
            &tagged(6, &known.write()),
        ]);
        Some(written(application(self.kind), &[&fields]))
    }

    /// Returns the user's part of the reply (`EncKDCRepPart`).
    fn known(&self, part: &TicketPart) -> Vec<u8> {
        let fields = sequence(&[
            &tagged(0, &write_key(&part.key)),
            &tagged(1, &sequence(&[])),
            &tagged(2, &integer(self.nonce.into())),
            &tagged(4, &bits(0)),
            &tagged(5, &time(self.now.seconds)),
            &tagged(7, &time(part.end)),
            &tagged(9, &text(self.realm)),
            &tagged(10, &self.service.write()),
        ]);
        // MIT Kerberos uses the tag of the second type for both.
        written(application(26), &[&fields])
    }
}

/// Builds a refusal (`KRB-ERROR`).
pub(super) fn error(realm: &str, now: Stamp, code: u32, data: &[u8]) -> Vec<u8> {
    let service = PrincipalName::ticket_granting(realm);
    let data = if data.is_empty() {
        Vec::new()
    } else {
        tagged(12, &octets(data))
    };
    let fields = sequence(&[
        &tagged(0, &integer(5)),
        &tagged(1, &integer(30)),
        &tagged(4, &time(now.seconds)),
        &tagged(5, &integer(now.microseconds.into())),
        &tagged(6, &integer(code.into())),
        &tagged(9, &text(realm)),
        &tagged(10, &service.write()),
        &data,
    ]);
    written(application(30), &[&fields])
}

/// Describes how the user's key derives from the password, as pre-authentication data (RFC 4120
/// 5.2.7.5).
pub(super) fn etype_info(etype: KerberosEtype, salt: &str) -> Vec<u8> {
    let entry = sequence(&[&tagged(0, &int32(etype.number())), &tagged(1, &text(salt))]);
    let data = PaData {
        kind: PaData::ETYPE_INFO2,
        value: sequence(&[&entry]),
    };
    sequence(&[&data.write()])
}

/// Returns the value of a type in a list of pre-authentication data.
pub(super) fn value(all: &[PaData], kind: u64) -> Option<&[u8]> {
    let data = all.iter().find(|data| data.kind == kind)?;
    Some(&data.value)
}

/// Decrypts the timestamp by which a user proves the password.
pub(super) fn proven_time(key: &Key, value: &[u8]) -> Option<u64> {
    let plain = Encrypted::read(Der(value))?.open(key, Usage::AsTimestamp)?;
    read_time(&mut Der(&plain).inside(SEQUENCE)?.field(0)?)
}
