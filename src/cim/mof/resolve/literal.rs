//! Values of a type.

use crate::cim::mof::error::{Flaw, Position};
use crate::cim::mof::syntax::{Initializer, InstanceSyntax, Literal, Located};
use crate::cim::{Array, CimType, Instance, InstancePath, Name, Value};

/// What a value may refer to.
pub(super) trait Scope {
    /// Returns the path of the instance with an alias.
    fn alias(&self, name: &Name, at: Position) -> Result<InstancePath, Flaw>;

    /// Returns an embedded instance.
    fn embedded(&self, syntax: &InstanceSyntax, at: Position) -> Result<Instance, Flaw>;

    /// Returns the embedded instance that a string holds.
    fn embedded_text(&self, text: &str, at: Position) -> Result<Instance, Flaw>;
}

/// The scope of qualifiers and of default values, which refer to nothing.
pub(super) struct Nothing;

impl Scope for Nothing {
    fn alias(&self, _: &Name, at: Position) -> Result<InstancePath, Flaw> {
        Err(Flaw::new(at, "an alias is a value of instances only"))
    }

    fn embedded(&self, _: &InstanceSyntax, at: Position) -> Result<Instance, Flaw> {
        Err(Flaw::new(at, "an instance is a value of instances only"))
    }

    fn embedded_text(&self, _: &str, at: Position) -> Result<Instance, Flaw> {
        Err(Flaw::new(at, "an instance is a value of instances only"))
    }
}

/// Returns the value of an initializer. A single value is an array of one where an array is declared.
pub(super) fn value(
    initializer: &Initializer,
    (cim_type, array): (CimType, bool),
    scope: &impl Scope,
) -> Result<Value, Flaw> {
    match initializer {
        Initializer::One(one) => {
            let value = scalar(one, cim_type, scope)?;
            Ok(if array && !value.is_null() {
                Value::Array(Array::of(Some(cim_type), vec![value]))
            } else {
                value
            })
        }
        Initializer::Many(many) if array => {
            let items = many.value.iter().map(|item| scalar(item, cim_type, scope));
            let items = items.collect::<Result<_, _>>()?;
            Ok(Value::Array(Array::of(Some(cim_type), items)))
        }
        Initializer::Many(many) => {
            let text = format!("expected one value of type {cim_type}, found several in braces");
            Err(Flaw::new(many.at, text))
        }
    }
}

/// Returns the value of a literal.
fn scalar(
    literal: &Located<Literal>,
    cim_type: CimType,
    scope: &impl Scope,
) -> Result<Value, Flaw> {
    let at = literal.at;
    let value = match (&literal.value, cim_type) {
        (Literal::Null, _) => Some(Value::Null),
        (Literal::Boolean(flag), CimType::Boolean) => Some(Value::Boolean(*flag)),
        (Literal::Char(unit), CimType::Char16) => Some(Value::Char16(*unit)),
        (Literal::Integer(number), _) => integer(*number, cim_type),
        (Literal::Real(number), CimType::Real64) => Some(Value::Real64(*number)),
        (Literal::Real(number), CimType::Real32) => real32(*number),
        (Literal::Text(text), CimType::String) => Some(Value::from(text.as_str())),
        (Literal::Text(text), CimType::DateTime) => text.parse().ok().map(Value::DateTime),
        (Literal::Text(text), CimType::Reference) => {
            text.parse::<InstancePath>().ok().map(Value::from)
        }
        (Literal::Alias(name), CimType::Reference) => Some(scope.alias(name, at)?.into()),
        (Literal::Text(text), CimType::Instance) => Some(boxed(scope.embedded_text(text, at)?)),
        (Literal::Instance(syntax), CimType::Instance) => Some(boxed(scope.embedded(syntax, at)?)),
        _ => None,
    };
    value.ok_or_else(|| {
        let shown = literal.value.shown();
        Flaw::new(at, format!("{shown} is not a value of type {cim_type}"))
    })
}

fn boxed(instance: Instance) -> Value {
    Value::Instance(Box::new(instance))
}

fn integer(number: i128, cim_type: CimType) -> Option<Value> {
    Some(match cim_type {
        CimType::Uint8 => Value::Uint8(number.try_into().ok()?),
        CimType::Sint8 => Value::Sint8(number.try_into().ok()?),
        CimType::Uint16 => Value::Uint16(number.try_into().ok()?),
        CimType::Sint16 => Value::Sint16(number.try_into().ok()?),
        CimType::Uint32 => Value::Uint32(number.try_into().ok()?),
        CimType::Sint32 => Value::Sint32(number.try_into().ok()?),
        CimType::Uint64 => Value::Uint64(number.try_into().ok()?),
        CimType::Sint64 => Value::Sint64(number.try_into().ok()?),
        CimType::Char16 => Value::Char16(number.try_into().ok()?),
        CimType::Real64 => Value::Real64(number as f64),
        CimType::Real32 => real32(number as f64)?,
        _ => return None,
    })
}

fn real32(number: f64) -> Option<Value> {
    let real = number as f32;
    real.is_finite().then_some(Value::Real32(real))
}
