//! Conditions of a query.

use std::fmt;

use super::literal::{Pattern, comparison, literal, negation, null};
use super::per_form::PerForm;
use crate::cim::{Name, Value, ValueError, WireForm};

/// What follows `WHERE` in a query.
///
/// A text that is made into one stands as it is: it is for conditions that the program itself holds,
/// never for values from elsewhere. Values go through [`property`].
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub(super) text: PerForm,
    binding: Binding,
}

/// Where a condition needs brackets beside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Binding {
    Nowhere,
    /// Before another: `NOT` reaches as far as it can on OMI and sfcb.
    Before,
    Everywhere,
}

/// A property that is to be compared: see [`property`].
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a property alone is no condition"]
pub struct Operand(Name);

/// The property of a condition. A name that cannot be one makes the condition fail before it is sent.
pub fn property(name: impl Into<Name>) -> Operand {
    Operand(name.into())
}

/// The instances of a class and of those derived from it (`__THIS ISA`). OMI and openwsman have no such
/// condition.
pub fn is_a(class: impl Into<Name>) -> Condition {
    let class = class.into();
    Condition::of(&class, |class, form| match form {
        WireForm::Windows => Ok(["__THIS ISA '", class, "'"].concat()),
        WireForm::Omi | WireForm::Openwsman => {
            let wanted = "a condition that OMI and openwsman know: enumerate the class instead";
            Err(ValueError::new(["__THIS ISA ", class].concat(), wanted))
        }
    })
}

impl Operand {
    /// Equal to a value; for NULL, as [`is_null`](Self::is_null).
    pub fn eq(self, value: impl Into<Value>) -> Condition {
        match value.into() {
            Value::Null => self.is_null(),
            value => self.compare("=", &value),
        }
    }

    /// Not equal to a value; for NULL, as [`is_not_null`](Self::is_not_null).
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

    /// Like a pattern, in which `%`, `_` and `[…]` have their meaning. openwsman knows only a `%` at the
    /// start, at the end or at both.
    pub fn like(self, pattern: impl Into<String>) -> Condition {
        self.matches(&Pattern::Wildcards(pattern.into()))
    }

    /// Begins with a text. openwsman cannot be asked for one that begins with `%`.
    pub fn starts_with(self, text: impl AsRef<str>) -> Condition {
        self.matches(&Pattern::Start(text.as_ref().to_owned()))
    }

    /// Has a text in it.
    pub fn contains(self, text: impl AsRef<str>) -> Condition {
        self.matches(&Pattern::Part(text.as_ref().to_owned()))
    }

    /// Has no value. openwsman cannot be asked: it takes every value for NULL.
    pub fn is_null(self) -> Condition {
        Condition::of(&self.0, |name, form| null(name, true, form))
    }

    /// Has a value. openwsman cannot be asked, as for [`is_null`](Self::is_null).
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
    /// A condition on the property or class of a name.
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

    /// Not this. openwsman cannot be asked: it passes over `NOT`.
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

    /// The text of the condition as Windows reads it.
    ///
    /// # Errors
    /// An invalid name, or a value that cannot stand in a query: an array, an embedded instance, octets.
    pub fn text(&self) -> Result<&str, &ValueError> {
        self.text_for(WireForm::Windows)
    }

    /// The text of the condition in the form of a server.
    ///
    /// # Errors
    /// As [`text`](Self::text); and what this server has no words for, such as a text with both quotes on
    /// openwsman.
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
    /// Prints the condition as Windows reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Ok(text) => f.write_str(text),
            Err(error) => write!(f, "({error})"),
        }
    }
}

/// A name that can stand in a query without quotes.
pub(super) fn identifier(name: &Name) -> Result<&Name, ValueError> {
    let text = name.as_str();
    let first = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    match first && text.chars().all(|c| c.is_alphanumeric() || c == '_') {
        true => Ok(name),
        false => Err(ValueError::new(text, "a name that can stand in a query")),
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
    fn what_cannot_stand_in_a_query_is_an_error() {
        assert!(property("P OR 1=1").eq(1u8).text().is_err());
        assert!(property("").is_null().text().is_err());
        assert!(property("P").lt(Value::Null).text().is_err());
        assert!(property("P").eq(f64::NAN).text().is_err());
        assert!(property("P").eq(vec![1u8]).and("x = 1").text().is_err());
        assert!(is_a("A'").text().is_err());
    }

    #[test]
    fn conditions_keep_together() {
        let either = property("A").eq(1u8).or("B = 2 AND C = 3");
        assert_eq!(
            either.and(is_a("D").negated()).to_string(),
            "(A = 1 OR (B = 2 AND C = 3)) AND NOT (__THIS ISA 'D')"
        );
    }

    /// Each condition as Windows, OMI and openwsman read it; where one has no words for it, a part of the
    /// error.
    #[test]
    fn each_server_gets_its_own_form() {
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
