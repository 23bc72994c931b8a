//! Instances as they are read.

use std::collections::HashMap;

use super::DecodeError;
use super::epr::EndpointReference;
use super::xsi_type::class_of_type;
use crate::cim::{Array, Instance, Name, Property, Value};
use crate::xml::{Element, Ns, Reader};

/// Reads instances, and keeps their names: the rows of a page share one text for each.
#[derive(Default)]
pub(crate) struct InstanceReader {
    names: Vec<Interned>,
    by_text: HashMap<String, usize>,
    /// Counts the instances, so that a name tells whether it was seen in this one.
    instance: u64,
    /// How many instances are open, one in the other.
    open: usize,
    /// What embedded instances changed of the names that those around them know.
    changed: Vec<(usize, Seen)>,
}

struct Interned {
    name: Name,
    seen: Seen,
    /// The name that came after it: rows of a class list their properties in one order.
    next: usize,
}

/// Where a name was last seen.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// The number of the instance.
    instance: u64,
    /// The property of it.
    at: usize,
}

/// No name; as an index it is past the end of any list.
const NOWHERE: usize = usize::MAX;

impl InstanceReader {
    /// Reads an instance, the reader being in its element.
    ///
    /// The class is what `xsi:type` says, because the element may be named after a base class; else it
    /// is the name of the element.
    pub(crate) fn instance(
        &mut self,
        reader: &mut Reader<'_>,
        element: &Element<'_>,
    ) -> Result<Instance, DecodeError> {
        let class = reader
            .attribute(element, Ns::Xsi, "type")
            .and_then(|text| class_of_type(&text));
        let class = match class {
            Some(class) => class,
            None => self.class(element.local_name()),
        };
        self.properties(reader, Instance::new(class), None)
    }

    /// Reads properties into an instance, up to the end of the element the reader is in.
    pub(super) fn properties(
        &mut self,
        reader: &mut Reader<'_>,
        mut instance: Instance,
        first: Option<Element<'_>>,
    ) -> Result<Instance, DecodeError> {
        self.instance += 1;
        self.open += 1;
        let (this, changed) = (self.instance, self.changed.len());
        let mut last = NOWHERE;
        let mut next = first;
        loop {
            let element = match next.take() {
                Some(element) => element,
                None => match reader.child()? {
                    Some(element) => element,
                    None => {
                        self.open -= 1;
                        self.restore(changed);
                        return Ok(instance);
                    }
                },
            };
            if element.local_name() == "Location" && reader.ns(&element) == Ns::CimCommon {
                instance.set_path(EndpointReference::read(reader)?.into_path());
                continue;
            }
            let index = self.intern(element.local_name(), last);
            let value = self.value(reader, &element)?;
            self.add(&mut instance, index, this, value);
            last = index;
        }
    }

    /// Adds a value: the first of its name is a property, each further one an element of its array.
    fn add(&mut self, instance: &mut Instance, index: usize, this: u64, value: Value) {
        let Some(interned) = self.names.get_mut(index) else {
            return;
        };
        if interned.seen.instance == this {
            if let Some(property) = instance.properties_mut().get_mut(interned.seen.at) {
                append(property.value_mut(), value);
            }
            return;
        }
        if self.open > 1 {
            self.changed.push((index, interned.seen));
        }
        interned.seen = Seen {
            instance: this,
            at: instance.properties().len(),
        };
        instance.push_read(Property::read(interned.name.clone(), value));
    }

    /// Takes back what an embedded instance changed, for the one around it.
    fn restore(&mut self, changed: usize) {
        for (index, seen) in self.changed.drain(changed..).rev() {
            if let Some(interned) = self.names.get_mut(index) {
                interned.seen = seen;
            }
        }
    }

    fn class(&mut self, text: &str) -> Name {
        let index = self.intern(text, NOWHERE);
        self.names
            .get(index)
            .map_or_else(|| Name::new(text), |interned| interned.name.clone())
    }

    /// The index of a name, tried first as the one that came after `last` before.
    fn intern(&mut self, text: &str, last: usize) -> usize {
        let guess = self
            .names
            .get(last)
            .map_or(NOWHERE, |interned| interned.next);
        for index in [last, guess] {
            if self
                .names
                .get(index)
                .is_some_and(|interned| interned.name.as_str() == text)
            {
                return index;
            }
        }
        let index = match self.by_text.get(text) {
            Some(index) => *index,
            None => self.add_name(text),
        };
        if let Some(before) = self.names.get_mut(last) {
            before.next = index;
        }
        index
    }

    fn add_name(&mut self, text: &str) -> usize {
        let index = self.names.len();
        self.names.push(Interned {
            name: Name::new(text),
            seen: Seen::default(),
            next: NOWHERE,
        });
        self.by_text.insert(text.to_owned(), index);
        index
    }
}

/// Makes an array of a repeated element. Elements of different types, which no server was seen to
/// send, are kept side by side.
fn append(array: &mut Value, value: Value) {
    let element_type = array.cim_type().or(value.cim_type());
    let mut items = match std::mem::take(array) {
        Value::Array(array) => array.into_vec(),
        single => vec![single],
    };
    items.push(value);
    *array = Value::Array(Array::of(element_type, items));
}
