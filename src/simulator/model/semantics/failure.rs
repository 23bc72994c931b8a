//! Why an operation failed, before any protocol has a word for it.

use std::fmt;

use crate::cim::{CimStatus, InstancePath, Name, Namespace, WbemStatus};

/// What went wrong, and with what.
#[derive(Clone, Debug)]
pub(in crate::simulator) enum CimFailure {
    NoNamespace(Namespace),
    NoClass(Name),
    NoInstance(InstancePath),
    AlreadyExists(InstancePath),
    /// Fewer selectors than the class has keys; whether there was any at all.
    TooFewSelectors {
        any: bool,
    },
    /// As many selectors as keys or more, and one that names no key.
    UnexpectedSelector(Name),
    /// As many selectors as keys, and one under a wrong name.
    WrongSelector(Name),
    DuplicateSelector(Name),
    SelectorType(Name),
    /// A Create without a key that the server does not make up.
    MissingKey(Name),
    NoProperty(Name),
    TypeMismatch(Name),
    IllegalNull(Name),
    /// A whole instance without a property that must have a value.
    MissingValue(Name),
    /// A body whose key is not that of the selector.
    KeyChanged(Name),
    AbstractClass(Name),
    /// A class where an instance belongs.
    ClassAsInstance,
    /// An instance of another class than the resource URI names.
    OtherClass {
        wanted: Name,
        found: Name,
    },
    NoBody,
    NoMethod(Name),
    /// An argument that the method does not have.
    NoParameter(Name),
    /// An argument that it needs.
    NoArgument(Name),
    /// A method of instances that was called on its class.
    NeedsInstance,
    /// `__PUT_EXT_*` without `__PUT_EXTENSIONS`.
    InvalidContext,
    /// A query that cannot be read, or names a property that the class does not have; why.
    InvalidQuery(String),
    /// A query about a class that does not exist.
    NoQueriedClass(Name),
    /// A status that a test asked for.
    Status(CimStatus),
    /// The same, as WMI's.
    Wbem(WbemStatus),
}

impl CimFailure {
    /// The status of WMI.
    pub(in crate::simulator) fn wbem(&self) -> WbemStatus {
        match self {
            CimFailure::NoNamespace(_) => WbemStatus::INVALID_NAMESPACE,
            CimFailure::NoClass(_)
            | CimFailure::AbstractClass(_)
            | CimFailure::NoQueriedClass(_) => WbemStatus::INVALID_CLASS,
            CimFailure::NoInstance(_) => WbemStatus::NOT_FOUND,
            CimFailure::AlreadyExists(_) => WbemStatus::ALREADY_EXISTS,
            CimFailure::NoProperty(_) => WbemStatus::INVALID_PROPERTY,
            CimFailure::TypeMismatch(_) => WbemStatus::TYPE_MISMATCH,
            CimFailure::IllegalNull(_) | CimFailure::MissingValue(_) => WbemStatus::ILLEGAL_NULL,
            CimFailure::ClassAsInstance | CimFailure::OtherClass { .. } => {
                WbemStatus::INVALID_OBJECT
            }
            CimFailure::NoMethod(_) => WbemStatus::INVALID_METHOD,
            CimFailure::NoParameter(_) | CimFailure::NoArgument(_) => {
                WbemStatus::INVALID_METHOD_PARAMETERS
            }
            CimFailure::InvalidContext => WbemStatus::INVALID_CONTEXT,
            CimFailure::InvalidQuery(_) => WbemStatus::INVALID_QUERY,
            CimFailure::Status(status) => wbem_of(*status),
            CimFailure::Wbem(status) => *status,
            _ => WbemStatus::INVALID_PARAMETER,
        }
    }

