//! EnumerateClasses: reads the declarations of many classes.

use std::marker::PhantomData;

use super::paging::EnumerateRequest;
use super::{Enumerates, FromRow, Paging, Plan, PlanRows, RowKind};
use crate::cim::{Class, InstancePath, Name};
use crate::error::{Error, OperationKind, Subject};
use crate::protocol::{EnumerationMode, Row};
use crate::session::Session;
use crate::session::call::Call;
use crate::session::request::Request;
use crate::session::schema::{AsksForClasses, ClassDetail, HasDetail};
use crate::session::target::Target;

/// The operation of [`Session::enumerate_classes`]; `R` is the type of a row.
#[derive(Clone, Debug)]
pub struct EnumerateClasses<R = Class> {
    base: Option<Name>,
    shallow: bool,
    detail: ClassDetail,
    paging: Paging,
    row: PhantomData<fn() -> R>,
}

impl Session {
    /// Reads the declarations of the classes derived from one, or of all classes if none is named
    /// (`MI_Session_EnumerateClasses`; an Enumerate of CIM-XML, MS-WSMV 3.1.4.1.38). Each has the parts
    /// that [`get_class`](Session::get_class) reads.
    ///
    /// Windows 8, Windows Server 2012 and later support this. OMI and openwsman do not, and answer with
    /// [`Error::InvalidClass`].
    ///
    /// # Errors
    /// [`Error::InvalidClass`] if the class does not exist.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let shapes = session.enumerate_classes("Demo_Shape").names_only().await?;
    /// assert_eq!(shapes, ["Demo_Circle", "Demo_Square"]);
    /// let mut classes = session.enumerate_classes(None).stream();
    /// while let Some(class) = classes.next().await {
    ///     println!("{}", class?.name());
    /// }
    /// # Ok(()) });
    /// ```
    pub fn enumerate_classes<'a>(
        &self,
        base: impl Into<Option<&'a str>>,
    ) -> Request<EnumerateClasses> {
        Request::new(
            self,
            EnumerateClasses {
                base: base.into().map(Name::new),
                shallow: false,
                detail: ClassDetail::USUAL,
                paging: Paging::default(),
                row: PhantomData,
            },
        )
    }
}

impl<R> Request<EnumerateClasses<R>> {
    /// Reads only the direct subclasses of the class, or the classes without a superclass. No
    /// specification defines a request for these, so the client reads all classes and filters them.
    pub fn shallow(mut self) -> Self {
        self.operation.shallow = true;
        self
    }
}

impl Request<EnumerateClasses> {
    /// Reads only the names (`classNamesOnly`). The request asks for the smallest declarations.
    pub fn names_only(self) -> Request<EnumerateClasses<Name>> {
        self.map(|operation| EnumerateClasses {
            base: operation.base,
            shallow: operation.shallow,
            detail: ClassDetail::BARE,
            paging: operation.paging,
            row: PhantomData,
        })
    }
}

impl AsksForClasses for EnumerateClasses {}

impl HasDetail for EnumerateClasses {
    fn detail(&mut self) -> &mut ClassDetail {
        &mut self.detail
    }
}

impl RowKind for Class {}

impl FromRow for Class {
    const MODE: EnumerationMode = EnumerationMode::Objects;

    fn of_row(row: &mut Row, _: &Target) -> Option<Result<Self, Error>> {
        row.class.take().map(|class| Ok(*class))
    }
}

impl RowKind for Name {}

impl FromRow for Name {
    const MODE: EnumerationMode = EnumerationMode::Objects;

    fn of_row(row: &mut Row, _: &Target) -> Option<Result<Self, Error>> {
        row.class.as_ref().map(|class| Ok(class.name().clone()))
    }
}

impl<R: RowKind> Enumerates for EnumerateClasses<R> {
    type Row = R;
}

impl<R: RowKind> PlanRows<R> for EnumerateClasses<R> {
    fn plan(&mut self, call: &Call) -> Result<Plan<R>, Error> {
        let target = Target::declaration(call, self.base.as_ref())?;
        let (shallow, base) = (self.shallow, self.base.clone());
        Ok(Plan {
            target,
            question: EnumerateRequest {
                mode: R::MODE,
                options: self.detail.options(),
                ..EnumerateRequest::default()
            },
            paging: std::mem::take(&mut self.paging),
            class: None,
            typing: None,
            read: Box::new(move |row, target| {
                let superclass = row.class.as_ref().and_then(|class| class.superclass());
                let is_wanted = !shallow || superclass == base.as_ref();
                is_wanted.then(|| R::of_row(row, target)).flatten()
            }),
        })
    }

    fn paging(&mut self) -> &mut Paging {
        &mut self.paging
    }

    fn kind(&self) -> OperationKind {
        OperationKind::EnumerateClasses
    }

    fn subject(&self) -> Subject {
        Subject::at(self.kind(), self.base.clone().map(InstancePath::new))
    }
}
