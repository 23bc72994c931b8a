//! Gets a ticket for a service (RFC 4120 3.1, 3.3).

use super::super::{Environment, Kdc, KdcRequest, LoginError};
use super::crypt::{KerberosEtype, Key, Usage};
use super::message::{
    ApRequest, Authenticator, KdcReply, KdcRequestBody, KrbError, PaData, ReplyPart, Ticket, code,
    tgs_request, timestamp,
};
use super::name::PrincipalName;
use super::tickets::ServiceTicket;
use super::time::Stamp;
use super::user::{KerberosUser, Proof, UserName};
use super::user_key::{UserKey, check_etype, is_skew, no_reply};
use crate::auth::LoginProblem;

/// Returns a ticket for the service: the one that is kept, or one of a KDC.
pub(super) async fn service_ticket(
    user: &KerberosUser,
    kdc: &dyn Kdc,
) -> Result<ServiceTicket, LoginError> {
    let shelf = user.service_shelf();
    shelf
        .ticket(user.now(), || ask_for_service(user, kdc))
        .await
}

/// Gets a ticket for the service, after the ticket-granting ticket of the user.
///
/// If the KDC no longer accepts a ticket-granting ticket that was kept, because it has new keys, gets
/// another one.
async fn ask_for_service(user: &KerberosUser, kdc: &dyn Kdc) -> Result<ServiceTicket, LoginError> {
    let asking = Asking {
        kdc,
        environment: user.environment,
        allowed: &user.etypes,
        most_messages: user.most_messages,
    };
    if user.proof.etypes(&user.etypes).is_empty() {
        let problem = LoginProblem::NoSupportedEncryption;
        let settings = "the settings (kerberos_etypes, or permitted_enctypes of krb5.conf)";
        return Err(LoginError::of(problem, settings));
    }
    let shelf = user.first_shelf();
    let mut is_new = false;
    let get = || {
        is_new = true;
        asking.first_ticket(user)
    };
    let first = shelf.ticket(user.now(), get).await?;
    match asking.for_service(&first, user).await {
        Err(error) if !is_new && may_be_of_ticket(&error) => {
            shelf.forget(&first);
            let get = || asking.first_ticket(user);
            let first = shelf.ticket(user.now(), get).await?;
            asking.for_service(&first, user).await
        }
        done => done,
    }
}

/// Whether an error ends the search for the user. Another realm may know the name, or the user may
/// have another name. The default realm is only a guess: what it says counts if it knows the user.
fn is_last(error: &LoginError, name: &UserName, user: &KerberosUser) -> bool {
    let is_guess = user
        .names
        .first()
        .is_some_and(|own| own.realm != name.realm);
    if is_guess {
        error.is_about_the_user()
    } else {
        !may_be_elsewhere(error)
    }
}

fn may_be_elsewhere(error: &LoginError) -> bool {
    let elsewhere = [LoginProblem::UnknownUser, LoginProblem::KdcUnreachable];
    error
        .problem()
        .is_some_and(|problem| elsewhere.contains(&problem))
}

/// Whether a KDC may have refused the ticket-granting ticket, or the clock that came with it.
fn may_be_of_ticket(error: &LoginError) -> bool {
    matches!(
        error.problem(),
        Some(
            LoginProblem::WrongServiceKey
                | LoginProblem::ClockSkew { .. }
                | LoginProblem::TicketExpired
                | LoginProblem::Other(_)
        )
    )
}

struct Asking<'a> {
    kdc: &'a dyn Kdc,
    environment: Environment,
    /// The encryption types that the caller allows, best first.
    allowed: &'a [KerberosEtype],
    most_messages: usize,
}

/// The answer of a KDC.
enum Answer {
    Reply(Box<KdcReply>),
    Error(KrbError),
}

