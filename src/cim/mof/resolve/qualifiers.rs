//! Qualifiers with the types and flavors of their declarations.

use std::collections::HashMap;

use super::literal::{Nothing, value};
use crate::cim::mof::error::{Flaw, Position};
use crate::cim::mof::syntax::{Flavors, Initializer, Literal, QualifierSyntax, QualifierUse};
use crate::cim::{CimType, Name, Qualifier, Value};

/// Qualifiers of DSP0004 5.6.3 that subclasses do not inherit. They have this flavor also where the text
/// does not declare them, as MOF of WMI does not.
const RESTRICTED: [&str; 5] = [
    "Abstract",
    "Deprecated",
    "Experimental",
    "Override",
    "Version",
];

/// Qualifiers of DSP0004 5.6.3 that subclasses cannot override, also where they are not declared.
const FIXED: [&str; 6] = ["Association", "Indication", "Key", "In", "Out", "Static"];

/// A declared qualifier.
#[derive(Clone, Debug)]
struct Declared {
    cim_type: CimType,
    array: bool,
    default: Value,
    flavors: Flavors,
}

/// The declared qualifiers by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Qualifiers(HashMap<Name, Declared>);

impl Qualifiers {
    pub(super) fn of<'q>(
        declared: impl IntoIterator<Item = &'q QualifierSyntax>,
    ) -> Result<Self, Flaw> {
        Self::default().with(declared)
    }

    /// Adds declarations; a later one of the same name replaces the first.
    pub(super) fn with<'q>(
        mut self,
        declared: impl IntoIterator<Item = &'q QualifierSyntax>,
    ) -> Result<Self, Flaw> {
        for syntax in declared {
            let kind = (syntax.cim_type, syntax.array);
            let default = syntax.default.as_ref();
            let default = default.map(|default| value(default, kind, &Nothing));
            let declared = Declared {
                cim_type: syntax.cim_type,
                array: syntax.array,
                default: default.transpose()?.unwrap_or(Value::Null),
                flavors: syntax.flavors,
            };
            self.0.insert(syntax.name.value.clone(), declared);
        }
        Ok(self)
    }

    /// Returns the qualifiers of a class or of a part of it.
    pub(super) fn used(&self, used: &[QualifierUse]) -> Result<Vec<Qualifier>, Flaw> {
        used.iter().map(|used| self.qualifier(used)).collect()
    }

    fn qualifier(&self, used: &QualifierUse) -> Result<Qualifier, Flaw> {
        let name = &used.name.value;
        let declared = self.0.get(name);
        let value = match (&used.value, declared) {
            (Some(given), Some(declared)) => {
                let kind = (declared.cim_type, declared.array);
                value(given, kind, &Nothing).map_err(|flaw| flaw.in_part("qualifier", name))?
            }
            (Some(given), None) => {
                untyped(given).map_err(|flaw| flaw.in_part("qualifier", name))?
            }
            (None, Some(declared)) if declared.cim_type != CimType::Boolean || declared.array => {
                declared.default.clone()
            }
            (None, _) => Value::Boolean(true),
        };
        let is_one_of = |names: &[&str]| names.iter().any(|known| *name == *known);
        let flavors = declared
            .map(|declared| declared.flavors)
            .unwrap_or_else(|| Flavors {
                overridable: Some(!is_one_of(&FIXED)),
                to_subclass: Some(!is_one_of(&RESTRICTED)),
                translatable: None,
            });
        let mut qualifier = Qualifier::new(name.clone(), value);
        let used = used.flavors;
        qualifier.overridable = used.overridable.or(flavors.overridable).unwrap_or(true);
        qualifier.to_subclass = used.to_subclass.or(flavors.to_subclass).unwrap_or(true);
        qualifier.translatable = used.translatable.or(flavors.translatable).unwrap_or(false);
        Ok(qualifier)
    }
}

/// Returns the value of a qualifier that is not declared, whose type is that of the first value.
fn untyped(given: &Initializer) -> Result<Value, Flaw> {
    let (literals, array) = match given {
        Initializer::One(one) => (std::slice::from_ref(one), false),
        Initializer::Many(many) => (many.value.as_slice(), true),
    };
    let types = literals
        .iter()
        .map(|literal| type_of(&literal.value, literal.at))
        .collect::<Result<Vec<_>, _>>()?;
    let cim_type = types.into_iter().flatten().reduce(wider);
    value(
        given,
        (cim_type.unwrap_or(CimType::String), array),
        &Nothing,
    )
}

fn type_of(literal: &Literal, at: Position) -> Result<Option<CimType>, Flaw> {
    Ok(Some(match literal {
        Literal::Null => return Ok(None),
        Literal::Boolean(_) => CimType::Boolean,
        Literal::Integer(number) if i32::try_from(*number).is_ok() => CimType::Sint32,
        Literal::Integer(number) if i64::try_from(*number).is_ok() => CimType::Sint64,
        Literal::Integer(_) => CimType::Uint64,
        Literal::Real(_) => CimType::Real64,
        Literal::Char(_) => CimType::Char16,
        Literal::Text(_) => CimType::String,
        Literal::Alias(_) | Literal::Instance(_) => {
            let text = format!("{} is not a value of a qualifier", literal.shown());
            return Err(Flaw::new(at, text));
        }
    }))
}

/// Returns the type of numbers of two types, or else the first.
fn wider(first: CimType, second: CimType) -> CimType {
    match (first, second) {
        (CimType::Sint32, CimType::Sint64 | CimType::Uint64) => second,
        _ => first,
    }
}
