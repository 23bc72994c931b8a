//! Conditions of a query, built so that no value can change what is asked (MS-WMI 2.2.1).
//!
//! ```
//! use wsman::cim::wql::property;
//! let running = property("State").eq("Running");
//! let of_user = property("StartName").eq(r"O'Hara\svc").and(property("DisplayName").starts_with("100%"));
//! assert_eq!(running.to_string(), "State = 'Running'");
//! assert_eq!(
//!     running.and(of_user).to_string(),
//!     r"State = 'Running' AND (StartName = 'O\'Hara\\svc' AND DisplayName LIKE '100[%]%')"
//! );
//! ```

use std::fmt;

use super::{Name, Value, ValueError};

/// What follows `WHERE` in a query.
///
/// A text that is made into one stands as it is: it is for conditions that the program itself holds,
/// never for values from elsewhere. Values go through [`property`].
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    text: Result<String, ValueError>,
    /// Whether it must stand in brackets beside another.
    is_compound: bool,
}

/// A property that is to be compared: see [`property`].
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a property alone is no condition"]
pub struct Operand(Name);

/// The property of a condition. A name that cannot be one makes the condition fail before it is sent.
pub fn property(name: impl Into<Name>) -> Operand {
    Operand(name.into())
}

/// The instances of a class and of those derived from it (`__THIS ISA`).
pub fn is_a(class: impl Into<Name>) -> Condition {
    let class = class.into();
    Condition::simple(identifier(&class).map(|class| ["__THIS ISA '", class, "'"].concat()))
}

impl Operand {
    /// Equal to a value; for NULL, `IS NULL`.
    pub fn eq(self, value: impl Into<Value>) -> Condition {
        match value.into() {
            Value::Null => self.is_null(),
            value => self.compare("=", &value),
        }
    }

    /// Not equal to a value; for NULL, `IS NOT NULL`.
    pub fn ne(self, value: impl Into<Value>) -> Condition {
        match value.into() {
            Value::Null => self.is_not_null(),
            value => self.compare("<>", &value),
        }
    }

    /// Less than a value.
    pub fn lt(self, value: impl Into<Value>) -> Condition {
        self.compare("<", &value.into())
    }

    /// Less than or equal to a value.
    pub fn le(self, value: impl Into<Value>) -> Condition {
        self.compare("<=", &value.into())
    }

    /// Greater than a value.
    pub fn gt(self, value: impl Into<Value>) -> Condition {
        self.compare(">", &value.into())
    }

    /// Greater than or equal to a value.
    pub fn ge(self, value: impl Into<Value>) -> Condition {
        self.compare(">=", &value.into())
    }

    /// Like a pattern, in which `%`, `_` and `[…]` have their meaning.
    pub fn like(self, pattern: impl Into<String>) -> Condition {
        self.compare("LIKE", &Value::String(pattern.into()))
    }

    /// Begins with a text.
    pub fn starts_with(self, text: impl AsRef<str>) -> Condition {
        self.like([&literal_pattern(text.as_ref()), "%"].concat())
    }

    /// Has a text in it.
    pub fn contains(self, text: impl AsRef<str>) -> Condition {
        self.like(["%", &literal_pattern(text.as_ref()), "%"].concat())
    }

    /// Has no value.
    pub fn is_null(self) -> Condition {
        Condition::simple(identifier(&self.0).map(|name| [name, " IS NULL"].concat()))
    }

    /// Has a value.
    pub fn is_not_null(self) -> Condition {
        Condition::simple(identifier(&self.0).map(|name| [name, " IS NOT NULL"].concat()))
    }

    fn compare(self, operator: &str, value: &Value) -> Condition {
        let text = identifier(&self.0).and_then(|name| {
            let value = literal(value).map_err(|error| error.in_property(name))?;
            Ok([name, " ", operator, " ", &value].concat())
        });
        Condition::simple(text)
    }
}

impl Condition {
    fn simple(text: Result<String, ValueError>) -> Self {
        Self {
            text,
            is_compound: false,
        }
    }

    /// Both this and another.
    #[must_use]
    pub fn and(self, other: impl Into<Condition>) -> Self {
        self.join(" AND ", other.into())
    }

    /// This or another, or both.
    #[must_use]
    pub fn or(self, other: impl Into<Condition>) -> Self {
        self.join(" OR ", other.into())
    }

    /// Not this.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::simple(self.in_brackets().map(|text| ["NOT ", &text].concat()))
    }

    /// The text of the condition.
    ///
    /// # Errors
    /// A name is none, or a value cannot stand in a query: an array, an embedded instance, octets.
    pub fn text(&self) -> Result<&str, &ValueError> {
        self.text.as_deref()
    }

    fn join(self, word: &str, other: Condition) -> Self {
        let text = self.operand().and_then(|one| {
            let two = other.operand()?;
            Ok([&one, word, &two].concat())
        });
        Self {
            text,
            is_compound: true,
        }
    }

    fn operand(self) -> Result<String, ValueError> {
        match self.is_compound {
            true => self.in_brackets(),
            false => self.text,
        }
    }

    fn in_brackets(self) -> Result<String, ValueError> {
        self.text.map(|text| ["(", &text, ")"].concat())
    }
}

