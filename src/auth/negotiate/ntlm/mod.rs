//! NTLM (MS-NLMP): a login in three messages, with `sspi`, whose keys seal what follows.

pub(crate) mod crypt;
pub(crate) mod keys;

use std::fmt;
use std::future::ready;

use sspi::{
    AuthIdentity, AuthIdentityBuffers, BufferType, ClientRequestFlags, CredentialUse,
    DataRepresentation, Ntlm, SecurityBuffer, Sspi, SspiImpl, Username,
};

use self::keys::{Broken, NtlmKeys, Side, flags};
use super::error::quietly;
use super::{BoundLogin, Kdc, LoginError, TokenFuture};
use crate::auth::seal::{Protocol, Sealed, Sealer};
use crate::auth::{CredentialsError, LoginAttempt, Secret};

/// Who logs in.
#[derive(Clone, Debug)]
pub(crate) struct NtlmUser {
    name: Username,
    password: Secret,
}

/// One login, and the keys that it gives. They belong to one connection.
pub(crate) struct NtlmLogin {
    context: Ntlm,
    credentials: Option<AuthIdentityBuffers>,
    keys: Option<NtlmKeys>,
    /// How many tokens were made.
    leg: u8,
}

/// NTLM has two messages of the client's: NEGOTIATE, and AUTHENTICATE in answer to the CHALLENGE.
const LEGS: u8 = 2;

/// Where the flags stand in an AUTHENTICATE message (MS-NLMP 2.2.1.3).
const FLAGS_AT: usize = 60;

impl NtlmUser {
    /// A user name such as `DOMAIN\user` or `user@domain`, or that of a local user, and a password.
    pub(super) fn new(name: &str, password: Secret) -> Result<Self, CredentialsError> {
        match Username::parse(name) {
            Ok(name) => Ok(Self { name, password }),
            Err(_) => Err(CredentialsError::UserName),
        }
    }

    /// Begins a login.
    pub(super) fn login(&self) -> Result<NtlmLogin, LoginError> {
        quietly(|| {
            let mut context = Ntlm::new();
            let identity = AuthIdentity {
                username: self.name.clone(),
                password: self.password.expose().to_owned().into(),
            };
            let handle = context
                .acquire_credentials_handle()
                .with_credential_use(CredentialUse::Outbound)
                .with_auth_data(&identity)
                .execute(&mut context)?;
            Ok(NtlmLogin {
                context,
                credentials: handle.credentials_handle,
                keys: None,
                leg: 0,
            })
        })
    }
}

impl NtlmLogin {
    fn next_token(&mut self, challenge: Option<&[u8]>) -> Result<Option<Vec<u8>>, LoginError> {
        if self.leg == LEGS {
            return self.keys().map(|_| None);
        }
        self.leg += 1;
        let token = self.message(challenge)?;
        if self.leg == LEGS {
            self.keys = Some(self.keys_after(&token)?);
        }
        Ok(Some(token))
    }

    fn message(&mut self, challenge: Option<&[u8]>) -> Result<Vec<u8>, LoginError> {
        quietly(|| {
            let token = |bytes: Vec<u8>| SecurityBuffer::new(bytes, BufferType::Token);
            let mut input = vec![token(challenge.unwrap_or_default().to_vec())];
            let mut output = vec![token(Vec::new())];
            let mut step = self
                .context
                .initialize_security_context()
                .with_credentials_handle(&mut self.credentials)
                .with_context_requirements(
                    ClientRequestFlags::CONFIDENTIALITY
                        | ClientRequestFlags::INTEGRITY
                        | ClientRequestFlags::REPLAY_DETECT
                        | ClientRequestFlags::SEQUENCE_DETECT,
                )
                .with_target_data_representation(DataRepresentation::Native)
                .with_input(&mut input)
                .with_output(&mut output);
            self.context
                .initialize_security_context_impl(&mut step)?
                .resolve_to_result()?;
            Ok(output.pop().map(|token| token.buffer).unwrap_or_default())
        })
    }

    /// The keys that come of the login whose last message this is.
    fn keys_after(&self, authenticate: &[u8]) -> Result<NtlmKeys, LoginError> {
        let keys = quietly(|| self.context.query_context_session_key())?;
        let key = keys.session_key.as_ref().first_chunk();
        let chosen = authenticate.get(FLAGS_AT..).and_then(<[u8]>::first_chunk);
        let (Some(key), Some(chosen)) = (key, chosen) else {
            return Err(LoginError::new("the login gives no keys"));
        };
        let chosen = u32::from_le_bytes(*chosen);
        match chosen & flags::EXTENDED_SESSION_SECURITY {
            0 => Err(LoginError::new(
                "the server has no extended session security",
            )),
            _ => Ok(NtlmKeys::new(key, chosen, Side::Client)),
        }
    }

    fn keys(&mut self) -> Result<&mut NtlmKeys, LoginError> {
        let keys = self.keys.as_mut();
        keys.ok_or_else(|| LoginError::new("there are no keys before the login is done"))
    }
}

impl BoundLogin for NtlmLogin {
    fn scheme(&self) -> &'static str {
        "Negotiate"
    }

    fn protocol(&self) -> Protocol {
        Protocol::Spnego
    }

    /// NTLM names it in its last token.
    fn binds_at_once(&self) -> bool {
        false
    }

    fn bind(&mut self, channel: &[u8]) {
        self.context.set_channel_bindings(channel);
    }

    fn step<'a>(&'a mut self, token: Option<&'a [u8]>, _: &'a dyn Kdc) -> TokenFuture<'a> {
        Box::pin(ready(self.next_token(token)))
    }

    fn is_complete(&self) -> bool {
        self.keys.is_some()
    }

    /// Windows does not let in without, where the login has an integrity code.
    fn wants_signature(&self) -> bool {
        true
    }

    fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, LoginError> {
        Ok(self.keys()?.sign(message))
    }

    fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), LoginError> {
        self.keys()?.verify(message, signature).map_err(broken)
    }

    fn attempts(&self) -> Vec<LoginAttempt> {
        vec![LoginAttempt::Ntlm { leg: self.leg }]
    }
}

impl Sealer for NtlmLogin {
    type Error = LoginError;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, LoginError> {
        self.keys()?.seal(message).map_err(broken)
    }

    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, LoginError> {
        self.keys()?.unseal(header, data).map_err(broken)
    }
}

fn broken(broken: Broken) -> LoginError {
    LoginError::new(broken.to_string())
}

impl fmt::Debug for NtlmLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NtlmLogin").finish_non_exhaustive()
    }
}
