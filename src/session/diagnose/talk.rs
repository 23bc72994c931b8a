//! The checks that send messages: Identify, the login offers, the login, sealing and a read.

use std::time::Duration;

use super::{Examination, Finding, Outcome, Problem};
use crate::auth::challenge::Challenge;
use crate::auth::{LoginCause, Protection};
use crate::error::{Error, from_answer, from_fault};
use crate::protocol::{
    Asked, DecodeError, Identity, ResourceUriPrefix, read_identify, read_reply, write_identify,
};
use crate::session::call::USUAL_TIMEOUT;
use crate::transport::http::LoginResult;
use crate::transport::{Delivery, OutgoingMessage, SentFlag, WholeAnswer};
use crate::xml::XmlError;

/// The time limit of a message without a login, which OMI never answers.
const SHORT: Duration = Duration::from_secs(5);

/// The most seconds by which clocks may differ for Kerberos (RFC 4120 8.2, the default of every realm).
const MOST_SKEW: u64 = 300;

const SILENT: &str = "no answer without a login, as usual for OMI";
const CLEAR: &str = "messages are not encrypted, as allow_unencrypted() permits";
const NO_CREDENTIALS: &str = "the session has no credentials";
pub(super) const NOT_HTTP: &str = "the session does not use HTTP";

/// A class of every Windows that any WMI user may read.
const CLASS: &str = "Win32_OperatingSystem";
const NAMESPACE: &str = "root/cimv2";

