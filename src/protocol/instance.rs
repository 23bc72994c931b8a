//! Reads instances.

use std::collections::HashMap;

use super::DecodeError;
use super::epr::EndpointReference;
use crate::cim::{Array, Char16Text, Instance, Name, Property, Value};
use crate::xml::{Element, Ns, Reader};

/// Reads instances and interns their names: the rows of a page share one text for each name.
#[derive(Default)]
pub(crate) struct InstanceReader {
    names: Vec<Interned>,
    /// The index of the names, once there are [`MANY`].
    by_text: HashMap<String, usize>,
    /// The number of names in the index.
    mapped: usize,
    /// The number of instances read, which marks the names already seen in the current one.
    instance: u64,
    /// The number of nested open instances.
    open: usize,
    /// The marks that embedded instances overwrote, to restore for the surrounding instances.
    changed: Vec<(usize, Seen)>,
    /// The number of properties of the last instance, as an estimate for the next.
    usual: usize,
    /// The list of an instance whose properties were taken.
    spare: Vec<Property>,
    /// Whether values stay untyped text, whatever their types on the wire.
    keeps_text: bool,
    /// Whether instances keep their elements as received.
    keeps_xml: bool,
    char16_text: Char16Text,
    /// The raw XML of the property whose value is being read.
    pub(super) kept: Option<Kept>,
}

/// Raw XML that the value of an element cannot express.
pub(super) struct Kept {
    pub(super) raw: String,
    /// Whether the value is only a part of the content of the element.
    pub(super) is_altered: bool,
}

struct Interned {
    name: Name,
    seen: Seen,
    /// The name that followed it: rows of a class list their properties in one order.
    next: usize,
}

/// The place where a name was last seen.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// The number of the instance.
    instance: u64,
    /// The index of its property.
    at: usize,
}

/// The number of names above which a map is faster than a scan of the list.
const MANY: usize = 32;

/// No name; as an index it lies past the end of any list.
const NOWHERE: usize = usize::MAX;

impl InstanceReader {
    /// Keeps values as untyped text.
    pub(crate) fn keep_text(&mut self, keeps_text: bool) {
        self.keeps_text = keeps_text;
    }

    /// Lets instances keep their elements as received.
    pub(crate) fn keep_xml(&mut self, keeps_xml: bool) {
        self.keeps_xml = keeps_xml;
    }

    /// Returns whether the next instance is a top-level one, which keeps its element.
    pub(super) fn keeps_xml(&self) -> bool {
        self.keeps_xml && self.open == 0
    }

    pub(super) fn keeps_text(&self) -> bool {
        self.keeps_text
    }

    /// Sets how the server writes a `char16`.
    pub(crate) fn read_char16_as(&mut self, char16_text: Char16Text) {
        self.char16_text = char16_text;
    }

    pub(super) fn char16_text(&self) -> Char16Text {
        self.char16_text
    }

    /// Reuses the list of an instance whose properties were taken.
    pub(super) fn reuse(&mut self, instance: Instance) {
        if let Some(mut properties) = instance.into_unshared_properties() {
            properties.clear();
            self.spare = properties;
        }
    }

    /// Registers the names of an expected instance in advance.
    pub(crate) fn expect(&mut self, instance: &Instance) {
        let properties = instance.properties();
        self.names.reserve(1 + properties.len());
        self.add_name(instance.class().clone());
        for property in properties {
            let next = self.names.len() + 1;
            let index = self.add_name(property.name().clone());
            if let Some(interned) = self.names.get_mut(index) {
                interned.next = next;
            }
        }
        self.usual = properties.len();
    }

