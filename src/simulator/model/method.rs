//! Methods of the simulator's classes, written as Rust closures.

use std::fmt;
use std::sync::Arc;

use crate::cim::{CimStatus, Instance, InstancePath, Name, Value, ValueError, WbemStatus};
use crate::protocol::PARAMETERS;
use crate::simulator::model::repository::{InstanceId, Schema, Space};
use crate::simulator::model::semantics::{CimFailure, RequestTarget, no_instance};

/// A method of a class.
#[derive(Clone)]
pub(in crate::simulator) struct Method {
    pub(in crate::simulator) class: Name,
    pub(in crate::simulator) name: Name,
    body: Arc<Body>,
}

type Body = dyn Fn(&mut MethodCall<'_>) -> Result<MethodReply, MethodFailure> + Send + Sync;

impl Method {
    pub(in crate::simulator) fn new(
        class: Name,
        name: Name,
        body: impl Fn(&mut MethodCall<'_>) -> Result<MethodReply, MethodFailure> + Send + Sync + 'static,
    ) -> Self {
        let body = Arc::new(body);
        Self { class, name, body }
    }

    pub(in crate::simulator) fn call(
        &self,
        call: &mut MethodCall<'_>,
    ) -> Result<MethodReply, MethodFailure> {
        (self.body)(call)
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.class, self.name)
    }
}

/// One call of a method: its target, its arguments, and the namespace that it may change.
///
/// The method has exclusive access to the repository: other requests wait for it.
pub struct MethodCall<'a> {
    space: &'a mut Space,
    schema: Schema,
    /// `None` for a call on the class.
    id: Option<InstanceId>,
    target: RequestTarget<'a>,
    arguments: Instance,
}

impl<'a> MethodCall<'a> {
    pub(in crate::simulator) fn new(
        space: &'a mut Space,
        schema: Schema,
        id: Option<InstanceId>,
        target: RequestTarget<'a>,
        arguments: Instance,
    ) -> Self {
        Self {
            space,
            schema,
            id,
            target,
            arguments,
        }
    }

    /// Returns the class of the call, which may be a subclass of the one that declares the method.
    pub fn class(&self) -> &Name {
        &self.schema.name
    }

    /// Whether the method was called on the class.
    pub fn is_static(&self) -> bool {
        self.id.is_none()
    }

    /// Returns the current state of the instance.
    ///
    /// # Errors
    /// Fails if the instance does not exist, or the method was called on the class. Return the
    /// failure, so that the client gets the fault of the real server.
    pub fn instance(&self) -> Result<Instance, MethodFailure> {
        let id = self.id.as_ref().ok_or(CimFailure::NeedsInstance)?;
        let found = self.space.get(id).cloned();
        Ok(found.ok_or_else(|| no_instance(self.target))?)
    }

    /// Returns the arguments as the client sent them, most of them untyped.
    pub fn arguments(&self) -> &Instance {
        &self.arguments
    }

    /// Returns an argument as a Rust type; use `Option` for an optional argument.
    ///
    /// # Errors
    /// Fails if the argument is missing, or has another type.
    pub fn get<T: for<'v> TryFrom<&'v Value, Error = ValueError>>(
        &self,
        name: &str,
    ) -> Result<T, MethodFailure> {
        let value = self.arguments.value(name).unwrap_or(&Value::Null);
        T::try_from(value).map_err(|_| {
            let name = Name::new(name);
            MethodFailure(match value {
                Value::Null => CimFailure::NoArgument(name),
                _ => CimFailure::TypeMismatch(name),
            })
        })
    }

    /// Rejects arguments with other names, as Windows and OMI do; openwsman ignores them.
    ///
    /// # Errors
    /// Fails if there is such an argument.
    pub fn only(&self, names: &[&str]) -> Result<(), MethodFailure> {
        let known = |name: &Name| names.iter().any(|known| *name == **known);
        let mut arguments = self.arguments.properties().iter();
        match arguments.find(|argument| !known(argument.name())) {
            Some(unknown) => Err(CimFailure::NoParameter(unknown.name().clone()).into()),
            None => Ok(()),
        }
    }

    /// Returns an instance of this namespace, by its exact class and its keys.
    pub fn find(&self, path: &InstancePath) -> Option<Instance> {
        self.space.get(&self.space.id_at(path)?).cloned()
    }

    /// Returns all instances of a class, without those of its subclasses.
    pub fn instances(&self, class: &str) -> Vec<Instance> {
        self.space.instances_of(&Name::new(class))
    }

    /// Inserts an instance into this namespace, and replaces one with the same keys; no rule of its
    /// class is checked.
    ///
    /// # Errors
    /// Fails if the class does not exist.
    pub fn insert(&mut self, instance: Instance) -> Result<(), MethodFailure> {
        let class = instance.class().clone();
        self.space
            .insert(instance)
            .ok_or_else(|| CimFailure::NoClass(class).into())
    }

    /// Removes an instance.
    pub fn remove(&mut self, path: &InstancePath) -> Option<Instance> {
        let id = self.space.id_at(path)?;
        self.space.remove(&id)
    }
}

impl fmt::Debug for MethodCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MethodCall")
            .field("class", &self.schema.name)
            .field("arguments", &self.arguments)
            .finish_non_exhaustive()
    }
}

/// The result of a method.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct MethodReply {
    /// NULL for a method without a return value.
    pub(in crate::simulator) return_value: Value,
    pub(in crate::simulator) outputs: Instance,
}

impl MethodReply {
    /// Creates a result without out parameters; use [`Value::Null`] for a method without a return
    /// value.
    pub fn new(return_value: impl Into<Value>) -> Self {
        Self {
            return_value: return_value.into(),
            outputs: Instance::new(PARAMETERS),
        }
    }

    /// Sets an out parameter.
    pub fn with(mut self, name: impl Into<Name>, value: impl Into<Value>) -> Self {
        self.outputs.set(name, value);
        self
    }
}

/// Why a method failed, which the client gets as a fault: converted from a [`CimStatus`] or a
/// [`WbemStatus`], or passed on from a method of [`MethodCall`] or [`Instance`].
///
/// ```
/// use wsman::cim::CimStatus;
/// use wsman::simulator::MethodFailure;
/// let denied = MethodFailure::from(CimStatus::AccessDenied);
/// assert!(denied.to_string().contains("ACCESS_DENIED"));
/// ```
#[derive(Clone, Debug)]
pub struct MethodFailure(CimFailure);

impl From<CimStatus> for MethodFailure {
    fn from(status: CimStatus) -> Self {
        Self(CimFailure::Status(status))
    }
}

impl From<WbemStatus> for MethodFailure {
    fn from(status: WbemStatus) -> Self {
        Self(CimFailure::Wbem(status))
    }
}

impl From<ValueError> for MethodFailure {
    fn from(error: ValueError) -> Self {
        let name = Name::new(error.property().unwrap_or_default());
        Self(CimFailure::TypeMismatch(name))
    }
}

impl From<CimFailure> for MethodFailure {
    fn from(failure: CimFailure) -> Self {
        Self(failure)
    }
}

impl From<MethodFailure> for CimFailure {
    fn from(failure: MethodFailure) -> Self {
        failure.0
    }
}

impl fmt::Display for MethodFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for MethodFailure {}
