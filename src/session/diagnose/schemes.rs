//! The checks of the login schemes: which could be used, and what became of each.
//!
//! They follow from the offers and from the one login that is tried. Trying each scheme would count
//! as several wrong passwords.

use super::{CheckKind, CheckOutcome, Examination};
use crate::auth::{LoginAttempt, LoginProblem};
use crate::error::Error;
use crate::transport::TransportError;

/// What is known of the login schemes after the login.
pub(super) struct Schemes<'a> {
    /// The server's offers; empty if they are unknown.
    pub(super) offered: &'a [String],
    /// Those of the credentials.
    pub(super) usable: &'a [&'static str],
    /// The scheme that the server accepted.
    pub(super) accepted: Option<&'static str>,
    pub(super) attempts: &'a [LoginAttempt],
    /// Why the login failed before the server decided.
    pub(super) problem: Option<LoginProblem>,
    /// The failed check that prevented the login, or the failed login.
    pub(super) failed: Option<CheckKind>,
}

impl Examination<'_> {
    /// Adds the checks of the schemes, after the login.
    pub(super) fn add_schemes(&mut self, failed: Option<(CheckKind, Option<&Error>)>) {
        let error = failed.and_then(|(_, error)| error);
        let refused = error.and_then(Error::login);
        let problem = error.and_then(|error| error.caused_by::<TransportError>());
        let schemes = Schemes {
            offered: &self.found.offered,
            usable: &self
                .http
                .map(|http| http.usable_schemes())
                .unwrap_or_default(),
            accepted: self.found.logged_in_by,
            attempts: refused.map_or(&self.attempts, |login| &login.tried),
            problem: problem.and_then(TransportError::login_problem),
            failed: failed.map(|(kind, _)| kind),
        };
        let checks: Vec<_> = CheckKind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, schemes.outcome(kind.scheme()?)?)))
            .collect();
        for (kind, outcome) in checks {
            self.found.add(kind, outcome, None, None);
        }
    }
}

impl Schemes<'_> {
    /// Returns the outcome of a scheme; `None` if neither side has it.
    pub(super) fn outcome(&self, scheme: &str) -> Option<CheckOutcome> {
        let (is_usable, is_offered) = (self.usable.contains(&scheme), self.is_offered(scheme));
        if !is_usable && !is_offered {
            return None;
        }
        let noted = |text: &str| CheckOutcome::Noted(text.to_owned());
        let skipped = |text: &str| CheckOutcome::Skipped(text.to_owned());
        if self.accepted == Some(scheme) {
            return Some(CheckOutcome::Passed("accepted".to_owned()));
        }
        let mut attempts = self.attempts.iter().rev();
        if let Some(attempt) = attempts.find(|attempt| attempt.scheme() == scheme) {
            return Some(CheckOutcome::Noted(attempt.outcome()));
        }
        if !is_usable {
            return Some(skipped(match scheme {
                "CredSSP" => "offered, but this client does not support it",
                _ if self.usable.is_empty() => "offered, but the session has no credentials",
                _ => "offered, but the credentials are for another scheme",
            }));
        }
        Some(match (self.problem, self.failed) {
            (Some(problem), _) if self.usable.first() == Some(&scheme) => {
                CheckOutcome::Noted(problem.to_string())
            }
            _ if !is_offered && scheme != "Certificate" && !self.offered.is_empty() => {
                noted("the server does not offer it")
            }
            (_, Some(CheckKind::Login)) if !self.attempts.is_empty() => {
                skipped("not tried, because a second refusal may lock the account")
            }
            (_, Some(failed)) => CheckOutcome::Skipped(format!("{failed} failed")),
            (_, None) => skipped("not needed"),
        })
    }

    /// Whether the server offers a scheme. Negotiate holds Kerberos and NTLM.
    fn is_offered(&self, scheme: &str) -> bool {
        let has = |name: &str| self.offered.iter().any(|it| it.eq_ignore_ascii_case(name));
        has(scheme) || (matches!(scheme, "Kerberos" | "NTLM") && has("Negotiate"))
    }
}

