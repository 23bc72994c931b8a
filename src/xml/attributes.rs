//! The attributes of an element in its namespaces.

use super::attribute::{Attribute, Attributes};
use super::element::Element;
use super::error::XmlError;
use super::namespace::Ns;
use super::place::Place;
use super::row_tags::{Meaning, MeantAttribute};

/// The attributes of an element, each with its namespace, but for those that declare one.
pub(crate) struct AttributesWithNs<'i, 'p> {
    element: Element<'i>,
    place: &'p Place,
    /// What is known of a tag that rows repeat.
    known: std::slice::Iter<'p, MeantAttribute>,
    /// Those that are not known.
    read: Option<Attributes<'i>>,
}

impl<'i, 'p> AttributesWithNs<'i, 'p> {
    #[inline]
    pub(super) fn of(element: &Element<'i>, place: &'p Place) -> Self {
        let known = place.row_tags.meaning(element.row_tag());
        Self {
            element: *element,
            place,
            read: known.is_none().then(|| element.attributes()),
            known: known
                .map(|known| known.attributes.iter())
                .unwrap_or_default(),
        }
    }
}

impl<'i> Iterator for AttributesWithNs<'i, '_> {
    type Item = (Ns, Attribute<'i>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(known) = self.known.next() {
            let (name, value) = known.in_tag(self.element.tag())?;
            return Some((known.ns, Attribute::known(name, value)));
        }
        let read = self.read.as_mut()?;
        let attribute = read.find(|one| !one.is_declaration())?;
        Some((attribute_ns(&attribute, self.place), attribute))
    }
}

/// Returns what the attributes of the innermost element mean; `None` if one is not as it stands in the tag.
pub(super) fn meaning(element: &Element<'_>, place: &Place) -> Option<Meaning> {
    let (mut declared, mut attributes) = (Vec::new(), Vec::new());
    for attribute in element.all_attributes() {
        let (ns, name, list) = match attribute.declared_prefix() {
            Some(prefix) => (place.scope().ns(prefix), prefix, &mut declared),
            None => {
                let ns = attribute_ns(&attribute, place);
                (ns, attribute.name(), &mut attributes)
            }
        };
        list.push(MeantAttribute::of(
            ns,
            name,
            attribute.value_in_tag(),
            element.tag(),
        )?);
    }
    Some(Meaning {
        declared,
        attributes,
    })
}

/// Returns the namespace of an attribute of the innermost element; `Ns::None` for one without a prefix.
pub(super) fn attribute_ns(attribute: &Attribute<'_>, place: &Place) -> Ns {
    match attribute.prefix() {
        "" => Ns::None,
        prefix => place.scope().ns(prefix),
    }
}

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
