//! Modify: an instance that exists.

use super::Session;
use super::put::PartialUpdate;
use super::put::PutInstance;
use super::put::PutMode;
use super::request::Request;
use crate::cim::Instance;

impl Session {
    /// Changes an instance that exists (`MI_Session_ModifyInstance`): a put in
    /// [`PutMode::UpdateOnly`] that sends the list of the modified properties, as Windows' MI client
    /// does.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) if there is no such instance; otherwise as
    /// [`put_instance`](Session::put_instance).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = wsman::simulator::sample().start().await?;
    /// # let session = wsman::Session::builder(simulator.url()).credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
    /// #     .allow_unencrypted().namespace("root/cimv2").build()?;
    /// let path = r#"Win32_Share.Name="public""#.parse()?;
    /// let mut share = session.get_instance(&path).await?;
    /// share.set("Description", "for everybody");
    /// session.modify_instance(&share).await?;
    /// # Ok(()) }
    /// ```
    pub fn modify_instance(&self, instance: &Instance) -> Request<PutInstance> {
        self.put_instance(instance)
            .mode(PutMode::UpdateOnly)
            .partial(PartialUpdate::ModifiedProperties)
    }
}
