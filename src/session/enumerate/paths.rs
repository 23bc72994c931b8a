//! Enumerate: reads the paths of the instances of a class.

use super::paging::EnumerateRequest;
use super::{Enumerates, FromRow, Paging, Plan, PlanRows};
use crate::cim::{InstancePath, Name};
use crate::error::{Error, OperationKind, Subject};
use crate::session::Session;
use crate::session::call::Call;
use crate::session::request::Request;
use crate::session::target::Target;

/// The operation of [`Session::enumerate_paths`].
#[derive(Clone, Debug)]
pub struct EnumeratePaths {
    class: Name,
    paging: Paging,
}

impl Session {
    /// Reads the paths of the instances of a class and of its subclasses
    /// (`MI_Session_EnumerateInstances` with `keysOnly`; `EnumerateEPR`, DSP0226 8.7).
    ///
    /// # Errors
    /// As [`enumerate_instances`](Session::enumerate_instances).
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// for path in session.enumerate_paths("Win32_Share").await? {
    ///     session.get_instance(&path).await?;
    /// }
    /// # Ok(()) });
    /// ```
    pub fn enumerate_paths(&self, class: impl Into<Name>) -> Request<EnumeratePaths> {
        Request::new(
            self,
            EnumeratePaths {
                class: class.into(),
                paging: Paging::default(),
            },
        )
    }
}

impl Enumerates for EnumeratePaths {
    type Row = InstancePath;
}

impl PlanRows<InstancePath> for EnumeratePaths {
    fn plan(&mut self, call: &Call) -> Result<Plan<InstancePath>, Error> {
        let target = Target::class(call, self.class.clone())?;
        Ok(Plan {
            target,
            question: EnumerateRequest {
                mode: InstancePath::MODE,
                ..EnumerateRequest::default()
            },
            paging: std::mem::take(&mut self.paging),
            typing: None,
            class: Some(self.class.clone()),
            read: Box::new(InstancePath::of_row),
        })
    }

    fn paging(&mut self) -> &mut Paging {
        &mut self.paging
    }

    fn kind(&self) -> OperationKind {
        OperationKind::Enumerate
    }

    fn subject(&self) -> Subject {
        Subject::class(self.kind(), self.class.clone())
    }
}
