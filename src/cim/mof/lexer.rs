//! Splits MOF into tokens (DSP0004 annex A).

use super::error::{Flaw, Position};
use super::number::{self, Number};
use super::syntax::start_of;

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// An identifier or a keyword.
    Name(String),
    /// `$Name`, without the `$`.
    Alias(String),
    Integer(i128),
    Real(f64),
    Text(String),
    /// A UTF-16 code unit.
    Char(u16),
    /// `#pragma`
    Pragma,
    /// One of `[ ] ( ) { } : ; , =`.
    Sign(char),
    End,
}

impl Token {
    /// Returns the token as an error shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Name(name) => format!("\"{}\"", start_of(name)),
            Self::Alias(name) => format!("\"${}\"", start_of(name)),
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
            Self::Text(_) => "a string".to_owned(),
            Self::Char(_) => "a character".to_owned(),
            Self::Pragma => "\"#pragma\"".to_owned(),
            Self::Sign(sign) => format!("\"{sign}\""),
            Self::End => "the end of the text".to_owned(),
        }
    }
}

/// Reads tokens from a text.
#[derive(Debug)]
pub(super) struct Lexer<'t> {
    rest: &'t str,
    at: Position,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str, file: usize) -> Self {
        let (line, column) = (1, 1);
        Self {
            rest: text,
            at: Position { file, line, column },
        }
    }

    /// Returns the next token and where it begins.
    pub(super) fn next(&mut self) -> Result<(Token, Position), Flaw> {
        self.skip()?;
        let at = self.at;
        let Some(first) = self.peek() else {
            return Ok((Token::End, at));
        };
        let token = match first {
            '"' => self.text()?,
            '\'' => self.character()?,
            '[' | ']' | '(' | ')' | '{' | '}' | ':' | ';' | ',' | '=' => {
                self.bump();
                Token::Sign(first)
            }
            '$' => {
                self.bump();
                match self.name() {
                    "" => return Err(Flaw::new(at, "expected a name after \"$\"")),
                    name => Token::Alias(name.to_owned()),
                }
            }
            '#' => {
                self.bump();
                if !self.name().eq_ignore_ascii_case("pragma") {
                    return Err(Flaw::new(at, "expected \"#pragma\""));
                }
                Token::Pragma
            }
            '0'..='9' | '+' | '-' | '.' => self.number()?,
            _ if begins_name(first) => Token::Name(self.name().to_owned()),
            other => {
                let text = format!("unexpected character {other:?}");
                return Err(Flaw::new(at, text));
            }
        };
        Ok((token, at))
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next()?;
        self.rest = chars.as_str();
        if next == '\n' {
            self.at.line = self.at.line.saturating_add(1);
            self.at.column = 1;
        } else {
            self.at.column = self.at.column.saturating_add(1);
        }
        Some(next)
    }

    /// Takes the characters that fit.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        let count = u32::try_from(taken.chars().count()).unwrap_or(u32::MAX);
        self.at.column = self.at.column.saturating_add(count);
        taken
    }

    fn name(&mut self) -> &'t str {
        self.take(|c| begins_name(c) || c.is_ascii_digit())
    }

    /// Skips white space and comments.
    fn skip(&mut self) -> Result<(), Flaw> {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{feff}' | '\u{1a}') => {
                    self.bump();
                }
                Some('/') => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Result<(), Flaw> {
        let start = self.at;
        if self.rest.starts_with("//") {
            self.take(|c| c != '\n');
            return Ok(());
        }
        if !self.rest.starts_with("/*") {
            return Err(Flaw::new(start, "expected \"//\" or \"/*\""));
        }
        self.bump();
        self.bump();
        while !self.rest.starts_with("*/") {
            if self.bump().is_none() {
                return Err(Flaw::new(start, "the comment has no end"));
            }
        }
        self.bump();
        self.bump();
        Ok(())
    }

    fn number(&mut self) -> Result<Token, Flaw> {
        let at = self.at;
        let mut before = ' ';
        let mut length = 0;
        for character in self.rest.chars() {
            let is_sign = matches!(character, '+' | '-');
            let continues = character.is_ascii_alphanumeric() || character == '.';
            if !continues && !(is_sign && (length == 0 || matches!(before, 'e' | 'E'))) {
                break;
            }
            before = character;
            length += character.len_utf8();
        }
        let text = self.rest.get(..length).unwrap_or_default();
        let number = number::read(text);
        let number =
            number.ok_or_else(|| Flaw::new(at, format!("invalid number {:?}", start_of(text))))?;
        // All of its characters are ASCII.
        (0..length).for_each(|_| {
            self.bump();
        });
        Ok(match number {
            Number::Integer(number) => Token::Integer(number),
            Number::Real(number) => Token::Real(number),
        })
    }

    /// Reads a string in double quotes.
    fn text(&mut self) -> Result<Token, Flaw> {
        let start = self.at;
        self.bump();
        let mut text = String::new();
        // The first half of a character that two escapes write.
        let mut half: Option<(u16, Position)> = None;
        loop {
            let at = self.at;
            let unit = match self.peek() {
                Some('\\') => self.escape()?,
                Some('"') => {
                    self.bump();
                    break;
                }
                None | Some('\n' | '\r') => {
                    return Err(Flaw::new(start, "the string does not end on its line"));
                }
                Some(character) => {
                    self.bump();
                    Unit::Character(character)
                }
            };
            match (half.take(), unit) {
                (None, Unit::Half(first @ 0xd800..0xdc00)) => half = Some((first, at)),
                (Some((first, _)), Unit::Half(second)) => {
                    let both = char::decode_utf16([first, second]).next();
                    let character = both.and_then(Result::ok);
                    text.push(character.ok_or_else(|| not_a_character(at))?);
                }
                (None, Unit::Character(character)) => text.push(character),
                (Some((_, at)), Unit::Character(_)) => return Err(not_a_character(at)),
                (None, Unit::Half(_)) => return Err(not_a_character(at)),
            }
        }
        match half {
            Some((_, at)) => Err(not_a_character(at)),
            None => Ok(Token::Text(text)),
        }
    }

    /// Reads a character in single quotes.
    fn character(&mut self) -> Result<Token, Flaw> {
        let start = self.at;
        let invalid = || Flaw::new(start, "expected one character in single quotes");
        self.bump();
        let unit = match self.peek() {
            Some('\\') => self.escape()?,
            None | Some('\'' | '\n' | '\r') => return Err(invalid()),
            Some(character) => {
                self.bump();
                Unit::Character(character)
            }
        };
        let unit = match unit {
            Unit::Half(unit) => unit,
            Unit::Character(character) => {
                u16::try_from(u32::from(character)).map_err(|_| invalid())?
            }
        };
        if self.bump() == Some('\'') {
            Ok(Token::Char(unit))
        } else {
            Err(invalid())
        }
    }

    /// Reads an escape sequence.
    fn escape(&mut self) -> Result<Unit, Flaw> {
        let at = self.at;
        self.bump();
        let escaped = self.bump();
        Ok(Unit::Character(match escaped {
            Some('b') => '\u{8}',
            Some('t') => '\t',
            Some('n') => '\n',
            Some('f') => '\u{c}',
            Some('r') => '\r',
            Some(same @ ('"' | '\'' | '\\')) => same,
            Some('x' | 'X') => return self.hexadecimal(at),
            _ => return Err(Flaw::new(at, "invalid escape sequence in a string")),
        }))
    }

    /// Reads the one to four digits of a code unit.
    fn hexadecimal(&mut self, at: Position) -> Result<Unit, Flaw> {
        let mut unit: Option<u16> = None;
        for _ in 0..4 {
            let digit = self.peek().and_then(|c| c.to_digit(16));
            let Some(digit) = digit.and_then(|digit| u16::try_from(digit).ok()) else {
                break;
            };
            self.bump();
            unit = Some(unit.unwrap_or(0) << 4 | digit);
        }
        let unit =
            unit.ok_or_else(|| Flaw::new(at, "expected one to four digits after \"\\x\""))?;
        Ok(char::from_u32(u32::from(unit)).map_or(Unit::Half(unit), Unit::Character))
    }
}

/// A character, or half of one that needs two code units.
enum Unit {
    Character(char),
    Half(u16),
}

fn not_a_character(at: Position) -> Flaw {
    Flaw::new(at, "half of a surrogate pair is no character")
}

fn begins_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic() || ('\u{80}'..='\u{ffef}').contains(&c) && c != '\u{feff}'
}
