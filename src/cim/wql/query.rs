//! Whole queries.

use std::fmt;

use super::condition::{Condition, identifier};
use super::per_form::PerForm;
use crate::cim::{Name, ValueError, WireForm};

/// A query for the instances of a class: a text that is used unchanged, or one built of parts, which is
/// written in the form of its server.
///
/// ```
/// use wsman::cim::WireForm;
/// use wsman::cim::wql::{Query, property};
/// let query = Query::new("Win32_Share").properties(["Name"]).matching(property("Path").eq(r"C:\logs"));
/// let of = |form| query.text(form).unwrap();
/// assert_eq!(of(WireForm::Windows), r"SELECT Name FROM Win32_Share WHERE Path = 'C:\\logs'");
/// assert_eq!(of(WireForm::Openwsman), r"SELECT Name FROM Win32_Share WHERE Path = 'C:\logs'");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Query(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Text(String),
    Built {
        class: Name,
        properties: Vec<String>,
        condition: Option<Box<Condition>>,
    },
}

impl Query {
    /// Selects all properties of all instances of a class and of its subclasses.
    pub fn new(class: impl Into<Name>) -> Self {
        Self(Kind::Built {
            class: class.into(),
            properties: Vec::new(),
            condition: None,
        })
    }

    /// Adds properties to the selection. A query from a text stays unchanged.
    #[must_use]
    pub fn properties<P: Into<String>>(mut self, picked: impl IntoIterator<Item = P>) -> Self {
        if let Kind::Built { properties, .. } = &mut self.0 {
            properties.extend(picked.into_iter().map(Into::into));
        }
        self
    }

    /// Adds a condition, joined with `AND`. A query from a text stays unchanged.
    #[must_use]
    pub fn matching(mut self, further: impl Into<Condition>) -> Self {
        if let Kind::Built { condition, .. } = &mut self.0 {
            let further = further.into();
            *condition = Some(Box::new(match condition.take() {
                Some(condition) => condition.and(further),
                None => further,
            }));
        }
        self
    }

    /// Returns the text of the query in the form of a server.
    ///
    /// # Errors
    /// Fails on an invalid name, and on a value that a query cannot hold in this form.
    pub fn text(&self, form: WireForm) -> Result<String, ValueError> {
        let text = self.per_form();
        text.get(form).map(str::to_owned).map_err(Clone::clone)
    }

    pub(crate) fn per_form(&self) -> PerForm {
        let Kind::Built {
            class,
            properties,
            condition,
        } = &self.0
        else {
            return PerForm::verbatim(self.given().unwrap_or_default());
        };
        let select = PerForm::of(|_| select(class, properties));
        match condition {
            Some(condition) => select.join(" WHERE ", &condition.text),
            None => select,
        }
    }

    /// Returns the text, if the query was created from one.
    fn given(&self) -> Option<&str> {
        match &self.0 {
            Kind::Text(text) => Some(text),
            Kind::Built { .. } => None,
        }
    }

    /// Returns whether the query is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.given().is_some_and(|text| text.trim().is_empty())
    }

    /// Takes the query, and leaves one of the same class.
    pub(crate) fn take(&mut self) -> Self {
        let rest = match self.class() {
            Some(class) => Self::new(class),
            None => Self::from(String::new()),
        };
        std::mem::replace(self, rest)
    }

    /// Returns the class after `FROM`. The server validates the query; this is only for Windows rows
    /// that do not name their class.
    pub(crate) fn class(&self) -> Option<Name> {
        match &self.0 {
            Kind::Built { class, .. } => Some(class.clone()),
            Kind::Text(text) => {
                let mut words = text.split_whitespace();
                words.find(|word| word.eq_ignore_ascii_case("from"))?;
                words.next().map(Name::new)
            }
        }
    }
}

fn select(class: &Name, properties: &[String]) -> Result<String, ValueError> {
    let mut query = String::from("SELECT ");
    for (index, property) in properties.iter().enumerate() {
        if index > 0 {
            query.push_str(", ");
        }
        query.push_str(identifier(&Name::new(property))?.as_str());
    }
    if properties.is_empty() {
        query.push('*');
    }
    query.push_str(" FROM ");
    query.push_str(identifier(class)?.as_str());
    Ok(query)
}

impl From<&str> for Query {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<&String> for Query {
    fn from(text: &String) -> Self {
        Self::from(text.clone())
    }
}

impl From<String> for Query {
    fn from(text: String) -> Self {
        Self(Kind::Text(text))
    }
}

impl fmt::Display for Query {
    /// Prints the query in the form of Windows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text(WireForm::Windows) {
            Ok(text) => f.write_str(&text),
            Err(error) => write!(f, "({error})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cim::wql::property;

    #[test]
    fn finds_the_class_after_from() {
        let class = |query| Query::from(query).class();
        assert_eq!(class("SELECT * FROM Win32_Share").unwrap(), "Win32_Share");
        assert_eq!(class("select a\nfrom X where b = 'from Y'").unwrap(), "X");
        assert_eq!(class("SELECT"), None);
        assert_eq!(Query::new("A").class().unwrap(), "A");
    }

    #[test]
    fn selects_the_named_properties() {
        let query = Query::new("Win32_Share").properties(["Name", "Type"]);
        let query = query.matching(property("Name").contains("a_b"));
        let text = "SELECT Name, Type FROM Win32_Share WHERE Name LIKE '%a[_]b%'";
        assert_eq!(query.to_string(), text);
        let query = query.matching("Type = 0 OR Type = 1");
        let more = [text, " AND (Type = 0 OR Type = 1)"].concat();
        assert_eq!(query.to_string(), more);
        let all = Query::new("Win32_Share").per_form();
        assert_eq!(all.same(), Some(Ok("SELECT * FROM Win32_Share")));
        let bad = Query::new("C").properties(["a b"]).per_form();
        assert!(bad.same().is_some_and(|text| text.is_err()));
    }
}
