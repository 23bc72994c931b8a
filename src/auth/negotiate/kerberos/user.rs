//! The user of a Kerberos login.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::super::Environment;
use super::crypt::{KerberosEtype, Key};
use super::name::{NameKind, PrincipalName};
use super::tickets::{ServiceTicket, Shelf, TicketName, Tickets};
use super::time::Stamp;
use crate::auth::{CredentialsError, Keytab, LoginProblem, Secret};

/// The user, the service and the credentials.
#[derive(Clone, Debug)]
pub(crate) struct KerberosUser {
    pub(super) names: Vec<UserName>,
    pub(super) proof: Proof,
    pub(super) target: TargetService,
    pub(super) environment: Environment,
    /// The encryption types that the caller allows, best first.
    pub(super) etypes: Vec<KerberosEtype>,
    /// The most messages to KDCs for a ticket.
    pub(super) most_messages: usize,
    /// The tickets so far: later logins need no KDC.
    tickets: Tickets,
    /// The KDCs that the settings name, on whose realms the tickets depend.
    kdcs: String,
}

/// A possible name of the user, and the realm to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UserName {
    pub(super) name: PrincipalName,
    pub(super) realm: String,
}

/// The secret that proves the user's identity.
#[derive(Clone, Debug)]
pub(super) enum Proof {
    Password(Secret),
    /// The keys of a keytab, best first, and their version (kvno).
    Keys(Vec<Key>, u32),
}

/// The known realms, and the server.
#[derive(Clone, Debug)]
pub(crate) struct Realms {
    /// The default realm, for a user name without one.
    pub(crate) default: Option<String>,
    pub(crate) target: TargetService,
    pub(crate) environment: Environment,
    /// The encryption types that the caller allows, best first.
    pub(crate) etypes: Vec<KerberosEtype>,
    /// The KDCs that the settings name.
    pub(crate) kdcs: String,
    /// The most messages to KDCs for a ticket.
    pub(crate) most_messages: usize,
}

/// The service to log in to.
#[derive(Clone, Debug)]
pub(crate) struct TargetService {
    pub(crate) service: PrincipalName,
    /// The realm of its host, if known.
    pub(crate) realm: Option<String>,
}

impl TargetService {
    /// Returns what to request from a KDC of a realm: the service, or a ticket for the known realm of
    /// the service.
    pub(super) fn wanted_from(&self, realm: &str) -> PrincipalName {
        match &self.realm {
            Some(other) if other != realm => PrincipalName::ticket_granting(other),
            _ => self.service.clone(),
        }
    }
}

impl Proof {
    /// Returns the problem of a proof that the KDC rejected.
    pub(super) fn rejected(&self) -> LoginProblem {
        match self {
            Self::Password(_) => LoginProblem::WrongPassword,
            Self::Keys(_, version) => LoginProblem::WrongKey { version: *version },
        }
    }

    pub(super) fn etypes(&self, allowed: &[KerberosEtype]) -> Vec<KerberosEtype> {
        match self {
            Self::Password(_) => allowed.to_vec(),
            Self::Keys(keys, _) => keys.iter().map(Key::etype).collect(),
        }
    }
}

impl KerberosUser {
    /// Creates a user with a password.
    pub(crate) fn with_password(
        user: &str,
        password: Secret,
        realms: &Realms,
        tickets: &Tickets,
    ) -> Result<Self, CredentialsError> {
        let names = user_names(user, realms.default.as_deref())?;
        Ok(Self::new(names, Proof::Password(password), realms, tickets))
    }

