//! The user of an NTLM login.

use super::super::Environment;
use super::crypt::{Block, password_key};
use crate::auth::{CredentialsError, Secret};
use zeroize::Zeroizing;

/// The user, the service and the password.
#[derive(Clone, Debug)]
pub(crate) struct NtlmUser {
    pub(super) name: UserName,
    password: Secret,
    /// The service principal that the client requests, such as `HTTP/host.example`.
    pub(super) service: String,
    pub(super) environment: Environment,
}

/// The names of a user and a domain; the domain is empty for a local user of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UserName {
    pub(super) user: String,
    pub(super) domain: String,
}

/// The limit of a user or domain name, in bytes.
const LONGEST: usize = 1024;

impl NtlmUser {
    /// Creates a user from `DOMAIN\user`, `user@domain` or a local name, and a password.
    pub(crate) fn new(
        name: &str,
        password: Secret,
        service: String,
        environment: Environment,
    ) -> Result<Self, CredentialsError> {
        let name = UserName::read(name).ok_or(CredentialsError::UserName)?;
        Ok(Self {
            name,
            password,
            service,
            environment,
        })
    }

    /// Derives the key of the password (`NTOWFv2`).
    pub(super) fn key(&self) -> Zeroizing<Block> {
        password_key(self.password.expose(), &self.name.user, &self.name.domain)
    }
}

impl UserName {
    /// Parses a user name. A name with `@` is sent unchanged, as Windows does; `.` is the server
    /// itself.
    fn read(name: &str) -> Option<Self> {
        if name.len() > LONGEST || name.chars().any(char::is_control) {
            return None;
        }
        let (domain, user) = match name.split_once('\\') {
            Some((domain, user)) => (Some(domain), user),
            None => (None, name),
        };
        let is_whole = match domain {
            Some(domain) => !domain.is_empty() && !user.contains('\\'),
            None => !user.starts_with('@') && !user.ends_with('@'),
        };
        (is_whole && !user.is_empty()).then(|| Self {
            user: user.to_owned(),
            domain: domain
                .filter(|domain| *domain != ".")
                .unwrap_or_default()
                .to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_three_forms_of_a_name() {
        for (name, user, domain) in [
            ("ops", "ops", ""),
            (r"DOM\ops", "ops", "DOM"),
            (r".\ops", "ops", ""),
            ("ops@corp.test", "ops@corp.test", ""),
            (r"DOM\ops@corp.test", "ops@corp.test", "DOM"),
        ] {
            let read = UserName::read(name).unwrap();
            assert_eq!((read.user.as_str(), read.domain.as_str()), (user, domain));
        }
    }

    #[test]
    fn a_name_has_a_limit() {
        let name = |length| UserName::read(&"x".repeat(length));
        assert_eq!(name(LONGEST).unwrap().user.len(), LONGEST);
        assert_eq!(name(LONGEST + 1), None);
    }

    #[test]
    fn rejects_what_names_no_user() {
        let long = "x".repeat(LONGEST + 1);
        for name in [
            "", r"DOM\", r".\", r"\ops", r"A\b\c", "@", "@a", "ops@", "a\0b", &long,
        ] {
            assert_eq!(UserName::read(name), None, "{name:?}");
        }
    }
}