impl LoginAttempt {
    /// Returns what became of the attempt, without the name of its scheme.
    fn outcome(self) -> String {
        match self {
            Self::WithoutKerberos(obstacle) => format!("not tried: {obstacle}"),
            Self::DigestNotOffered => "the server offers no supported form of it".to_owned(),
            Self::Ntlm { step } => format!("refused at step {step} of 2"),
            Self::TicketCache { step } => format!("refused at step {step}"),
            Self::Basic | Self::Digest { .. } | Self::Certificate | Self::Kerberos => {
                "refused".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::KerberosObstacle;

    const BOTH: &[&str] = &["Kerberos", "NTLM", "Digest", "Basic"];

    fn lines(offers: &[&str], schemes: Schemes<'_>) -> Vec<String> {
        let offered: Vec<String> = offers.iter().map(|offer| (*offer).to_owned()).collect();
        let schemes = Schemes {
            offered: &offered,
            ..schemes
        };
        let kinds = CheckKind::ALL.into_iter();
        let outcomes = kinds.filter_map(|kind| Some((kind, schemes.outcome(kind.scheme()?)?)));
        let line = |(kind, outcome)| match outcome {
            CheckOutcome::Passed(text) => format!("{kind} ok {text}"),
            CheckOutcome::Noted(text) => format!("{kind} note {text}"),
            CheckOutcome::Skipped(text) => format!("{kind} - {text}"),
            CheckOutcome::Failed { what, .. } => format!("{kind} FAILED {what}"),
        };
        outcomes.map(line).collect()
    }

    fn schemes<'a>(usable: &'a [&'static str], attempts: &'a [LoginAttempt]) -> Schemes<'a> {
        Schemes {
            offered: &[],
            usable,
            accepted: None,
            attempts,
            problem: None,
            failed: None,
        }
    }

    #[test]
    fn each_scheme_says_what_became_of_it() {
        let address = LoginAttempt::WithoutKerberos(KerberosObstacle::Address);
        let by_ntlm = [address, LoginAttempt::Ntlm { step: 2 }];
        let accepted = Schemes {
            accepted: Some("NTLM"),
            ..schemes(BOTH, &by_ntlm)
        };
        assert_eq!(
            lines(&["Negotiate", "Basic", "CredSSP"], accepted),
            [
                "Kerberos note not tried: the URL has no host name of the server",
                "NTLM ok accepted",
                "Digest note the server does not offer it",
                "Basic - not needed",
                "CredSSP - offered, but this client does not support it",
            ]
        );
        let refused = Schemes {
            failed: Some(CheckKind::Login),
            ..schemes(BOTH, &by_ntlm)
        };
        assert_eq!(
            lines(&["Negotiate", "Basic"], refused),
            [
                "Kerberos note not tried: the URL has no host name of the server",
                "NTLM note refused at step 2 of 2",
                "Digest note the server does not offer it",
                "Basic - not tried, because a second refusal may lock the account",
            ]
        );
    }

    #[test]
    fn a_problem_of_the_kdc_is_that_of_kerberos() {
        let silent = Schemes {
            problem: Some(LoginProblem::KdcUnreachable),
            failed: Some(CheckKind::Login),
            ..schemes(&["Kerberos"], &[])
        };
        assert_eq!(
            lines(&["Negotiate"], silent),
            [
                "Kerberos note no KDC of the realm answered",
                "NTLM - offered, but the credentials are for another scheme",
            ]
        );
    }

    #[test]
    fn before_the_login_the_offers_may_be_unknown() {
        let unreached = Schemes {
            failed: Some(CheckKind::Tls),
            ..schemes(&["Basic"], &[])
        };
        assert_eq!(lines(&[], unreached), ["Basic - TLS failed"]);
        let without = schemes(&[], &[]);
        let expected = "Digest - offered, but the session has no credentials";
        assert_eq!(lines(&["digest"], without), [expected]);
        let certificate = Schemes {
            accepted: Some("Certificate"),
            ..schemes(&["Certificate"], &[])
        };
        assert_eq!(lines(&["Basic"], certificate).len(), 2);
    }
}
