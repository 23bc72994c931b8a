//! The tickets of the system, with its GSS-API (RFC 2743): Kerberos (RFC 4121), inside SPNEGO.
//!
//! The system's library reads the ticket cache and asks the key distribution centre by itself, and it
//! blocks meanwhile: each step is taken on a thread of its own.

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
use super::kerberos::Target;
use super::spnego::{Mechanism, SpnegoLogin, Way};
use super::{BoundLogin, Kdc, LoginError, TokenFuture};
use crate::auth::seal::{Protocol, Sealed, Sealer};
use crate::auth::ticket_cache::Delegation;
use crate::auth::{CredentialsError, LoginAttempt, LoginProblem, TicketCache};

/// One login with a ticket, and the keys that it gives. They belong to one connection.
pub(crate) struct GssLogin {
    plan: Plan,
    /// It is away while a step is taken.
    context: Option<ClientCtx>,
    /// How many tokens were made.
    leg: u8,
}

/// What a login is made of.
#[derive(Clone, Debug)]
struct Plan {
    principal: Option<String>,
    flags: CtxFlags,
    service: String,
    binding: Option<Vec<u8>>,
}

/// What every login must give: the server has proven itself, and the keys can seal.
const PROVEN: CtxFlags = CtxFlags::GSS_C_MUTUAL_FLAG
    .union(CtxFlags::GSS_C_CONF_FLAG)
    .union(CtxFlags::GSS_C_INTEG_FLAG);

/// That messages are refused that come again, or out of their order.
const ORDERED: CtxFlags = CtxFlags::GSS_C_REPLAY_FLAG.union(CtxFlags::GSS_C_SEQUENCE_FLAG);

impl TicketCache {
    /// Checks that the name can be one.
    pub(super) fn check(&self) -> Result<(), CredentialsError> {
        let wrong = |name: &String| name.is_empty() || name.contains(char::is_control);
        match self.principal.as_ref().is_some_and(wrong) {
            true => Err(CredentialsError::UserName),
            false => Ok(()),
        }
    }

    /// Begins a login to a service, whose name is written as Kerberos writes it.
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
            leg: 0,
        };
        let way = Way {
            mechanisms: &[Mechanism::Kerberos, Mechanism::WindowsKerberos],
            login: Box::new(login),
        };
        SpnegoLogin::new(vec![way], Vec::new())
    }
}

/// The name of a service. Where its realm is not known, an empty one lets the key distribution centre
/// find it. A host-based name would be looked up in the DNS first, which anybody can answer.
pub(super) fn written(target: &Target) -> String {
    let realm = target.realm.as_deref().unwrap_or_default();
    format!("{}@{realm}", target.service)
}

impl GssLogin {
    async fn next_token(&mut self, token: Option<&[u8]>) -> Result<Option<Vec<u8>>, LoginError> {
        if self.is_complete() {
            return Ok(None);
        }
        let (plan, token) = (self.plan.clone(), token.map(<[u8]>::to_vec));
        let context = match (self.leg, self.context.take()) {
            (0, _) => None,
            (_, None) => return Err(LoginError::new("an earlier step of it was given up")),
            (_, context) => context,
        };
        self.leg = self.leg.saturating_add(1);
        let step = move || plan.step(context, token.as_deref());
        let (context, token) = on_a_thread(step).await?;
        self.context = Some(context);
        Ok(token)
    }

    fn context(&mut self) -> Result<&mut ClientCtx, LoginError> {
        let context = self.context.as_mut().filter(|it| it.is_complete());
        context.ok_or_else(|| LoginError::new("there are no keys yet"))
    }
}

impl Plan {
    /// Takes a step, the first one if there is no context yet.
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

    /// Whether the login is what was wanted: the library goes on without what it cannot have.
    fn check(&self, context: &ClientCtx) -> Result<(), LoginError> {
        let flags = context.flags().map_err(explained)?;
        if !flags.contains(PROVEN) {
            let text = "there are no keys to seal with, or anybody can have them";
            return Err(LoginError::of(LoginProblem::ServerNotProven, text));
        }
        match flags.contains(self.flags & CtxFlags::GSS_C_DELEG_FLAG) {
            true => Ok(()),
            false => Err(LoginError::of(
                LoginProblem::TicketNotForwardable,
                "the server would get no ticket",
            )),
        }
    }
}

/// Does what blocks on a thread that nothing waits for when the program ends or the caller goes away.
async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LoginError> + Send + 'static,
) -> Result<T, LoginError> {
    let (tell, told) = oneshot::channel();
    let thread = std::thread::Builder::new().name("wsman-gssapi".to_owned());
    let started = thread.spawn(move || {
        // Nobody listens any more when the caller has gone away.
        let _ = tell.send(work());
    });
    started.map_err(|error| LoginError::new(error.to_string()))?;
    match told.await {
        Ok(done) => done,
        Err(_) => Err(LoginError::new("the token of the server makes no sense")),
    }
}

impl BoundLogin for GssLogin {
    fn scheme(&self) -> &'static str {
        "Kerberos"
    }

    fn protocol(&self) -> Protocol {
        Protocol::Kerberos
    }

    /// Kerberos names it in its first token.
    fn binds_at_once(&self) -> bool {
        true
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
        vec![LoginAttempt::TicketCache { leg: self.leg }]
    }
}

impl Sealer for GssLogin {
    type Error = LoginError;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, LoginError> {
        let token = self.context()?.wrap(true, message).map_err(explained)?;
        token::cut(token.to_vec(), message.len())
            .ok_or_else(|| LoginError::new("the keys of the ticket seal in a form that is too old"))
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
