//! Values and patterns of a condition, in the form of each server.
//!
//! | | Windows | OMI | openwsman (sfcb) |
//! |---|---|---|---|
//! | in quotes | `\` before `\`, `'` and `"` | the same | no escapes: the quote that the text does not hold |
//! | a line break in quotes | yes | yes | no |
//! | `&` before `;` | yes | yes | no: read as an entity |
//! | NULL | `IS NULL` | `= NULL` | no: every value counts as NULL |
//! | `NOT` | yes | yes | no: it is ignored |
//! | not equal, less | `<>`, `<` | the same | `!=`, the value before `>`: `<` is read as markup |
//! | `LIKE` | `%`, `_`, `[…]` | the same | `%` at the start and the end alone |
//! | `char16` | the character | its number | the character |
//! | integers | 64 bits, signed or not | signed | signed |
//! | text beside a number | parsed as a number | parsed as a number | never equal |
//! | `__THIS ISA` | yes | no | no |

use crate::cim::{Value, ValueError, WireForm};

/// How to match text.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    /// Uses the wildcards `%`, `_` and `[…]`.
    Wildcards(String),
    /// Matches a prefix.
    Start(String),
    /// Matches a part of the text.
    Part(String),
}

/// Returns a comparison with NULL.
pub(super) fn null(name: &str, is_null: bool, form: WireForm) -> Result<String, ValueError> {
    let test = match (form, is_null) {
        (WireForm::Openwsman, _) => {
            let wanted = "a condition that openwsman can judge: it takes every value for NULL";
            return Err(ValueError::new([name, " IS NULL"].concat(), wanted));
        }
        (WireForm::Omi, true) => " = NULL",
        (WireForm::Omi, false) => " <> NULL",
        (_, true) => " IS NULL",
        (_, false) => " IS NOT NULL",
    };
    Ok([name, test].concat())
}

/// Returns a comparison of a property with a value in its written form.
pub(super) fn comparison(name: &str, operator: &str, value: &str, form: WireForm) -> String {
    let (left, operator, right) = match (form, operator) {
        (WireForm::Openwsman, "<>") => (name, "!=", value),
        (WireForm::Openwsman, "<") => (value, ">", name),
        (WireForm::Openwsman, "<=") => (value, ">=", name),
        _ => (name, operator, value),
    };
    [left, " ", operator, " ", right].concat()
}

/// Returns the negation of a condition.
pub(super) fn negation(condition: &str, form: WireForm) -> Result<String, ValueError> {
    let negation = ["NOT (", condition, ")"].concat();
    if form == WireForm::Openwsman {
        let wanted = "a condition without NOT, which openwsman passes over";
        return Err(ValueError::of_text(negation, wanted));
    }
    Ok(negation)
}

/// Writes a value.
pub(super) fn literal(value: &Value, form: WireForm) -> Result<String, ValueError> {
    let bad = || value.is_not("a value that a query can hold");
    match value {
        Value::Boolean(true) => Ok("TRUE".to_owned()),
        Value::Boolean(false) => Ok("FALSE".to_owned()),
        Value::Null
        | Value::Array(_)
        | Value::Instance(_)
        | Value::Octets(_)
        // The text of a query is printed.
        | Value::Secret(_) => Err(bad()),
        Value::Real32(_) | Value::Real64(_) if !value.is_finite() => Err(bad()),
        Value::Real32(_) | Value::Real64(_) => value.key_text().map(with_point).ok_or_else(bad),
        Value::Uint64(number) if form != WireForm::Windows && i64::try_from(*number).is_err() => {
            let wanted = "a number that OMI and openwsman compare: at most 9223372036854775807";
            Err(value.is_not(wanted))
        }
        Value::Reference(path) => quoted(&path.without_host().to_string(), form),
        Value::Untyped(text) if form == WireForm::Openwsman && may_be_no_string(text) => {
            let wanted =
                "a value with its type, which openwsman needs in a query: see Value::typed_as";
            Err(value.is_not(wanted))
        }
        Value::String(text) | Value::Untyped(text) => quoted(text, form),
        Value::Char16(unit) if form == WireForm::Omi => Ok(unit.to_string()),
        Value::DateTime(_) | Value::Char16(_) => value
            .key_text()
            .ok_or_else(bad)
            .and_then(|text| quoted(&text, form)),
        _ => value.key_text().ok_or_else(bad),
    }
}

/// Returns whether untyped text may be a number or a boolean.
fn may_be_no_string(text: &str) -> bool {
    let text = Value::Untyped(text.to_owned());
    text.to::<bool>().is_ok() || text.to::<f64>().is_ok()
}

/// Writes a real with a point before its exponent, which OMI and openwsman require.
fn with_point(real: String) -> String {
    match real.split_once('e') {
        Some((digits, exponent)) if !digits.contains('.') => [digits, ".0e", exponent].concat(),
        _ => real,
    }
}

