//! Delete: deletes an instance.

use super::Session;
use super::call::{Call, Effect};
use super::request::{Perform, Request, Run};
use super::target::Target;
use crate::cim::InstancePath;
use crate::error::Error;
use crate::protocol::action;

/// The operation of [`Session::delete_instance`].
#[derive(Clone, Debug)]
pub struct DeleteInstance {
    path: InstancePath,
}

impl Session {
    /// Deletes an instance (`MI_Session_DeleteInstance`; WS-Transfer Delete, MS-WSMV 3.1.4.4).
    ///
    /// # Errors
    /// [`Error::NotFound`] if the instance does not exist; [`Error::InvalidParameter`] if the path is that of a
    /// class.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let path = r#"Win32_Share.Name="public""#.parse()?;
    /// session.delete_instance(&path).await?;
    /// assert!(matches!(session.delete_instance(&path).await, Err(wsman::Error::NotFound(_))));
    /// # Ok(()) });
    /// ```
    pub fn delete_instance(&self, path: &InstancePath) -> Request<DeleteInstance> {
        Request::new(self, DeleteInstance { path: path.clone() })
    }
}

impl Perform for DeleteInstance {
    type Output = ();
}

impl Run<()> for DeleteInstance {
    async fn perform(self, call: &mut Call) -> Result<(), Error> {
        let target = Target::at(call, &self.path)?;
        let draft = target.draft(action::DELETE, Effect::Write)?;
        call.send(draft, |_| Ok(()), |body, first, _| body.nothing(first))
            .await?;
        Ok(())
    }
}
