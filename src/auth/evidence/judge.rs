//! Derives the likely causes from the evidence.

use super::{LoginCause, LoginEvidence, LoginFailure, Protection};
use crate::auth::challenge::Challenge;
use crate::auth::{KerberosObstacle, LoginAttempt};

/// An answer that refused a login.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused<'a> {
    /// The challenges of the answer.
    pub(crate) offers: &'a [Challenge],
    pub(crate) tried: &'a [LoginAttempt],
    pub(crate) evidence: &'a LoginEvidence,
    /// Whether Windows answered (HTTP.sys).
    pub(crate) by_windows: bool,
}

/// Explains why a login failed.
pub(crate) fn judge(refused: Refused<'_>) -> LoginFailure {
    let mut offered: Vec<String> = Vec::new();
    for offer in refused.offers {
        if !offered.iter().any(|known| offer.is(known)) {
            offered.push(offer.scheme().to_owned());
        }
    }
    LoginFailure {
        offered,
        tried: refused.tried.to_vec(),
        causes: refused.causes(),
    }
}

impl Refused<'_> {
    fn causes(&self) -> Vec<LoginCause> {
        // No evidence was collected, not even whether there was a login.
        if self.evidence.protection.is_none() {
            return Vec::new();
        }
        if let Some(bytes) = self.evidence.large_token {
            return vec![LoginCause::TicketTooLarge { bytes }];
        }
        let mut causes = self.of_the_last();
        // If Kerberos would have worked too, add why it failed.
        causes.extend(self.tried.iter().filter_map(|attempt| match attempt {
            LoginAttempt::WithoutKerberos(KerberosObstacle::NoTicket(problem)) => {
                problem.and_then(LoginCause::of)
            }
            _ => None,
        }));
        causes
    }

    /// Takes the causes from the last attempt: earlier ones were abandoned for it.
    fn of_the_last(&self) -> Vec<LoginCause> {
        match self.tried.last() {
            None if self.evidence.accepted.is_some() => self.after_the_login(),
            None => vec![LoginCause::NoCredentials],
            Some(LoginAttempt::Basic) if !self.offers_any(&["Basic"]) => {
                vec![LoginCause::BasicDisabled]
            }
            Some(LoginAttempt::Basic) => self.wrong_password(),
            Some(LoginAttempt::Digest { .. }) => self.wrong_password(),
            Some(LoginAttempt::DigestNotOffered) => vec![self.not_offered()],
            Some(LoginAttempt::Certificate) if self.evidence.certificate_unrequested => {
                vec![LoginCause::CertificateNotRequested]
            }
            Some(LoginAttempt::Certificate) => vec![LoginCause::CertificateNotMapped],
            Some(LoginAttempt::Ntlm { step: 0 | 1 }) => vec![self.without_a_challenge()],
            Some(LoginAttempt::Ntlm { .. }) => {
                let mut causes = self.wrong_password();
                causes.extend(self.mixed_connections());
                causes
            }
            Some(LoginAttempt::Kerberos | LoginAttempt::TicketCache { .. }) => {
                let mut causes = self.ticket();
                causes.extend(self.mixed_connections());
                causes
            }
            // Another attempt always follows it.
            Some(LoginAttempt::WithoutKerberos(_)) => Vec::new(),
        }
    }

    /// Handles a login that was accepted, and a message that was refused.
    fn after_the_login(&self) -> Vec<LoginCause> {
        let cause = match self.evidence.protection {
            Some(Protection::Nothing) => LoginCause::UnencryptedRefused,
            _ => LoginCause::MayNotUse,
        };
        let mut causes = vec![cause];
        let schemes = ["NTLM", "Kerberos", "Negotiate"];
        let accepted = self.evidence.accepted;
        if accepted.is_some_and(|scheme| schemes.iter().any(|known| scheme.starts_with(known))) {
            causes.extend(self.mixed_connections());
        }
        causes
    }

    /// A hop that sends the requests of one client over several connections to the server. There a login
    /// that belongs to a connection is unknown, which the server answers as it does a wrong password.
    fn mixed_connections(&self) -> Option<LoginCause> {
        self.evidence
            .via_hop
            .then_some(LoginCause::HopMixesConnections)
    }

    /// Handles a server that did not start the login.
    fn without_a_challenge(&self) -> LoginCause {
        if self.offers_any(&["Negotiate", "NTLM"]) {
            LoginCause::NtlmDisabled
        } else {
            self.not_offered()
        }
    }

    /// Handles a server that offers other schemes.
    fn not_offered(&self) -> LoginCause {
        const SUPPORTED: [&str; 5] = ["Negotiate", "Kerberos", "NTLM", "Digest", "Basic"];
        if self.offers.is_empty() || self.offers_any(&SUPPORTED) {
            LoginCause::NotOffered
        } else {
            LoginCause::NoSupportedOffer
        }
    }

    /// Handles a server that rejected the proof of the password without a reason.
    fn wrong_password(&self) -> Vec<LoginCause> {
        let mut causes = vec![LoginCause::WrongPassword, LoginCause::AccountDenied];
        if self.by_windows && self.evidence.domain_account {
            causes.insert(0, LoginCause::BasicIsLocal);
        }
        causes.extend(match self.tried.last() {
            // Windows sends the same answer to an unencrypted message (WinRM's AllowUnencrypted).
            Some(LoginAttempt::Basic)
                if self.by_windows && self.evidence.protection == Some(Protection::Nothing) =>
            {
                Some(LoginCause::UnencryptedRefused)
            }
            _ => self.evidence.bound.then_some(LoginCause::ChannelBinding),
        });
        causes
    }

    /// Handles a server that rejected a ticket from its realm.
    fn ticket(&self) -> Vec<LoginCause> {
        if !self.offers_any(&["Negotiate", "Kerberos"]) {
            // OMI without a keytab answers a ticket with HTTP 400, which has no offers.
            let is_silent = self.offers.is_empty() && !self.by_windows;
            let no_key = is_silent.then_some(LoginCause::NoServiceKey);
            return no_key.into_iter().chain([self.not_offered()]).collect();
        }
        if let Some(skewed) = self.skew() {
            return vec![skewed];
        }
        // The KDC has just issued a ticket for the service, so that it knows the service.
        let mut causes = vec![LoginCause::WrongServiceKey, LoginCause::AccountDenied];
        causes.extend(self.evidence.bound.then_some(LoginCause::ChannelBinding));
        causes
    }

    /// Returns the clock that differs by more than Kerberos allows, if one does. The client uses the
    /// clock of a KDC that differs from its own, so that the server's is compared with that one.
    fn skew(&self) -> Option<LoginCause> {
        let of_server = |seconds| LoginCause::ServerClockSkew { seconds };
        let of_kdc = |seconds| LoginCause::ClockSkew { seconds };
        let is_large = |seconds: &i64| seconds.unsigned_abs() > MOST_SKEW;
        let kdc = self.evidence.kdc_clock_ahead.filter(is_large);
        match (self.evidence.clock_ahead, kdc) {
            (Some(server), Some(kdc)) => {
                let differ = server
                    .checked_sub(kdc)
                    .is_none_or(|seconds| is_large(&seconds));
                let shown = if is_large(&server) {
                    of_server(server)
                } else {
                    of_kdc(kdc)
                };
                differ.then_some(shown)
            }
            (server, kdc) => {
                let server = server.filter(is_large).map(of_server);
                server.or_else(|| kdc.map(of_kdc))
            }
        }
    }

    fn offers_any(&self, schemes: &[&str]) -> bool {
        let is_one = |offer: &Challenge| schemes.iter().any(|scheme| offer.is(scheme));
        self.offers.iter().any(is_one)
    }
}

