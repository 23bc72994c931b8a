//! Delete: deletes an instance.

use super::Session;
use super::call::{Call, Effect};
use super::request::{Perform, Request, Run, TargetPath};
use super::target::Target;
use crate::error::{Error, OperationKind, Subject};
use crate::protocol::action;

/// The operation of [`Session::delete_instance`].
#[derive(Clone, Debug)]
pub struct DeleteInstance {
    target: TargetPath,
}

impl Session {
    /// Deletes the instance that a [`TargetPath`] names (`MI_Session_DeleteInstance`; WS-Transfer Delete, MS-WSMV 3.1.4.4).
    ///
    /// # Errors
    /// [`Error::NotFound`] if the instance does not exist; [`Error::InvalidParameter`] if the path is that of a
    /// class.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let path = r#"Win32_Share.Name="public""#;
    /// session.delete_instance(path).await?;
    /// assert!(matches!(session.delete_instance(path).await, Err(wsman::Error::NotFound(_))));
    /// # Ok(()) });
    /// ```
    pub fn delete_instance(&self, target: impl Into<TargetPath>) -> Request<DeleteInstance> {
        Request::new(
            self,
            DeleteInstance {
                target: target.into(),
            },
        )
    }
}

impl Perform for DeleteInstance {
    type Output = ();
}

impl Run<()> for DeleteInstance {
    async fn perform(&mut self, call: &mut Call) -> Result<(), Error> {
        let target = Target::at(call, self.target.path()?)?;
        let draft = target.draft(action::DELETE, Effect::Write)?;
        call.send(draft, |_| Ok(()), |body, first, _| body.nothing(first))
            .await?;
        Ok(())
    }

    fn kind(&self) -> OperationKind {
        OperationKind::Delete
    }

    fn subject(&self) -> Subject {
        Subject::at(self.kind(), self.target.path().ok().cloned())
    }
}
