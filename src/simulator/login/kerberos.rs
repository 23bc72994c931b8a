//! Kerberos on the service's side (RFC 4120 3.2, RFC 4121 4.1).

use crate::auth::negotiate::LoginError;
use crate::auth::negotiate::kerberos::message::{ApReply, ApRequest, Authenticator};
use crate::auth::negotiate::kerberos::time::Stamp;
use crate::auth::negotiate::kerberos::{
    Context, ContextKey, GSS_CHECKSUM, KerberosEtype, Key, Role, TokenKind, Usage, read_token,
    write_token,
};
use crate::auth::seal::MimeForm;
use crate::auth::{CredentialsError, Keytab};
use crate::simulator::environment::environment;
use crate::simulator::login::CbtHardening;
use crate::simulator::login::replays::{Replays, SKEW};
use crate::simulator::realm::TicketPart;

/// How a [`Simulator`](crate::simulator::Simulator) accepts Kerberos (RFC 4121): inside SPNEGO or
/// raw in `Negotiate`. The tickets come from a [`Realm`](crate::simulator::Realm), or any other
/// realm whose key is in the keytab.
///
/// The ticket must be for the simulator's user. Every message must be sealed, as a Windows server
/// requires on `http://`, and the client must request mutual authentication. A ticket serves many
/// logins; the token of one login is accepted once (RFC 4120 3.2.3). Over HTTPS, a login that is
/// bound to another certificate is refused ([`CbtHardening`]).
#[derive(Clone, Debug)]
#[must_use]
pub struct KerberosScheme {
    service: Vec<String>,
    realm: String,
    keys: Vec<Key>,
    cbt: CbtHardening,
    pub(super) sealed: bool,
    pub(super) form: MimeForm,
}

impl KerberosScheme {
    /// Creates a service such as `HTTP/localhost@EXAMPLE.TEST`, with its key from a keytab.
    ///
    /// # Errors
    ///
    /// Fails if the name has no realm, or the keytab has no key for it.
    pub fn new(principal: &str, keytab: &Keytab) -> Result<Self, CredentialsError> {
        let (name, realm) = principal
            .rsplit_once('@')
            .ok_or(CredentialsError::NoRealm)?;
        let parts: Vec<&str> = name.split('/').collect();
        let keys = keytab.keys(realm, &parts, KerberosEtype::all());
        if keys.is_empty() {
            return Err(CredentialsError::NotInKeytab);
        }
        Ok(Self {
            service: parts.iter().map(|part| (*part).to_owned()).collect(),
            realm: realm.to_owned(),
            keys,
            cbt: CbtHardening::default(),
            sealed: true,
            form: MimeForm::Tabbed,
        })
    }

    /// Accepts unsealed messages too (`AllowUnencrypted`).
    pub fn allow_unencrypted(mut self) -> Self {
        self.sealed = false;
        self
    }

    /// Sets the required channel binding over HTTPS.
    pub fn cbt(mut self, level: CbtHardening) -> Self {
        self.cbt = level;
        self
    }

    /// Seals without a tab before the part headers, as OMI does.
    pub fn untabbed(mut self) -> Self {
        self.form = MimeForm::Untabbed;
        self
    }

    /// Whether a token carries a ticket.
    pub(super) fn is_ticket(token: &[u8]) -> bool {
        read_token(token).is_some_and(|(kind, _)| kind == TokenKind::Request)
    }

    /// Accepts a user's ticket over plain HTTP, without a memory of others.
    #[cfg(test)]
    pub(in crate::simulator) fn accept(
        &self,
        token: &[u8],
        user: &str,
    ) -> Result<(Context, Vec<u8>), LoginError> {
        let acceptor = TicketAcceptor {
            scheme: self,
            user,
            channel: None,
            replays: &Replays::default(),
        };
        acceptor.accept(token)
    }
}

/// The server of a Kerberos login.
#[derive(Clone, Copy)]
pub(super) struct TicketAcceptor<'a> {
    pub(super) scheme: &'a KerberosScheme,
    pub(super) user: &'a str,
    /// The channel binding of this server.
    pub(super) channel: Option<&'a [u8]>,
    pub(super) replays: &'a Replays,
}

impl TicketAcceptor<'_> {
    /// Accepts a user's ticket; returns the keys of the login, and the token that authenticates the
    /// server.
    pub(super) fn accept(self, token: &[u8]) -> Result<(Context, Vec<u8>), LoginError> {
        let refused = || LoginError::new("the token has no ticket for this service");
        let request = match read_token(token) {
            Some((TokenKind::Request, message)) => ApRequest::read(message),
            _ => None,
        };
        let request = request.filter(ApRequest::is_mutual).ok_or_else(refused)?;
        let environment = environment();
        let now = Stamp::of((environment.now)()).seconds;
        let (ticket, authenticator) = self.opened(&request, now).ok_or_else(refused)?;
        let name = format!("{}@{}", ticket.holder.user, ticket.holder.realm);
        let expected = format!("{}@{}", self.user, self.scheme.realm);
        if !name.eq_ignore_ascii_case(&expected) {
            return Err(LoginError::new("the ticket is for another user"));
        }
        if !self.replays.is_new(&authenticator, now) {
            return Err(LoginError::new("the authenticator was used before"));
        }
        let etype = ticket.key.etype();
        let key = Key::random(etype, environment)?;
        let [a, b, c, d] = environment.random()?;
        let sequence = u32::from_be_bytes([a & 0x3F, b, c, d]);
        let reply = ApReply {
            time: authenticator.now,
            subkey: Some(key.clone()),
            sequence: Some(sequence),
        };
        let proof = reply.write(&ticket.key, environment)?;
        let context = Context::new(ContextKey {
            key,
            is_of_acceptor: true,
            role: Role::Acceptor,
            next: sequence,
            expected: Some(authenticator.sequence),
            environment,
        });
        Ok((context, write_token(TokenKind::Reply, &proof)))
    }

    /// Decrypts a ticket and its authenticator, which must match in user and time (RFC 4120 3.2.3).
    fn opened(&self, request: &ApRequest, now: u64) -> Option<(TicketPart, Authenticator)> {
        let shown = &request.ticket;
        let scheme = self.scheme;
        if shown.realm != scheme.realm || shown.service.parts != scheme.service {
            return None;
        }
        let mut keys = scheme.keys.iter();
        let key = keys.find(|key| key.etype().number() == shown.part.etype)?;
        let ticket = TicketPart::read(&shown.part.open(key, Usage::Ticket)?)?;
        let plain = request
            .authenticator
            .open(&ticket.key, Usage::ApAuthenticator)?;
        let authenticator = Authenticator::read(&plain)?;
        let (kind, checksum) = &authenticator.checksum;
        let binding = checksum.get(BINDING)?;
        let is_right = *kind == GSS_CHECKSUM
            && checksum.len() >= 24
            && scheme.cbt.check(Some(binding), self.channel).is_ok()
            && authenticator.user.is_same(&ticket.holder.user)
            && authenticator.realm == ticket.holder.realm
            && authenticator.now.seconds.abs_diff(now) <= SKEW
            && now < ticket.end.saturating_add(SKEW);
        is_right.then_some((ticket, authenticator))
    }
}

/// The place of the channel binding in the checksum, behind its length (`Bnd` in RFC 4121 4.1.1).
const BINDING: std::ops::Range<usize> = 4..20;