impl From<&str> for Condition {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Condition {
    fn from(text: String) -> Self {
        Self {
            text: Ok(text),
            is_compound: true,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Ok(text) => f.write_str(text),
            Err(error) => write!(f, "({error})"),
        }
    }
}

/// The text of a query for properties of a class; all of them if none is named.
///
/// # Errors
/// A name that cannot be one.
pub(crate) fn select(
    properties: &[&str],
    class: &Name,
    condition: Option<&Condition>,
) -> Result<String, ValueError> {
    let mut query = String::from("SELECT ");
    for (index, property) in properties.iter().enumerate() {
        if index > 0 {
            query.push_str(", ");
        }
        query.push_str(identifier(&Name::new(*property)).map(|_| *property)?);
    }
    if properties.is_empty() {
        query.push('*');
    }
    query.push_str(" FROM ");
    query.push_str(identifier(class)?);
    if let Some(condition) = condition {
        query.push_str(" WHERE ");
        query.push_str(condition.text().map_err(Clone::clone)?);
    }
    Ok(query)
}

/// A name that can stand in a query without quotes.
fn identifier(name: &Name) -> Result<&str, ValueError> {
    let text = name.as_str();
    let first = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    match first && text.chars().all(|c| c.is_alphanumeric() || c == '_') {
        true => Ok(text),
        false => Err(ValueError::new(text, "a name that can stand in a query")),
    }
}

fn literal(value: &Value) -> Result<String, ValueError> {
    let bad = || ValueError::new(value.describe(), "a value that can stand in a query");
    match value {
        Value::Boolean(true) => Ok("TRUE".to_owned()),
        Value::Boolean(false) => Ok("FALSE".to_owned()),
        Value::Null | Value::Array(_) | Value::Instance(_) | Value::Octets(_) => Err(bad()),
        Value::Real32(number) if !number.is_finite() => Err(bad()),
        Value::Real64(number) if !number.is_finite() => Err(bad()),
        Value::Reference(path) => Ok(quoted(&path.to_string())),
        Value::String(text) | Value::Untyped(text) => Ok(quoted(text)),
        Value::DateTime(_) | Value::Char16(_) => {
            value.key_text().map(|text| quoted(&text)).ok_or_else(bad)
        }
        _ => value.key_text().ok_or_else(bad),
    }
}

/// A string literal. The backslash is the escape character of WQL.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for character in text.chars() {
        if matches!(character, '\'' | '\\' | '"') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('\'');
    quoted
}

/// A pattern that is like a text alone.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cim::InstancePath;

    #[test]
    fn values_are_written_by_their_type() {
        let path = InstancePath::new("A").with_key("K", "x");
        for (value, text) in [
            (Value::from(true), "P = TRUE"),
            (
                Value::from(18_446_744_073_709_551_615_u64),
                "P = 18446744073709551615",
            ),
            (Value::from(-1i8), "P = -1"),
            (Value::from(1.5f64), "P = 1.5"),
            (Value::from("it's \\ \"x\""), r#"P = 'it\'s \\ \"x\"'"#),
            (Value::from(path), r#"P = 'A.K=\"x\"'"#),
            (Value::Null, "P IS NULL"),
        ] {
            assert_eq!(property("P").eq(value).to_string(), text);
        }
    }

    #[test]
    fn what_cannot_stand_in_a_query_is_an_error() {
        assert!(property("P OR 1=1").eq(1u8).text().is_err());
        assert!(property("").is_null().text().is_err());
        assert!(property("P").lt(Value::Null).text().is_err());
        assert!(property("P").eq(f64::NAN).text().is_err());
        assert!(property("P").eq(vec![1u8]).and("x = 1").text().is_err());
        assert!(is_a("A'").text().is_err());
        assert!(select(&["a b"], &Name::new("C"), None).is_err());
    }

    #[test]
    fn conditions_keep_together() {
        let either = property("A").eq(1u8).or("B = 2 AND C = 3");
        assert_eq!(
            either.and(is_a("D").negated()).to_string(),
            "(A = 1 OR (B = 2 AND C = 3)) AND NOT (__THIS ISA 'D')"
        );
    }

    #[test]
    fn a_query_names_its_properties() {
        let class = Name::new("Win32_Share");
        let condition = property("Name").contains("a_b");
        assert_eq!(
            select(&["Name", "Type"], &class, Some(&condition)).unwrap(),
            "SELECT Name, Type FROM Win32_Share WHERE Name LIKE '%a[_]b%'"
        );
        assert_eq!(
            select(&[], &class, None).unwrap(),
            "SELECT * FROM Win32_Share"
        );
    }
}
