//! NTLM, with `sspi` (MS-NLMP): a login in three messages, whose keys seal what follows.

use std::fmt;

use sspi::{
    AuthIdentity, AuthIdentityBuffers, BufferType, ClientRequestFlags, CredentialUse,
    DataRepresentation, EncryptionFlags, Ntlm, SecurityBuffer, SecurityBufferRef, Sspi, SspiImpl,
    Username,
};
use tracing::subscriber::{NoSubscriber, with_default};

use super::credentials::Scheme;
use super::seal::{Sealed, Sealer};
use super::{Credentials, CredentialsError, Secret};

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
}

/// `sspi` could not go on: the token of the server is none, or a signature is wrong.
#[derive(Debug)]
pub(crate) struct NtlmError(sspi::Error);

/// The signature before a sealed message, in bytes (MS-NLMP 2.2.2.9.1).
const SIGNATURE: usize = 16;

impl NtlmUser {
    /// Who logs in with NTLM, if these credentials say so.
    pub(crate) fn of(credentials: &Credentials) -> Result<Option<Self>, CredentialsError> {
        match credentials.scheme() {
            Scheme::Ntlm { user, password } => Self::new(user, password.clone()).map(Some),
            _ => Ok(None),
        }
    }

    /// A user name such as `DOMAIN\user` or `user@domain`, or that of a local user, and a password.
    fn new(name: &str, password: Secret) -> Result<Self, CredentialsError> {
        match Username::parse(name) {
            Ok(name) => Ok(Self { name, password }),
            Err(_) => Err(CredentialsError::UserName),
        }
    }

    /// Begins a login.
    pub(crate) fn login(&self) -> Result<NtlmLogin, NtlmError> {
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
            })
        })
    }
}

impl NtlmLogin {
    /// The next token to send: NEGOTIATE at first, AUTHENTICATE in answer to the server's CHALLENGE.
    pub(crate) fn next_token(&mut self, challenge: Option<&[u8]>) -> Result<Vec<u8>, NtlmError> {
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
}

impl Sealer for NtlmLogin {
    type Error = NtlmError;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, NtlmError> {
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

    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, NtlmError> {
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

/// Calls `sspi` with nobody listening: it traces what it seals.
fn quietly<T>(work: impl FnOnce() -> Result<T, sspi::Error>) -> Result<T, NtlmError> {
    with_default(NoSubscriber::new(), work).map_err(NtlmError)
}

impl fmt::Debug for NtlmLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NtlmLogin").finish_non_exhaustive()
    }
}

impl fmt::Display for NtlmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NTLM: {}", self.0.description)
    }
}

impl std::error::Error for NtlmError {}
