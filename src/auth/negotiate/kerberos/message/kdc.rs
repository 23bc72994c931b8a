//! Requests to a KDC and its replies (RFC 4120 5.4).

use super::super::crypt::{KerberosEtype, Key, Usage};
use super::super::name::{PrincipalName, read_text, text};
use super::super::time::{Stamp, read_time, time};
use super::{Encrypted, Ticket, VERSION, bits, fields, read_key, word};
use crate::auth::der::{
    Der, OCTET_STRING, SEQUENCE, application, int32, integer, octets, sequence, tagged, written,
};
use crate::auth::negotiate::{Environment, LoginError};
use crate::auth::{PreauthKind, PreauthKinds};

/// `canonicalize`: lets a KDC return canonical names of the user and the service, and referrals to
/// another realm (RFC 6806 3).
const CANONICALIZE: u32 = 1 << (31 - 15);

/// The latest end that a KDC grants: the last day of a signed 32-bit time.
const TILL: u64 = 2_136_422_885;

/// Pre-authentication data, with its type.
#[derive(Clone, Debug)]
pub(crate) struct PaData {
    pub(crate) kind: u64,
    pub(crate) value: Vec<u8>,
}

impl PaData {
    /// `PA-TGS-REQ`: a ticket to the KDC itself.
    pub(crate) const TGS_REQ: u64 = 1;
    /// `PA-ENC-TIMESTAMP`: the time, encrypted with the user's key.
    pub(crate) const TIMESTAMP: u64 = 2;
    /// `PA-ETYPE-INFO2`: how the user's key derives from the password.
    pub(crate) const ETYPE_INFO2: u64 = 19;

    /// `PA-FX-COOKIE`: a state that the client returns (RFC 6113 5.2).
    pub(crate) const COOKIE: u64 = 133;

    pub(crate) fn write(&self) -> Vec<u8> {
        let (kind, value) = (integer(self.kind), octets(&self.value));
        sequence(&[&tagged(1, &kind), &tagged(2, &value)])
    }

    /// Parses a list of them.
    pub(crate) fn read_all(mut der: Der<'_>) -> Option<Vec<Self>> {
        let mut list = der.inside(SEQUENCE)?;
        let mut all = Vec::new();
        while !list.0.is_empty() {
            let mut fields = list.inside(SEQUENCE)?;
            // No supported type is negative.
            let kind = fields.field(1)?.number().unwrap_or(0);
            let value = fields.field(2)?.next_of(OCTET_STRING)?.content.to_vec();
            all.push(Self { kind, value });
        }
        Some(all)
    }
}

/// Encrypts the time with the user's key, which proves the password (RFC 4120 5.2.7.2).
pub(crate) fn timestamp(
    key: &Key,
    now: Stamp,
    environment: Environment,
) -> Result<PaData, LoginError> {
    let microseconds = integer(now.microseconds.into());
    let plain = sequence(&[&tagged(0, &time(now.seconds)), &tagged(1, &microseconds)]);
    let sealed = Encrypted::with((key, Usage::AsTimestamp), &plain, environment)?;
    Ok(PaData {
        kind: PaData::TIMESTAMP,
        value: sealed.write(),
    })
}

/// Returns the kinds of pre-authentication that a KDC names, without those types that are hints.
pub(crate) fn preauth_kinds(data: &[PaData]) -> PreauthKinds {
    let kinds = data.iter().map(|data| PreauthKind::of(data.kind));
    kinds.flatten().collect()
}

/// How a user's key derives from the password (`ETYPE-INFO2-ENTRY`, RFC 4120 5.2.7.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EtypeInfo {
    pub(crate) etype: KerberosEtype,
    /// `None` means the default: the realm and the name.
    pub(crate) salt: Option<Vec<u8>>,
}

/// Returns the key derivations that a KDC accepts, limited to the allowed types. Other rounds than
/// the default are rejected: an attacker who changes the answer could choose a number that makes
/// the password easy to guess, or that takes hours.
pub(crate) fn etype_infos(data: &[PaData], allowed: &[KerberosEtype]) -> Vec<EtypeInfo> {
    let value = data.iter().find(|data| data.kind == PaData::ETYPE_INFO2);
    let Some(mut list) = value.and_then(|data| Der(&data.value).inside(SEQUENCE)) else {
        return Vec::new();
    };
    let mut infos = Vec::new();
    while let Some(mut fields) = list.inside(SEQUENCE) {
        let etype = fields.field(0).and_then(|mut field| field.int32());
        let salt = fields.field(1).and_then(|mut field| field.next());
        let rounds = fields.field(2).and_then(|mut field| field.next());
        let is_usual = |etype: &KerberosEtype| {
            rounds.is_none_or(|rounds| rounds.content == etype.rounds().to_be_bytes())
        };
        let etype = etype.and_then(KerberosEtype::of).filter(is_usual);
        if let Some(etype) = etype.filter(|etype| allowed.contains(etype)) {
            let salt = salt.map(|salt| salt.content.to_vec());
            infos.push(EtypeInfo { etype, salt });
        }
    }
    infos
}

