//! The conditions of a query.

use std::fmt;

use super::literal::{Pattern, comparison, literal, negation, null};
use super::per_form::PerForm;
use crate::cim::{Name, Value, ValueError, WireForm};

/// The condition after `WHERE` in a query.
///
/// A text that is converted into a condition is used unchanged. Use it only for conditions written in
/// the program, and pass values through [`property`].
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub(super) text: PerForm,
    binding: Binding,
}

/// When a condition needs parentheses beside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Binding {
    Nowhere,
    /// Before another: OMI and sfcb extend `NOT` as far as they can.
    Before,
    Everywhere,
}

/// A property to compare: see [`property`].
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a property alone is not a condition"]
pub struct Operand(Name);

/// Starts a condition on a property. An invalid name makes the condition fail before it is sent.
pub fn property(name: impl Into<Name>) -> Operand {
    Operand(name.into())
}

/// Selects the instances of a class and of its subclasses (`__THIS ISA`). OMI and openwsman do not
/// support this condition.
pub fn is_a(class: impl Into<Name>) -> Condition {
    let class = class.into();
    Condition::of(&class, |class, form| match form {
        WireForm::Windows => Ok(["__THIS ISA '", class, "'"].concat()),
        WireForm::Omi | WireForm::Openwsman => {
            let wanted = "a condition that OMI and openwsman support: enumerate the class instead";
            Err(ValueError::new(["__THIS ISA ", class].concat(), wanted))
        }
    })
}

impl Operand {
    /// Requires a value equal to this one; for NULL, as [`is_null`](Self::is_null).
    pub fn eq(self, value: impl Into<Value>) -> Condition {
        match value.into() {
            Value::Null => self.is_null(),
            value => self.compare("=", &value),
        }
    }

    /// Requires a value other than this one; for NULL, as [`is_not_null`](Self::is_not_null).
    pub fn ne(self, value: impl Into<Value>) -> Condition {
        match value.into() {
            Value::Null => self.is_not_null(),
            value => self.compare("<>", &value),
        }
    }

    /// Requires a value less than this one.
    pub fn lt(self, value: impl Into<Value>) -> Condition {
        self.compare("<", &value.into())
    }

    /// Requires a value less than or equal to this one.
    pub fn le(self, value: impl Into<Value>) -> Condition {
        self.compare("<=", &value.into())
    }

    /// Requires a value greater than this one.
    pub fn gt(self, value: impl Into<Value>) -> Condition {
        self.compare(">", &value.into())
    }

    /// Requires a value greater than or equal to this one.
    pub fn ge(self, value: impl Into<Value>) -> Condition {
        self.compare(">=", &value.into())
    }

    /// Requires a match of a pattern with the wildcards `%`, `_` and `[…]`. openwsman supports only a
    /// `%` at the start, at the end or at both.
    pub fn like(self, pattern: impl Into<String>) -> Condition {
        self.matches(&Pattern::Wildcards(pattern.into()))
    }

    /// Requires a text as the prefix. openwsman cannot match a prefix that begins with `%`.
    pub fn starts_with(self, text: impl AsRef<str>) -> Condition {
        self.matches(&Pattern::Start(text.as_ref().to_owned()))
    }

    /// Requires a text as a part of the value.
    pub fn contains(self, text: impl AsRef<str>) -> Condition {
        self.matches(&Pattern::Part(text.as_ref().to_owned()))
    }

    /// Requires NULL. openwsman does not support it, because it takes every value for NULL.
    pub fn is_null(self) -> Condition {
        Condition::of(&self.0, |name, form| null(name, true, form))
    }

    /// Requires a value other than NULL. openwsman does not support it, as for [`is_null`](Self::is_null).
    pub fn is_not_null(self) -> Condition {
        Condition::of(&self.0, |name, form| null(name, false, form))
    }

    fn matches(self, pattern: &Pattern) -> Condition {
        Condition::of(&self.0, |name, form| {
            let condition = pattern.condition(name, form);
            condition.map_err(|error| error.in_property(name))
        })
    }

    fn compare(self, operator: &str, value: &Value) -> Condition {
        Condition::of(&self.0, |name, form| {
            let value = literal(value, form).map_err(|error| error.in_property(name))?;
            Ok(comparison(name, operator, &value, form))
        })
    }
}

impl Condition {
    /// Creates a condition on a property or class, whose name must be valid.
    fn of(name: &Name, write: impl Fn(&str, WireForm) -> Result<String, ValueError>) -> Self {
        let text = PerForm::of(|form| {
            let name = identifier(name)?;
            write(name.as_str(), form)
        });
        Self {
            text,
            binding: Binding::Nowhere,
        }
    }

    /// Requires both this condition and another.
    #[must_use]
    pub fn and(self, other: impl Into<Condition>) -> Self {
        self.join(" AND ", other.into())
    }

