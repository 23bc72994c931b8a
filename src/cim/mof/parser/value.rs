//! Values, and instances.

use super::cursor::{Cursor, Unique};
use crate::cim::mof::error::Flaw;
use crate::cim::mof::lexer::Token;
use crate::cim::mof::syntax::{Initializer, InstanceSyntax, Literal, Located};
use crate::cim::{Name, same_name};

/// Parses an instance, after the keyword `instance` and up to its closing brace.
pub(super) fn instance(cursor: &mut Cursor<'_>) -> Result<InstanceSyntax, Flaw> {
    if !cursor.take_word("of")? {
        return Err(cursor.expected("\"of\" after \"instance\""));
    }
    let class = cursor.name("the class of the instance")?;
    let alias = cursor.alias()?;
    cursor.sign('{', "before the values of the instance")?;
    let mut values = Vec::new();
    let mut names = Unique::default();
    while !cursor.take_sign('}')? {
        cursor.skip_qualifiers()?;
        let name = cursor.name("the name of a property")?;
        names.add(&name)?;
        cursor.sign('=', "after the name of the property")?;
        let value = initializer(cursor)?;
        cursor.sign(';', &format!("after the value of {}", name.value))?;
        values.push((name, value));
    }
    Ok(InstanceSyntax {
        class,
        alias,
        values,
    })
}

/// Parses a value, or values in braces.
pub(super) fn initializer(cursor: &mut Cursor<'_>) -> Result<Initializer, Flaw> {
    match cursor.token() {
        Token::Sign('{') => list(cursor),
        _ => literal(cursor).map(Initializer::One),
    }
}

/// Parses values in braces.
pub(super) fn list(cursor: &mut Cursor<'_>) -> Result<Initializer, Flaw> {
    let at = cursor.at();
    cursor.advance()?;
    let mut value = Vec::new();
    if !cursor.take_sign('}')? {
        loop {
            value.push(literal(cursor)?);
            if !cursor.take_sign(',')? {
                break;
            }
        }
        cursor.sign('}', "after the values")?;
    }
    Ok(Initializer::Many(Located { at, value }))
}

/// Parses one value.
pub(super) fn literal(cursor: &mut Cursor<'_>) -> Result<Located<Literal>, Flaw> {
    let at = cursor.at();
    let value = match cursor.token() {
        Token::Text(_) => Literal::Text(cursor.text()?.value),
        Token::Name(word) if same_name(word, "instance") => {
            cursor.advance()?;
            Literal::Instance(Box::new(cursor.nested(instance)?))
        }
        token => {
            let value = simple(token).ok_or_else(|| cursor.expected("a value"))?;
            cursor.advance()?;
            value
        }
    };
    Ok(Located { at, value })
}

/// Returns the value of a single token.
fn simple(token: &Token) -> Option<Literal> {
    Some(match token {
        Token::Integer(number) => Literal::Integer(*number),
        Token::Real(number) => Literal::Real(*number),
        Token::Char(unit) => Literal::Char(*unit),
        Token::Alias(name) => Literal::Alias(Name::new(name)),
        Token::Name(word) if same_name(word, "null") => Literal::Null,
        Token::Name(word) if same_name(word, "true") => Literal::Boolean(true),
        Token::Name(word) if same_name(word, "false") => Literal::Boolean(false),
        _ => return None,
    })
}
