//! An NTLM login (MS-NLMP 3.1.5.1).

use std::fmt;
use std::future::ready;

use zeroize::Zeroizing;

use super::super::{ConnectionLogin, Kdc, LoginError, TokenFuture};
use super::av_pairs::{HAS_INTEGRITY_CODE, id};
use super::crypt::{Block, Cipher, hmac_md5, utf16};
use super::flags;
use super::keys::{Broken, NtlmKeys, Side};
use super::message::{Authenticate, Challenge, WANTED, negotiate};
use super::response::{Proven, file_time};
use super::user::NtlmUser;
use crate::auth::LoginAttempt;
use crate::auth::channel_binding::gss_hash;
use crate::auth::seal::{Protocol, Sealed, Sealer};

/// A login, and its keys. They belong to one connection.
pub(crate) struct NtlmLogin {
    user: NtlmUser,
    negotiate: Vec<u8>,
    /// The hash of the channel binding; zeros without one.
    binding: [u8; 16],
    keys: Option<NtlmKeys>,
    /// The number of tokens so far.
    step: u8,
}

/// The client sends two messages: NEGOTIATE, and AUTHENTICATE after the CHALLENGE.
const STEPS: u8 = 2;

/// The random values of one AUTHENTICATE message.
pub(super) struct Nonces {
    pub(super) client: [u8; 8],
    pub(super) session_key: Zeroizing<Block>,
}

impl NtlmUser {
    /// Starts a login.
    pub(crate) fn login(&self) -> NtlmLogin {
        NtlmLogin::new(self.clone())
    }
}

impl NtlmLogin {
    fn new(user: NtlmUser) -> Self {
        Self {
            user,
            negotiate: negotiate(),
            binding: [0; 16],
            keys: None,
            step: 0,
        }
    }

    pub(crate) fn next_token(
        &mut self,
        challenge: Option<&[u8]>,
    ) -> Result<Option<Vec<u8>>, LoginError> {
        if self.step == STEPS {
            return self.keys().map(|_| None);
        }
        self.step += 1;
        if self.step < STEPS {
            return Ok(Some(self.negotiate.clone()));
        }
        let nonces = Nonces {
            client: self.user.environment.random()?,
            session_key: Zeroizing::new(self.user.environment.random()?),
        };
        let (token, keys) = self.authenticate(challenge.unwrap_or_default(), &nonces)?;
        self.keys = Some(keys);
        Ok(Some(token))
    }

    /// Answers a CHALLENGE message (MS-NLMP 3.1.5.1.2).
    pub(super) fn authenticate(
        &self,
        message: &[u8],
        nonces: &Nonces,
    ) -> Result<(Vec<u8>, NtlmKeys), LoginError> {
        let too_long = || LoginError::new("the CHALLENGE message of NTLM is too long to answer");
        let challenge = Challenge::read(message)?;
        let target_info = self.target_info(&challenge).ok_or_else(too_long)?;
        let now = self.user.environment.now;
        let response = Proven {
            server_nonce: challenge.nonce,
            client_nonce: nonces.client,
            time: challenge.time.unwrap_or_else(|| file_time(now())),
            target_info: &target_info,
        }
        .respond(&self.user.key());
        let flags = challenge.flags & WANTED | flags::REQUEST_TARGET;
        let base = &response.session_base_key;
        let (key, encrypted) = exported(base, &nonces.session_key, flags);
        // MS-NLMP 3.1.5.1.2: a server that sends its time gets no LMv2 response.
        let lm_response = challenge.time.map_or(response.lm, |_| [0; 24]);
        let answer = Authenticate {
            flags,
            lm_response: &lm_response,
            nt_response: &response.nt,
            domain: &self.user.name.domain,
            user: &self.user.name.user,
            workstation: "",
            session_key: &encrypted,
            code: Some(&[0; 16]),
        };
        let without_code = answer.write().ok_or_else(too_long)?;
        let code = hmac_md5(&key, &[&self.negotiate, message, &without_code]);
        let answer = Authenticate {
            code: Some(&code),
            ..answer
        };
        let token = answer.write().ok_or_else(too_long)?;
        Ok((token, NtlmKeys::new(&key, flags, Side::Client)))
    }

    /// Merges the server's attributes with the client's. The client sends the integrity code also
    /// to a server without a timestamp, because an attacker could have removed it.
    fn target_info(&self, challenge: &Challenge) -> Option<Vec<u8>> {
        let mut target_info = challenge.target_info.clone();
        let flags = target_info.flags()? | HAS_INTEGRITY_CODE;
        target_info.set(id::FLAGS, &flags.to_le_bytes());
        target_info.set(id::CHANNEL_BINDING, &self.binding);
        target_info.set(id::TARGET_NAME, &utf16(&self.user.service));
        target_info.write()
    }

    fn keys(&mut self) -> Result<&mut NtlmKeys, LoginError> {
        let keys = self.keys.as_mut();
        keys.ok_or_else(|| LoginError::new("NTLM has no keys before the login is complete"))
    }
}

/// Returns the session key and its encrypted form: the client's own key if the server supports key
/// exchange, else the one derived from the password (MS-NLMP 3.1.5.1.2).
fn exported(base: &Block, drawn: &Block, flags: u32) -> (Zeroizing<Block>, Vec<u8>) {
    if !flags::exchange_keys(flags) {
        return (Zeroizing::new(*base), Vec::new());
    }
    let mut encrypted = drawn.to_vec();
    Cipher::new(base).apply(&mut encrypted);
    (Zeroizing::new(*drawn), encrypted)
}

impl ConnectionLogin for NtlmLogin {
    fn scheme(&self) -> &'static str {
        "Negotiate"
    }

    fn protocol(&self) -> Protocol {
        Protocol::Spnego
    }

    fn bind(&mut self, channel: &[u8]) {
        self.binding = gss_hash(channel);
    }

    fn step<'a>(&'a mut self, token: Option<&'a [u8]>, _: &'a dyn Kdc) -> TokenFuture<'a> {
        Box::pin(ready(self.next_token(token)))
    }

    fn is_complete(&self) -> bool {
        self.keys.is_some()
    }

    /// Windows rejects a login with an integrity code and no signature.
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
        vec![LoginAttempt::Ntlm { step: self.step }]
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