    /// The status of the CIM operation.
    pub(in crate::simulator) fn status(&self) -> CimStatus {
        match self {
            CimFailure::Status(status) => *status,
            CimFailure::IllegalNull(_) | CimFailure::MissingValue(_) => CimStatus::InvalidParameter,
            CimFailure::ClassAsInstance | CimFailure::OtherClass { .. } => {
                CimStatus::InvalidParameter
            }
            other => other.wbem().cim_status(),
        }
    }
}

/// The WMI status of a CIM status, where there is one that is turned into it again.
fn wbem_of(status: CimStatus) -> WbemStatus {
    match status {
        CimStatus::AccessDenied => WbemStatus::ACCESS_DENIED,
        CimStatus::InvalidNamespace => WbemStatus::INVALID_NAMESPACE,
        CimStatus::InvalidParameter => WbemStatus::INVALID_PARAMETER,
        CimStatus::InvalidClass => WbemStatus::INVALID_CLASS,
        CimStatus::NotFound => WbemStatus::NOT_FOUND,
        CimStatus::NotSupported => WbemStatus::NOT_SUPPORTED,
        CimStatus::AlreadyExists => WbemStatus::ALREADY_EXISTS,
        CimStatus::NoSuchProperty => WbemStatus::INVALID_PROPERTY,
        CimStatus::TypeMismatch => WbemStatus::TYPE_MISMATCH,
        CimStatus::ServerLimitsExceeded => WbemStatus::QUOTA_VIOLATION,
        CimStatus::ServerIsShuttingDown => WbemStatus::SHUTTING_DOWN,
        _ => WbemStatus::FAILED,
    }
}

impl fmt::Display for CimFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CimFailure::NoNamespace(name) => write!(f, "there is no namespace {name}"),
            CimFailure::NoClass(name) | CimFailure::NoQueriedClass(name) => {
                write!(f, "there is no class {name}")
            }
            CimFailure::InvalidQuery(why) => write!(f, "the query is not valid: {why}"),
            CimFailure::NoInstance(path) => write!(f, "there is no instance {path}"),
            CimFailure::AlreadyExists(path) => write!(f, "there is an instance {path} already"),
            CimFailure::TooFewSelectors { .. } => f.write_str("a key has no selector"),
            CimFailure::UnexpectedSelector(name) => {
                write!(f, "the selector {name} is not expected")
            }
            CimFailure::WrongSelector(name) => write!(f, "the selector {name} names no key"),
            CimFailure::DuplicateSelector(name) => write!(f, "the selector {name} is there twice"),
            CimFailure::SelectorType(name) => write!(f, "the selector {name} is of another type"),
            CimFailure::MissingKey(name) => write!(f, "the key {name} has no value"),
            CimFailure::NoProperty(name) => write!(f, "the class has no property {name}"),
            CimFailure::TypeMismatch(name) => write!(f, "the value of {name} is of another type"),
            CimFailure::IllegalNull(name) => write!(f, "{name} must not be NULL"),
            CimFailure::MissingValue(name) => write!(f, "{name} must have a value"),
            CimFailure::KeyChanged(name) => write!(f, "the key {name} is not that of its selector"),
            CimFailure::AbstractClass(name) => write!(f, "the class {name} is abstract"),
            CimFailure::ClassAsInstance => f.write_str("the body holds a class, not an instance"),
            CimFailure::OtherClass { wanted, found } => {
                write!(f, "the body holds an instance of {found}, not of {wanted}")
            }
            CimFailure::NoBody => f.write_str("the body is empty"),
            CimFailure::NoMethod(name) => write!(f, "the class has no method {name}"),
            CimFailure::NoParameter(name) => write!(f, "the method has no parameter {name}"),
            CimFailure::NoArgument(name) => write!(f, "the parameter {name} has no value"),
            CimFailure::NeedsInstance => f.write_str("the method is one of instances"),
            CimFailure::InvalidContext => f.write_str("__PUT_EXTENSIONS is missing"),
            CimFailure::Status(status) => write!(f, "the test asked for {status}"),
            CimFailure::Wbem(status) => write!(f, "the test asked for {status}"),
        }
    }
}
