//! The key of the user, and the first ticket, which it opens.

use std::time::SystemTime;

use super::super::LoginError;
use super::crypt::{KerberosEtype, Key, Usage};
use super::message::{EtypeInfo, KdcReply, PaData, ReplyPart, etype_infos, preauth_kinds};
use super::tickets::ServiceTicket;
use super::time::Stamp;
use super::user::{Proof, UserName};
use crate::auth::{LoginProblem, PreauthKind};

/// The source of the user's key.
pub(super) struct UserKey<'a> {
    pub(super) name: UserName,
    pub(super) proof: &'a Proof,
    pub(super) allowed: &'a [KerberosEtype],
    /// The KDC's clock minus the local one, in seconds.
    pub(super) skew: i64,
}

impl UserKey<'_> {
    /// Returns the user's key for the encryption type that the KDC names. It must name one, since
    /// only newer types are requested (RFC 4120 5.2.7.5); a guess would count as a wrong password.
    pub(super) fn key(&self, data: &[PaData]) -> Result<Key, LoginError> {
        let infos = etype_infos(data, self.allowed).into_iter();
        let mut found = infos.filter_map(|info| self.of_kind(info).transpose());
        found.next().unwrap_or_else(|| Err(self.no_key()))
    }

    /// Returns the key of a reply without pre-authentication.
    fn key_of(&self, reply: &KdcReply) -> Result<Key, LoginError> {
        let etype = KerberosEtype::of(reply.part.etype).ok_or_else(|| self.no_key())?;
        check_etype(etype, self.allowed, &self.name.realm)?;
        let mut infos = etype_infos(&reply.data, self.allowed).into_iter();
        let named = infos.find(|info| info.etype == etype);
        let info = named.unwrap_or(EtypeInfo { etype, salt: None });
        self.of_kind(info)?.ok_or_else(|| self.no_key())
    }

    fn of_kind(&self, info: EtypeInfo) -> Result<Option<Key>, LoginError> {
        match self.proof {
            Proof::Keys(keys, _) => {
                let mut keys = keys.iter();
                Ok(keys.find(|key| key.etype() == info.etype).cloned())
            }
            Proof::Password(password) => {
                let salt = info.salt.unwrap_or_else(|| self.usual_salt());
                Key::of_password(info.etype, password.expose(), &salt).map(Some)
            }
        }
    }

    /// Rejects a KDC that takes no encrypted timestamp, by the kinds that it names.
    pub(super) fn check_kinds(&self, data: &[PaData]) -> Result<(), LoginError> {
        let kinds = preauth_kinds(data);
        let is_known = kinds.contains(PreauthKind::EncryptedTimestamp);
        if is_known || kinds.iter().next().is_none() {
            return Ok(());
        }
        // MIT's KDC announces FAST to every client, with a cookie. If it has no key of the requested
        // types, it names nothing else.
        let has = |kind: u64| data.iter().any(|data| data.kind == kind);
        let is_announced = kinds.iter().all(|kind| kind == PreauthKind::Fast);
        if is_announced && has(PaData::COOKIE) && !has(PaData::ETYPE_INFO2) {
            return Err(self.no_key());
        }
        let problem = LoginProblem::PreauthNotSupported(kinds);
        let text = format!("the KDC of {}", self.name.realm);
        Err(LoginError::of(problem, text))
    }

    /// The account has no key of the types that were requested.
    pub(super) fn no_key(&self) -> LoginError {
        let etypes = self.proof.etypes(self.allowed);
        let etypes: Vec<String> = etypes.iter().map(ToString::to_string).collect();
        let source = match self.proof {
            Proof::Password(_) => "a key of",
            Proof::Keys(..) => "the keys in the keytab, of",
        };
        let UserName { name, realm } = &self.name;
        let problem = LoginProblem::NoSupportedEncryption;
        let text = format!(
            "the KDC of {realm}, asked for {source} {name} ({})",
            etypes.join(", ")
        );
        LoginError::of(problem, text)
    }

    /// Returns the default salt: the realm and the name (RFC 4120 4).
    fn usual_salt(&self) -> Vec<u8> {
        let UserName { name, realm } = &self.name;
        [realm.as_str(), &name.parts.concat()].concat().into_bytes()
    }

    pub(super) fn open(
        &self,
        reply: KdcReply,
        proven: Option<Key>,
        nonce: u32,
        now: SystemTime,
    ) -> Result<ServiceTicket, LoginError> {
        let realm = &self.name.realm;
        let key = match proven {
            Some(key) => key,
            None => self.key_of(&reply)?,
        };
        let Some(plain) = reply.part.open(&key, Usage::AsReply) else {
            let problem = self.proof.rejected();
            return Err(LoginError::of(problem, format!("the KDC of {realm}")));
        };
        let part = ReplyPart::read(&plain).filter(|part| part.is_of(nonce, &reply.ticket));
        let part = part.ok_or_else(|| no_reply(realm))?;
        check_etype(part.key.etype(), self.allowed, realm)?;
        let kdc_ahead = difference(part.time, now);
        Ok(ServiceTicket {
            ticket: reply.ticket,
            key: part.key,
            user: reply.user,
            user_realm: reply.user_realm,
            end: part.end,
            skew: if self.skew == 0 && is_skew(kdc_ahead) {
                kdc_ahead
            } else {
                self.skew
            },
            kdc_ahead,
        })
    }
}

/// Rejects an encryption type that was not requested: requests are not signed, so an attacker could
/// have asked for a weak key.
pub(super) fn check_etype(
    etype: KerberosEtype,
    allowed: &[KerberosEtype],
    realm: &str,
) -> Result<(), LoginError> {
    if allowed.contains(&etype) {
        Ok(())
    } else {
        Err(no_etype(realm))
    }
}

/// Whether clocks differ by more than Kerberos allows (RFC 4120 8.2).
pub(super) fn is_skew(seconds: i64) -> bool {
    seconds.unsigned_abs() > 300
}

/// Returns the other clock minus the local one, in seconds.
fn difference(theirs: u64, now: SystemTime) -> i64 {
    let seconds = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
    seconds(theirs).saturating_sub(seconds(Stamp::of(now).seconds))
}

fn no_etype(realm: &str) -> LoginError {
    let problem = LoginProblem::NoSupportedEncryption;
    LoginError::of(problem, format!("the KDC of {realm}"))
}

pub(super) fn no_reply(realm: &str) -> LoginError {
    LoginError::new(format!("the KDC of {realm} sent an invalid answer"))
}
