//! GetClass: reads the declaration of a class.

use std::sync::Arc;

use super::cache::ClassId;
use super::detail::{AsksForClasses, ClassDetail, HasDetail};
use crate::cim::{Class, Name, Namespace};
use crate::error::{Error, OperationKind, Subject};
use crate::protocol::action;
use crate::session::Session;
use crate::session::call::{Call, Draft, Effect};
use crate::session::options::CallOptions;
use crate::session::request::{Perform, Request, Run};
use crate::session::target::Target;
use crate::session::trace::Trace;

/// The operation of [`Session::get_class`].
#[derive(Clone, Debug)]
pub struct GetClass {
    class: Name,
    detail: ClassDetail,
    cached: bool,
}

impl Session {
    /// Reads the declaration of a class (`MI_Session_GetClass`; a WS-Transfer Get of CIM-XML,
    /// MS-WSMV 3.1.4.1.38). It includes the qualifiers, which mark the keys, the inherited members and
    /// the superclasses, as in a request of Windows' MI client.
    ///
    /// Windows 8, Windows Server 2012 and later, and OMI support this.
    ///
    /// # Errors
    /// [`Error::InvalidClass`] if the class does not exist; Windows sends the same for a missing namespace.
    /// openwsman provides no classes and answers [`Error::InvalidClass`] for each.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// # use wsman::cim::CimType;
    /// let share = session.get_class("Win32_Share").await?;
    /// assert!(share.property("Name").is_some_and(|name| name.key));
    /// assert_eq!(share.property("Type").map(|kind| kind.cim_type), Some(CimType::Uint32));
    /// # Ok(()) });
    /// ```
    pub fn get_class(&self, class: impl Into<Name>) -> Request<GetClass> {
        Request::new(
            self,
            GetClass {
                class: class.into(),
                detail: ClassDetail::USUAL,
                cached: false,
            },
        )
    }

    /// Empties the class cache, so that the next use of each class reads it again.
    pub fn forget_classes(&self) {
        self.classes().clear();
    }
}

impl Request<GetClass> {
    /// Uses the class cache of the session. The class then always has the parts that
    /// [`get_class`](Session::get_class) reads by default.
    pub fn cached(mut self) -> Self {
        self.operation.cached = true;
        self
    }
}

impl Perform for GetClass {
    type Output = Class;
}

impl Run<Class> for GetClass {
    async fn perform(&mut self, call: &mut Call) -> Result<Class, Error> {
        if self.cached {
            return Ok(known_class(call, None, &self.class).await?.as_ref().clone());
        }
        read_class(call, &self.class, self.detail).await
    }

    fn kind(&self) -> OperationKind {
        OperationKind::GetClass
    }

    fn subject(&self) -> Subject {
        Subject::class(self.kind(), self.class.clone())
    }
}

/// Returns a class from the cache, else reads it. The namespace defaults to that of the call.
///
/// The read uses a separate call, so that its messages do not change the delivery of a write.
pub(in crate::session) async fn known_class(
    call: &Call,
    namespace: Option<&Namespace>,
    class: &Name,
) -> Result<Arc<Class>, Error> {
    let namespace = namespace.or(call.own_namespace());
    let namespace = namespace.or(call.session_namespace()).cloned();
    let id = ClassId::new(namespace.as_ref(), class);
    let options = CallOptions {
        namespace: namespace.map(Ok),
        ..call.options().of_any_message()
    };
    let session = call.session();
    // Boxed, because most operations read no class and all would reserve room for it.
    let reading = Box::pin(async {
        let trace = Trace::of::<GetClass>(session);
        let own = Call::new(session.clone(), options, Arc::default())?;
        let mut own = own.traced(trace.clone());
        let read = read_class(&mut own, class, ClassDetail::USUAL).await;
        trace.end(&read);
        Ok((read?, own.received()))
    });
    session.classes().get(id, reading).await
}

/// Says that an operation failed because the class could not be read.
#[cold]
pub(super) fn of_class(error: Error, class: &Name) -> Error {
    error.preparing(|| Subject::class(OperationKind::GetClass, class.clone()))
}

async fn read_class(call: &mut Call, class: &Name, detail: ClassDetail) -> Result<Class, Error> {
    let draft = Draft {
        options: detail.options(),
        ..Target::declaration(call, Some(class))?.draft(action::GET, Effect::Read)?
    };
    let answer = call
        .send(draft, |_| Ok(()), |body, first, _| body.class(first))
        .await;
    let answer = answer.map_err(Error::of_class)?;
    Ok(answer.unwrap_or_else(|| Class::new(class.clone())))
}

impl AsksForClasses for GetClass {}

impl HasDetail for GetClass {
    fn detail(&mut self) -> &mut ClassDetail {
        &mut self.detail
    }
}
