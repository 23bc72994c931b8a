//! Qualifiers, and their declarations.

use super::cursor::{Cursor, Unique, data_type};
use super::value;
use crate::cim::Name;
use crate::cim::mof::error::Flaw;
use crate::cim::mof::lexer::Token;
use crate::cim::mof::syntax::{Flavors, Initializer, Located, QualifierSyntax, QualifierUse};

/// What a qualifier may be on (DSP0004 annex A, `metaElement`).
const SCOPES: [&str; 9] = [
    "class",
    "association",
    "indication",
    "qualifier",
    "property",
    "reference",
    "method",
    "parameter",
    "any",
];

/// Parses the qualifiers in brackets; empty if there are none.
pub(super) fn list(cursor: &mut Cursor<'_>) -> Result<Vec<QualifierUse>, Flaw> {
    let mut qualifiers = Vec::new();
    if !cursor.take_sign('[')? {
        return Ok(qualifiers);
    }
    let mut names = Unique::default();
    loop {
        let used = one(cursor)?;
        names.add(&used.name)?;
        qualifiers.push(used);
        if !cursor.take_sign(',')? {
            break;
        }
    }
    cursor.sign(']', "after the qualifiers")?;
    Ok(qualifiers)
}

fn one(cursor: &mut Cursor<'_>) -> Result<QualifierUse, Flaw> {
    let name = cursor.name("the name of a qualifier")?;
    let value = match cursor.token() {
        Token::Sign('(') => {
            cursor.advance()?;
            let value = value::literal(cursor)?;
            cursor.sign(')', "after the value of the qualifier")?;
            Some(Initializer::One(value))
        }
        Token::Sign('{') => Some(value::list(cursor)?),
        _ => None,
    };
    let mut flavors = Flavors::default();
    if cursor.take_sign(':')? {
        flavor(cursor, &mut flavors)?;
        while matches!(cursor.token(), Token::Name(_)) {
            flavor(cursor, &mut flavors)?;
        }
    }
    Ok(QualifierUse {
        name,
        value,
        flavors,
    })
}

fn flavor(cursor: &mut Cursor<'_>, flavors: &mut Flavors) -> Result<(), Flaw> {
    let Located { at, value: name } = cursor.name("a flavor")?;
    match name.as_str().to_ascii_lowercase().as_str() {
        "enableoverride" => flavors.overridable = Some(true),
        "disableoverride" => flavors.overridable = Some(false),
        "tosubclass" => flavors.to_subclass = Some(true),
        "restricted" => flavors.to_subclass = Some(false),
        "translatable" => flavors.translatable = Some(true),
        // Flavors of WMI, which have no counterpart here.
        "toinstance" | "nottoinstance" | "amended" => {}
        _ => return Err(Flaw::new(at, format!("there is no flavor {name}"))),
    }
    Ok(())
}

/// Parses the declaration of a qualifier, after the keyword.
pub(super) fn declaration(cursor: &mut Cursor<'_>) -> Result<QualifierSyntax, Flaw> {
    let name = cursor.name("the name of the qualifier")?;
    cursor.sign(':', "after the name of the qualifier")?;
    let kind = cursor.name("the type of the qualifier")?;
    let cim_type = data_type(&kind.value)
        .ok_or_else(|| Flaw::new(kind.at, format!("there is no type {}", kind.value)))?;
    let array = cursor.array()?;
    let default = if cursor.take_sign('=')? {
        Some(value::initializer(cursor)?)
    } else {
        None
    };
    let mut flavors = Flavors::default();
    while cursor.take_sign(',')? {
        let part = cursor.name("\"Scope\" or \"Flavor\"")?;
        cursor.sign('(', "after \"Scope\" or \"Flavor\"")?;
        loop {
            if part.value == "scope" {
                scope(cursor)?;
            } else if part.value == "flavor" {
                flavor(cursor, &mut flavors)?;
            } else {
                let text = format!("expected \"Scope\" or \"Flavor\", found \"{}\"", part.value);
                return Err(Flaw::new(part.at, text));
            }
            if !cursor.take_sign(',')? {
                break;
            }
        }
        cursor.sign(')', "after the last name")?;
    }
    cursor.sign(';', "after the qualifier")?;
    Ok(QualifierSyntax {
        name,
        cim_type,
        array,
        default,
        flavors,
    })
}

fn scope(cursor: &mut Cursor<'_>) -> Result<(), Flaw> {
    let Located { at, value: name } = cursor.name("what the qualifier may be on")?;
    let is_known = |name: &Name| SCOPES.iter().any(|scope| *name == *scope);
    if is_known(&name) {
        Ok(())
    } else {
        Err(Flaw::new(at, format!("there is no scope {name}")))
    }
}