/// The allowed clock skew in seconds (RFC 4120 8.2, and the default of every realm).
const MOST_SKEW: u64 = 300;

#[cfg(test)]
mod tests {
    use super::LoginCause as C;
    use super::*;
    use crate::auth::LoginProblem;

    fn causes(offers: &str, tried: &[LoginAttempt], evidence: LoginEvidence) -> Vec<LoginCause> {
        judge(Refused {
            offers: &Challenge::read_all([offers]),
            tried,
            evidence: &evidence,
            by_windows: true,
        })
        .causes
    }

    fn over(protection: Protection) -> LoginEvidence {
        LoginEvidence {
            protection: Some(protection),
            ..LoginEvidence::default()
        }
    }

    #[test]
    fn reports_no_cause_without_evidence() {
        assert_eq!(causes("Negotiate", &[], LoginEvidence::default()), []);
    }

    #[test]
    fn one_answer_and_several_causes() {
        let ntlm = [LoginAttempt::Ntlm { step: 2 }];
        let both = [C::WrongPassword, C::AccountDenied];
        let sealed = over(Protection::Sealed);
        assert_eq!(causes("Negotiate", &ntlm, sealed.clone()), both);
        let bound = LoginEvidence {
            bound: true,
            ..over(Protection::Tls)
        };
        let found = causes("Negotiate", &ntlm, bound);
        assert_eq!(found.last(), Some(&C::ChannelBinding));
        let basic = causes("Basic", &[LoginAttempt::Basic], over(Protection::Nothing));
        assert_eq!(basic.last(), Some(&C::UnencryptedRefused));
    }

    #[test]
    fn judges_by_the_offers() {
        let first = [LoginAttempt::Ntlm { step: 1 }];
        let over = || over(Protection::Sealed);
        assert_eq!(causes("Basic", &first, over()), [C::NotOffered]);
        assert_eq!(causes("Negotiate", &first, over()), [C::NtlmDisabled]);
        let basic = [LoginAttempt::Basic];
        assert_eq!(causes("Negotiate", &basic, over()), [C::BasicDisabled]);
    }

