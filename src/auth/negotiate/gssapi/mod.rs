//! The tickets of the system through its GSS-API (RFC 2743): Kerberos (RFC 4121), inside SPNEGO.
//!
//! The system's library reads the ticket cache, asks the KDC itself, and blocks meanwhile. Each
//! step therefore runs on its own thread.

mod status;
mod token;

use std::fmt;

use libgssapi::context::{ClientCtx, CtxFlags, SecurityContext as _};
use libgssapi::credential::{Cred, CredUsage};
use libgssapi::error::Error;
use libgssapi::name::Name;
use libgssapi::oid::{GSS_MECH_KRB5, GSS_NT_KRB5_PRINCIPAL, OidSet};
use tokio::sync::oneshot;

use self::status::explained;
use super::kerberos::TargetService;
use super::spnego::{Mechanism, MechanismLogin, SpnegoLogin};
use super::{ConnectionLogin, Kdc, LoginError, TokenFuture};
use crate::auth::seal::{Protocol, Sealed, Sealer};
use crate::auth::ticket_cache::Delegation;
use crate::auth::{CredentialsError, LoginAttempt, LoginProblem, TicketCache};

/// A login with a ticket, and its keys. They belong to one connection.
pub(crate) struct GssLogin {
    plan: Plan,
    /// `None` while a step is running.
    context: Option<ClientCtx>,
    /// The number of tokens so far.
    step: u8,
}

/// The parameters of a login.
#[derive(Clone, Debug)]
struct Plan {
    principal: Option<String>,
    flags: CtxFlags,
    service: String,
    binding: Option<Vec<u8>>,
}

/// The required properties of a login: mutual authentication, and keys that can seal.
const PROVEN: CtxFlags = CtxFlags::GSS_C_MUTUAL_FLAG
    .union(CtxFlags::GSS_C_CONF_FLAG)
    .union(CtxFlags::GSS_C_INTEG_FLAG);

/// Repeated or reordered messages are rejected.
const ORDERED: CtxFlags = CtxFlags::GSS_C_REPLAY_FLAG.union(CtxFlags::GSS_C_SEQUENCE_FLAG);

impl TicketCache {
    /// Validates the name.
    pub(super) fn check(&self) -> Result<(), CredentialsError> {
        let wrong = |name: &String| name.is_empty() || name.contains(char::is_control);
        if self.principal.as_ref().is_some_and(wrong) {
            Err(CredentialsError::UserName)
        } else {
            Ok(())
        }
    }

    /// Starts a login to a service, whose name is in Kerberos form.
    pub(super) fn login(&self, service: &str) -> SpnegoLogin {
        let delegation = match self.delegation {
            Delegation::Given => CtxFlags::GSS_C_DELEG_FLAG,
            Delegation::Kept => CtxFlags::empty(),
        };
        let plan = Plan {
            principal: self.principal.clone(),
            flags: PROVEN | ORDERED | delegation,
            service: service.to_owned(),
            binding: None,
        };
        let login = GssLogin {
            plan,
            context: None,
            step: 0,
        };
        let way = MechanismLogin {
            mechanisms: &[Mechanism::Kerberos, Mechanism::WindowsKerberos],
            login: Box::new(login),
        };
        SpnegoLogin::new(vec![way], Vec::new())
    }
}

/// Returns the name of a service. An empty realm lets the KDC find an unknown one. A host-based
/// name would be resolved by DNS first, whose answers an attacker can forge.
pub(super) fn written(target: &TargetService) -> String {
    let realm = target.realm.as_deref().unwrap_or_default();
    format!("{}@{realm}", target.service)
}

impl GssLogin {
    async fn next_token(&mut self, token: Option<&[u8]>) -> Result<Option<Vec<u8>>, LoginError> {
        if self.is_complete() {
            return Ok(None);
        }
        let (plan, token) = (self.plan.clone(), token.map(<[u8]>::to_vec));
        let context = match (self.step, self.context.take()) {
            (0, _) => None,
            (_, None) => return Err(LoginError::new("an earlier step of the login was aborted")),
            (_, context) => context,
        };
        self.step = self.step.saturating_add(1);
        let step = move || plan.step(context, token.as_deref());
        let (context, token) = on_a_thread(step).await?;
        self.context = Some(context);
        Ok(token)
    }

