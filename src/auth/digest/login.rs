//! The exchange of one message: challenges, responses and refusals.

use super::{BodyIntegrity, Context, Offer, Protected};
use crate::auth::challenge::Challenge;
use crate::auth::credentials::Scheme;
use crate::auth::{Credentials, CredentialsError, LoginAttempt, LoginLimits, Secret, basic};

/// The limit of retries of a message after its nonce expired.
const RENEWALS: u32 = 1;

/// The Digest credentials, and the fallback after a refusal.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    user: String,
    password: Secret,
    /// The `Authorization` of Basic, if the client may fall back to it.
    basic: Option<Secret>,
    integrity: BodyIntegrity,
    limits: LoginLimits,
}

/// How the server refuses a nonce that has expired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// With `stale=true`. Any other refusal means the user name or the password (RFC 7616 3.3).
    #[default]
    Named,
    /// Without `stale`, as the server was seen to do.
    Silent,
}

/// What earlier messages showed about the server.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ServerFacts {
    pub(crate) expiry: Expiry,
    /// Whether the server has accepted the password.
    pub(crate) is_settled: bool,
}

/// The state from earlier messages.
#[derive(Debug, Default)]
pub(crate) enum Memory {
    /// None: the client requests a challenge first.
    #[default]
    Nothing,
    /// A nonce that the client can use again.
    Context(Context),
    /// The server accepts Basic and offers no Digest.
    Basic,
}

/// The next message to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// An empty message without a login, which is safe to send to any server.
    Opening,
    /// A harmless message that checks whether the server still accepts the login.
    Check,
    /// The message.
    Message,
}

/// Whether the client may send a message again after a 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caution {
    /// The message changes nothing, or TLS protects the 401: the server has not processed the
    /// message.
    MayRepeat,
    /// The message changes something, and an attacker on the path can forge the 401. Only a message
    /// without credentials was certainly not processed, so a check precedes it.
    SendsOnce,
}

/// The meaning of an answer.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Another step follows.
    Again,
    /// The server accepted the login; the state is for later messages.
    Accepted(Memory),
    /// The server refused the login: the attempts.
    Refused(Vec<LoginAttempt>),
    /// The server may have processed the message in spite of the refusal, so it is not sent again.
    InDoubt(Vec<LoginAttempt>),
}

/// The exchange of one message.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    login: &'a Login,
    state: State,
    caution: Caution,
    expiry: Expiry,
    /// Whether the server has accepted the password before.
    is_settled: bool,
    /// Whether the server refused a nonce that it had accepted, and did not call it stale.
    is_unexplained: bool,
    /// Whether the server accepted the login in this exchange.
    is_checked: bool,
    step: Step,
    renewals: u32,
    tried: Vec<LoginAttempt>,
}

#[derive(Debug)]
enum State {
    Unopened,
    /// The server did not ask for a login.
    Unasked,
    Digest(Context),
    Basic,
}

impl Login {
    /// Takes the Digest settings from the credentials; `None` if they are for another scheme.
    pub(crate) fn new(
        credentials: &Credentials,
        integrity: BodyIntegrity,
    ) -> Result<Option<Self>, CredentialsError> {
        let (user, password, basic) = match credentials.scheme() {
            Scheme::Digest {
                user,
                password,
                or_basic: false,
            } => (user, password, None),
            Scheme::Digest { user, password, .. } => {
                (user, password, Some(basic::header(user, password)?))
            }
            // Basic is one of several schemes here: a password that is invalid for Basic only
            // disables Basic.
            #[cfg(feature = "negotiate")]
            Scheme::Password { user, password } => {
                (user, password, basic::header(user, password).ok())
            }
            _ => return Ok(None),
        };
        if user.chars().any(char::is_control) {
            return Err(CredentialsError::ControlCharacter);
        }
        Ok(Some(Self {
            user: user.clone(),
            password: password.clone(),
            basic,
            integrity,
            limits: LoginLimits::default(),
        }))
    }

    /// Replaces the limits of what the server may send.
    pub(crate) fn within(mut self, limits: LoginLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Parses the challenges of a server.
    pub(crate) fn offers<'a>(&self, headers: impl IntoIterator<Item = &'a str>) -> Vec<Challenge> {
        Challenge::read_within(headers, &self.limits)
    }

    /// Whether Basic follows Digest.
    pub(crate) fn falls_back_to_basic(&self) -> bool {
        self.basic.is_some()
    }

    /// Starts the exchange of a message.
    pub(crate) fn exchange(
        &self,
        memory: Memory,
        caution: Caution,
        facts: ServerFacts,
    ) -> Exchange<'_> {
        let is_settled = facts.is_settled || !matches!(memory, Memory::Nothing);
        let state = match memory {
            Memory::Nothing => State::Unopened,
            Memory::Context(context) => State::Digest(context),
            Memory::Basic => State::Basic,
        };
        Exchange {
            login: self,
            state,
            caution,
            expiry: facts.expiry,
            is_settled,
            is_unexplained: false,
            is_checked: false,
            step: Step::Opening,
            renewals: 0,
            tried: Vec::new(),
        }
    }
}

