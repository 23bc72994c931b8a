//! Failures of operations, independent of any protocol.

use std::fmt;

use crate::cim::{CimStatus, InstancePath, Name, Namespace, WbemStatus};

/// The kind of a failure and its subject.
#[derive(Clone, Debug)]
pub(in crate::simulator) enum CimFailure {
    NoNamespace(Namespace),
    NoClass(Name),
    NoInstance(InstancePath),
    AlreadyExists(InstancePath),
    /// There are fewer selectors than keys; `any` if there was at least one.
    TooFewSelectors {
        any: bool,
    },
    /// There are at least as many selectors as keys, and one names no key.
    UnexpectedSelector(Name),
    /// There are as many selectors as keys, and one has a wrong name.
    WrongSelector(Name),
    DuplicateSelector(Name),
    SelectorType(Name),
    /// A Create without a key that the server does not assign.
    MissingKey(Name),
    NoProperty(Name),
    TypeMismatch(Name),
    IllegalNull(Name),
    /// A complete instance without a required value.
    MissingValue(Name),
    /// A body whose key differs from the selector.
    KeyChanged(Name),
    AbstractClass(Name),
    /// A class instead of an instance.
    ClassAsInstance,
    /// An instance of another class than that of the resource URI.
    OtherClass {
        wanted: Name,
        found: Name,
    },
    MissingBody,
    NoMethod(Name),
    /// An argument that the method does not declare.
    NoParameter(Name),
    /// A missing required argument.
    NoArgument(Name),
    /// A method of instances, called on its class.
    NeedsInstance,
    /// `__PUT_EXT_*` without `__PUT_EXTENSIONS`.
    InvalidContext,
    /// An invalid query, or one with an unknown property; with the reason.
    InvalidQuery(String),
    /// A query of a class that does not exist.
    NoQueriedClass(Name),
    /// A CIM status that a test injected.
    Status(CimStatus),
    /// A WMI status that a test injected.
    Wbem(WbemStatus),
}

impl CimFailure {
    /// Returns the WMI status.
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

    /// Returns the CIM status.
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

/// Returns the WMI status of a CIM status, if the conversion is reversible.
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
            CimFailure::InvalidQuery(why) => write!(f, "invalid query: {why}"),
            CimFailure::NoInstance(path) => write!(f, "there is no instance {path}"),
            CimFailure::AlreadyExists(path) => write!(f, "the instance {path} already exists"),
            CimFailure::TooFewSelectors { .. } => f.write_str("a key has no selector"),
            CimFailure::UnexpectedSelector(name) => {
                write!(f, "the selector {name} is not expected")
            }
            CimFailure::WrongSelector(name) => write!(f, "the selector {name} names no key"),
            CimFailure::DuplicateSelector(name) => write!(f, "the selector {name} is repeated"),
            CimFailure::SelectorType(name) => write!(f, "the selector {name} has the wrong type"),
            CimFailure::MissingKey(name) => write!(f, "the key {name} has no value"),
            CimFailure::NoProperty(name) => write!(f, "the class has no property {name}"),
            CimFailure::TypeMismatch(name) => write!(f, "the value of {name} has the wrong type"),
            CimFailure::IllegalNull(name) => write!(f, "{name} must not be NULL"),
            CimFailure::MissingValue(name) => write!(f, "{name} must have a value"),
            CimFailure::KeyChanged(name) => write!(f, "the key {name} is not that of its selector"),
            CimFailure::AbstractClass(name) => write!(f, "the class {name} is abstract"),
            CimFailure::ClassAsInstance => f.write_str("the body holds a class, not an instance"),
            CimFailure::OtherClass { wanted, found } => {
                write!(f, "the body holds an instance of {found}, not of {wanted}")
            }
            CimFailure::MissingBody => f.write_str("the body is empty"),
            CimFailure::NoMethod(name) => write!(f, "the class has no method {name}"),
            CimFailure::NoParameter(name) => write!(f, "the method has no parameter {name}"),
            CimFailure::NoArgument(name) => write!(f, "the parameter {name} has no value"),
            CimFailure::NeedsInstance => f.write_str("the method requires an instance"),
            CimFailure::InvalidContext => f.write_str("__PUT_EXTENSIONS is missing"),
            CimFailure::Status(status) => write!(f, "the test asked for {status}"),
            CimFailure::Wbem(status) => write!(f, "the test asked for the HRESULT {status}"),
        }
    }
}