impl Examination<'_> {
    /// Sends Identify without a login. The login follows only if the server answers Identify, requires a
    /// login, or does not answer.
    pub(super) async fn identify(&mut self) -> Outcome {
        let limit = SHORT.min(self.time_limit());
        match self.ask(true, limit).await {
            Ok((identity, _)) => {
                let text = product(&identity);
                self.found.identity = Some(identity);
                Ok(Finding::Passed(text))
            }
            Err(Error::Auth(_)) => Ok(noted("the server requires a login")),
            // Otherwise no connection was made.
            Err(error) if is_silence(&error) => {
                self.is_silent = true;
                Ok(noted(SILENT))
            }
            Err(error) if is_of_a_gateway(&error) => Err(error.into()),
            Err(error) if error.fault().is_some() || matches!(error, Error::AccessDenied(_)) => {
                Ok(noted("the server does not answer Identify without a login"))
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn offers(&mut self) -> Outcome {
        let Some(http) = self.http else {
            return Ok(Finding::Skipped(NOT_HTTP));
        };
        if self.is_silent {
            return Ok(noted(SILENT));
        }
        // The refusal of the Identify has shown them.
        if !self.found.offered.is_empty() {
            return Ok(Finding::Passed(self.found.offered.join(", ")));
        }
        let limit = SHORT.min(self.time_limit());
        let answer = match http.ask_for_offers(limit).await.map_err(Error::from) {
            Ok(answer) => answer,
            Err(error) if is_silence(&error) => return Ok(noted(SILENT)),
            Err(error) => return Err(error.into()),
        };
        self.see(&answer);
        Ok(match (answer.status, self.found.offered.is_empty()) {
            (401, false) => Finding::Passed(self.found.offered.join(", ")),
            (401, true) => noted("the server requires a login and offers no scheme"),
            (status @ 200..=299, _) => {
                Finding::Noted(format!("the server requires no login (HTTP {status})"))
            }
            (status, _) => Finding::Noted(format!("HTTP {status} in place of offers")),
        })
    }

    pub(super) fn clock(&self) -> Finding {
        match self.found.clock_ahead {
            None => Finding::Skipped("the server does not send its time"),
            Some(seconds) if seconds.unsigned_abs() > MOST_SKEW => {
                Finding::Noted(LoginCause::ServerClockSkew { seconds }.to_string())
            }
            Some(seconds) => Finding::Passed(format!("{} s apart", seconds.unsigned_abs())),
        }
    }

    pub(super) async fn login(&mut self) -> Outcome {
        let limit = self.time_limit();
        if let Some(http) = self.http {
            if !http.logs_in() {
                return Ok(self.without_credentials());
            }
            match http.try_login(limit).await {
                Some(Ok(LoginResult::Accepted(attempts))) => {
                    let scheme = attempts.last().map(|attempt| attempt.scheme());
                    self.attempts = attempts;
                    return Ok(self.let_in(scheme));
                }
                Some(Ok(LoginResult::Refused(answer))) => {
                    self.see(&answer);
                    return Err(from_answer(&answer, DecodeError::from(XmlError::Empty)).into());
                }
                Some(Err(error)) => return Err(Error::from(error).into()),
                None => {}
            }
        }
        let (identity, answer) = self.ask(false, limit).await?;
        self.found.identity = Some(identity);
        self.is_known_user = true;
        Ok(self.let_in(answer.evidence.accepted))
    }

    fn without_credentials(&self) -> Finding {
        if self.found.offered.is_empty() {
            Finding::Skipped(NO_CREDENTIALS)
        } else {
            noted(&LoginCause::NoCredentials.to_string())
        }
    }

    pub(super) async fn sealing(&mut self) -> Outcome {
        let Some(http) = self.http else {
            return Ok(Finding::Skipped(NOT_HTTP));
        };
        if http.is_encrypted() {
            return Ok(Finding::Skipped("TLS protects the messages"));
        }
        if !http.seals() {
            return Ok(noted(CLEAR));
        }
        let limit = self.time_limit();
        let (identity, answer) = self.ask(false, limit).await?;
        self.found.identity = Some(identity);
        self.is_known_user = true;
        if answer.evidence.protection != Some(Protection::Sealed) {
            return Ok(noted(CLEAR));
        }
        let form = http.sealed_form().unwrap_or("in the form of the server");
        Ok(Finding::Passed(format!("messages are sealed {form}")))
    }

    /// Reads a class of Windows; of other servers only Identify, because no class exists on all of them.
    pub(super) async fn read(&mut self) -> Outcome {
        if self.http.is_some_and(|http| !http.logs_in()) {
            return Ok(Finding::Skipped(NO_CREDENTIALS));
        }
        let known = self.found.identity.take().filter(|_| self.is_known_user);
        let identity = match known {
            Some(identity) => identity,
            None => self.ask(false, self.time_limit()).await?.0,
        };
        let product = product(&identity);
        let is_windows = identity.product_vendor.starts_with("Microsoft ");
        self.found.identity = Some(identity);
        if !is_windows {
            return Ok(Finding::Passed(product));
        }
        let request = self.session.enumerate_paths(CLASS).max_elements(1);
        let request = request.namespace(NAMESPACE);
        let rows = request.resource_uri_prefix(ResourceUriPrefix::Wmi).await;
        match rows {
            Ok(_) => Ok(Finding::Passed(format!("{product}; {CLASS} can be read"))),
            // The server performed the read and found nothing.
            Err(Error::InvalidClass(_) | Error::NotFound(_) | Error::InvalidNamespace(_)) => Ok(
                Finding::Passed(format!("{product}; {CLASS} does not exist")),
            ),
            Err(error) => Err(Problem {
                error,
                is_fatal: false,
            }),
        }
    }
}

impl Examination<'_> {
    /// Sends an Identify; returns its content and the whole answer.
    async fn ask(
        &mut self,
        anonymous: bool,
        time_limit: Duration,
    ) -> Result<(Identity, WholeAnswer), Error> {
        let limits = self.session.settings().limits;
        let message = OutgoingMessage {
            body: write_identify()?.into(),
            secrets: Vec::new(),
            time_limit,
            answer_limit: limits.bytes,
            anonymous,
            is_read: true,
            is_conversation: false,
            sent: SentFlag::default(),
        };
        let answer = self.session.exchange(message).await;
        let answer = answer.map_err(Error::of_read)?;
        self.see(&answer);
        let limits = self.session.limits_of(&answer);
        let reply = read_reply(&answer.body, limits, Asked::IDENTIFY, |body, first, _| {
            read_identify(body, first)
        });
        match reply {
            Ok(Ok(identity)) if answer.is_success() => Ok((identity, answer)),
            Ok(Ok(_)) => Err(from_answer(&answer, DecodeError::Missing("s:Fault")).of_read()),
            Ok(Err(fault)) => Err(from_fault(fault, answer.status, false).of_read()),
            Err(error) => Err(from_answer(&answer, error).of_read()),
        }
    }

    /// Records the clock and the login offers of an answer.
    fn see(&mut self, answer: &WholeAnswer) {
        self.found.clock_ahead = answer.evidence.clock_ahead.or(self.found.clock_ahead);
        for offer in Challenge::read_all(answer.login_offers()) {
            let offered = &mut self.found.offered;
            if !offered.iter().any(|known| offer.is(known)) {
                offered.push(offer.scheme().to_owned());
            }
        }
    }

    fn let_in(&mut self, scheme: Option<&'static str>) -> Finding {
        self.found.logged_in_by = scheme;
        match scheme {
            Some(scheme) => Finding::Passed(format!("logged in by {scheme}")),
            None => noted("the server did not require a login"),
        }
    }

    /// Returns the time limit of a message, as for every operation of the session.
    fn time_limit(&self) -> Duration {
        let settings = self.session.settings();
        let limit = settings.operation_timeout.unwrap_or(USUAL_TIMEOUT);
        limit.saturating_add(settings.network_delay)
    }
}

/// Whether something before the service refused the message: it must not see the password.
fn is_of_a_gateway(error: &Error) -> bool {
    let causes = error.login().map(|login| login.causes.as_slice());
    causes.is_some_and(|causes| causes.first() == Some(&LoginCause::GatewayRefuses))
}

/// Whether the server did not answer a message.
fn is_silence(error: &Error) -> bool {
    matches!(error, Error::Timeout(_)) && error.delivery() != Delivery::NotSent
}

fn noted(text: &str) -> Finding {
    Finding::Noted(text.to_owned())
}

/// Returns the vendor and version of a server.
fn product(identity: &Identity) -> String {
    let parts = [&identity.product_vendor, &identity.product_version];
    let named: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    if named.is_empty() {
        "a server without a product name".to_owned()
    } else {
        named.join(" ")
    }
}
