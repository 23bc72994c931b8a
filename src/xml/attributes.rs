//! Validates the attributes of an element against its namespaces.

use super::attribute::Attribute;
use super::element::Element;
use super::error::XmlError;
use super::place::Place;

/// Validates that no attribute is repeated (Namespaces in XML 1.0, 6.3), and that each prefix is
/// declared.
pub(super) fn check_attributes(element: &Element<'_>, place: &mut Place) -> Result<(), XmlError> {
    let mut attributes = element.attributes();
    let Some(first) = attributes.next() else {
        return Ok(());
    };
    check_prefix(&first, place)?;
    let mut more = attributes.peekable();
    if more.peek().is_none() {
        return Ok(());
    }
    let mut names = vec![(first.prefix(), first.local_name())];
    for attribute in more {
        check_prefix(&attribute, place)?;
        names.push((attribute.prefix(), attribute.local_name()));
    }
    let expanded = |(prefix, local)| match prefix {
        "" => (None, prefix, local),
        // Declarations are distinguished by their prefix, and were validated when they were made.
        "xmlns" => (None, prefix, local),
        _ => (place.scope().uri(prefix), "", local),
    };
    let mut names: Vec<_> = names.into_iter().map(expanded).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair.first() == pair.last()) {
        Some([(_, _, local), ..]) => {
            let text = format!("the attribute {local:?} is repeated");
            Err(XmlError::Malformed(text))
        }
        _ => Ok(()),
    }
}

fn check_prefix(attribute: &Attribute<'_>, place: &mut Place) -> Result<(), XmlError> {
    let prefix = attribute.prefix();
    if prefix == "xmlns" || place.knows(prefix) {
        Ok(())
    } else {
        Err(undeclared(prefix))
    }
}

#[cold]
pub(super) fn undeclared(prefix: &str) -> XmlError {
    XmlError::Malformed(format!("the prefix {prefix:?} is not declared"))
}
