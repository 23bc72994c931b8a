//! A connection that is logged in with NTLM, and what is sealed on it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use uuid::Uuid;

use super::ntlm::{Demands, Exchange, challenge};
use super::{CbtHardening, Login, Opened};
use crate::auth::negotiate::ntlm::keys::NtlmKeys;
use crate::auth::seal::{self, MimeForm, Protocol};

/// The largest message that is opened, in bytes.
const LARGEST: usize = 64 << 20;

/// How a [`Simulator`](super::super::Simulator) takes NTLM (MS-NLMP), raw inside `Negotiate` and under its
/// own name.
///
/// The password is proven with NTLMv2, the integrity code of the login is demanded, and so is that every
/// message is sealed, as a Windows server does on `http://`.
#[derive(Clone, Debug)]
#[must_use]
pub struct NtlmScheme {
    demands: Demands,
    sealed: bool,
    form: MimeForm,
}

impl Default for NtlmScheme {
    fn default() -> Self {
        Self::new()
    }
}

impl NtlmScheme {
    /// As Windows takes it.
    pub fn new() -> Self {
        Self {
            demands: Demands {
                code: true,
                cbt: CbtHardening::default(),
            },
            sealed: true,
            form: MimeForm::Tabbed,
        }
    }

    /// Takes messages that are not sealed, too (`AllowUnencrypted`).
    pub fn allow_unencrypted(mut self) -> Self {
        self.sealed = false;
        self
    }

    /// Takes a login without an integrity code, as old clients send it.
    pub fn allow_no_integrity(mut self) -> Self {
        self.demands.code = false;
        self
    }

    /// Sets what it asks of the channel binding over HTTPS.
    pub fn cbt(mut self, level: CbtHardening) -> Self {
        self.demands.cbt = level;
        self
    }

    /// Seals without a tab before the headers of the parts, as OMI does.
    pub fn untabbed(mut self) -> Self {
        self.form = MimeForm::Untabbed;
        self
    }
}

/// How far the login of a connection got.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Channel(Mutex<Progress>);

#[derive(Debug, Default)]
enum Progress {
    #[default]
    Nobody,
    Challenged(Exchange),
    LoggedIn(Box<NtlmKeys>, MimeForm),
}

impl Channel {
    /// Takes a token of a login; `given` is the value of `Authorization`,
    /// `channel` what the login can be bound to.
    pub(super) fn log_in(
        &self,
        scheme: &NtlmScheme,
        user: [&str; 2],
        channel: Option<&[u8]>,
        given: &str,
    ) -> Option<Login> {
        let (name, token) = given.split_once(' ')?;
        if !matches!(name, "Negotiate" | "NTLM") {
            return None;
        }
        let token = BASE64.decode(token.trim()).ok()?;
        let mut progress = self.lock();
        let challenged = std::mem::take(&mut *progress);
        if let Some(challenge) = challenge(&token, random()) {
            let answer = format!("{name} {}", BASE64.encode(&challenge));
            let negotiate = token;
            *progress = Progress::Challenged(Exchange {
                negotiate,
                challenge,
                channel: channel.map(<[u8]>::to_vec),
            });
            return Some(Login::Continued(answer));
        }
        let Progress::Challenged(exchange) = challenged else {
            return None;
        };
        let session = exchange.verify(&token, user, &scheme.demands).ok()?;
        *progress = Progress::LoggedIn(Box::new(session), scheme.form);
        Some(Login::Established)
    }

    /// Logs out whoever is logged in.
    pub(super) fn forget(&self) {
        *self.lock() = Progress::Nobody;
    }

    pub(in crate::simulator) fn is_logged_in(&self) -> bool {
        matches!(*self.lock(), Progress::LoggedIn(..))
    }

    /// Opens a message.
    pub(super) fn open(&self, scheme: &NtlmScheme, content_type: &str, body: &[u8]) -> Opened {
        let mut progress = self.lock();
        let Progress::LoggedIn(session, _) = &mut *progress else {
            return Opened::Plain;
        };
        if seal::is_sealed(content_type) {
            return match seal::unseal(session.as_mut(), body, LARGEST) {
                Ok(message) => Opened::Sealed(message.into()),
                Err(_) => Opened::Refused,
            };
        }
        match scheme.sealed && !body.is_empty() {
            true => Opened::Refused,
            false => Opened::Plain,
        }
    }

    /// Seals an answer; with its content type.
    pub(in crate::simulator) fn seal(&self, answer: &[u8]) -> Option<(Vec<u8>, &'static str)> {
        let mut progress = self.lock();
        let Progress::LoggedIn(session, form) = &mut *progress else {
            return None;
        };
        let protocol = Protocol::Spnego;
        let sealed = seal::seal(session.as_mut(), protocol, *form, answer).ok()?;
        Some((sealed, protocol.content_type()))
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn random() -> [u8; 8] {
    let (random, _) = Uuid::new_v4().as_u64_pair();
    random.to_le_bytes()
}
