//! A text in the form of each server.

use crate::cim::{ValueError, WireForm};

/// A part of a query in the form of each server, or the error why that server cannot express it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PerForm {
    windows: Text,
    omi: Text,
    openwsman: Text,
}

type Text = Result<String, ValueError>;

impl PerForm {
    /// Writes the part in each form.
    pub(super) fn of(write: impl Fn(WireForm) -> Text) -> Self {
        Self {
            windows: write(WireForm::Windows),
            omi: write(WireForm::Omi),
            openwsman: write(WireForm::Openwsman),
        }
    }

    /// Creates a part that is the same in every form.
    pub(super) fn verbatim(text: &str) -> Self {
        Self::of(|_| Ok(text.to_owned()))
    }

    /// Returns the part in one form.
    pub(crate) fn get(&self, form: WireForm) -> Result<&str, &ValueError> {
        let text = match form {
            WireForm::Windows => &self.windows,
            WireForm::Omi => &self.omi,
            WireForm::Openwsman => &self.openwsman,
        };
        text.as_deref()
    }

    /// Returns the part if it is the same in every form; an error if no form can express it.
    pub(crate) fn same(&self) -> Option<Result<&str, &ValueError>> {
        match [&self.windows, &self.omi, &self.openwsman] {
            [Ok(windows), Ok(omi), Ok(openwsman)] => {
                (windows == omi && windows == openwsman).then_some(Ok(windows))
            }
            [Err(error), Err(_), Err(_)] => Some(Err(error)),
            _ => None,
        }
    }

    /// Surrounds the part.
    pub(super) fn within(self, before: &str, after: &str) -> Self {
        Self::of(|form| {
            let text = self.get(form).map_err(Clone::clone)?;
            Ok([before, text, after].concat())
        })
    }

    /// Joins two parts with a separator.
    pub(super) fn join(&self, between: &str, other: &PerForm) -> Self {
        Self::of(|form| {
            let one = self.get(form).map_err(Clone::clone)?;
            let two = other.get(form).map_err(Clone::clone)?;
            Ok([one, between, two].concat())
        })
    }
}
