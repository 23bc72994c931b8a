//! The error of a failed login.

use std::fmt;

use crate::auth::LoginProblem;
use crate::shown::Shown;

/// A login failed: a token of the server is invalid, a signature is wrong, or a KDC refused.
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

    /// Creates an error with a known problem.
    pub(crate) fn of(problem: LoginProblem, text: impl Into<String>) -> Self {
        Self {
            problem: Some(problem),
            ..Self::new(text)
        }
    }

    /// Creates the error of a server that understood the login and refused it.
    pub(crate) fn refusal(text: impl Into<String>) -> Self {
        Self {
            is_refusal: true,
            ..Self::new(text)
        }
    }

    pub(crate) fn is_refusal(&self) -> bool {
        self.is_refusal
    }

    /// Whether the user is the problem, whatever the server: a login with another scheme would only
    /// count as another wrong attempt.
    pub(crate) fn is_about_the_user(&self) -> bool {
        matches!(
            self.problem,
            Some(
                LoginProblem::WrongPassword
                    | LoginProblem::WrongKey { .. }
                    | LoginProblem::PasswordExpired
                    | LoginProblem::AccountLocked
                    | LoginProblem::AccountDisabled
                    | LoginProblem::AccountExpired
                    | LoginProblem::AccountRestricted
            )
        )
    }

    /// The problem, if it is known.
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
