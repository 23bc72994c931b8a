//! Parses the text of a query.

use crate::cim::Name;
use crate::simulator::model::wql::compare::Literal;
use crate::simulator::model::wql::lexer::{Placed, Token, tokens};
use crate::simulator::model::wql::like::Pattern;
use crate::simulator::model::wql::{
    Comparison, Condition, PropertyPath, Query, Syntax, SyntaxError, is_system,
};

/// The limit of nested `NOT` and parentheses, which bounds the recursion of the parser.
const DEEPEST: usize = 64;

/// Parses a query.
pub(super) fn parse(text: &str, syntax: Syntax) -> Result<Query, SyntaxError> {
    let mut parser = Parser {
        tokens: tokens(text, syntax)?.into_iter().peekable(),
        end: text.len(),
        syntax,
    };
    let query = parser.query()?;
    parser.end()?;
    Ok(query)
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Placed>>,
    end: usize,
    syntax: Syntax,
}

impl Parser {
    fn query(&mut self) -> Result<Query, SyntaxError> {
        self.keyword("SELECT")?;
        let select = self.select()?;
        self.keyword("FROM")?;
        let class = self.name("a class")?;
        let within = if self.takes_keyword("WITHIN") {
            Some(self.seconds()?)
        } else {
            None
        };
        let condition = if self.takes_keyword("WHERE") {
            Some(self.any(0)?)
        } else {
            None
        };
        Ok(Query {
            class,
            select,
            within,
            condition,
            syntax: self.syntax,
        })
    }

    /// Parses `*`, or a list of properties.
    fn select(&mut self) -> Result<Option<Vec<PropertyPath>>, SyntaxError> {
        if self.takes_sign("*") {
            return Ok(None);
        }
        let mut properties = vec![self.path()?];
        while self.takes_sign(",") {
            properties.push(self.path()?);
        }
        Ok(Some(properties))
    }

    fn seconds(&mut self) -> Result<f64, SyntaxError> {
        let position = self.position();
        let number = match self.tokens.next() {
            Some((_, Token::Literal(literal))) => literal.as_real(),
            _ => None,
        };
        number.ok_or(SyntaxError {
            position,
            wanted: "a number of seconds",
        })
    }

    /// Parses conditions joined by `OR`.
    fn any(&mut self, depth: usize) -> Result<Condition, SyntaxError> {
        let mut parts = vec![self.all(depth)?];
        while self.takes_keyword("OR") {
            parts.push(self.all(depth)?);
        }
        Ok(only(parts, Condition::Any))
    }

    /// Parses conditions joined by `AND`, which binds tighter.
    fn all(&mut self, depth: usize) -> Result<Condition, SyntaxError> {
        let mut parts = vec![self.one(depth)?];
        while self.takes_keyword("AND") {
            parts.push(self.one(depth)?);
        }
        Ok(only(parts, Condition::All))
    }

    fn one(&mut self, depth: usize) -> Result<Condition, SyntaxError> {
        if depth == DEEPEST {
            return Err(self.wants("a condition with less nesting"));
        }
        if self.takes_keyword("NOT") {
            let negated = match self.syntax {
                Syntax::Wmi => self.one(depth + 1)?,
                // In these grammars `NOT` has no precedence.
                Syntax::Omi | Syntax::Sfcb => self.any(depth + 1)?,
            };
            return Ok(match self.syntax {
                Syntax::Wmi | Syntax::Omi => Condition::Not(Box::new(negated)),
                // It evaluates the condition as if there were none.
                Syntax::Sfcb => negated,
            });
        }
        if self.takes_sign("(") {
            let condition = self.any(depth + 1)?;
            self.sign(")")?;
            return Ok(condition);
        }
        self.comparison()
    }

    /// Parses a property and its comparison; the value may come before the property.
    fn comparison(&mut self) -> Result<Condition, SyntaxError> {
        if let Some(literal) = self.takes_literal() {
            let comparison = self.operator()?;
            let path = self.path()?;
            return Ok(compare(path, comparison.mirrored(), literal));
        }
        let path = self.path()?;
        if self.syntax != Syntax::Omi && self.takes_keyword("IS") {
            let negated = self.takes_keyword("NOT");
            self.keyword("NULL")?;
            return Ok(match (self.syntax, negated) {
                // It takes every value for NULL.
                (Syntax::Sfcb, false) => Condition::All(Vec::new()),
                (Syntax::Sfcb, true) => Condition::Any(Vec::new()),
                _ => negate(Condition::IsNull(path), negated),
            });
        }
        if self.takes_keyword("ISA") {
            return Ok(Condition::IsA(path, self.class_text()?));
        }
        let negated = self.syntax != Syntax::Omi && self.takes_keyword("NOT");
        if negated || self.peeks_keyword("LIKE") {
            self.keyword("LIKE")?;
            let text = self.text("a pattern")?;
            let pattern = match self.syntax {
                Syntax::Wmi | Syntax::Omi => Pattern::parse(&text),
                Syntax::Sfcb => Pattern::parse_ends(&text),
            };
            return Ok(negate(Condition::Like(path, pattern), negated));
        }
        let comparison = self.operator()?;
        let literal = self.takes_literal();
        let literal = literal.ok_or_else(|| self.wants("a value"))?;
        Ok(compare(path, comparison, literal))
    }

