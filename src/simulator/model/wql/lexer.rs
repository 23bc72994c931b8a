//! Splits a query into tokens.

use crate::simulator::model::wql::compare::Literal;
use crate::simulator::model::wql::{Syntax, SyntaxError};

/// A token of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Word(String),
    /// A text or a number; the words `TRUE`, `FALSE` and `NULL` stay words.
    Literal(Literal),
    /// `=`, `<=`, `(` and similar.
    Sign(&'static str),
}

/// A token and the byte at which it starts.
pub(super) type Placed = (usize, Token);

/// The signs; of two with the same start, the longer first.
const SIGNS: [&str; 13] = [
    "<>", "!=", "<=", ">=", "<", ">", "=", "(", ")", ",", ".", "*", ";",
];

/// Splits a query.
pub(super) fn tokens(text: &str, syntax: Syntax) -> Result<Vec<Placed>, SyntaxError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let position = text.len() - rest.len();
        let (token, after) =
            token(first, rest, syntax).map_err(|wanted| SyntaxError { position, wanted })?;
        tokens.push((position, token));
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// Returns the first token of a text that starts with `first`, and the rest.
fn token(first: char, text: &str, syntax: Syntax) -> Result<(Token, &str), &'static str> {
    if first == '\'' || first == '"' {
        let (literal, rest) = match syntax {
            Syntax::Sfcb => verbatim(first, text)?,
            Syntax::Wmi | Syntax::Omi => quoted(first, text, syntax)?,
        };
        return Ok((Token::Literal(Literal::Text(literal)), rest));
    }
    if begins_number(text) {
        let (number, rest) = split(text, number_length(text));
        let literal = Literal::number(number).ok_or("a number")?;
        let literal = match syntax {
            Syntax::Wmi => literal,
            Syntax::Omi | Syntax::Sfcb => narrow(number, literal).ok_or("a number")?,
        };
        return Ok((Token::Literal(literal), rest));
    }
    if is_word(first) {
        let (word, rest) = split(text, text.find(|c| !is_word(c)).unwrap_or(text.len()));
        return Ok((Token::Word(word.to_owned()), rest));
    }
    let sign = SIGNS.into_iter().find(|sign| text.starts_with(sign));
    let sign = sign.ok_or("a word, a value or a sign")?;
    Ok((Token::Sign(sign), split(text, sign.len()).1))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn begins_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
}

/// Returns the length of the number at the start of a text: a sign, digits, a fraction, an
/// exponent.
fn number_length(text: &str) -> usize {
    let mut before = ' ';
    let ends = |c: char| {
        let signs_exponent = matches!(before, 'e' | 'E') && matches!(c, '+' | '-');
        let starts = before == ' ';
        before = c;
        !(c.is_ascii_alphanumeric() || c == '.' || signs_exponent || starts)
    };
    text.find(ends).unwrap_or(text.len())
}

/// Reads a number as OMI and sfcb do: an integer is cut to 64 bits, and an exponent requires a
/// point.
fn narrow(text: &str, literal: Literal) -> Option<Literal> {
    match literal {
        Literal::Integer(number) => {
            let bounds = (i128::from(i64::MIN), i128::from(i64::MAX));
            Some(Literal::Integer(number.clamp(bounds.0, bounds.1)))
        }
        real => text.contains('.').then_some(real),
    }
}

/// Returns the content of a quoted text without escapes, on one line, and the rest.
fn verbatim(quote: char, text: &str) -> Result<(String, &str), &'static str> {
    let text = text.strip_prefix(quote).unwrap_or(text);
    let end = text.split_once(quote);
    let end = end.filter(|(content, _)| !content.contains('\n'));
    let (content, rest) = end.ok_or("the end of a text")?;
    Ok((content.to_owned(), rest))
}

/// Returns the content of a quoted text, and the rest. In WMI a backslash escapes only a quote or
/// another backslash; before anything else it is literal. In OMI it escapes every character, and
/// some escapes are line breaks.
fn quoted(quote: char, text: &str, syntax: Syntax) -> Result<(String, &str), &'static str> {
    let mut content = String::new();
    let mut characters = text.chars();
    characters.next();
    while let Some(c) = characters.next() {
        match c {
            '\\' if syntax == Syntax::Omi => match characters.next() {
                Some('n') => content.push('\n'),
                Some('r' | 'f') => content.push('\r'),
                Some(escaped) => content.push(escaped),
                None => break,
            },
            '\\' => {
                let escaped = characters.clone().next();
                match escaped.filter(|c| matches!(c, '\\' | '\'' | '"')) {
                    Some(escaped) => {
                        characters.next();
                        content.push(escaped);
                    }
                    None => content.push(c),
                }
            }
            c if c == quote => return Ok((content, characters.as_str())),
            c => content.push(c),
        }
    }
    Err("the end of a text")
}

fn split(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}
