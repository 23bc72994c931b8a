//! The productions of each namespace.

use crate::cim::Namespace;
use crate::cim::mof::error::Flaw;
use crate::cim::mof::syntax::{ClassSyntax, InstanceSyntax, Located, Production, QualifierSyntax};

/// What is declared in a namespace.
#[derive(Debug, Default)]
pub(super) struct Space {
    pub(super) namespace: Option<Namespace>,
    pub(super) qualifiers: Vec<QualifierSyntax>,
    pub(super) classes: Vec<ClassSyntax>,
    pub(super) instances: Vec<InstanceSyntax>,
}

/// Sorts productions by namespace; the default one comes first.
pub(super) fn group(
    productions: Vec<Production>,
    default: Option<&Namespace>,
) -> Result<Vec<Space>, Flaw> {
    let space = |namespace| Space {
        namespace,
        ..Space::default()
    };
    let mut spaces = vec![space(default.cloned())];
    let mut current = 0;
    for production in productions {
        if let Production::Namespace(name) = &production {
            let namespace = Some(namespace(name)?);
            let mut known = spaces.iter();
            let known = known.position(|space| space.namespace == namespace);
            current = known.unwrap_or(spaces.len());
            if known.is_none() {
                spaces.push(space(namespace));
            }
        }
        let Some(space) = spaces.get_mut(current) else {
            continue;
        };
        match production {
            Production::Qualifier(qualifier) => space.qualifiers.push(qualifier),
            Production::Class(class) => space.classes.push(class),
            Production::Instance(instance) => space.instances.push(instance),
            Production::Namespace(_) | Production::Include(_) | Production::OtherPragma => {}
        }
    }
    Ok(spaces)
}

/// Reads the name of a namespace, with or without a host: `\\.\root\cimv2`.
fn namespace(name: &Located<String>) -> Result<Namespace, Flaw> {
    let text = name.value.replace('\\', "/");
    let path = match text.strip_prefix("//") {
        Some(rest) => rest.split_once('/').map_or(rest, |(_, path)| path),
        None => &text,
    };
    path.parse()
        .map_err(|_| Flaw::new(name.at, format!("invalid namespace {:?}", name.value)))
}