/// Writes a string literal.
fn quoted(text: &str, form: WireForm) -> Result<String, ValueError> {
    if form == WireForm::Openwsman {
        let quote = ["'", "\""].into_iter().find(|quote| !text.contains(quote));
        let is_entity = |(_, after): (&str, &str)| after.contains(';');
        let is_read_otherwise = text.contains('\n') || text.split_once('&').is_some_and(is_entity);
        let quote = quote.filter(|_| !is_read_otherwise).ok_or_else(|| {
            let wanted = "text that openwsman can compare: without line breaks, without & before ;, \
                          and not with both quotes";
            ValueError::of_text(text, wanted)
        })?;
        return Ok([quote, text, quote].concat());
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for character in text.chars() {
        if matches!(character, '\'' | '\\' | '"') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('\'');
    Ok(quoted)
}

impl Pattern {
    /// Writes the condition that a property matches the pattern.
    pub(super) fn condition(&self, name: &str, form: WireForm) -> Result<String, ValueError> {
        let pattern = match self {
            // Matches any text.
            Pattern::Start(text) | Pattern::Part(text) if text.is_empty() => {
                return null(name, false, form);
            }
            _ if form == WireForm::Openwsman => return self.sfcb()?.condition(name),
            Pattern::Wildcards(pattern) => pattern.clone(),
            Pattern::Start(text) => [&literal_pattern(text), "%"].concat(),
            Pattern::Part(text) => ["%", &literal_pattern(text), "%"].concat(),
        };
        Ok([name, " LIKE ", &quoted(&pattern, form)?].concat())
    }

    fn sfcb(&self) -> Result<SfcbPattern, ValueError> {
        match self {
            Pattern::Wildcards(pattern) => SfcbPattern::read(pattern),
            Pattern::Start(text) => Ok(SfcbPattern::new(false, text, true)),
            Pattern::Part(text) => Ok(SfcbPattern::new(true, text, true)),
        }
    }
}

/// Returns a pattern that matches only this text.
fn literal_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '%' | '_' | '[' => pattern.extend(['[', character, ']']),
            plain => pattern.push(plain),
        }
    }
    pattern
}

/// What sfcb's `LIKE` supports: a text, with any text before it, after it, or both. sfcb cuts one `%`
/// off the start and the end and takes every other character literally.
struct SfcbPattern {
    after_any: bool,
    text: String,
    before_any: bool,
}

impl SfcbPattern {
    fn new(after_any: bool, text: &str, before_any: bool) -> Self {
        Self {
            after_any,
            text: text.to_owned(),
            before_any,
        }
    }

    /// Parses a pattern of WQL; a set of one character means that character.
    fn read(pattern: &str) -> Result<Self, ValueError> {
        let mut read = Self::new(false, "", false);
        let mut rest = pattern;
        while let Some(character) = rest.chars().next() {
            let after = rest.get(character.len_utf8()..).unwrap_or_default();
            let (literal, after) = match (character, after.split_once(']')) {
                ('%', _) if read.text.is_empty() => {
                    read.after_any = true;
                    (None, after)
                }
                ('%', _) => {
                    read.before_any = true;
                    (None, after)
                }
                ('_', _) => return Err(no_sfcb_pattern(pattern)),
                ('[', Some((set, after))) => match only_char(set) {
                    Some(only) => (Some(only), after),
                    None => return Err(no_sfcb_pattern(pattern)),
                },
                (literal, _) => (Some(literal), after),
            };
            if literal.is_some() && read.before_any {
                return Err(no_sfcb_pattern(pattern));
            }
            read.text.extend(literal);
            rest = after;
        }
        Ok(read)
    }

    fn condition(&self, name: &str) -> Result<String, ValueError> {
        let text = self.text.as_str();
        let is_cut = match (self.after_any, self.before_any) {
            (true, true) | (false, false) => false,
            (true, false) => text.ends_with('%'),
            (false, true) => text.starts_with('%'),
        };
        if is_cut {
            return Err(no_sfcb_pattern(text));
        }
        if text.is_empty() && (self.after_any || self.before_any) {
            return null(name, false, WireForm::Openwsman);
        }
        if !self.after_any && !self.before_any {
            return Ok([name, " = ", &quoted(text, WireForm::Openwsman)?].concat());
        }
        let start = if self.after_any { "%" } else { "" };
        let end = if self.before_any { "%" } else { "" };
        let pattern = [start, text, end].concat();
        Ok([name, " LIKE ", &quoted(&pattern, WireForm::Openwsman)?].concat())
    }
}

fn only_char(text: &str) -> Option<char> {
    let mut characters = text.chars();
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}

fn no_sfcb_pattern(pattern: &str) -> ValueError {
    let wanted = "a pattern that openwsman can match: one text, with % before it, after it or both";
    ValueError::of_text(pattern, wanted)
}