    fn context(&mut self) -> Result<&mut ClientCtx, LoginError> {
        let context = self.context.as_mut().filter(|it| it.is_complete());
        context.ok_or_else(|| LoginError::new("the login has no keys yet"))
    }
}

impl Plan {
    /// Runs a step; the first one creates the context.
    fn step(
        &self,
        context: Option<ClientCtx>,
        token: Option<&[u8]>,
    ) -> Result<(ClientCtx, Option<Vec<u8>>), LoginError> {
        let mut context = match context {
            Some(context) => context,
            None => self.begin().map_err(explained)?,
        };
        let next = context.step(token, self.binding.as_deref());
        let next = next.map_err(explained)?;
        if context.is_complete() {
            self.check(&context)?;
        }
        let next = next.map(|token| token.to_vec());
        Ok((context, next.filter(|token| !token.is_empty())))
    }

    fn begin(&self) -> Result<ClientCtx, Error> {
        let principal = |name: &str| Name::new(name.as_bytes(), Some(GSS_NT_KRB5_PRINCIPAL));
        let user = self.principal.as_deref().map(principal).transpose()?;
        let mechanisms = OidSet::singleton(GSS_MECH_KRB5)?;
        let user = Cred::acquire(user.as_ref(), None, CredUsage::Initiate, Some(&mechanisms))?;
        let (service, flags) = (principal(&self.service)?, self.flags);
        Ok(ClientCtx::new(
            Some(user),
            service,
            flags,
            Some(GSS_MECH_KRB5),
        ))
    }

    /// Checks that the login has the required properties: the library continues without those that
    /// it cannot provide.
    fn check(&self, context: &ClientCtx) -> Result<(), LoginError> {
        let flags = context.flags().map_err(explained)?;
        if !flags.contains(PROVEN) {
            let text = "the login has no secret keys to seal with";
            return Err(LoginError::of(LoginProblem::ServerNotProven, text));
        }
        if flags.contains(self.flags & CtxFlags::GSS_C_DELEG_FLAG) {
            Ok(())
        } else {
            Err(LoginError::of(
                LoginProblem::TicketNotForwardable,
                "the ticket cannot be delegated to the server",
            ))
        }
    }
}

/// Runs a blocking call on a thread that does not delay the end of the program or of the caller.
async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LoginError> + Send + 'static,
) -> Result<T, LoginError> {
    let (tell, told) = oneshot::channel();
    let thread = std::thread::Builder::new().name("wsman-gssapi".to_owned());
    let started = thread.spawn(move || {
        // The receiver is gone if the caller dropped the future.
        let _ = tell.send(work());
    });
    started.map_err(|error| LoginError::new(error.to_string()))?;
    match told.await {
        Ok(done) => done,
        Err(_) => Err(LoginError::new("the server sent an invalid token")),
    }
}

impl ConnectionLogin for GssLogin {
    fn scheme(&self) -> &'static str {
        "Kerberos"
    }

    fn protocol(&self) -> Protocol {
        Protocol::Kerberos
    }

    fn bind(&mut self, channel: &[u8]) {
        self.plan.binding = Some(channel.to_vec());
    }

    fn step<'a>(&'a mut self, token: Option<&'a [u8]>, _: &'a dyn Kdc) -> TokenFuture<'a> {
        Box::pin(self.next_token(token))
    }

    fn is_complete(&self) -> bool {
        self.context.as_ref().is_some_and(ClientCtx::is_complete)
    }

    fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, LoginError> {
        let signature = self.context()?.get_mic(message).map_err(explained)?;
        Ok(signature.to_vec())
    }

    fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), LoginError> {
        let context = self.context()?;
        context.verify_mic(message, signature).map_err(explained)
    }

    fn attempts(&self) -> Vec<LoginAttempt> {
        vec![LoginAttempt::TicketCache { step: self.step }]
    }
}

impl Sealer for GssLogin {
    type Error = LoginError;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, LoginError> {
        let token = self.context()?.wrap(true, message).map_err(explained)?;
        token::cut(token.to_vec(), message.len()).ok_or_else(|| {
            LoginError::new("sealing with the encryption type of the ticket is not supported")
        })
    }

    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, LoginError> {
        let token = token::join(header, data)
            .ok_or_else(|| LoginError::new("the message is not sealed by Kerberos"))?;
        let message = self.context()?.unwrap(&token).map_err(explained)?;
        Ok(message.to_vec())
    }
}

impl fmt::Debug for GssLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GssLogin").finish_non_exhaustive()
    }
}
