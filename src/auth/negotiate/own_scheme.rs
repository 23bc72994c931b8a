//! A mechanism as an HTTP scheme of its own: servers can offer `NTLM` or `Kerberos` without
//! Negotiate, and then expect its tokens without SPNEGO.

use super::{BoundUser, ConnectionLogin, Kdc, LoginError, TokenFuture};
use crate::auth::LoginAttempt;
use crate::auth::challenge::Challenge;
use crate::auth::seal::{Protocol, Sealed, Sealer};

/// A mechanism that a server offers by its own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnScheme {
    Kerberos,
    Ntlm,
}

impl OwnScheme {
    fn name(self) -> &'static str {
        match self {
            Self::Kerberos => "Kerberos",
            Self::Ntlm => "NTLM",
        }
    }
}

impl BoundUser {
    /// Returns the scheme for a server that refused the first token of Negotiate, because it offers
    /// the mechanism by its own name alone. After a further token, another login would count twice
    /// against the limit of wrong passwords.
    pub(crate) fn own_scheme(
        &self,
        offers: &[Challenge],
        tried: &[LoginAttempt],
    ) -> Option<OwnScheme> {
        let is_offered = |name| offers.iter().any(|offer| offer.is(name));
        let is_first = matches!(
            tried.last(),
            Some(LoginAttempt::Kerberos | LoginAttempt::Ntlm { step: 0 | 1 })
        );
        if !is_first || is_offered("Negotiate") {
            return None;
        }
        let mut schemes = [OwnScheme::Kerberos, OwnScheme::Ntlm].into_iter();
        schemes.find(|scheme| is_offered(scheme.name()) && self.login_by(*scheme).is_some())
    }

    /// Starts a login by this scheme; `None` if the user has no such mechanism.
    pub(crate) fn login_by(&self, scheme: OwnScheme) -> Option<Box<dyn ConnectionLogin>> {
        let login: Box<dyn ConnectionLogin> = match (scheme, self) {
            (OwnScheme::Kerberos, Self::Kerberos(user) | Self::Negotiate(Ok(user), ..)) => {
                Box::new(user.login())
            }
            (OwnScheme::Ntlm, Self::Ntlm(user) | Self::Negotiate(_, user, _)) => {
                Box::new(user.login())
            }
            _ => return None,
        };
        Some(Box::new(OwnLogin { scheme, login }))
    }
}

/// A login whose tokens are sent under the name of its mechanism.
#[derive(Debug)]
struct OwnLogin {
    scheme: OwnScheme,
    login: Box<dyn ConnectionLogin>,
}

impl ConnectionLogin for OwnLogin {
    fn scheme(&self) -> &'static str {
        self.scheme.name()
    }

    fn protocol(&self) -> Protocol {
        match self.scheme {
            OwnScheme::Kerberos => Protocol::Kerberos,
            OwnScheme::Ntlm => self.login.protocol(),
        }
    }

    fn bind(&mut self, channel: &[u8]) {
        self.login.bind(channel);
    }

    fn step<'a>(&'a mut self, token: Option<&'a [u8]>, kdc: &'a dyn Kdc) -> TokenFuture<'a> {
        self.login.step(token, kdc)
    }

    fn is_complete(&self) -> bool {
        self.login.is_complete()
    }

    fn attempts(&self) -> Vec<LoginAttempt> {
        self.login.attempts()
    }
}

impl Sealer for OwnLogin {
    type Error = LoginError;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, LoginError> {
        self.login.seal(message)
    }

    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, LoginError> {
        self.login.unseal(header, data)
    }
}
