//! Declarations of classes.

use super::cursor::{Cursor, Unique, data_type};
use super::{qualifier, value};
use crate::cim::mof::error::Flaw;
use crate::cim::mof::lexer::Token;
use crate::cim::mof::syntax::{
    ClassSyntax, ElementSyntax, Located, MethodSyntax, PropertySyntax, QualifierUse,
};
use crate::cim::{CimType, Name};

/// Parses a class, after the keyword.
pub(super) fn declaration(
    cursor: &mut Cursor<'_>,
    qualifiers: Vec<QualifierUse>,
) -> Result<ClassSyntax, Flaw> {
    let name = cursor.name("the name of the class")?;
    let _alias = cursor.alias()?;
    let superclass = if cursor.take_sign(':')? {
        Some(cursor.name("the name of the superclass")?)
    } else {
        None
    };
    let mut class = ClassSyntax {
        name,
        superclass,
        qualifiers,
        properties: Vec::new(),
        methods: Vec::new(),
    };
    cursor.sign('{', "before the properties of the class")?;
    let mut names = Names::default();
    while *cursor.token() != Token::Sign('}') {
        feature(cursor, &mut class, &mut names)?;
    }
    cursor.advance()?;
    cursor.sign(';', "after the class")?;
    Ok(class)
}

/// The type of a property, parameter or return value.
struct Kind {
    /// `None` for `void`.
    cim_type: Option<CimType>,
    /// The class of a reference.
    class: Option<Name>,
}

/// The names in a class: a property and a method may share one.
#[derive(Default)]
struct Names {
    properties: Unique,
    methods: Unique,
}

/// Parses a property or a method.
fn feature(
    cursor: &mut Cursor<'_>,
    class: &mut ClassSyntax,
    names: &mut Names,
) -> Result<(), Flaw> {
    let qualifiers = qualifier::list(cursor)?;
    let kind = kind(cursor)?;
    let name = cursor.name("the name of the property or method")?;
    if cursor.take_sign('(')? {
        let parameters = parameters(cursor)?;
        cursor.sign(';', &format!("after the method {}", name.value))?;
        names.methods.add(&name)?;
        class.methods.push(MethodSyntax {
            name,
            qualifiers,
            returns: kind.cim_type,
            parameters,
        });
        return Ok(());
    }
    let property = element(cursor, kind, name, qualifiers)?;
    let default = if cursor.take_sign('=')? {
        Some(value::initializer(cursor)?)
    } else {
        None
    };
    let name = &property.name;
    cursor.sign(';', &format!("after the property {}", name.value))?;
    names.properties.add(name)?;
    class.properties.push(PropertySyntax {
        element: property,
        default,
    });
    Ok(())
}

/// Parses a type: `uint32`, or `CIM_Class ref`.
fn kind(cursor: &mut Cursor<'_>) -> Result<Kind, Flaw> {
    let Located { at, value: name } = cursor.name("a type, such as \"uint32\"")?;
    if cursor.take_word("ref")? {
        return Ok(Kind {
            cim_type: Some(CimType::Reference),
            class: Some(name),
        });
    }
    if name == "void" {
        return Ok(Kind {
            cim_type: None,
            class: None,
        });
    }
    match data_type(&name) {
        Some(cim_type) => Ok(Kind {
            cim_type: Some(cim_type),
            class: None,
        }),
        None => Err(Flaw::new(
            at,
            format!("there is no type {name}; a reference has \"ref\" after the class"),
        )),
    }
}

/// Parses the parameters of a method, after the parenthesis.
fn parameters(cursor: &mut Cursor<'_>) -> Result<Vec<ElementSyntax>, Flaw> {
    let mut parameters = Vec::new();
    let mut names = Unique::default();
    if cursor.take_sign(')')? {
        return Ok(parameters);
    }
    loop {
        let qualifiers = qualifier::list(cursor)?;
        let kind = kind(cursor)?;
        let name = cursor.name("the name of the parameter")?;
        names.add(&name)?;
        parameters.push(element(cursor, kind, name, qualifiers)?);
        if !cursor.take_sign(',')? {
            break;
        }
    }
    cursor.sign(')', "after the parameters")?;
    Ok(parameters)
}

fn element(
    cursor: &mut Cursor<'_>,
    kind: Kind,
    name: Located<Name>,
    qualifiers: Vec<QualifierUse>,
) -> Result<ElementSyntax, Flaw> {
    let Some(cim_type) = kind.cim_type else {
        return Err(Flaw::new(name.at, "only a method can be void"));
    };
    let array = cursor.array()?;
    Ok(ElementSyntax {
        name,
        qualifiers,
        cim_type,
        class: kind.class,
        array,
    })
}