    fn operator(&mut self) -> Result<Comparison, SyntaxError> {
        let known = [
            ("=", Comparison::Equal),
            ("<>", Comparison::NotEqual),
            ("!=", Comparison::NotEqual),
            ("<", Comparison::Less),
            ("<=", Comparison::LessOrEqual),
            (">", Comparison::Greater),
            (">=", Comparison::GreaterOrEqual),
        ];
        let found = known.into_iter().find(|(sign, _)| self.takes_sign(sign));
        found
            .map(|(_, comparison)| comparison)
            .ok_or_else(|| self.wants("a comparison"))
    }

    /// Takes a text, a number, `TRUE`, `FALSE` or `NULL`.
    fn takes_literal(&mut self) -> Option<Literal> {
        let words = [
            ("TRUE", Literal::Boolean(true)),
            ("FALSE", Literal::Boolean(false)),
            ("NULL", Literal::Null),
        ];
        for (word, literal) in words {
            let is_known = self.syntax != Syntax::Sfcb || literal != Literal::Null;
            if is_known && self.takes_keyword(word) {
                return Some(literal);
            }
        }
        let is_literal = |token: &Placed| matches!(token, (_, Token::Literal(_)));
        match self.tokens.next_if(is_literal)? {
            (_, Token::Literal(literal)) => Some(literal),
            _ => None,
        }
    }

    /// Parses the class of an `ISA`, with or without quotes; only WMI accepts quotes there.
    fn class_text(&mut self) -> Result<Name, SyntaxError> {
        match self.tokens.peek() {
            Some((_, Token::Word(_))) => self.name("a class"),
            _ if self.syntax != Syntax::Wmi => Err(self.wants("a class without quotes")),
            _ => self.text("a class").map(Name::from),
        }
    }

    fn text(&mut self, wanted: &'static str) -> Result<String, SyntaxError> {
        let error = self.wants(wanted);
        match self.tokens.next() {
            Some((_, Token::Literal(Literal::Text(text)))) => Ok(text),
            _ => Err(error),
        }
    }

    /// Parses a property, or one inside another.
    fn path(&mut self) -> Result<PropertyPath, SyntaxError> {
        let no_system = self.wants("a property other than a WMI system property");
        let mut names = vec![self.name("a property")?];
        if self.syntax != Syntax::Wmi && names.iter().any(is_system) {
            return Err(no_system);
        }
        while self.takes_sign(".") {
            names.push(self.name("a property")?);
        }
        Ok(PropertyPath(names))
    }

    fn name(&mut self, wanted: &'static str) -> Result<Name, SyntaxError> {
        let error = self.wants(wanted);
        match self.tokens.next() {
            Some((_, Token::Word(word))) if !is_reserved(&word) => Ok(Name::from(word)),
            _ => Err(error),
        }
    }

    fn keyword(&mut self, word: &'static str) -> Result<(), SyntaxError> {
        if self.takes_keyword(word) {
            Ok(())
        } else {
            Err(self.wants(word))
        }
    }

    fn takes_keyword(&mut self, word: &str) -> bool {
        self.peeks_keyword(word) && self.tokens.next().is_some()
    }

    fn peeks_keyword(&mut self, word: &str) -> bool {
        let next = self.tokens.peek();
        next.is_some_and(
            |(_, token)| matches!(token, Token::Word(given) if given.eq_ignore_ascii_case(word)),
        )
    }

    fn sign(&mut self, sign: &'static str) -> Result<(), SyntaxError> {
        if self.takes_sign(sign) {
            Ok(())
        } else {
            Err(self.wants(sign))
        }
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        let is_it = |token: &Placed| matches!(token.1, Token::Sign(given) if given == sign);
        self.tokens.next_if(is_it).is_some()
    }

    /// Parses the end, with an optional semicolon.
    fn end(&mut self) -> Result<(), SyntaxError> {
        self.takes_sign(";");
        match self.tokens.peek() {
            Some(_) => Err(self.wants("the end of the query")),
            None => Ok(()),
        }
    }

    fn wants(&mut self, wanted: &'static str) -> SyntaxError {
        let position = self.position();
        SyntaxError { position, wanted }
    }

    fn position(&mut self) -> usize {
        self.tokens
            .peek()
            .map_or(self.end, |(position, _)| *position)
    }
}

impl Comparison {
    /// Swaps the sides of the comparison.
    fn mirrored(self) -> Self {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same => same,
        }
    }
}

/// Creates a condition; a comparison with `NULL` tests whether there is a value.
fn compare(path: PropertyPath, comparison: Comparison, literal: Literal) -> Condition {
    match (literal, comparison) {
        (Literal::Null, comparison) => {
            negate(Condition::IsNull(path), comparison == Comparison::NotEqual)
        }
        (literal, comparison) => Condition::Compare(path, comparison, literal),
    }
}

fn negate(condition: Condition, negated: bool) -> Condition {
    if negated {
        Condition::Not(Box::new(condition))
    } else {
        condition
    }
}

/// Joins conditions; a single one stays unchanged.
fn only(mut parts: Vec<Condition>, join: impl Fn(Vec<Condition>) -> Condition) -> Condition {
    match (parts.len(), parts.pop()) {
        (1, Some(part)) => part,
        (_, last) => {
            parts.extend(last);
            join(parts)
        }
    }
}

/// Whether a word cannot name a class or property.
fn is_reserved(word: &str) -> bool {
    let reserved = [
        "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "LIKE", "IS", "ISA", "NULL", "TRUE", "FALSE",
    ];
    reserved
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}
