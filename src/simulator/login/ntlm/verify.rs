//! Verifies that an AUTHENTICATE message proves the password.

use super::message::{Authenticate, without_code};
use crate::auth::negotiate::ntlm::crypt::{Block, Cipher, hmac_md5, password_key};
use crate::auth::negotiate::ntlm::flags;
use crate::auth::negotiate::ntlm::keys::{NtlmKeys, Side};
use crate::simulator::login::CbtHardening;
use crate::simulator::login::binding::BindingRejection;

/// The messages of a login so far, and its challenge.
#[derive(Clone, Debug)]
pub(in crate::simulator::login) struct Exchange {
    pub(in crate::simulator::login) negotiate: Vec<u8>,
    pub(in crate::simulator::login) challenge: Vec<u8>,
    /// The channel binding, such as `tls-server-end-point:` and the hash of a certificate (RFC 5929
    /// 4).
    pub(in crate::simulator::login) channel: Option<Vec<u8>>,
}

/// The requirements besides the password.
#[derive(Clone, Debug, Default)]
pub(in crate::simulator::login) struct Demands {
    /// Requires the integrity code, which detects changed messages.
    pub(in crate::simulator::login) code: bool,
    /// The required channel binding.
    pub(in crate::simulator::login) cbt: CbtHardening,
}

/// Why a login is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator::login) enum NtlmRejection {
    /// The message is no AUTHENTICATE message with an NTLMv2 response.
    Malformed,
    User,
    Password,
    /// The integrity code is missing.
    NoCode,
    Code,
    /// The channel binding is missing.
    NoBinding,
    Binding,
}

impl From<BindingRejection> for NtlmRejection {
    fn from(rejection: BindingRejection) -> Self {
        match rejection {
            BindingRejection::Missing => Self::NoBinding,
            BindingRejection::Other => Self::Binding,
        }
    }
}

impl Exchange {
    /// Verifies the last message of the login; returns the session keys.
    pub(in crate::simulator::login) fn verify(
        &self,
        message: &[u8],
        [user, password]: [&str; 2],
        demands: &Demands,
    ) -> Result<NtlmKeys, NtlmRejection> {
        let login = Authenticate::read(message).ok_or(NtlmRejection::Malformed)?;
        let challenge = self.challenge.get(24..32).ok_or(NtlmRejection::Malformed)?;
        if login.user.to_uppercase() != user.to_uppercase() {
            return Err(NtlmRejection::User);
        }
        let key = password_key(password, &login.user, &login.domain);
        if hmac_md5(&key, &[challenge, login.proven]) != login.proof {
            return Err(NtlmRejection::Password);
        }
        let session_key = exported_key(&login, hmac_md5(&key, &[&login.proof]))?;
        self.check_code(&login, message, &session_key, demands)?;
        let sent = login.binding.as_deref();
        demands.cbt.check(sent, self.channel.as_deref())?;
        Ok(NtlmKeys::new(&session_key, login.flags, Side::Server))
    }

    fn check_code(
        &self,
        login: &Authenticate<'_>,
        message: &[u8],
        session_key: &Block,
        demands: &Demands,
    ) -> Result<(), NtlmRejection> {
        let Some(code) = login.code else {
            return if demands.code {
                Err(NtlmRejection::NoCode)
            } else {
                Ok(())
            };
        };
        let messages = [&self.negotiate, &self.challenge, &without_code(message)];
        let expected = hmac_md5(session_key, &messages.map(Vec::as_slice));
        if code == expected {
            Ok(())
        } else {
            Err(NtlmRejection::Code)
        }
    }
}

/// Returns the session key: the client's own, which it sends encrypted, or the one derived from the
/// password (MS-NLMP 3.4.5.1).
fn exported_key(login: &Authenticate<'_>, base: Block) -> Result<Block, NtlmRejection> {
    if !flags::exchange_keys(login.flags) {
        return Ok(base);
    }
    let mut key: Block = login
        .session_key
        .try_into()
        .map_err(|_| NtlmRejection::Malformed)?;
    Cipher::new(&base).apply(&mut key);
    Ok(key)
}
