//! Parses the productions of MOF (DSP0004 annex A).
//!
//! | file | content |
//! |---|---|
//! | `cursor` | the tokens, and what an error expected |
//! | `qualifier` | qualifiers and their declarations |
//! | `class` | classes |
//! | `value` | values and instances |

mod class;
mod cursor;
mod qualifier;
mod value;

use super::error::Flaw;
use super::lexer::Token;
use super::syntax::{InstanceSyntax, Production};
use cursor::Cursor;

/// Parses the productions of a text one after the other.
#[derive(Debug)]
pub(super) struct Parser<'t>(Cursor<'t>);

impl<'t> Parser<'t> {
    /// Starts a text; the number of its file goes into the places.
    pub(super) fn new(text: &'t str, file: usize) -> Result<Self, Flaw> {
        Cursor::new(text, file).map(Self)
    }

    /// Returns the next production; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Production>, Flaw> {
        let cursor = &mut self.0;
        if *cursor.token() == Token::End {
            return Ok(None);
        }
        if *cursor.token() == Token::Pragma {
            return pragma(cursor).map(Some);
        }
        let qualifiers = qualifier::list(cursor)?;
        let is_bare = qualifiers.is_empty();
        Ok(Some(if cursor.take_word("class")? {
            Production::Class(class::declaration(cursor, qualifiers)?)
        } else if cursor.take_word("instance")? {
            // The qualifiers of instances are deprecated, and have no place in an instance.
            let instance = value::instance(cursor)?;
            cursor.sign(';', "after the instance")?;
            Production::Instance(instance)
        } else if is_bare && cursor.take_word("qualifier")? {
            Production::Qualifier(qualifier::declaration(cursor)?)
        } else if is_bare {
            return Err(cursor.expected("a class, an instance, a qualifier or a #pragma"));
        } else {
            return Err(cursor.expected("\"class\" or \"instance\" after the qualifiers"));
        }))
    }
}

/// Parses a text that is one instance, such as the value of an embedded instance.
pub(super) fn one_instance(text: &str) -> Result<InstanceSyntax, Flaw> {
    let mut cursor = Cursor::new(text, 0)?;
    if !cursor.take_word("instance")? {
        return Err(cursor.expected("\"instance of\""));
    }
    let instance = value::instance(&mut cursor)?;
    cursor.take_sign(';')?;
    match cursor.token() {
        Token::End => Ok(instance),
        _ => Err(cursor.expected("the end after the instance")),
    }
}

/// Parses `#pragma name ("parameter")`.
fn pragma(cursor: &mut Cursor<'_>) -> Result<Production, Flaw> {
    cursor.advance()?;
    let name = cursor.name("the name of the pragma")?;
    cursor.sign('(', "after the name of the pragma")?;
    let mut text = None;
    while *cursor.token() != Token::Sign(')') {
        match cursor.token() {
            Token::Text(_) => text = Some(cursor.text()?),
            // Unknown pragmas may have other parameters.
            Token::Name(_) | Token::Integer(_) | Token::Sign(',') => cursor.advance()?,
            _ => return Err(cursor.expected("a string, or \")\" after it")),
        }
    }
    cursor.advance()?;
    let missing = || Flaw::new(name.at, format!("#pragma {} needs a string", name.value));
    Ok(if name.value == "namespace" {
        Production::Namespace(text.ok_or_else(missing)?)
    } else if name.value == "include" {
        Production::Include(text.ok_or_else(missing)?)
    } else {
        Production::OtherPragma
    })
}
