//! What MOF declares.

use crate::cim::{Class, Instance, Namespace};

/// The classes and instances of MOF, by namespace.
#[derive(Clone, Debug, Default)]
pub struct Mof {
    pub(super) namespaces: Vec<MofNamespace>,
}

/// The classes and instances of a namespace.
#[derive(Clone, Debug)]
pub struct MofNamespace {
    pub(super) namespace: Option<Namespace>,
    pub(super) classes: Vec<Class>,
    pub(super) instances: Vec<Instance>,
}

impl Mof {
    /// Returns the namespaces, in the order of their first use. What stands before a `#pragma namespace`
    /// comes first.
    pub fn namespaces(&self) -> &[MofNamespace] {
        &self.namespaces
    }

    /// Returns the classes of all namespaces, in the order of the text.
    pub fn classes(&self) -> impl Iterator<Item = &Class> {
        self.namespaces.iter().flat_map(|space| &space.classes)
    }

    /// Returns the instances of all namespaces, in the order of the text.
    pub fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.namespaces.iter().flat_map(|space| &space.instances)
    }
}

impl MofNamespace {
    /// Returns the name; `None` before a `#pragma namespace`, unless the reader has a default.
    pub fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }

    /// Returns the classes, in the order of the text.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// Returns the instances, in the order of the text.
    pub fn instances(&self) -> &[Instance] {
        &self.instances
    }
}