impl Exchange<'_> {
    /// The next message to send.
    pub(crate) fn step(&mut self) -> Step {
        if matches!(&self.state, State::Digest(context) if context.is_used_up()) {
            self.state = State::Unopened;
        }
        self.step = match self.state {
            State::Unopened => Step::Opening,
            _ if self.needs_check() => Step::Check,
            _ => Step::Message,
        };
        self.step
    }

    /// Returns the `Authorization` of this step; `None` if the server requires none.
    pub(crate) fn authorization(&mut self, message: Protected<'_>) -> Option<Secret> {
        match &mut self.state {
            State::Unopened | State::Unasked => None,
            State::Basic => self.login.basic.clone(),
            State::Digest(context) => context.authorization(message),
        }
    }

    /// Whether a check should precede the message: the nonce was used before and may have expired,
    /// or the server may require Basic.
    fn needs_check(&self) -> bool {
        let is_one_of_two = !self.is_settled && self.login.basic.is_some();
        let may_be_refused = match &self.state {
            State::Unopened | State::Unasked => false,
            State::Basic => is_one_of_two,
            State::Digest(context) => context.was_accepted() || is_one_of_two,
        };
        self.caution == Caution::SendsOnce && !self.is_checked && may_be_refused
    }

    /// The number of messages that used the nonce, if there is one.
    pub(crate) fn uses(&self) -> Option<u32> {
        match &self.state {
            State::Digest(context) => Some(context.uses()),
            _ => None,
        }
    }

    /// The scheme of this step, if it logs in.
    pub(crate) fn scheme(&self) -> Option<&'static str> {
        match self.state {
            State::Unopened | State::Unasked => None,
            State::Digest(_) => Some("Digest"),
            State::Basic => Some("Basic"),
        }
    }

    /// Handles an answer other than 401; `authentication_info` is that header.
    pub(crate) fn passed(&mut self, authentication_info: Option<&str>) -> Verdict {
        if self.step == Step::Check {
            self.is_checked = true;
            if let State::Digest(context) = std::mem::replace(&mut self.state, State::Unopened) {
                let next = context.accepted(authentication_info, &self.login.limits);
                self.state = next.map_or(State::Unopened, State::Digest);
            } else {
                self.state = State::Basic;
            }
            return Verdict::Again;
        }
        match std::mem::replace(&mut self.state, State::Unasked) {
            State::Unopened => Verdict::Again,
            State::Unasked => Verdict::Accepted(Memory::Nothing),
            State::Basic => Verdict::Accepted(Memory::Basic),
            State::Digest(context) => Verdict::Accepted(
                context
                    .accepted(authentication_info, &self.login.limits)
                    .map_or(Memory::Nothing, Memory::Context),
            ),
        }
    }

    /// Handles a 401 with these offers. The client nonce is for a new context.
    pub(crate) fn refused(&mut self, offers: &[Challenge], client_nonce: String) -> Verdict {
        if self.is_in_doubt() {
            if let Some(attempt) = self.attempt() {
                self.note(attempt);
            }
            return Verdict::InDoubt(std::mem::take(&mut self.tried));
        }
        let best = Offer::best(offers, &self.login.limits);
        match std::mem::replace(&mut self.state, State::Unopened) {
            State::Unopened | State::Unasked => match best {
                Some(offer) => return self.digest(offer, client_nonce),
                None => self.note(LoginAttempt::DigestNotOffered),
            },
            State::Digest(context) => {
                self.note(context.attempt());
                let is_stale = best.as_ref().is_some_and(|offer| offer.stale);
                self.is_unexplained = context.was_accepted() && !is_stale;
                let may_be_stale = self.is_unexplained && self.expiry == Expiry::Silent;
                if let Some(offer) = best.filter(|_| is_stale || may_be_stale)
                    && self.renewals < RENEWALS
                {
                    self.renewals += 1;
                    return self.digest(offer, client_nonce);
                }
            }
            State::Basic => {
                let has_tried_basic_only = self.tried.is_empty();
                self.note(LoginAttempt::Basic);
                if let Some(offer) = best
                    && has_tried_basic_only
                    && !self.is_refused_password("Basic", offers)
                {
                    return self.digest(offer, client_nonce);
                }
            }
        }
        if self.is_refused_password("Digest", offers) {
            return Verdict::Refused(std::mem::take(&mut self.tried));
        }
        self.basic(offers)
    }

    /// Whether the server refuses a password that it accepted before, by a scheme that it still
    /// offers. Another scheme would only try the same password again.
    fn is_refused_password(&self, scheme: &str, offers: &[Challenge]) -> bool {
        self.is_settled && offers.iter().any(|offer| offer.is(scheme))
    }

    /// Whether the server refused a nonce that it had accepted, and did not call it stale: the password
    /// was changed, or the server does not name expired nonces.
    pub(crate) fn is_unexplained(&self) -> bool {
        self.is_unexplained
    }

    /// Whether the server may have processed the message although it answered 401.
    fn is_in_doubt(&self) -> bool {
        let is_proven = !matches!(self.state, State::Unopened | State::Unasked);
        self.caution == Caution::SendsOnce && self.step == Step::Message && is_proven
    }

    /// The attempt of this step, for errors.
    fn attempt(&self) -> Option<LoginAttempt> {
        match &self.state {
            State::Unopened | State::Unasked => None,
            State::Basic => Some(LoginAttempt::Basic),
            State::Digest(context) => Some(context.attempt()),
        }
    }

    fn digest(&mut self, offer: Offer, client_nonce: String) -> Verdict {
        let Login { user, password, .. } = self.login;
        let context = Context::new(user, password, offer, self.login.integrity, client_nonce);
        self.state = State::Digest(context);
        Verdict::Again
    }

    /// Falls back to Basic, if allowed and not tried yet.
    fn basic(&mut self, offers: &[Challenge]) -> Verdict {
        let is_offered = offers.iter().any(|offer| offer.is("Basic"));
        let was_tried = self.tried.contains(&LoginAttempt::Basic);
        if self.login.basic.is_some() && is_offered && !was_tried {
            self.state = State::Basic;
            return Verdict::Again;
        }
        Verdict::Refused(std::mem::take(&mut self.tried))
    }

    fn note(&mut self, attempt: LoginAttempt) {
        if !self.tried.contains(&attempt) {
            self.tried.push(attempt);
        }
    }
}
