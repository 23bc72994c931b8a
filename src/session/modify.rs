//! Modify: changes an existing instance.

use super::Session;
use super::put::PartialUpdate;
use super::put::PutInstance;
use super::put::PutMode;
use super::request::{InstanceSource, Request};

impl Session {
    /// Changes an existing instance (`MI_Session_ModifyInstance`): a put in [`PutMode::UpdateOnly`] that
    /// also sends the names of the modified properties, as the MI client of Windows does. All fields of a
    /// struct ([`InstanceSource`]) count as modified.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) if the instance does not exist; otherwise as
    /// [`put_instance`](Session::put_instance).
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let mut share = session.get_instance(r#"Win32_Share.Name="public""#).await?;
    /// share.set("Description", "open to all");
    /// session.modify_instance(&share).await?;
    /// # Ok(()) });
    /// ```
    pub fn modify_instance(&self, instance: impl Into<InstanceSource>) -> Request<PutInstance> {
        self.put_instance(instance)
            .mode(PutMode::UpdateOnly)
            .partial(PartialUpdate::ModifiedProperties)
    }
}
