//! Why a login cannot go on, and the one way to call `sspi`.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::subscriber::{NoSubscriber, with_default};

use crate::auth::LoginProblem;
use crate::shown::Shown;

/// A login cannot go on: a token of the server's is none, a signature is wrong, or a key distribution
/// centre refuses.
#[derive(Clone, Debug)]
pub(crate) struct LoginError {
    problem: Option<LoginProblem>,
    is_refusal: bool,
    text: String,
}

impl LoginError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            problem: None,
            is_refusal: false,
            text: text.into(),
        }
    }

    /// One whose reason is known.
    pub(crate) fn of(problem: LoginProblem, text: impl Into<String>) -> Self {
        Self {
            problem: Some(problem),
            ..Self::new(text)
        }
    }

    /// The server understood the login, and does not want it.
    pub(crate) fn refusal(text: impl Into<String>) -> Self {
        Self {
            is_refusal: true,
            ..Self::new(text)
        }
    }

    pub(crate) fn is_refusal(&self) -> bool {
        self.is_refusal
    }

    /// Whether the user is what is wrong, whoever the server: a login with another scheme would only count
    /// as one more wrong try.
    pub(crate) fn is_about_the_user(&self) -> bool {
        matches!(
            self.problem,
            Some(
                LoginProblem::WrongPassword
                    | LoginProblem::PasswordExpired
                    | LoginProblem::AccountLocked
                    | LoginProblem::AccountDisabled
                    | LoginProblem::AccountExpired
                    | LoginProblem::AccountRestricted
            )
        )
    }

    /// The reason, if it is known.
    pub(crate) fn problem(&self) -> Option<LoginProblem> {
        self.problem
    }
}

/// Calls `sspi` with nobody listening, because it traces what it seals; and it may give up on bytes of
/// the network in ways that must not end the program.
#[cfg(feature = "simulator")]
pub(crate) fn quietly<T>(work: impl FnOnce() -> Result<T, sspi::Error>) -> Result<T, LoginError> {
    guarded(|| work().map_err(|error| error.description))
}

/// As [`quietly`], for what `sspi` is made with.
pub(super) fn guarded<T, E: fmt::Display>(
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, LoginError> {
    let called = || with_default(NoSubscriber::new(), work);
    match catch_unwind(AssertUnwindSafe(called)) {
        Ok(done) => done.map_err(|error| LoginError::new(error.to_string())),
        Err(_) => Err(LoginError::new("the token of the server makes no sense")),
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problem {
            Some(problem) => write!(f, "{}: {problem}", Shown::new(&self.text)),
            None => Shown::new(&self.text).fmt(f),
        }
    }
}

impl std::error::Error for LoginError {}

impl<T: Into<String>> From<T> for LoginError {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}
