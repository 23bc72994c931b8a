//! The expression of a fragment transfer: XPath level 1, limited to one property.

use crate::cim::{Instance, Name, Value};

/// `Prop`, `Prop[2]`, `Prop/text()`.
#[derive(Debug, PartialEq)]
pub(in crate::simulator) struct Fragment {
    pub(in crate::simulator) property: Name,
    /// The index of an array element, counted from 1.
    pub(in crate::simulator) index: Option<usize>,
    /// Whether only the text is requested.
    pub(in crate::simulator) text: bool,
}

impl Fragment {
    /// Parses an expression; `None` unless it is one property (Windows rejects a leading slash).
    pub(in crate::simulator) fn parse(expression: &str) -> Option<Self> {
        let (path, text) = match expression.strip_suffix("/text()") {
            Some(path) => (path, true),
            None => (expression, false),
        };
        let (name, index) = match path.strip_suffix(']') {
            Some(path) => {
                let (name, index) = path.split_once('[')?;
                (name, Some(index.parse().ok()?))
            }
            None => (path, None),
        };
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        (!name.is_empty() && name.chars().all(is_name)).then(|| Self {
            property: Name::new(name),
            index,
            text,
        })
    }

    /// Creates an instance with only this property.
    pub(in crate::simulator) fn as_instance(&self, class: &Name, value: Value) -> Instance {
        Instance::new(class.clone()).with(self.property.clone(), value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_property_and_no_more() {
        let tags = Fragment::parse("Tags[2]").unwrap();
        assert_eq!(
            (tags.property.as_str(), tags.index, tags.text),
            ("Tags", Some(2), false)
        );
        assert!(Fragment::parse("U32/text()").unwrap().text);
        for bad in ["", "/U32", "A/B", "A[x]", "A | B"] {
            assert_eq!(Fragment::parse(bad), None, "{bad}");
        }
    }
}
