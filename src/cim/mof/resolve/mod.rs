//! Gives the names in MOF their meaning: types, inherited qualifiers, values and aliases.
//!
//! | file | content |
//! |---|---|
//! | `space` | the productions of each namespace |
//! | `literal` | values of a type |
//! | `qualifiers` | qualifiers with their declarations |
//! | `classes` | classes with what they inherit |
//! | `instances` | instances of these classes |

mod classes;
mod instances;
mod literal;
mod qualifiers;
mod space;

use super::content::MofNamespace;
use super::error::Flaw;
use super::syntax::Production;
use crate::cim::{Class, Namespace};
use classes::Classes;
use instances::Instances;
use qualifiers::Qualifiers;
use space::Space;

/// Resolves productions. Those before a `#pragma namespace` belong to the default namespace; the known
/// classes may be used.
pub(super) fn resolve(
    productions: Vec<Production>,
    default: Option<&Namespace>,
    known: &[(Namespace, Class)],
) -> Result<Vec<MofNamespace>, Flaw> {
    let spaces = space::group(productions, default)?;
    // Qualifiers are usually declared before the first namespace is named.
    let common = spaces.first().map(|space| &space.qualifiers);
    let common = Qualifiers::of(common.into_iter().flatten())?;
    let resolve = |space: &Space| content(space, &common, known);
    spaces.iter().map(resolve).collect()
}

fn content(
    space: &Space,
    common: &Qualifiers,
    known: &[(Namespace, Class)],
) -> Result<MofNamespace, Flaw> {
    let qualifiers = common.clone().with(&space.qualifiers)?;
    let namespace = space.namespace.as_ref();
    let known = known
        .iter()
        .filter(|(of, _)| namespace == Some(of))
        .map(|(_, class)| class);
    let classes = Classes::resolve(&space.classes, &qualifiers, known)?;
    let instances = Instances::new(&classes, &space.instances)?.resolve()?;
    Ok(MofNamespace {
        namespace: space.namespace.clone(),
        classes: classes.into_own(),
        instances,
    })
}
