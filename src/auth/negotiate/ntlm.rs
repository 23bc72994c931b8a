//! NTLM, with `sspi` (MS-NLMP): a login in three messages, whose keys seal what follows.

use std::fmt;
use std::future::ready;

use sspi::{
    AuthIdentity, AuthIdentityBuffers, BufferType, ClientRequestFlags, CredentialUse,
    DataRepresentation, EncryptionFlags, Ntlm, SecurityBuffer, SecurityBufferRef, Sspi, SspiImpl,
    Username,
};

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
    /// How many tokens were made.
    leg: u8,
}

/// NTLM has two messages of the client's: NEGOTIATE, and AUTHENTICATE in answer to the CHALLENGE.
const LEGS: u8 = 2;

/// The signature before a sealed message, in bytes (MS-NLMP 2.2.2.9.1).
const SIGNATURE: usize = 16;

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
                leg: 0,
            })
        })
    }
}

impl NtlmLogin {
    fn next_token(&mut self, challenge: Option<&[u8]>) -> Result<Option<Vec<u8>>, LoginError> {
        if self.is_complete() {
            return Ok(None);
        }
        self.leg += 1;
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
            Ok(output.pop().map(|token| token.buffer))
        })
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
        self.leg == LEGS
    }

    fn attempt(&self) -> LoginAttempt {
        LoginAttempt::Ntlm { leg: self.leg }
    }
}

impl Sealer for NtlmLogin {
    type Error = LoginError;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, LoginError> {
        quietly(|| {
            let mut header = vec![0; SIGNATURE];
            let mut data = message.to_vec();
            let mut buffers = [
                SecurityBufferRef::token_buf(&mut header),
                SecurityBufferRef::data_buf(&mut data),
            ];
            self.context
                .encrypt_message(EncryptionFlags::empty(), &mut buffers)?;
            Ok(Sealed { header, data })
        })
    }

    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, LoginError> {
        quietly(|| {
            let mut header = header.to_vec();
            let mut data = data.to_vec();
            let mut buffers = [
                SecurityBufferRef::token_buf(&mut header),
                SecurityBufferRef::data_buf(&mut data),
            ];
            self.context.decrypt_message(&mut buffers)?;
            Ok(data)
        })
    }
}

impl fmt::Debug for NtlmLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NtlmLogin").finish_non_exhaustive()
    }
}