    /// Creates a user with the keys of a principal in a keytab.
    pub(crate) fn with_keytab(
        principal: &str,
        keytab: &Keytab,
        realms: &Realms,
        tickets: &Tickets,
    ) -> Result<Self, CredentialsError> {
        let (name, realm) = match principal.rsplit_once('@') {
            Some((name, realm)) => (name, Some(realm)),
            None => (principal, realms.default.as_deref()),
        };
        let realm = realm.filter(|realm| !realm.is_empty());
        let realm = realm.ok_or(CredentialsError::NoRealm)?;
        let parts: Vec<&str> = name.split('/').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(CredentialsError::UserName);
        }
        let (keys, version) = keytab.newest(realm, &parts, &realms.etypes)?;
        let name = UserName {
            name: PrincipalName::new(NameKind::Principal, &parts),
            realm: realm.to_owned(),
        };
        let proof = Proof::Keys(keys, version);
        Ok(Self::new(vec![name], proof, realms, tickets))
    }

    fn new(names: Vec<UserName>, proof: Proof, realms: &Realms, tickets: &Tickets) -> Self {
        Self {
            names,
            proof,
            target: realms.target.clone(),
            environment: realms.environment,
            etypes: realms.etypes.clone(),
            most_messages: realms.most_messages,
            tickets: tickets.clone(),
            kdcs: realms.kdcs.clone(),
        }
    }

    /// Whether a ticket of the service is kept that is valid long enough.
    pub(in crate::auth::negotiate) fn has_ticket(&self) -> bool {
        self.service_shelf().valid(self.now()).is_some()
    }

    /// The time now, in seconds since 1970.
    pub(super) fn now(&self) -> u64 {
        Stamp::of((self.environment.now)()).seconds
    }

    /// The place of the ticket of the service.
    pub(super) fn service_shelf(&self) -> Arc<Shelf> {
        let TargetService { service, realm } = &self.target;
        self.shelf([
            "service",
            &service.to_string(),
            realm.as_deref().unwrap_or_default(),
        ])
    }

    /// The place of the ticket-granting ticket.
    pub(super) fn first_shelf(&self) -> Arc<Shelf> {
        self.shelf(["first", "", ""])
    }

    /// The place of the ticket for another realm, from the KDC of a realm.
    pub(super) fn realm_shelf(&self, realm: &str, wanted: &PrincipalName) -> Arc<Shelf> {
        self.shelf(["realm", realm, &wanted.to_string()])
    }

    fn shelf(&self, what: [&str; 3]) -> Arc<Shelf> {
        let mut name: TicketName = what.map(str::to_owned).into();
        name.push(self.kdcs.clone());
        name.extend(self.etypes.iter().map(ToString::to_string));
        // Another default realm makes other names of the same user.
        let names = self.names.iter();
        name.extend(
            names.map(|UserName { name, realm }| format!("{:?} {name} {realm}", name.kind)),
        );
        self.tickets.shelf(name)
    }

    /// The end of the cached ticket, by the local clock.
    pub(in crate::auth::negotiate) fn ticket_end(&self) -> Option<SystemTime> {
        let kept = self.service_shelf().kept()?;
        let end = kept.end.checked_add_signed(kept.skew.checked_neg()?)?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(end))
    }

    /// Drops a ticket that the server did not accept.
    pub(super) fn forget(&self, refused: &ServiceTicket) {
        self.service_shelf().forget(refused);
    }
}

/// Returns the possible names of a user. A KDC of Windows looks up `user@domain` (an enterprise
/// name), an MIT KDC does not; it may also be the user's name in the realm.
fn user_names(user: &str, default_realm: Option<&str>) -> Result<Vec<UserName>, CredentialsError> {
    if user.is_empty() || user.chars().any(char::is_control) {
        return Err(CredentialsError::UserName);
    }
    let principal = |name: &str, realm: &str| UserName {
        name: PrincipalName::new(NameKind::Principal, &name.split('/').collect::<Vec<_>>()),
        realm: realm.to_owned(),
    };
    let is_whole = |parts: [&str; 2]| parts.iter().all(|part| !part.is_empty());
    if let Some((realm, name)) = user.split_once('\\') {
        if !is_whole([realm, name]) || name.contains(['\\', '@']) {
            return Err(CredentialsError::UserName);
        }
        return Ok(vec![principal(name, &realm.to_uppercase())]);
    }
    let Some((name, domain)) = user.rsplit_once('@') else {
        let realm = default_realm.ok_or(CredentialsError::NoRealm)?;
        return Ok(vec![principal(user, realm)]);
    };
    if !is_whole([name, domain]) {
        return Err(CredentialsError::UserName);
    }
    let realm = domain.to_uppercase();
    let enterprise = |realm: &str| UserName {
        name: PrincipalName::new(NameKind::Enterprise, &[user]),
        realm: realm.to_owned(),
    };
    let mut names = vec![enterprise(&realm), principal(name, &realm)];
    // The domain of a name need not be a realm; then the default realm may know it.
    if let Some(default) = default_realm.filter(|default| *default != realm) {
        names.push(enterprise(default));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(user: &str, default: Option<&str>) -> Vec<(NameKind, String, String)> {
        let names = user_names(user, default).unwrap();
        let row = |name: UserName| (name.name.kind, name.name.to_string(), name.realm);
        names.into_iter().map(row).collect()
    }

    fn row(kind: NameKind, name: &str, realm: &str) -> (NameKind, String, String) {
        (kind, name.to_owned(), realm.to_owned())
    }

    #[test]
    fn a_user_may_be_named_in_three_ways() {
        use NameKind::{Enterprise, Principal};
        let in_realm = [row(Principal, "ops", "EXAMPLE.TEST")];
        assert_eq!(names("example.test\\ops", None), in_realm);
        assert_eq!(names("ops", Some("EXAMPLE.TEST")), in_realm);
        let looked_up = row(Enterprise, "ops@example.test", "EXAMPLE.TEST");
        let both = [looked_up.clone(), in_realm[0].clone()];
        assert_eq!(names("ops@example.test", None), both);
        let elsewhere = row(Enterprise, "ops@example.test", "CORP.TEST");
        let all = [&both[..], &[elsewhere]].concat();
        assert_eq!(names("ops@example.test", Some("CORP.TEST")), all);
    }

    #[test]
    fn rejects_an_invalid_user_name() {
        for user in ["", "\\ops", "A\\", "A\\b\\c", "@a", "ops@", "a\nb"] {
            let error = user_names(user, Some("A")).unwrap_err();
            assert_eq!(error, CredentialsError::UserName, "{user:?}");
        }
        assert_eq!(user_names("ops", None), Err(CredentialsError::NoRealm));
    }
}
