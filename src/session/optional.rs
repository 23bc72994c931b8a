//! Operations whose target may be missing.

use super::call::Call;
use super::request::{Perform, Request, Run};
use crate::error::{Error, OperationKind, Subject};

/// An operation that returns `None` if its target does not exist: [`Request::optional`].
#[derive(Clone, Debug)]
pub struct Optional<O>(O);

impl<O: Perform> Request<O> {
    /// Returns `None` instead of [`Error::NotFound`].
    ///
    /// Many servers send not-found for a missing class or namespace as well
    /// ([`is_ambiguous`](Error::is_ambiguous)): that is `None`, too. Call this after the settings of one
    /// operation, such as [`typed`](Request::<crate::request::GetInstance>::typed).
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let missing = session.get_instance(r#"Win32_Share.Name="missing""#).optional().await?;
    /// assert!(missing.is_none());
    /// let deleted = session.delete_instance(r#"Win32_Share.Name="public""#).optional().await?;
    /// assert!(deleted.is_some());
    /// # Ok(()) });
    /// ```
    pub fn optional(self) -> Request<Optional<O>> {
        self.map(Optional)
    }
}

impl<O: Perform> Perform for Optional<O> {
    type Output = Option<O::Output>;
}

impl<O: Perform> Run<Option<O::Output>> for Optional<O> {
    async fn perform(&mut self, call: &mut Call) -> Result<Option<O::Output>, Error> {
        match self.0.perform(call).await {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn kind(&self) -> OperationKind {
        self.0.kind()
    }

    fn subject(&self) -> Subject {
        self.0.subject()
    }
}
