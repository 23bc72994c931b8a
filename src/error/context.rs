//! What failed, on what: the operation, the instance or class, and the endpoint.

use std::fmt;

use super::Error;
use crate::cim::{InstancePath, Name, Namespace};

/// The operation of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperationKind {
    /// [`get_instance`](crate::Session::get_instance).
    Get,
    /// [`get_property`](crate::Session::get_property).
    GetProperty,
    /// [`put_instance`](crate::Session::put_instance).
    Put,
    /// [`modify_instance`](crate::Session::modify_instance).
    Modify,
    /// [`create_instance`](crate::Session::create_instance).
    Create,
    /// [`delete_instance`](crate::Session::delete_instance).
    Delete,
    /// [`enumerate_instances`](crate::Session::enumerate_instances),
    /// [`enumerate_paths`](crate::Session::enumerate_paths) and
    /// [`enumerate`](crate::Session::enumerate).
    Enumerate,
    /// [`query_instances`](crate::Session::query_instances) and [`query`](crate::Session::query).
    Query,
    /// [`associators`](crate::Session::associators).
    Associators,
    /// [`references`](crate::Session::references).
    References,
    /// [`Rows::release`](crate::Rows::release).
    Release,
    /// [`invoke_method`](crate::Session::invoke_method).
    Invoke,
    /// [`get_class`](crate::Session::get_class).
    GetClass,
    /// [`enumerate_classes`](crate::Session::enumerate_classes).
    EnumerateClasses,
    /// [`subscribe`](crate::Session::subscribe), and the events.
    Subscribe,
    /// [`Subscription::close`](crate::Subscription::close).
    Unsubscribe,
    /// [`identify`](crate::Session::identify).
    Identify,
    /// [`diagnose`](crate::Session::diagnose).
    Diagnose,
}

impl OperationKind {
    /// Returns the name, such as `get` or `enumerate-classes`.
    pub fn as_str(self) -> &'static str {
        match self {
            OperationKind::Get => "get",
            OperationKind::GetProperty => "get-property",
            OperationKind::Put => "put",
            OperationKind::Modify => "modify",
            OperationKind::Create => "create",
            OperationKind::Delete => "delete",
            OperationKind::Enumerate => "enumerate",
            OperationKind::Query => "query",
            OperationKind::Associators => "associators",
            OperationKind::References => "references",
            OperationKind::Release => "release",
            OperationKind::Invoke => "invoke",
            OperationKind::GetClass => "get-class",
            OperationKind::EnumerateClasses => "enumerate-classes",
            OperationKind::Subscribe => "subscribe",
            OperationKind::Unsubscribe => "unsubscribe",
            OperationKind::Identify => "identify",
            OperationKind::Diagnose => "diagnose",
        }
    }

    /// Returns whether the operation may change instances. A subscription changes none.
    pub fn is_write(self) -> bool {
        matches!(
            self,
            OperationKind::Put
                | OperationKind::Modify
                | OperationKind::Create
                | OperationKind::Delete
                | OperationKind::Invoke
        )
    }
}

impl fmt::Display for OperationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An operation, and the instance or class that it concerns.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(super) kind: OperationKind,
    pub(super) path: Option<InstancePath>,
    /// The method or the property.
    pub(super) member: Option<Name>,
}

impl Subject {
    /// An operation on no class.
    pub(crate) fn of(kind: OperationKind) -> Self {
        Self {
            kind,
            path: None,
            member: None,
        }
    }

    /// An operation on an instance, or on the class of a path without keys.
    pub(crate) fn at(kind: OperationKind, path: Option<InstancePath>) -> Self {
        Self {
            path,
            ..Self::of(kind)
        }
    }

    /// An operation on a class.
    pub(crate) fn class(kind: OperationKind, class: impl Into<Name>) -> Self {
        Self::at(kind, Some(InstancePath::new(class)))
    }

    /// Adds the method or the property.
    pub(crate) fn member(mut self, member: Name) -> Self {
        self.member = Some(member);
        self
    }

    /// Adds the namespace to a path that names none.
    pub(crate) fn in_namespace(mut self, namespace: Option<&Namespace>) -> Self {
        if let (Some(path), Some(namespace)) = (&mut self.path, namespace)
            && path.namespace().is_none()
        {
            path.set_namespace(namespace.clone());
        }
        self
    }

    /// The same subject in another operation.
    pub(crate) fn during(self, kind: OperationKind) -> Self {
        Self { kind, ..self }
    }
}

/// `invoke StopService of root\cimv2:Win32_Service.Name="Spooler"`
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if let Some(member) = &self.member {
            write!(f, " {member} of")?;
        }
        if let Some(path) = &self.path {
            write!(f, " {path}")?;
        }
        Ok(())
    }
}

/// The context of an error.
pub(super) struct Context {
    pub(super) subject: Subject,
    /// The URL of the server.
    pub(super) endpoint: Box<str>,
}

impl Error {
    /// Returns the operation that failed; `None` for an error that no operation of a session returned.
    pub fn operation(&self) -> Option<OperationKind> {
        Some(self.context()?.subject.kind)
    }

    /// Returns the path of the instance that the operation concerns; for a class a path without keys.
    /// `None` if the operation concerns neither, such as [`identify`](crate::Session::identify).
    ///
    /// [`Error::created_path`] is the path of [`Error::CreatedElsewhere`].
    pub fn path(&self) -> Option<&InstancePath> {
        self.context()?.subject.path.as_ref()
    }

    /// Returns the class that the operation concerns.
    pub fn class(&self) -> Option<&Name> {
        self.path().map(InstancePath::class)
    }

    /// Returns the method that was called, or the property that was read.
    pub fn member(&self) -> Option<&Name> {
        self.context()?.subject.member.as_ref()
    }

    /// Returns the URL of the server, without a user and a password.
    pub fn endpoint(&self) -> Option<&str> {
        Some(&self.context()?.endpoint)
    }

    fn context(&self) -> Option<&Context> {
        self.details().context.as_deref()
    }

    /// Adds the operation and the endpoint; the first ones stay.
    pub(crate) fn within(mut self, subject: impl FnOnce() -> Subject, endpoint: &str) -> Self {
        let details = self.details_mut();
        if details.context.is_none() {
            let subject = subject();
            details.read_only |= !subject.kind.is_write();
            let endpoint = crate::transport::without_userinfo(endpoint).into();
            details.context = Some(Box::new(Context { subject, endpoint }));
        }
        self
    }

    /// Adds the operation that prepared the failed one, such as reading the class for it.
    pub(crate) fn preparing(mut self, subject: impl FnOnce() -> Subject) -> Self {
        let details = self.details_mut();
        details.preparation = Some(Box::new(subject()));
        self
    }
}