/// The body of a request to a KDC.
#[derive(Clone, Debug)]
pub(crate) struct KdcRequestBody<'a> {
    /// The user; `None` if a ticket names it.
    pub(crate) user: Option<&'a PrincipalName>,
    pub(crate) realm: &'a str,
    pub(crate) service: &'a PrincipalName,
    pub(crate) nonce: u32,
    pub(crate) etypes: &'a [KerberosEtype],
}

impl KdcRequestBody<'_> {
    pub(crate) fn write(&self) -> Vec<u8> {
        let user = self.user.map(|user| tagged(1, &user.write()));
        let etypes: Vec<u8> = self
            .etypes
            .iter()
            .flat_map(|etype| int32(etype.number()))
            .collect();
        sequence(&[
            &tagged(0, &bits(CANONICALIZE)),
            &user.unwrap_or_default(),
            &tagged(2, &text(self.realm)),
            &tagged(3, &self.service.write()),
            &tagged(5, &time(TILL)),
            &tagged(7, &integer(self.nonce.into())),
            &tagged(8, &sequence(&[&etypes])),
        ])
    }

    /// Encodes an `AS-REQ`.
    pub(crate) fn as_request(&self, data: &[PaData]) -> Vec<u8> {
        request(10, data, &self.write())
    }
}

/// Encodes a `TGS-REQ` with an encoded body, whose checksum is in the data.
pub(crate) fn tgs_request(data: &[PaData], body: &[u8]) -> Vec<u8> {
    request(12, data, body)
}

fn request(kind: u8, data: &[PaData], body: &[u8]) -> Vec<u8> {
    let data: Vec<u8> = data.iter().flat_map(PaData::write).collect();
    let data = if data.is_empty() {
        Vec::new()
    } else {
        tagged(3, &sequence(&[&data]))
    };
    let fields = sequence(&[
        &tagged(1, &integer(VERSION)),
        &tagged(2, &integer(kind.into())),
        &data,
        &tagged(4, body),
    ]);
    written(application(kind), &[&fields])
}

/// An `AS-REP` or a `TGS-REP`.
#[derive(Clone, Debug)]
pub(crate) struct KdcReply {
    pub(crate) data: Vec<PaData>,
    pub(crate) user_realm: String,
    pub(crate) user: PrincipalName,
    pub(crate) ticket: Ticket,
    pub(crate) part: Encrypted,
}

impl KdcReply {
    /// Parses a reply; `None` for other messages, such as an error.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = fields(bytes, 11, 0).or_else(|| fields(bytes, 13, 0))?;
        let data = fields.field(2).and_then(PaData::read_all);
        Some(Self {
            data: data.unwrap_or_default(),
            user_realm: read_text(&mut fields.field(3)?)?,
            user: PrincipalName::read(fields.field(4)?)?,
            ticket: Ticket::read(fields.field(5)?)?,
            part: Encrypted::read(fields.field(6)?)?,
        })
    }
}

/// The part of a reply that only the user can decrypt (`EncKDCRepPart`).
#[derive(Clone, Debug)]
pub(crate) struct ReplyPart {
    /// The session key of the user and the service.
    pub(crate) key: Key,
    nonce: u32,
    /// The time of the first ticket by the clock of the KDC, in seconds since 1970.
    pub(crate) time: u64,
    /// The end of the ticket, in seconds since 1970.
    pub(crate) end: u64,
    /// The realm and the name of the service.
    realm: String,
    service: PrincipalName,
}

impl ReplyPart {
    /// Parses the decrypted part. MIT's KDC uses the tag of the second kind for both (RFC 4120
    /// 5.4.2).
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = Der(bytes);
        let whole = rest.next().filter(|_| rest.0.is_empty())?;
        if ![application(25), application(26)].contains(&whole.tag) {
            return None;
        }
        let mut fields = Der(whole.content).only(SEQUENCE)?;
        Some(Self {
            key: read_key(fields.field(0)?)?,
            nonce: word(&mut fields.field(2)?)?,
            time: read_time(&mut fields.field(5)?)?,
            end: read_time(&mut fields.field(7)?)?,
            realm: read_text(&mut fields.field(9)?)?,
            service: PrincipalName::read(fields.field(10)?)?,
        })
    }

    /// Whether it answers the request with this nonce, and describes its ticket. The names in a
    /// ticket and in the first request are unprotected: without this check a server with the key of
    /// one service could impersonate the realm (RFC 4120 3.1.5).
    pub(crate) fn is_of(&self, nonce: u32, ticket: &Ticket) -> bool {
        self.nonce == nonce && self.realm == ticket.realm && self.service.is_same(&ticket.service)
    }
}
