//! The row filters of an enumeration: the dialects of `w:Filter` (MS-WSMV 3.1.4.1.13).

use crate::cim::{InstancePath, ValueError};
use crate::protocol::epr::write_reference;
use crate::protocol::{ResourceUriPrefix, SelectorSet};
use crate::xml::Writer;

/// The rows to return.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    Wql(String),
    Cql(String),
    /// Rows whose properties match the selectors.
    Selectors(SelectorSet),
    Association(AssociationFilter),
    /// An unknown dialect; read only.
    #[cfg(feature = "simulator")]
    Other(String),
}

/// The instances that are associated with an object, or the associations that reference it (DSP0227
/// 7.4).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AssociationFilter {
    pub(crate) result: ResultKind,
    pub(crate) object: InstancePath,
    pub(crate) association_class: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) result_class: Option<String>,
    pub(crate) result_role: Option<String>,
}

/// The result of an association filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResultKind {
    /// The associated instances.
    AssociatedInstances,
    /// The associations themselves.
    AssociationInstances,
}

/// The settings that affect the form of a filter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FilterContext<'a> {
    /// For the resource URI of the object of an association filter.
    pub(crate) prefix: &'a ResourceUriPrefix,
    /// Whether to write the empty parts of an association filter too: openwsman rejects a filter of
    /// fewer than four parts.
    pub(crate) all_parts: bool,
}

pub(super) mod dialect {
    pub(in crate::protocol::enumeration) const WQL: &str =
        "http://schemas.microsoft.com/wbem/wsman/1/WQL";
    pub(in crate::protocol::enumeration) const CQL: &str =
        "http://schemas.dmtf.org/wbem/cql/1/dsp0202.pdf";
    pub(in crate::protocol::enumeration) const SELECTOR: &str =
        "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter";
    pub(in crate::protocol::enumeration) const ASSOCIATION: &str =
        "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter";
}

impl Filter {
    pub(in crate::protocol) fn write(
        &self,
        w: &mut Writer,
        context: FilterContext<'_>,
    ) -> Result<(), ValueError> {
        w.open("w:Filter", &[("Dialect", self.dialect())])?;
        match self {
            Filter::Wql(query) | Filter::Cql(query) => w.text(query)?,
            Filter::Selectors(selectors) => selectors.write(w, context.prefix, None)?,
            Filter::Association(filter) => filter.write(w, context)?,
            #[cfg(feature = "simulator")]
            Filter::Other(_) => {}
        }
        w.close("w:Filter");
        Ok(())
    }

    fn dialect(&self) -> &str {
        match self {
            Filter::Wql(_) => dialect::WQL,
            Filter::Cql(_) => dialect::CQL,
            Filter::Selectors(_) => dialect::SELECTOR,
            Filter::Association(_) => dialect::ASSOCIATION,
            #[cfg(feature = "simulator")]
            Filter::Other(dialect) => dialect,
        }
    }
}

impl AssociationFilter {
    fn write(&self, w: &mut Writer, context: FilterContext<'_>) -> Result<(), ValueError> {
        let element = self.result.element();
        w.open(element, &[])?;
        w.open("b:Object", &[])?;
        write_reference(w, &self.object, context.prefix, None)?;
        w.close("b:Object");
        for (name, value) in self.parts() {
            match value {
                Some(value) => w.leaf(name, &[], value)?,
                None if context.all_parts => w.empty(name, &[])?,
                None => {}
            }
        }
        w.close(element);
        Ok(())
    }

    /// Writes the restrictions of the filter in the order that servers expect. A References filter has
    /// only the class and the role of the result.
    fn parts(&self) -> Vec<(&'static str, Option<&str>)> {
        let (result_class, role) = (self.result_class.as_deref(), self.role.as_deref());
        match self.result {
            ResultKind::AssociatedInstances => vec![
                ("b:AssociationClassName", self.association_class.as_deref()),
                ("b:Role", role),
                ("b:ResultClassName", result_class),
                ("b:ResultRole", self.result_role.as_deref()),
            ],
            ResultKind::AssociationInstances => vec![
                ("b:ResultClassName", result_class),
                ("b:Role", role),
                ("b:IncludeResultProperty", None),
            ],
        }
    }
}

impl ResultKind {
    fn element(self) -> &'static str {
        match self {
            ResultKind::AssociatedInstances => "b:AssociatedInstances",
            ResultKind::AssociationInstances => "b:AssociationInstances",
        }
    }
}