    /// Reads the properties of an instance, up to the end of the current element.
    pub(super) fn properties<'i>(
        &mut self,
        reader: &mut Reader<'i>,
        class: impl Into<Name>,
        first: Option<Element<'i>>,
    ) -> Result<Instance, DecodeError> {
        let next = match first {
            Some(first) => Some(first),
            None => reader.child()?,
        };
        self.properties_beside(reader, class, None, next)
    }

    /// Does the same after the first property was read ahead; the next child may also have been read.
    pub(super) fn properties_beside<'i>(
        &mut self,
        reader: &mut Reader<'i>,
        class: impl Into<Name>,
        first: Option<(&str, Value)>,
        mut next: Option<Element<'i>>,
    ) -> Result<Instance, DecodeError> {
        self.instance += 1;
        self.open += 1;
        let (this, changed) = (self.instance, self.changed.len());
        // Takes the estimate, so that nested instances do not all reserve space for a large one.
        let usual = std::mem::take(&mut self.usual);
        let mut properties = match self.open {
            1 => std::mem::take(&mut self.spare),
            _ => Vec::new(),
        };
        properties.reserve(usual);
        let mut path = None;
        let mut raw = Vec::new();
        let mut last = NOWHERE;
        if let Some((name, value)) = first {
            last = self.intern(name, last);
            self.add(&mut properties, last, this, value);
            self.note_kept(&mut properties, &mut raw, last);
        }
        while let Some(element) = &next {
            let name = element.local_name();
            if name == "Location" && reader.ns(element) == Ns::CimCommon {
                path = Some(EndpointReference::read(reader)?.into_path());
            } else {
                let index = self.intern(name, last);
                let value = self.value(reader, element)?;
                self.add(&mut properties, index, this, value);
                if self.kept.is_some() {
                    self.note_kept(&mut properties, &mut raw, index);
                }
                last = index;
            }
            next = reader.child()?;
        }
        self.open -= 1;
        self.usual = properties.len();
        self.restore(changed);
        let mut instance = Instance::read(class.into(), path, properties);
        instance.keep_raw_elements(raw);
        Ok(instance)
    }

    /// Takes the raw XML that was kept for a property just added.
    #[cold]
    fn note_kept(
        &mut self,
        properties: &mut [Property],
        raw: &mut Vec<(Name, String)>,
        index: usize,
    ) {
        let (Some(kept), Some(interned)) = (self.kept.take(), self.names.get(index)) else {
            return;
        };
        raw.push((interned.name.clone(), kept.raw));
        if kept.is_altered
            && let Some(property) = properties.get_mut(interned.seen.at)
        {
            property.set_altered();
        }
    }

    /// Adds a value. The first value of a name is a property; each further one becomes an element of
    /// its array.
    #[inline(always)]
    fn add(&mut self, properties: &mut Vec<Property>, index: usize, this: u64, value: Value) {
        let Some(interned) = self.names.get_mut(index) else {
            return;
        };
        if interned.seen.instance == this {
            if let Some(property) = properties.get_mut(interned.seen.at) {
                append(property.value_mut(), value);
            }
            return;
        }
        if self.open > 1 {
            self.changed.push((index, interned.seen));
        }
        interned.seen = Seen {
            instance: this,
            at: properties.len(),
        };
        properties.push(Property::read(interned.name.clone(), value));
    }

    /// Restores the marks that an embedded instance overwrote.
    fn restore(&mut self, changed: usize) {
        for (index, seen) in self.changed.drain(changed..).rev() {
            if let Some(interned) = self.names.get_mut(index) {
                interned.seen = seen;
            }
        }
    }

    /// Interns the name of a class.
    pub(super) fn class(&mut self, text: &str) -> Name {
        let index = self.intern(text, NOWHERE);
        self.names
            .get(index)
            .map_or_else(|| Name::new(text), |interned| interned.name.clone())
    }

    /// Returns the index of a name; first tries the name that followed `last` before.
    fn intern(&mut self, text: &str, last: usize) -> usize {
        let guess = self
            .names
            .get(last)
            .map_or(NOWHERE, |interned| interned.next);
        let is_text = |interned: &Interned| interned.name.as_str() == text;
        for index in [guess, last] {
            if self.names.get(index).is_some_and(is_text) {
                return index;
            }
        }
        let known = match self.names.len() {
            0..MANY => self.names.iter().position(is_text),
            _ => self.in_map(text),
        };
        let index = known.unwrap_or_else(|| self.add_name(Name::new(text)));
        if let Some(before) = self.names.get_mut(last) {
            before.next = index;
        }
        index
    }

    fn add_name(&mut self, name: Name) -> usize {
        let index = self.names.len();
        self.names.push(Interned {
            name,
            seen: Seen::default(),
            next: NOWHERE,
        });
        index
    }

    /// Finds a name in the map, after adding the names that are new since the last call.
    fn in_map(&mut self, text: &str) -> Option<usize> {
        let missing = self.names.iter().enumerate().skip(self.mapped);
        let by_text = missing.map(|(at, interned)| (interned.name.as_str().to_owned(), at));
        self.by_text.extend(by_text);
        self.mapped = self.names.len();
        self.by_text.get(text).copied()
    }
}

/// Makes an array of a repeated element. Elements of different types, which no known server sends, are
/// kept side by side.
pub(super) fn append(array: &mut Value, value: Value) {
    let element_type = array.cim_type().or(value.cim_type());
    let mut items = match std::mem::take(array) {
        Value::Array(array) => array.into_vec(),
        single => vec![single],
    };
    match value {
        // An element that holds several instances is already an array.
        Value::Array(array) => items.extend(array.into_vec()),
        single => items.push(single),
    }
    *array = Value::Array(Array::of(element_type, items));
}
