//! The KDC: processes requests (RFC 4120 3.1, 3.3).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::SystemTime;

use crate::auth::der::{Der, SEQUENCE};
use crate::auth::negotiate::LoginError;
use crate::auth::negotiate::kerberos::message::{
    ApRequest, Authenticator, PaData, code, fields, word,
};
use crate::auth::negotiate::kerberos::name::{NameKind, PrincipalName, read_text};
use crate::auth::negotiate::kerberos::time::Stamp;
use crate::auth::negotiate::kerberos::{KerberosEtype, Key, Usage};
use crate::auth::{Keytab, Secret};
use crate::simulator::realm::issue::{
    Grant, Holder, TicketPart, error, etype_info, proven_time, value,
};

/// The users and the services of a realm, with their keys.
#[derive(Debug)]
pub(super) struct Centre {
    pub(super) realm: String,
    /// The encryption type of its keys.
    pub(super) etype: KerberosEtype,
    pub(super) own_key: Key,
    pub(super) users: RwLock<BTreeMap<String, Key>>,
    pub(super) services: RwLock<BTreeMap<String, Key>>,
    /// The lifetime of tickets, in seconds.
    pub(super) life: u64,
    /// The number of refused proofs of a password, which a real KDC counts against the account.
    pub(super) failed: AtomicUsize,
    /// The KDC's clock minus that of the machine, in seconds.
    pub(super) ahead: i64,
    pub(super) preauthentication: bool,
    pub(super) refusal: Option<u32>,
}

/// The allowed clock skew, in seconds.
const SKEW: u64 = 5 * 60;

/// The request is invalid (`KRB_ERR_GENERIC`).
const GENERIC: u32 = 60;

/// A parsed request.
struct Request<'a> {
    data: Vec<PaData>,
    /// The body as it arrived, which a checksum covers.
    body: &'a [u8],
    user: Option<PrincipalName>,
    realm: String,
    service: PrincipalName,
    nonce: u32,
    etypes: Vec<i32>,
}

impl<'a> Request<'a> {
    fn read(bytes: &'a [u8], kind: u8) -> Option<Self> {
        let mut fields = fields(bytes, kind, 1)?;
        let data = fields.field(3).and_then(PaData::read_all);
        let body = fields.field(4)?;
        let mut inner = body.only(SEQUENCE)?;
        Some(Self {
            data: data.unwrap_or_default(),
            body: body.0,
            user: inner.field(1).and_then(PrincipalName::read),
            realm: read_text(&mut inner.field(2)?)?,
            service: PrincipalName::read(inner.field(3)?)?,
            nonce: word(&mut inner.field(7)?)?,
            etypes: read_etypes(inner.field(8)?)?,
        })
    }
}

fn read_etypes(field: Der<'_>) -> Option<Vec<i32>> {
    let mut list = field.only(SEQUENCE)?;
    let mut etypes = Vec::new();
    while !list.0.is_empty() {
        etypes.push(list.int32()?);
    }
    Some(etypes)
}

impl Centre {
    /// Derives the key of a user from the password.
    pub(super) fn user_key(
        etype: KerberosEtype,
        realm: &str,
        user: &str,
        password: &Secret,
    ) -> Result<Key, LoginError> {
        let salt = [realm, user].concat();
        Key::of_password(etype, password.expose(), salt.as_bytes())
    }

    fn users(&self) -> RwLockReadGuard<'_, BTreeMap<String, Key>> {
        self.users.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn services(&self) -> RwLockReadGuard<'_, BTreeMap<String, Key>> {
        self.services.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn keytab(&self) -> Keytab {
        let (users, services) = (self.users(), self.services());
        let all = users.iter().chain(services.iter());
        Keytab::of(&self.realm, all.map(|(name, key)| (name.as_str(), key)))
    }

