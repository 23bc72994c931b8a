//! The tokens of a text, one at a time.

use std::collections::HashMap;

use crate::cim::mof::error::{Flaw, Position};
use crate::cim::mof::lexer::{Lexer, Token};
use crate::cim::mof::syntax::Located;
use crate::cim::{CimType, Name, same_name};

/// The most properties, methods, parameters, qualifiers or values of one thing.
const MOST: usize = 4096;

/// Names that are declared once.
#[derive(Debug, Default)]
pub(super) struct Unique(HashMap<Name, u32>);

impl Unique {
    /// Adds a name; rejects one that is known, and too many.
    pub(super) fn add(&mut self, name: &Located<Name>) -> Result<(), Flaw> {
        let text = if self.0.len() >= MOST {
            format!("more than {MOST} names")
        } else {
            match self.0.insert(name.value.clone(), name.at.line) {
                None => return Ok(()),
                Some(line) => format!("{} stands twice, first in line {line}", name.value),
            }
        };
        Err(Flaw::new(name.at, text))
    }
}

/// Instances in instances are parsed to this depth.
const DEEPEST: usize = 16;

/// The current token of a text.
#[derive(Debug)]
pub(super) struct Cursor<'t> {
    lexer: Lexer<'t>,
    token: Token,
    at: Position,
    depth: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, file: usize) -> Result<Self, Flaw> {
        let mut lexer = Lexer::new(text, file);
        let (token, at) = lexer.next()?;
        Ok(Self {
            lexer,
            token,
            at,
            depth: 0,
        })
    }

    pub(super) fn token(&self) -> &Token {
        &self.token
    }

    pub(super) fn at(&self) -> Position {
        self.at
    }

    pub(super) fn advance(&mut self) -> Result<(), Flaw> {
        (self.token, self.at) = self.lexer.next()?;
        Ok(())
    }

    /// Creates the error of a token that does not fit.
    pub(super) fn expected(&self, what: &str) -> Flaw {
        let found = self.token.shown();
        Flaw::new(self.at, format!("expected {what}, found {found}"))
    }

    /// Takes a keyword, in any case, if it is the current token.
    pub(super) fn take_word(&mut self, word: &str) -> Result<bool, Flaw> {
        let is_it = matches!(&self.token, Token::Name(name) if same_name(name, word));
        if is_it {
            self.advance()?;
        }
        Ok(is_it)
    }

    /// Takes a sign if it is the current token.
    pub(super) fn take_sign(&mut self, sign: char) -> Result<bool, Flaw> {
        let is_it = self.token == Token::Sign(sign);
        if is_it {
            self.advance()?;
        }
        Ok(is_it)
    }

    /// Takes a sign; the error says where it is missing.
    pub(super) fn sign(&mut self, sign: char, place: &str) -> Result<(), Flaw> {
        if self.take_sign(sign)? {
            Ok(())
        } else {
            Err(self.expected(&format!("\"{sign}\" {place}")))
        }
    }

    /// Takes a name.
    pub(super) fn name(&mut self, what: &str) -> Result<Located<Name>, Flaw> {
        let Token::Name(name) = &self.token else {
            return Err(self.expected(what));
        };
        let (at, value) = (self.at, Name::new(name));
        self.advance()?;
        Ok(Located { at, value })
    }

    /// Takes the alias of a class or an instance, if there is one.
    pub(super) fn alias(&mut self) -> Result<Option<Located<Name>>, Flaw> {
        if !self.take_word("as")? {
            return Ok(None);
        }
        let Token::Alias(name) = &self.token else {
            return Err(self.expected("an alias such as \"$Lamp\""));
        };
        let (at, value) = (self.at, Name::new(name));
        self.advance()?;
        Ok(Some(Located { at, value }))
    }

    /// Takes a string; strings that follow one another are one.
    pub(super) fn text(&mut self) -> Result<Located<String>, Flaw> {
        let at = self.at;
        let mut value = String::new();
        while let Token::Text(text) = &self.token {
            value.push_str(text);
            self.advance()?;
        }
        Ok(Located { at, value })
    }

    /// Takes `[]` or `[7]` if it is there.
    pub(super) fn array(&mut self) -> Result<bool, Flaw> {
        if !self.take_sign('[')? {
            return Ok(false);
        }
        // The size is a hint: no protocol carries it.
        if matches!(self.token, Token::Integer(1..)) {
            self.advance()?;
        }
        self.sign(']', "after \"[\"")?;
        Ok(true)
    }

    /// Skips the qualifiers of a value, which are deprecated and have no place in an instance.
    pub(super) fn skip_qualifiers(&mut self) -> Result<(), Flaw> {
        if !self.take_sign('[')? {
            return Ok(());
        }
        while !self.take_sign(']')? {
            if self.token == Token::End {
                return Err(self.expected("\"]\" after the qualifiers"));
            }
            self.advance()?;
        }
        Ok(())
    }

    /// Runs a parser one level deeper.
    pub(super) fn nested<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, Flaw>,
    ) -> Result<T, Flaw> {
        if self.depth >= DEEPEST {
            let text = format!("instances are nested more than {DEEPEST} levels deep");
            return Err(Flaw::new(self.at, text));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }
}

/// Returns the type of a name in MOF; `None` for the name of a class.
pub(super) fn data_type(name: &Name) -> Option<CimType> {
    let is_type = |cim_type: &CimType| {
        !matches!(cim_type, CimType::Reference | CimType::Instance) && *name == cim_type.as_str()
    };
    CimType::ALL.into_iter().find(is_type)
}
