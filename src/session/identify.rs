//! Identify: reads the vendor, product and version of the server.

use super::Session;
use super::call::Call;
use super::request::{Perform, Request, Run};
use crate::error::{Error, OperationKind};
use crate::protocol::{Identity, read_identify, write_identify};

/// The operation of [`Session::identify`].
#[derive(Clone, Debug, Default)]
pub struct Identify {
    anonymous: bool,
}

impl Session {
    /// Sends Identify and returns the server's vendor, product and version
    /// (`MI_Session_TestConnection`; DSP0226 11, MS-WSMV 3.1.4.1.23). The namespace and options of the
    /// request are ignored.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let server = session.identify().await?;
    /// println!("{} {}", server.product_vendor, server.product_version);
    /// # Ok(()) });
    /// ```
    pub fn identify(&self) -> Request<Identify> {
        Request::new(self, Identify::default())
    }
}

impl Request<Identify> {
    /// Sends the message without a login; Windows then omits its version.
    pub fn anonymous(mut self) -> Self {
        self.operation.anonymous = true;
        self
    }
}

impl Perform for Identify {
    type Output = Identity;
}

impl Run<Identity> for Identify {
    async fn perform(&mut self, call: &mut Call) -> Result<Identity, Error> {
        let bytes = write_identify()?;
        let read = call.send_bytes(bytes, self.anonymous, |body, first, _| {
            read_identify(body, first)
        });
        Ok(read.await?.unwrap_or_default())
    }

    fn kind(&self) -> OperationKind {
        OperationKind::Identify
    }
}
