//! Kerberos as a service takes it, with the acceptor of `sspi`.

use std::fmt;
use std::time::Duration;

use sspi::kerberos::ServerProperties;
use sspi::{
    BufferType, DataRepresentation, EncryptionFlags, KdcResolution, Kerberos, KerberosConfig,
    SecurityBuffer, SecurityBufferRef, ServerRequestFlags, Sspi, SspiImpl,
};

use crate::auth::negotiate::kerberos::{Key, TokenKind, read_token};
use crate::auth::negotiate::{LoginError, quietly};
use crate::auth::seal::{MimeForm, Sealed, Sealer};
use crate::auth::{CredentialsError, Keytab};

/// How a [`Simulator`](crate::simulator::Simulator) takes Kerberos (RFC 4121): inside SPNEGO or raw in
/// `Negotiate`. [`Realm`](crate::simulator::Realm) gives the tickets, or any other realm that the keytab is of.
///
/// The user of the ticket must be the simulator's, and every message sealed, as a Windows server wants it
/// on `http://`. What a login is bound to over HTTPS is not looked at, and a ticket may be shown twice.
#[derive(Clone, Debug)]
#[must_use]
pub struct KerberosScheme {
    service: Vec<String>,
    realm: String,
    key: Key,
    pub(super) sealed: bool,
    pub(super) form: MimeForm,
}

impl KerberosScheme {
    /// A service such as `HTTP/localhost@EXAMPLE.TEST`, with its key of a keytab.
    ///
    /// # Errors
    ///
    /// The name has no realm, or the keytab no key for it.
    pub fn new(principal: &str, keytab: &Keytab) -> Result<Self, CredentialsError> {
        let (name, realm) = principal
            .rsplit_once('@')
            .ok_or(CredentialsError::NoRealm)?;
        let parts: Vec<&str> = name.split('/').collect();
        let keys = keytab.keys(realm, &parts);
        Ok(Self {
            service: parts.iter().map(|part| (*part).to_owned()).collect(),
            realm: realm.to_owned(),
            key: keys
                .into_iter()
                .next()
                .ok_or(CredentialsError::NotInKeytab)?,
            sealed: true,
            form: MimeForm::Tabbed,
        })
    }

    /// Takes messages that are not sealed, too (`AllowUnencrypted`).
    pub fn allow_unencrypted(mut self) -> Self {
        self.sealed = false;
        self
    }

    /// Seals without a tab before the headers of the parts, as OMI does.
    pub fn untabbed(mut self) -> Self {
        self.form = MimeForm::Untabbed;
        self
    }

    /// Whether a token shows a ticket.
    pub(super) fn is_ticket(token: &[u8]) -> bool {
        read_token(token).is_some_and(|(kind, _)| kind == TokenKind::Request)
    }

    /// Takes a ticket of a user; the keys of the login, and the proof of who the server is.
    pub(in crate::simulator) fn accept(
        &self,
        token: &[u8],
        user: &str,
    ) -> Result<(TicketKeys, Vec<u8>), LoginError> {
        let expected = [user, "@", &self.realm].concat();
        quietly(|| {
            let mut context = self.context()?;
            let mut credentials = None;
            let mut input = [SecurityBuffer::new(token.to_vec(), BufferType::Token)];
            let mut output = [SecurityBuffer::new(Vec::new(), BufferType::Token)];
            let step = context
                .accept_security_context()
                .with_credentials_handle(&mut credentials)
                .with_context_requirements(ServerRequestFlags::empty())
                .with_target_data_representation(DataRepresentation::Native)
                .with_input(&mut input)
                .with_output(&mut output);
            context
                .accept_security_context_impl(step)?
                .resolve_to_result()?;
            let found = context.query_context_names()?.username;
            let proof = output.into_iter().next().map(|token| token.buffer);
            Ok((context, found, proof.unwrap_or_default()))
        })
        .and_then(|(context, found, proof)| {
            match found.inner().eq_ignore_ascii_case(&expected) {
                true => Ok((TicketKeys(context), proof)),
                false => Err(LoginError::new("the ticket is of another user")),
            }
        })
    }

    fn context(&self) -> sspi::Result<Kerberos> {
        let config = KerberosConfig {
            kdc_resolution: KdcResolution::KdcUrl(None),
            client_computer_name: String::new(),
        };
        let service: Vec<&str> = self.service.iter().map(String::as_str).collect();
        let key = sspi::Secret::new(self.key.bytes().to_vec());
        let properties = ServerProperties::new(&service, None, SKEW, Some(key))?;
        Kerberos::new_server_from_config(config, properties)
    }
}

/// By how much clocks may differ.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// What goes before the data of a sealed message, in bytes.
const HEADER: usize = 60;

/// The keys of a login, on the side of the service.
pub(in crate::simulator) struct TicketKeys(Kerberos);

impl Sealer for TicketKeys {
    type Error = LoginError;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, LoginError> {
        quietly(|| {
            let mut header = vec![0; HEADER];
            let mut data = message.to_vec();
            let mut buffers = [
                SecurityBufferRef::token_buf(&mut header),
                SecurityBufferRef::data_buf(&mut data),
            ];
            self.0
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
            self.0.decrypt_message(&mut buffers)?;
            Ok(data)
        })
    }
}

impl fmt::Debug for TicketKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TicketKeys").finish_non_exhaustive()
    }
}
