//! A login whose header is always the same: Basic, or a client certificate.

use std::pin::pin;

use http::header::{AUTHORIZATION, HeaderValue};

use super::first::Turn;
use super::{LoginSettings, note_acceptance, sensitive};
use crate::auth::{Credentials, LoginAttempt, LoginProblem, basic, certificate};
use crate::transport::http::SetupError;
use crate::transport::http::answer::Begun;
use crate::transport::http::connections::{Connections, Outgoing};
use crate::transport::{TransportError, TransportErrorKind, WholeRequest};

/// The header, and its scheme.
pub(in crate::transport::http) struct StaticHeader {
    authorization: HeaderValue,
    attempt: LoginAttempt,
    /// Whether the account is one of a domain.
    is_of_domain: bool,
}

impl StaticHeader {
    /// Returns the header of the credentials; `None` if they are for another kind of login.
    pub(super) fn new(
        credentials: &Credentials,
        settings: &LoginSettings<'_>,
    ) -> Result<Option<Self>, SetupError> {
        if certificate::is_chosen(credentials) {
            return Self::of_certificate(settings).map(Some);
        }
        let Some(authorization) = basic::authorization(credentials)? else {
            return Ok(None);
        };
        if !settings.may_be_unsealed {
            return Err(SetupError::Unencrypted);
        }
        Ok(Some(Self {
            authorization: sensitive(&authorization)?,
            attempt: LoginAttempt::Basic,
            is_of_domain: credentials
                .account_name()
                .is_some_and(|account| account.contains(['\\', '@'])),
        }))
    }

    fn of_certificate(settings: &LoginSettings<'_>) -> Result<Self, SetupError> {
        if !settings.dialler.encrypted {
            Err(SetupError::CertificateNeedsHttps)
        } else if !settings.dialler.has_certificate() {
            Err(SetupError::NoCertificate)
        } else {
            Ok(Self {
                authorization: HeaderValue::from_static(certificate::AUTHORIZATION),
                attempt: LoginAttempt::Certificate,
                is_of_domain: false,
            })
        }
    }

    pub(super) fn scheme(&self) -> &'static str {
        self.attempt.scheme()
    }

    /// Explains a connection that ended after its handshake: a server that requests the certificate after
    /// the message may do that if it gets none.
    fn explained(&self, error: TransportError, connections: &Connections) -> TransportError {
        let is_unrequested = self.attempt == LoginAttempt::Certificate
            && connections.dialler.certificate_is_unrequested();
        let has_ended = matches!(
            error.kind(),
            TransportErrorKind::Interrupted | TransportErrorKind::ClientCertificate
        );
        if has_ended && is_unrequested {
            error.with_login_problem(Some(LoginProblem::CertificateNotRequested))
        } else {
            error
        }
    }

    /// Sends a message and waits for the start of its answer.
    pub(super) async fn send(
        &self,
        connections: &Connections,
        turn: &mut Turn<'_>,
        message: WholeRequest,
    ) -> Result<Begun, TransportError> {
        let outgoing = Outgoing {
            body: message.body,
            sent: message.sent,
            identity: Some((AUTHORIZATION, self.authorization.clone())),
            content_type: None,
        };
        let begun = pin!(connections.begin(outgoing, message.answer_limit));
        let begun = turn.wait(begun).await;
        let begun = begun.map_err(|error| self.explained(error, connections))?;
        Ok(match begun {
            Begun::Whole(mut answer) => {
                answer.tried.push(self.attempt);
                answer.evidence.domain_account = self.is_of_domain;
                Begun::Whole(answer)
            }
            begun @ Begun::Answer(..) => {
                let scheme = Some(self.attempt.scheme());
                note_acceptance(turn.accepted(), scheme);
                begun.accepted(scheme)
            }
        })
    }
}
