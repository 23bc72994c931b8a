//! GetClass and EnumerateClasses (MS-WSMV 3.1.4.1.38): a Get and an Enumerate on the resource URI
//! of all classes.

use crate::cim::{Name, Namespace};
use crate::simulator::dialect::Dialect;
use crate::simulator::dialect::classes::{self, Detail};
use crate::simulator::faults::{ProtocolFailure, RequestFailure};
use crate::simulator::model::semantics::{CimFailure, RequestTarget};
use crate::simulator::provider::enumeration::Rows;
use crate::simulator::provider::operation::Call;

impl Call<'_> {
    /// Whether a Get asks for a class; OMI decides by the last segment of the URI alone.
    pub(super) fn is_for_a_class(&self) -> bool {
        match self.dialect() {
            Dialect::Omi => self.resource.class == "*",
            _ => self.resource.is_all_classes(),
        }
    }

    pub(super) fn get_class(&self, target: RequestTarget<'_>) -> Result<Vec<u8>, RequestFailure> {
        if !self.resource.is_all_classes() {
            return Err(ProtocolFailure::ClassesInWsCim.into());
        }
        let name = self.class_name()?;
        let detail = Detail::of(&self.request.header.options);
        let class = self.repository().within(target.namespace, |space| {
            classes::shown(self.dialect(), space, &name, detail)
        });
        let class = class.ok_or_else(|| no_namespace(target.namespace))?;
        let class = class.ok_or(CimFailure::NoClass(name))?;
        Ok(self.frame(target).class(&class)?)
    }

    /// Whether an Enumerate asks for classes; OMI treats the segment as the name of a class.
    pub(super) fn enumerates_classes(&self) -> bool {
        self.dialect() == Dialect::Windows && self.resource.is_all_classes()
    }

    /// Returns the subclasses of the selector's class; all classes if its value is empty.
    pub(super) fn classes(&self, target: RequestTarget<'_>) -> Result<Rows, RequestFailure> {
        let base = self.class_name().ok();
        let base = base.as_ref().filter(|base| !base.as_str().is_empty());
        let detail = Detail::of(&self.request.header.options);
        let rows = self.repository().within(target.namespace, |space| {
            if let Some(missing) = base.filter(|base| space.class(base).is_none()) {
                return Err(CimFailure::NoClass(missing.clone()));
            }
            let below = space.hierarchy().below(base).into_iter();
            let shown = |name| classes::shown(self.dialect(), space, &name, detail);
            Ok(Rows::of_classes(below.filter_map(shown).collect()))
        });
        Ok(rows.ok_or_else(|| no_namespace(target.namespace))??)
    }

    /// Returns the class in the selector.
    fn class_name(&self) -> Result<Name, RequestFailure> {
        let named = self.keys.named().iter().find(|key| key.name == "ClassName");
        let named = named.and_then(|key| key.value.as_str()).map(Name::new);
        named.ok_or_else(|| match self.dialect() {
            Dialect::Omi => ProtocolFailure::NoResourceUri.into(),
            _ => CimFailure::TooFewSelectors { any: false }.into(),
        })
    }
}

fn no_namespace(namespace: &Namespace) -> CimFailure {
    CimFailure::NoNamespace(namespace.clone())
}
