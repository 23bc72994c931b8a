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
    let mut names = Vec::with_capacity(FEW);
    names.push((first.prefix(), first.local_name()));
    for attribute in more {
        if names.len() == place.limits.attributes {
            return Err(XmlError::TooManyAttributes(place.limits.attributes));
        }
        check_prefix(&attribute, place)?;
        names.push((attribute.prefix(), attribute.local_name()));
    }
    match repeated(&names, place) {
        Some(local) => Err(XmlError::Malformed(format!(
            "the attribute {local:?} is repeated"
        ))),
        None => Ok(()),
    }
}

/// The most attributes that are compared pair by pair, which is faster than sorting a few.
const FEW: usize = 16;

/// Returns the local name of an attribute that stands twice.
fn repeated<'n>(names: &[(&'n str, &'n str)], place: &'n Place) -> Option<&'n str> {
    let expanded = |(prefix, local): (&'n str, &'n str)| match prefix {
        // Declarations are distinguished by their prefix, and were validated when they were made.
        "" | "xmlns" => (None, prefix, local),
        _ => (place.scope().uri(prefix), "", local),
    };
    if names.len() > FEW {
        let mut names: Vec<_> = names.iter().copied().map(expanded).collect();
        names.sort_unstable();
        let mut pairs = names.windows(2);
        let pair = pairs.find(|pair| pair.first() == pair.last())?;
        return pair.first().map(|(_, _, local)| *local);
    }
    let mut rest = names;
    while let [name, others @ ..] = rest {
        let mut same_local = others.iter().filter(|other| other.1 == name.1);
        if same_local.any(|other| expanded(*other) == expanded(*name)) {
            return Some(name.1);
        }
        rest = others;
    }
    None
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