    #[test]
    fn offers_that_no_scheme_of_this_client_answers() {
        let digest = [LoginAttempt::DigestNotOffered];
        let over = || over(Protection::Sealed);
        for (offers, cause) in [
            ("CredSSP", C::NoSupportedOffer),
            ("CredSSP, Bearer", C::NoSupportedOffer),
            ("CredSSP, Basic realm=x", C::NotOffered),
            ("", C::NotOffered),
        ] {
            assert_eq!(causes(offers, &digest, over()), [cause], "{offers}");
        }
    }

    #[test]
    fn windows_has_basic_for_local_accounts() {
        let of_domain = |domain_account| LoginEvidence {
            domain_account,
            ..over(Protection::Tls)
        };
        let basic =
            |domain_account| causes("Basic", &[LoginAttempt::Basic], of_domain(domain_account));
        assert_eq!(basic(false), [C::WrongPassword, C::AccountDenied]);
        let expected = [C::BasicIsLocal, C::WrongPassword, C::AccountDenied];
        assert_eq!(basic(true), expected);
    }

    #[test]
    fn a_ticket_that_is_not_taken() {
        let ticket = [LoginAttempt::TicketCache { step: 1 }];
        let ahead = |seconds| LoginEvidence {
            clock_ahead: Some(seconds),
            ..over(Protection::Sealed)
        };
        for seconds in [-301, 301] {
            let found = causes("Negotiate", &ticket, ahead(seconds));
            assert_eq!(found, [C::ServerClockSkew { seconds }]);
        }
        let of_kdc = |seconds| LoginEvidence {
            kdc_clock_ahead: Some(seconds),
            ..ahead(0)
        };
        let found = causes("Negotiate", &ticket, of_kdc(-400));
        assert_eq!(found, [C::ClockSkew { seconds: -400 }]);
        let both = LoginEvidence {
            kdc_clock_ahead: Some(900),
            ..ahead(910)
        };
        for evidence in [ahead(300), of_kdc(-300), both] {
            let found = causes("Kerberos", &ticket, evidence);
            assert_eq!(found, [C::WrongServiceKey, C::AccountDenied]);
        }
        assert_eq!(causes("Basic", &ticket, ahead(0)), [C::NotOffered]);
    }

    #[test]
    fn a_hop_may_mix_the_connections_of_a_login() {
        for (attempt, belongs) in [
            (LoginAttempt::Ntlm { step: 2 }, true),
            (LoginAttempt::Kerberos, true),
            (LoginAttempt::TicketCache { step: 1 }, true),
            (LoginAttempt::Basic, false),
        ] {
            for via_hop in [false, true] {
                let evidence = LoginEvidence {
                    via_hop,
                    ..over(Protection::Sealed)
                };
                let found = causes("Negotiate, Basic realm=x", &[attempt], evidence);
                let last = found.last() == Some(&C::HopMixesConnections);
                assert_eq!(last, belongs && via_hop, "{attempt:?} {found:?}");
                assert!(found.len() > 1, "{found:?}");
            }
        }
        for (accepted, belongs) in [("NTLM", true), ("Kerberos", true), ("Basic", false)] {
            let evidence = LoginEvidence {
                via_hop: true,
                accepted: Some(accepted),
                ..over(Protection::Sealed)
            };
            let found = causes("Negotiate", &[], evidence);
            assert_eq!(found.contains(&C::HopMixesConnections), belongs);
        }
    }

    #[test]
    fn reports_why_kerberos_was_left_out() {
        let problem = LoginProblem::KdcUnreachable;
        let obstacle = KerberosObstacle::NoTicket(Some(problem));
        let tried = [
            LoginAttempt::WithoutKerberos(obstacle),
            LoginAttempt::Ntlm { step: 1 },
        ];
        let found = causes("Negotiate", &tried, over(Protection::Sealed));
        assert_eq!(found, [C::NtlmDisabled, C::KdcUnreachable]);
    }

    #[test]
    fn a_ticket_that_is_too_large_for_a_header() {
        let refused = LoginEvidence {
            large_token: Some(9_000),
            ..over(Protection::Sealed)
        };
        let found = causes("", &[LoginAttempt::Kerberos], refused);
        assert_eq!(found, [C::TicketTooLarge { bytes: 9_000 }]);
        let text = C::TicketTooLarge { bytes: 9_000 }.to_string();
        assert!(
            text.starts_with(
                "the ticket is 9000 bytes, and the server takes no header of that size"
            )
        );
    }

    #[test]
    fn blames_the_message_after_an_accepted_login() {
        let accepted = |protection| LoginEvidence {
            accepted: Some("NTLM"),
            ..over(protection)
        };
        let clear = causes("Negotiate", &[], accepted(Protection::Nothing));
        assert_eq!(clear, [C::UnencryptedRefused]);
        let sealed = causes("Negotiate", &[], accepted(Protection::Sealed));
        assert_eq!(sealed, [C::MayNotUse]);
    }

    #[test]
    fn an_offer_is_named_once() {
        let refused = Refused {
            offers: &Challenge::read_all(["Digest a=b, digest c=d, Basic realm=x"]),
            tried: &[],
            evidence: &LoginEvidence::default(),
            by_windows: false,
        };
        assert_eq!(judge(refused).offered, ["Digest", "Basic"]);
    }
}
