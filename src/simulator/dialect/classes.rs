//! Classes as a server returns them: with inherited members and qualifiers.

use crate::cim::{CimType, Class, MethodDecl, Name, ParameterDecl, PropertyDecl, Qualifier};
use crate::protocol::WsmanOption;
use crate::simulator::dialect::Dialect;
use crate::simulator::model::repository::Space;

/// The parts of a class that a request asks for (MS-WSMV 3.1.4.1.38).
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Detail {
    qualifiers: bool,
    inherited: bool,
    hierarchy: bool,
    origin: bool,
}

impl Detail {
    /// Parses the options; OMI also accepts their names with the prefix `wmi:`.
    pub(in crate::simulator) fn of(options: &[WsmanOption]) -> Self {
        let asked = |wanted: &str| {
            options.iter().any(|option| {
                let name = option.name();
                let name = name.strip_prefix("wmi:").unwrap_or(name);
                name == wanted && option.value().trim().eq_ignore_ascii_case("true")
            })
        };
        Self {
            qualifiers: asked("IncludeQualifiers"),
            inherited: asked("IncludeInheritedElements"),
            hierarchy: asked("IncludeInheritanceHierarchy"),
            origin: asked("IncludeClassOrigin"),
        }
    }
}

/// Returns a class of a namespace; `None` if it does not exist.
pub(in crate::simulator) fn shown(
    dialect: Dialect,
    space: &Space,
    name: &Name,
    detail: Detail,
) -> Option<Class> {
    let lineage = space.lineage(space.class(name)?);
    let own = *lineage.first()?;
    let mut shown = Class::new(own.name());
    if let Some(superclass) = own.superclass() {
        shown = shown.extends(superclass);
    }
    if detail.hierarchy {
        shown = shown.derived_from(lineage.iter().skip(1).map(|class| class.name()));
    }
    for class in lineage.iter().rev() {
        let propagated = class.name() != own.name();
        if propagated && !detail.inherited {
            continue;
        }
        let origin = detail.origin.then(|| class.name().clone());
        for property in class.properties() {
            let mut property = property_of(dialect, property.clone(), detail);
            (property.origin, property.propagated) = (origin.clone(), propagated);
            shown = shown.with_property(property);
        }
        for method in class.methods() {
            let mut method = method_of(dialect, method.clone(), detail);
            (method.origin, method.propagated) = (origin.clone(), propagated);
            shown = shown.with_method(method);
        }
    }
    Some(if detail.qualifiers {
        qualified(shown, own)
    } else {
        shown
    })
}

fn qualified(shown: Class, own: &Class) -> Class {
    let shown = own
        .qualifiers()
        .iter()
        .cloned()
        .fold(shown, Class::qualified);
    let said = [
        (own.is_abstract(), "Abstract"),
        (own.is_singleton(), "Singleton"),
    ];
    let said = said.into_iter().filter(|(set, _)| *set);
    said.fold(shown, |class, (_, name)| match class.qualifier(name) {
        Some(_) => class,
        None => class.qualified(Qualifier::flag(name).fixed()),
    })
}

fn property_of(dialect: Dialect, declared: PropertyDecl, detail: Detail) -> PropertyDecl {
    let mut property = declared;
    let said = [
        (property.key, Qualifier::flag("Key").fixed()),
        (property.not_null, Qualifier::flag("Required")),
        (property.read_only, Qualifier::flag("Read")),
        (property.secret, Qualifier::flag("Secret")),
    ];
    let said = said
        .into_iter()
        .filter(|(set, _)| *set)
        .map(|(_, said)| said);
    let said = said.chain(embedded(property.cim_type, property.class.as_ref()));
    for qualifier in said {
        if property.qualifier(qualifier.name.as_str()).is_none() {
            property = property.qualified(qualifier);
        }
    }
    if !detail.qualifiers {
        property.qualifiers.clear();
    }
    property.cim_type = type_of(dialect, property.cim_type);
    property
}

fn method_of(dialect: Dialect, declared: MethodDecl, detail: Detail) -> MethodDecl {
    let mut method = declared;
    if method.is_static && method.qualifier("Static").is_none() {
        method = method.qualified(Qualifier::flag("Static").fixed());
    }
    if !detail.qualifiers {
        method.qualifiers.clear();
    }
    let parameters = std::mem::take(&mut method.parameters).into_iter();
    method.parameters = parameters
        .map(|parameter| parameter_of(dialect, parameter, detail))
        .collect();
    method
}

fn parameter_of(dialect: Dialect, declared: ParameterDecl, detail: Detail) -> ParameterDecl {
    let mut parameter = declared;
    let said = [
        (parameter.input, Qualifier::flag("In").fixed()),
        (parameter.output, Qualifier::flag("Out").fixed()),
        (parameter.secret, Qualifier::flag("Secret")),
    ];
    let said = said
        .into_iter()
        .filter(|(set, _)| *set)
        .map(|(_, said)| said);
    let mut said: Vec<_> = said
        .chain(embedded(parameter.cim_type, parameter.class.as_ref()))
        .collect();
    said.retain(|said| parameter.qualifier(said.name.as_str()).is_none());
    if detail.qualifiers {
        parameter.qualifiers.extend(said);
    } else {
        parameter.qualifiers.clear();
    }
    parameter.cim_type = type_of(dialect, parameter.cim_type);
    parameter
}

fn embedded(cim_type: CimType, class: Option<&Name>) -> Option<Qualifier> {
    let class = class.filter(|_| cim_type == CimType::Instance)?;
    Some(Qualifier::new("EmbeddedInstance", class.as_str()))
}

/// Returns the type to declare: OMI does not mark strings that hold an instance.
fn type_of(dialect: Dialect, cim_type: CimType) -> CimType {
    match (dialect, cim_type) {
        (Dialect::Omi, CimType::Instance) => CimType::String,
        (_, cim_type) => cim_type,
    }
}