    /// Requires this condition, another, or both.
    #[must_use]
    pub fn or(self, other: impl Into<Condition>) -> Self {
        self.join(" OR ", other.into())
    }

    /// Negates this condition. openwsman does not support it, because it ignores `NOT`.
    #[must_use]
    pub fn negated(self) -> Self {
        let text = PerForm::of(|form| {
            let text = self.text.get(form).map_err(Clone::clone)?;
            negation(text, form)
        });
        Self {
            text,
            binding: Binding::Before,
        }
    }

    /// Returns the text of the condition in the form of Windows.
    ///
    /// # Errors
    /// Fails on an invalid name, and on a value that a query cannot hold: an array, an embedded
    /// instance, octets.
    pub fn text(&self) -> Result<&str, &ValueError> {
        self.text_for(WireForm::Windows)
    }

    /// Returns the text of the condition in the form of a server.
    ///
    /// # Errors
    /// Fails as [`text`](Self::text) does, and on what this server cannot express, such as a text with
    /// both quotes on openwsman.
    pub fn text_for(&self, form: WireForm) -> Result<&str, &ValueError> {
        self.text.get(form)
    }

    fn join(self, word: &str, other: Condition) -> Self {
        let one = self.bracketed_if(|binding| binding != Binding::Nowhere);
        let two = other.bracketed_if(|binding| binding == Binding::Everywhere);
        Self {
            text: one.join(word, &two),
            binding: Binding::Everywhere,
        }
    }

    fn bracketed_if(self, needed: impl Fn(Binding) -> bool) -> PerForm {
        if needed(self.binding) {
            return self.text.within("(", ")");
        }
        self.text
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
            text: PerForm::verbatim(&text),
            binding: Binding::Everywhere,
        }
    }
}

impl fmt::Display for Condition {
    /// Prints the condition in the form of Windows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Ok(text) => f.write_str(text),
            Err(error) => write!(f, "({error})"),
        }
    }
}

