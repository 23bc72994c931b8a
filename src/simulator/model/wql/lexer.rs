//! A query as words and signs.

use crate::simulator::model::wql::SyntaxError;
use crate::simulator::model::wql::compare::Literal;

/// A piece of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Word(String),
    /// A text or a number; words that are values (`TRUE`, `NULL`) stay words.
    Literal(Literal),
    /// `=`, `<=`, `(` and their like.
    Sign(&'static str),
}

/// A piece, and the byte at which it begins.
pub(super) type Placed = (usize, Token);

/// The signs, the longer of two that begin alike first.
const SIGNS: [&str; 13] = [
    "<>", "!=", "<=", ">=", "<", ">", "=", "(", ")", ",", ".", "*", ";",
];

/// Takes a query apart.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, SyntaxError> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let position = text.len() - rest.len();
        let (token, after) =
            token(first, rest).map_err(|wanted| SyntaxError { position, wanted })?;
        tokens.push((position, token));
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// The first token of a text that begins with `first`, and what follows it.
fn token(first: char, text: &str) -> Result<(Token, &str), &'static str> {
    if first == '\'' || first == '"' {
        let (literal, rest) = quoted(first, text)?;
        return Ok((Token::Literal(Literal::Text(literal)), rest));
    }
    if begins_number(text) {
        let (number, rest) = split(text, number_length(text));
        let literal = Literal::number(number).ok_or("a number")?;
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

/// How long the number is with which a text begins: a sign, digits, a fraction, an exponent.
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

/// The content of a text in quotes, and what follows it. A backslash keeps the meaning from a quote
/// and from another backslash; before anything else it is itself.
fn quoted(quote: char, text: &str) -> Result<(String, &str), &'static str> {
    let mut content = String::new();
    let mut characters = text.chars();
    characters.next();
    while let Some(c) = characters.next() {
        match c {
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
