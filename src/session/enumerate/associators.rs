//! Associators and references: reads the instances associated with an instance.

use std::marker::PhantomData;

use super::paging::EnumerateRequest;
use super::{Enumerates, Paging, Plan, PlanRows, RowKind};
use crate::cim::{Instance, InstancePath};
use crate::error::{Error, OperationKind, Subject};
use crate::protocol::{AssociationFilter, EnumerationMode, Filter, ResultKind};
use crate::session::Session;
use crate::session::call::Call;
use crate::session::request::{Request, TargetPath};
use crate::session::target::Target;

/// The operation of [`Session::associators`]; `R` is the type of a row.
#[derive(Clone, Debug)]
pub struct Associators<R = Instance>(Association<R>);

/// The operation of [`Session::references`]; `R` is the type of a row.
#[derive(Clone, Debug)]
pub struct References<R = Instance>(Association<R>);

#[derive(Clone, Debug)]
struct Association<R> {
    object: TargetPath,
    /// Without its object, which the plan adds.
    filter: AssociationFilter,
    with_paths: bool,
    paging: Paging,
    row: PhantomData<fn() -> R>,
}

impl Session {
    /// Reads the instances that are associated with one (`MI_Session_AssociatorInstances`; association
    /// filter, DSP0227 7.4).
    ///
    /// # Errors
    /// [`Error::InvalidClass`] if a class of the filter does not exist. For a missing instance many
    /// servers send no rows instead of an error.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// for computer in session.enumerate_paths("Win32_ComputerSystem").await? {
    ///     let services = session.associators(&computer)
    ///         .association_class("Win32_SystemServices").result_class("Win32_Service").await?;
    ///     assert!(!services.is_empty());
    /// }
    /// # Ok(()) });
    /// ```
    pub fn associators(&self, object: impl Into<TargetPath>) -> Request<Associators> {
        let association = Association::of(object.into(), ResultKind::AssociatedInstances);
        Request::new(self, Associators(association))
    }

    /// Reads the associations that refer to an instance (`MI_Session_ReferenceInstances`; association
    /// filter, DSP0227 7.4).
    ///
    /// # Errors
    /// As [`associators`](Session::associators).
    pub fn references(&self, object: impl Into<TargetPath>) -> Request<References> {
        let association = Association::of(object.into(), ResultKind::AssociationInstances);
        Request::new(self, References(association))
    }
}

impl<R> Request<Associators<R>> {
    /// Follows only associations of this class or a class derived from it.
    pub fn association_class(mut self, class: impl Into<String>) -> Self {
        self.operation.0.filter.association_class = Some(class.into());
        self
    }

    /// Reads only instances of this class or a class derived from it.
    pub fn result_class(mut self, class: impl Into<String>) -> Self {
        self.operation.0.filter.result_class = Some(class.into());
        self
    }

    /// Follows only associations that refer to the instance by this property.
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.operation.0.filter.role = Some(role.into());
        self
    }

    /// Follows only associations that refer to the result by this property.
    pub fn result_role(mut self, role: impl Into<String>) -> Self {
        self.operation.0.filter.result_role = Some(role.into());
        self
    }
}

impl<R> Request<References<R>> {
    /// Reads only associations of this class or a class derived from it.
    pub fn result_class(mut self, class: impl Into<String>) -> Self {
        self.operation.0.filter.result_class = Some(class.into());
        self
    }

    /// Reads only associations that refer to the instance by this property.
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.operation.0.filter.role = Some(role.into());
        self
    }
}

impl Request<Associators> {
    /// Reads the instances without their own paths.
    pub fn without_paths(mut self) -> Self {
        self.operation.0.with_paths = false;
        self
    }

    /// Reads only the paths (`keysOnly`).
    pub fn paths(self) -> Request<Associators<InstancePath>> {
        self.map(|Associators(association)| Associators(association.paths()))
    }
}

impl Request<References> {
    /// Reads the associations without their own paths.
    pub fn without_paths(mut self) -> Self {
        self.operation.0.with_paths = false;
        self
    }

    /// Reads only the paths (`keysOnly`).
    pub fn paths(self) -> Request<References<InstancePath>> {
        self.map(|References(association)| References(association.paths()))
    }
}

impl<R: RowKind> Enumerates for Associators<R> {
    type Row = R;
}

impl<R: RowKind> PlanRows<R> for Associators<R> {
    fn plan(&mut self, call: &Call) -> Result<Plan<R>, Error> {
        self.0.plan(call)
    }

    fn paging(&mut self) -> &mut Paging {
        &mut self.0.paging
    }

    fn kind(&self) -> OperationKind {
        OperationKind::Associators
    }

    fn subject(&self) -> Subject {
        Subject::at(self.kind(), self.0.object.path().ok().cloned())
    }
}

impl<R: RowKind> Enumerates for References<R> {
    type Row = R;
}

impl<R: RowKind> PlanRows<R> for References<R> {
    fn plan(&mut self, call: &Call) -> Result<Plan<R>, Error> {
        self.0.plan(call)
    }

    fn paging(&mut self) -> &mut Paging {
        &mut self.0.paging
    }

    fn kind(&self) -> OperationKind {
        OperationKind::References
    }

    fn subject(&self) -> Subject {
        Subject::at(self.kind(), self.0.object.path().ok().cloned())
    }
}

impl Association<Instance> {
    fn of(object: TargetPath, result: ResultKind) -> Self {
        Self {
            object,
            filter: AssociationFilter {
                result,
                object: InstancePath::new(""),
                association_class: None,
                role: None,
                result_class: None,
                result_role: None,
            },
            with_paths: true,
            paging: Paging::default(),
            row: PhantomData,
        }
    }

    fn paths(self) -> Association<InstancePath> {
        Association {
            object: self.object,
            filter: self.filter,
            with_paths: true,
            paging: self.paging,
            row: PhantomData,
        }
    }
}

impl<R: RowKind> Association<R> {
    fn plan(&mut self, call: &Call) -> Result<Plan<R>, Error> {
        let path = self.object.path()?;
        let object = Target::at(call, path)?;
        let target = Target::all_classes(call, Some(path))?;
        Ok(Plan {
            target,
            question: EnumerateRequest {
                mode: if self.with_paths {
                    R::MODE
                } else {
                    EnumerationMode::Objects
                },
                filter: Some(Filter::Association(AssociationFilter {
                    object: object.path(),
                    association_class: self.filter.association_class.take(),
                    role: self.filter.role.take(),
                    result_class: self.filter.result_class.take(),
                    result_role: self.filter.result_role.take(),
                    result: self.filter.result,
                })),
                ..EnumerateRequest::default()
            },
            paging: std::mem::take(&mut self.paging),
            class: None,
            typing: R::typing(call),
            read: Box::new(R::of_row),
        })
    }
}