impl Asking<'_> {
    /// Gets the ticket-granting ticket of the user, whichever of the names the KDC knows.
    async fn first_ticket(&self, user: &KerberosUser) -> Result<ServiceTicket, LoginError> {
        let mut first = None;
        // A silent KDC takes its whole time limit, whatever the name.
        let mut silent = Vec::new();
        for name in &user.names {
            if silent.contains(&&name.realm) {
                continue;
            }
            match self.ticket_of_name(name, &user.proof).await {
                Ok(ticket) => return Ok(ticket),
                Err(error) => {
                    if is_last(&error, name, user) {
                        return Err(error);
                    }
                    if error.problem() == Some(LoginProblem::KdcUnreachable) {
                        silent.push(&name.realm);
                    }
                    first.get_or_insert(error);
                }
            }
        }
        Err(first.unwrap_or_else(|| {
            LoginError::new("the credentials have no user name to ask a KDC for")
        }))
    }

    async fn ticket_of_name(
        &self,
        name: &UserName,
        proof: &Proof,
    ) -> Result<ServiceTicket, LoginError> {
        let mut user = UserKey {
            name: name.clone(),
            proof,
            allowed: self.allowed,
            skew: 0,
        };
        let etypes = proof.etypes(self.allowed);
        // The key of the pre-authentication.
        let mut proven: Option<Key> = None;
        for _ in 0..self.most_messages {
            let nonce = self.nonce()?;
            let data = match &proven {
                Some(key) => vec![timestamp(key, self.now(user.skew)?, self.environment)?],
                None => Vec::new(),
            };
            let body = KdcRequestBody {
                user: Some(&user.name.name),
                realm: &user.name.realm,
                service: &PrincipalName::ticket_granting(&user.name.realm),
                nonce,
                etypes: &etypes,
            };
            let realm = user.name.realm.clone();
            let error = match self.ask(&realm, true, body.as_request(&data)).await? {
                Answer::Reply(reply) => {
                    return user.open(*reply, proven, nonce, (self.environment.now)());
                }
                Answer::Error(error) => error,
            };
            match error.code {
                code::PREAUTH_REQUIRED if proven.is_none() => {
                    let data = error.preauth_data();
                    user.check_kinds(&data)?;
                    proven = Some(user.key(&data)?);
                }
                code::SKEW if user.skew == 0 && proven.is_some() => {
                    user.skew = error.skew((self.environment.now)()).unwrap_or(0);
                    if user.skew == 0 {
                        return Err(self.refused(&realm, &error));
                    }
                }
                code::WRONG_REALM => match error.client_realm {
                    Some(ref other) if *other != realm => user.name.realm.clone_from(other),
                    _ => return Err(self.refused(&realm, &error)),
                },
                code::PREAUTH_FAILED => {
                    let about = self.about(&realm, &error);
                    return Err(LoginError::of(proof.rejected(), about));
                }
                code::NO_ETYPE => return Err(user.no_key()),
                _ => return Err(self.refused(&realm, &error)),
            }
        }
        Err(self.too_many_messages())
    }

    fn too_many_messages(&self) -> LoginError {
        LoginError::new(format!(
            "the KDCs refer to each other, beyond the limit of {} messages (LoginLimits::ticket_messages)",
            self.most_messages
        ))
    }

    /// Gets a ticket for the service, through the referrals of intermediate realms.
    async fn for_service(
        &self,
        first: &ServiceTicket,
        user: &KerberosUser,
    ) -> Result<ServiceTicket, LoginError> {
        let target = &user.target;
        let home = granted_realm(first)?;
        let mut asked_with = first.clone();
        let mut realm = home.clone();
        // The caller's file knows the realm of the service better than a KDC that has a service of
        // the same name.
        let mut wanted = target.wanted_from(&home);
        for _ in 0..self.most_messages {
            let answer = self
                .ticket_of((&realm, realm == home), &wanted, &asked_with, user)
                .await;
            match answer {
                Ok(ticket) => match ticket.ticket.service.granted_realm() {
                    Some(next) if next != realm => {
                        realm = next.to_owned();
                        wanted = target.wanted_from(&realm);
                        asked_with = ticket;
                    }
                    Some(_) => return Err(LoginError::new("a KDC refers to itself")),
                    None => return Ok(ticket),
                },
                // Without a path to that realm, the KDC may know the service or another path.
                Err(error)
                    if error.problem() == Some(LoginProblem::UnknownService)
                        && !wanted.is_same(&target.service) =>
                {
                    wanted = target.service.clone();
                }
                Err(error) => return Err(error),
            }
        }
        Err(self.too_many_messages())
    }

    /// Returns one more ticket from the KDC of a realm. One for another realm is kept.
    async fn ticket_of(
        &self,
        realm: (&str, bool),
        wanted: &PrincipalName,
        asked_with: &ServiceTicket,
        user: &KerberosUser,
    ) -> Result<ServiceTicket, LoginError> {
        let get = || self.ask_with(asked_with, realm, wanted, &user.target.service);
        if wanted.granted_realm().is_none() {
            return get().await;
        }
        let shelf = user.realm_shelf(realm.0, wanted);
        shelf.ticket(user.now(), get).await
    }

    /// Requests one more ticket, on the way to this service.
    async fn ask_with(
        &self,
        ticket: &ServiceTicket,
        (realm, is_home): (&str, bool),
        wanted: &PrincipalName,
        service: &PrincipalName,
    ) -> Result<ServiceTicket, LoginError> {
        let nonce = self.nonce()?;
        let body = KdcRequestBody {
            user: None,
            realm,
            service: wanted,
            nonce,
            etypes: self.allowed,
        }
        .write();
        let checksum = ticket.key.checksum(Usage::TgsChecksum, &body)?;
        let authenticator = Authenticator {
            realm: ticket.user_realm.clone(),
            user: ticket.user.clone(),
            checksum: (ticket.key.etype().checksum_number(), checksum),
            now: self.now(ticket.skew)?,
            subkey: None,
            sequence: self.nonce()?,
        };
        let shown = (&ticket.key, Usage::TgsAuthenticator);
        let data = PaData {
            kind: PaData::TGS_REQ,
            value: ApRequest::write(&ticket.ticket, &authenticator, shown, self.environment)?,
        };
        match self
            .ask(realm, is_home, tgs_request(&[data], &body))
            .await?
        {
            Answer::Error(error) => Err(self.refused_service(realm, service, &error)),
            Answer::Reply(reply) => {
                let plain = reply.part.open(&ticket.key, Usage::TgsReply);
                let part = plain.and_then(|plain| ReplyPart::read(&plain));
                let part = part.filter(|part| part.is_of(nonce, &reply.ticket));
                // RFC 4120 3.3.4: reject a ticket for another user.
                let is_theirs =
                    reply.user.is_same(&ticket.user) && reply.user_realm == ticket.user_realm;
                let part = part.filter(|_| is_theirs).ok_or_else(|| no_reply(realm))?;
                check_etype(part.key.etype(), self.allowed, realm)?;
                Ok(ServiceTicket {
                    ticket: reply.ticket,
                    key: part.key,
                    user: reply.user,
                    user_realm: reply.user_realm,
                    end: part.end,
                    skew: ticket.skew,
                    kdc_ahead: ticket.kdc_ahead,
                })
            }
        }
    }

    async fn ask(
        &self,
        realm: &str,
        is_home: bool,
        message: Vec<u8>,
    ) -> Result<Answer, LoginError> {
        let request = KdcRequest {
            realm: realm.to_owned(),
            is_home,
            message,
        };
        let answer = self.kdc.ask(request).await?;
        if let Some(reply) = KdcReply::read(&answer) {
            return Ok(Answer::Reply(Box::new(reply)));
        }
        let error = KrbError::read(&answer).map(Answer::Error);
        error.ok_or_else(|| no_reply(realm))
    }

    fn refused(&self, realm: &str, error: &KrbError) -> LoginError {
        let problem = error.problem((self.environment.now)());
        LoginError::of(problem, self.about(realm, error))
    }

    /// Names the KDC, and its clock if that differs by more than is allowed.
    fn about(&self, realm: &str, error: &KrbError) -> String {
        match error.skew((self.environment.now)()) {
            Some(seconds) if is_skew(seconds) && error.code != code::SKEW => {
                let skew = LoginProblem::ClockSkew { seconds };
                format!("the KDC of {realm} ({skew})")
            }
            _ => format!("the KDC of {realm}"),
        }
    }

    fn refused_service(
        &self,
        realm: &str,
        service: &PrincipalName,
        error: &KrbError,
    ) -> LoginError {
        let problem = error.problem((self.environment.now)());
        let about = self.about(realm, error);
        LoginError::of(problem, format!("{about}, asked for {service}"))
    }

    fn now(&self, skew: i64) -> Result<Stamp, LoginError> {
        Stamp::of((self.environment.now)())
            .shifted(skew)
            .ok_or_else(|| LoginError::new("the KDC sent an invalid time"))
    }

    /// Draws a number of 31 bits: some implementations read the 32nd as a sign.
    fn nonce(&self) -> Result<u32, LoginError> {
        let [a, b, c, d] = self.environment.random()?;
        Ok(u32::from_be_bytes([a & 0x7F, b, c, d]))
    }
}

/// Returns the realm of a ticket-granting ticket.
fn granted_realm(first: &ServiceTicket) -> Result<String, LoginError> {
    let Ticket { service, realm, .. } = &first.ticket;
    let granted = service.granted_realm().ok_or_else(|| no_reply(realm))?;
    Ok(granted.to_owned())
}