/// Accepts a name that a query can hold without quotes.
pub(super) fn identifier(name: &Name) -> Result<&Name, ValueError> {
    let text = name.as_str();
    let first = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if first && text.chars().all(|c| c.is_alphanumeric() || c == '_') {
        Ok(name)
    } else {
        Err(ValueError::new(text, "a valid name in a query"))
    }
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
    fn rejects_values_that_a_query_cannot_hold() {
        assert!(property("P OR 1=1").eq(1u8).text().is_err());
        assert!(property("").is_null().text().is_err());
        assert!(property("P").lt(Value::Null).text().is_err());
        assert!(property("P").eq(f64::NAN).text().is_err());
        assert!(property("P").eq(vec![1u8]).and("x = 1").text().is_err());
        assert!(is_a("A'").text().is_err());
    }

    #[test]
    fn parenthesises_nested_conditions() {
        let either = property("A").eq(1u8).or("B = 2 AND C = 3");
        assert_eq!(
            either.and(is_a("D").negated()).to_string(),
            "(A = 1 OR (B = 2 AND C = 3)) AND NOT (__THIS ISA 'D')"
        );
    }

    /// Lists each condition in the form of Windows, OMI and openwsman; where a server cannot express
    /// it, a part of the error.
    #[test]
    fn writes_each_condition_in_the_form_of_each_server() {
        let p = || property("P");
        let untyped = |text: &str| Value::Untyped(text.to_owned());
        let host: InstancePath = r#"\\HV01\root\a:A.K="v""#.parse().unwrap();
        for (condition, [windows, omi, openwsman]) in [
            (
                p().eq(r"C:\logs"),
                [r"P = 'C:\\logs'", r"P = 'C:\\logs'", r"P = 'C:\logs'"],
            ),
            (
                p().eq("O'Hara"),
                [r"P = 'O\'Hara'", r"P = 'O\'Hara'", r#"P = "O'Hara""#],
            ),
            (
                p().eq(r#"say "hi""#),
                [
                    r#"P = 'say \"hi\"'"#,
                    r#"P = 'say \"hi\"'"#,
                    r#"P = 'say "hi"'"#,
                ],
            ),
            (
                p().eq(r#"'""#),
                [r#"P = '\'\"'"#, r#"P = '\'\"'"#, "both quotes"],
            ),
            (p().eq("a\nb"), ["P = 'a\nb'", "P = 'a\nb'", "line breaks"]),
            (p().eq("100%_[x]"), ["P = '100%_[x]'"; 3]),
            (
                p().starts_with("100%"),
                ["P LIKE '100[%]%'", "P LIKE '100[%]%'", "P LIKE '100%%'"],
            ),
            (
                p().starts_with("%a"),
                ["P LIKE '[%]a%'", "P LIKE '[%]a%'", "openwsman can match"],
            ),
            (
                p().contains("a_b"),
                ["P LIKE '%a[_]b%'", "P LIKE '%a[_]b%'", "P LIKE '%a_b%'"],
            ),
            (
                p().contains("%"),
                ["P LIKE '%[%]%'", "P LIKE '%[%]%'", "P LIKE '%%%'"],
            ),
            (
                p().contains("x[y]z"),
                [
                    "P LIKE '%x[[]y]z%'",
                    "P LIKE '%x[[]y]z%'",
                    "P LIKE '%x[y]z%'",
                ],
            ),
            (
                p().starts_with(""),
                ["P IS NOT NULL", "P <> NULL", "openwsman can judge"],
            ),
            (p().like("a%"), ["P LIKE 'a%'"; 3]),
            (p().like("%a%"), ["P LIKE '%a%'"; 3]),
            (p().like("%a"), ["P LIKE '%a'"; 3]),
            (
                p().like("%"),
                ["P LIKE '%'", "P LIKE '%'", "openwsman can judge"],
            ),
            (
                p().like("abc"),
                ["P LIKE 'abc'", "P LIKE 'abc'", "P = 'abc'"],
            ),
            (
                p().like("a[%]%"),
                ["P LIKE 'a[%]%'", "P LIKE 'a[%]%'", "P LIKE 'a%%'"],
            ),
            (
                p().like("%a[%]"),
                ["P LIKE '%a[%]'", "P LIKE '%a[%]'", "openwsman can match"],
            ),
            (
                p().like("a_b"),
                ["P LIKE 'a_b'", "P LIKE 'a_b'", "openwsman can match"],
            ),
            (
                p().like("a%b"),
                ["P LIKE 'a%b'", "P LIKE 'a%b'", "openwsman can match"],
            ),
            (
                p().like("[a-c]"),
                ["P LIKE '[a-c]'", "P LIKE '[a-c]'", "openwsman can match"],
            ),
            (
                p().is_null(),
                ["P IS NULL", "P = NULL", "openwsman can judge"],
            ),
            (
                p().ne(Value::Null),
                ["P IS NOT NULL", "P <> NULL", "openwsman can judge"],
            ),
            (p().eq(Value::Char16(65)), ["P = 'A'", "P = 65", "P = 'A'"]),
            (
                p().eq(u64::MAX),
                ["P = 18446744073709551615", "at most", "at most"],
            ),
            (p().eq(i64::MAX), ["P = 9223372036854775807"; 3]),
            (p().eq(1e16f64), ["P = 1.0e16"; 3]),
            (p().eq(1.5e-7f64), ["P = 1.5e-7"; 3]),
            (
                p().eq(untyped("5")),
                ["P = '5'", "P = '5'", "with its type"],
            ),
            (p().eq(untyped("five")), ["P = 'five'"; 3]),
            (
                p().eq(host),
                [
                    r#"P = 'root\\a:A.K=\"v\"'"#,
                    r#"P = 'root\\a:A.K=\"v\"'"#,
                    r#"P = 'root\a:A.K="v"'"#,
                ],
            ),
            (
                is_a("D"),
                [
                    "__THIS ISA 'D'",
                    "enumerate the class",
                    "enumerate the class",
                ],
            ),
            (
                p().eq(1u8).negated().and(p().eq(2u8).negated()),
                [
                    "(NOT (P = 1)) AND NOT (P = 2)",
                    "(NOT (P = 1)) AND NOT (P = 2)",
                    "without NOT",
                ],
            ),
            (p().ne("a"), ["P <> 'a'", "P <> 'a'", "P != 'a'"]),
            (p().lt(5u8), ["P < 5", "P < 5", "5 > P"]),
            (p().le(5u8), ["P <= 5", "P <= 5", "5 >= P"]),
            (p().gt(5u8).and(p().ge(5u8)), ["P > 5 AND P >= 5"; 3]),
            (p().eq("a & b"), ["P = 'a & b'"; 3]),
            (p().eq("&amp;"), ["P = '&amp;'", "P = '&amp;'", "without &"]),
            (
                p().contains("a&#65;"),
                ["P LIKE '%a&#65;%'", "P LIKE '%a&#65;%'", "without &"],
            ),
        ] {
            for (form, wanted) in [
                (WireForm::Windows, windows),
                (WireForm::Omi, omi),
                (WireForm::Openwsman, openwsman),
            ] {
                match condition.text_for(form) {
                    Ok(text) => assert_eq!(text, wanted, "{form:?}"),
                    Err(error) => {
                        let text = error.to_string();
                        assert!(text.contains(wanted), "{form:?}: {text}, not {wanted}");
                    }
                }
            }
        }
    }
}