    pub(super) fn answer(&self, request: &[u8]) -> Vec<u8> {
        let answer = match (Request::read(request, 10), Request::read(request, 12)) {
            (Some(request), _) => self.first_ticket(&request),
            (_, Some(request)) => self.service_ticket(&request),
            _ => Err((GENERIC, Vec::new())),
        };
        answer.unwrap_or_else(|(code, data)| error(&self.realm, self.now(), code, &data))
    }

    fn now(&self) -> Stamp {
        let now = Stamp::of(SystemTime::now());
        now.shifted(self.ahead).unwrap_or(now)
    }

    fn first_ticket(&self, request: &Request<'_>) -> Result<Vec<u8>, (u32, Vec<u8>)> {
        let refused = |code| (code, Vec::new());
        if let Some(code) = self.refusal {
            return Err(refused(code));
        }
        if request.realm != self.realm {
            return Err(refused(code::WRONG_REALM));
        }
        // Only Windows looks up enterprise names.
        let user = request.user.as_ref();
        let user = user.filter(|user| user.kind != NameKind::Enterprise);
        let users = self.users();
        let (user, key) = user
            .and_then(|user| Some((user, users.get(&user.to_string())?)))
            .ok_or_else(|| refused(code::UNKNOWN_USER))?;
        if !request.etypes.contains(&self.etype.number()) {
            return Err(refused(code::NO_ETYPE));
        }
        let salt = [&self.realm, user.to_string().as_str()].concat();
        if self.preauthentication {
            let Some(proof) = value(&request.data, PaData::TIMESTAMP) else {
                return Err((code::PREAUTH_REQUIRED, etype_info(self.etype, &salt)));
            };
            let time = proven_time(key, proof).ok_or_else(|| {
                self.failed.fetch_add(1, Ordering::AcqRel);
                refused(code::PREAUTH_FAILED)
            })?;
            if time.abs_diff(self.now().seconds) > SKEW {
                return Err(refused(code::SKEW));
            }
        }
        let grant = Grant {
            holder: &Holder {
                user: user.clone(),
                realm: self.realm.clone(),
            },
            realm: &self.realm,
            service: &PrincipalName::ticket_granting(&self.realm),
            service_key: &self.own_key,
            user_key: key,
            nonce: request.nonce,
            now: self.now(),
            life: self.life,
            kind: 11,
        };
        grant
            .reply(&etype_info(self.etype, &salt))
            .ok_or_else(|| refused(GENERIC))
    }

    fn service_ticket(&self, request: &Request<'_>) -> Result<Vec<u8>, (u32, Vec<u8>)> {
        let refused = |code| (code, Vec::new());
        let part = self.shown(request).ok_or_else(|| refused(code::MODIFIED))?;
        let services = self.services();
        let service_key = services
            .get(&request.service.to_string())
            .ok_or_else(|| refused(code::UNKNOWN_SERVICE))?;
        let grant = Grant {
            holder: &part.holder,
            realm: &self.realm,
            service: &request.service,
            service_key,
            user_key: &part.key,
            nonce: request.nonce,
            now: self.now(),
            life: self.life,
            kind: 13,
        };
        grant.reply(&[]).ok_or_else(|| refused(GENERIC))
    }

    /// Decrypts the ticket of a request, if its user sent it and it is valid now.
    fn shown(&self, request: &Request<'_>) -> Option<TicketPart> {
        let shown = ApRequest::read(value(&request.data, PaData::TGS_REQ)?)?;
        let part = TicketPart::read(&shown.ticket.part.open(&self.own_key, Usage::Ticket)?)?;
        let plain = shown
            .authenticator
            .open(&part.key, Usage::TgsAuthenticator)?;
        let authenticator = Authenticator::read(&plain)?;
        let (kind, checksum) = &authenticator.checksum;
        let now = self.now().seconds;
        let is_right = *kind == part.key.etype().checksum_number()
            && part
                .key
                .has_checksum(Usage::TgsChecksum, request.body, checksum)
            && authenticator.user.is_same(&part.holder.user)
            && authenticator.realm == part.holder.realm
            && authenticator.now.seconds.abs_diff(now) <= SKEW
            && now < part.end;
        is_right.then_some(part)
    }
}
