//! Why a login cannot go on.

use std::fmt;

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
