//! Reads values that consist of elements: datetimes, references and embedded instances.

use std::borrow::Cow;

use super::DecodeError;
use super::decode::{Marks, untyped};
use super::epr::EndpointReference;
use super::instance::{InstanceReader, append};
use super::item::Item;
use super::uri::{ClassUri, DMTF, schema_of};
use crate::cim::{Array, CimType, Instance, InstancePath, Value};
use crate::xml::{Content, Element, Ns, Reader};

/// The class name of an instance of unknown class.
const UNKNOWN: &str = "";

/// The name of a reference that stands beside other elements.
const REFERENCE: &str = "EndpointReference";

/// The content of an element that may be the wrapper of a datetime.
enum Wrapped<'i> {
    Text(Cow<'i, str>),
    Other(Value),
}

impl InstanceReader {
    /// Reads a value that consists of elements; the reader is in the first. If the element also holds
    /// text, or its type is a text type, the value is all its text.
    pub(super) fn structured<'i>(
        &mut self,
        reader: &mut Reader<'i>,
        element: &Element<'_>,
        marks: &Marks<'_>,
        first: Element<'i>,
    ) -> Result<Value, DecodeError> {
        let around = reader.take_stray_text();
        let value = self.children(reader, element, marks, first)?;
        let is_mixed = reader.take_stray_text();
        reader.set_stray_text(around);
        match value {
            Some(value) if !is_mixed => Ok(value),
            _ => {
                let text = reader.inner_text_of(element)?;
                Ok(self.mixed(reader, element, text))
            }
        }
    }

    /// Returns the value of the children; `None` if they are a part of a text.
    fn children<'i>(
        &mut self,
        reader: &mut Reader<'i>,
        element: &Element<'_>,
        marks: &Marks<'_>,
        first: Element<'i>,
    ) -> Result<Option<Value>, DecodeError> {
        let value = match (reader.ns(&first), first.local_name()) {
            (Ns::CimCommon, "Datetime" | "Date" | "Time" | "Interval" | "CIM_DateTime") => {
                self.datetime(reader, first, true)?
            }
            // Windows omits the namespace in the rows of a query.
            (Ns::None, "Datetime" | "Date" | "Time" | "Interval" | "CIM_DateTime")
                if marks.class().is_none() =>
            {
                self.datetime(reader, first, false)?
            }
            (Ns::Addressing, _) => self.reference(reader, element, first)?,
            _ if marks.is_text() => {
                reader.skip()?;
                reader.skip()?;
                return Ok(None);
            }
            _ => self.embedded(reader, element, marks, first)?,
        };
        Ok(Some(value))
    }

    /// Reads a datetime in a wrapper element. A wrapper in no namespace counts only if it stands alone
    /// and holds a datetime or NULL; otherwise it is a property of that name.
    fn datetime<'i>(
        &mut self,
        reader: &mut Reader<'i>,
        wrapper: Element<'i>,
        is_certain: bool,
    ) -> Result<Value, DecodeError> {
        let wrapped = self.wrapped(reader, &wrapper)?;
        let next = reader.child()?;
        let (value, is_datetime) = match wrapped {
            Wrapped::Text(text) => {
                let read = Value::of_text(&text, CimType::DateTime);
                let is_datetime = is_certain || (next.is_none() && read.is_some());
                match read.filter(|_| is_datetime && !self.keeps_text()) {
                    Some(datetime) => (datetime, true),
                    None => (untyped(text), is_datetime),
                }
            }
            Wrapped::Other(value) => {
                let is_datetime = matches!(value, Value::Null | Value::DateTime(_));
                (value, is_datetime)
            }
        };
        if is_datetime && next.is_none() {
            return Ok(value);
        }
        let holder =
            self.properties_beside(reader, UNKNOWN, Some((wrapper.local_name(), value)), next)?;
        match holder.properties() {
            [only] if is_certain && !self.keeps_text() => Ok(as_datetimes(only.value())),
            _ => Ok(Value::Instance(Box::new(holder))),
        }
    }

    fn wrapped<'i>(
        &mut self,
        reader: &mut Reader<'i>,
        wrapper: &Element<'i>,
    ) -> Result<Wrapped<'i>, DecodeError> {
        if wrapper.has_attributes() {
            return Ok(match self.value(reader, wrapper)? {
                Value::Untyped(text) => Wrapped::Text(Cow::Owned(text)),
                other => Wrapped::Other(other),
            });
        }
        Ok(match reader.content()? {
            Content::Text(text) => Wrapped::Text(text),
            Content::Mixed(text) => Wrapped::Other(self.mixed(reader, wrapper, text)),
            Content::Child(child) => {
                Wrapped::Other(self.structured(reader, wrapper, &Marks::default(), child)?)
            }
        })
    }

    /// Reads a reference or an array of references. The parts of a reference may stand directly in the
    /// property.
    fn reference<'i>(
        &mut self,
        reader: &mut Reader<'i>,
        element: &Element<'_>,
        first: Element<'i>,
    ) -> Result<Value, DecodeError> {
        let (reference, next) = if first.local_name() == REFERENCE {
            (EndpointReference::read(reader)?, reader.child()?)
        } else {
            EndpointReference::read_parts(reader, first)?
        };
        let says_more = reference.says_more();
        let path = path_beside(reader, element, reference);
        let value = Value::Reference(Box::new(path));
        if next.is_none() {
            if says_more {
                self.keep(reader.raw(reader.mark_of(element)).into_owned(), false);
            }
            return Ok(value);
        }
        let holder = self.properties_beside(reader, UNKNOWN, Some((REFERENCE, value)), next)?;
        match holder.properties() {
            [only] if !holder.has_raw_xml() => Ok(only.value().clone()),
            _ => Ok(Value::Instance(Box::new(holder))),
        }
    }

    /// Reads an embedded instance. Its properties stand directly in the property, which then has an
    /// `xsi:type` (Windows, OMI) or properties of another namespace, or in an element of its class
    /// inside the property. Otherwise its class is unknown.
    fn embedded<'i>(
        &mut self,
        reader: &mut Reader<'i>,
        element: &Element<'_>,
        marks: &Marks<'_>,
        first: Element<'i>,
    ) -> Result<Value, DecodeError> {
        if let Some(class) = marks.class() {
            let schema = schema_of_type(reader, element, marks, class, Some(&first));
            let class = self.class(class);
            let instance = self.properties(reader, class, Some(first))?;
            return Ok(placed(instance, schema));
        }
        let uri = match reader.ns(&first) {
            Ns::Other => reader.ns_uri(&first),
            _ => None,
        };
        let Some(uri) = uri else {
            let holder = self.properties(reader, UNKNOWN, Some(first))?;
            return Ok(unwrapped(holder));
        };
        let class = ClassUri::parse(uri).class;
        if class == first.local_name() {
            return self.wrapped_instances(reader, element, first);
        }
        if reader.ns_uri(element) == Some(uri) {
            let instance = self.properties(reader, UNKNOWN, Some(first))?;
            return Ok(Value::Instance(Box::new(instance)));
        }
        let schema = other_schema(reader, element, uri);
        let instance = self.properties(reader, class, Some(first))?;
        Ok(placed(instance, schema))
    }

    /// Reads instances, each in an element of its class: one, or an array.
    fn wrapped_instances<'i>(
        &mut self,
        reader: &mut Reader<'i>,
        element: &Element<'_>,
        first: Element<'i>,
    ) -> Result<Value, DecodeError> {
        let mut found = self.wrapped_instance(reader, element, &first)?;
        let mut next = reader.child()?;
        while let Some(wrapper) = &next
            && is_class_wrapper(reader, wrapper)
        {
            let value = self.wrapped_instance(reader, element, wrapper)?;
            append(&mut found, value);
            next = reader.child()?;
        }
        if next.is_none() && found.elements().iter().all(is_instance) {
            return Ok(found);
        }
        let first = Some((first.local_name(), found));
        let holder = self.properties_beside(reader, UNKNOWN, first, next)?;
        Ok(Value::Instance(Box::new(holder)))
    }

    fn wrapped_instance(
        &mut self,
        reader: &mut Reader<'_>,
        element: &Element<'_>,
        wrapper: &Element<'_>,
    ) -> Result<Value, DecodeError> {
        let uri = reader.ns_uri(wrapper);
        let schema = uri.and_then(|uri| other_schema(reader, element, uri));
        let marks = Marks::of(reader, wrapper);
        match self.bare_item(reader, wrapper, &marks)? {
            Item::Instance(instance) => Ok(placed(instance, schema)),
            Item::Text(text) => Ok(Value::Untyped(text)),
        }
    }

    /// Returns an embedded instance with a known class and no properties.
    pub(super) fn without_properties(
        &mut self,
        reader: &Reader<'_>,
        element: &Element<'_>,
        marks: &Marks<'_>,
        class: &str,
    ) -> Value {
        let schema = schema_of_type(reader, element, marks, class, None);
        placed(Instance::new(self.class(class)), schema)
    }
}

fn is_instance(value: &Value) -> bool {
    matches!(value, Value::Instance(_))
}

/// Returns whether an element is named after the class in its namespace.
fn is_class_wrapper(reader: &Reader<'_>, element: &Element<'_>) -> bool {
    let uri = reader.ns_uri(element);
    uri.is_some_and(|uri| ClassUri::parse(uri).class == element.local_name())
}

/// Returns the instances in a holder of unknown class with a single property that holds nothing else.
/// The element of that property is then the element of their class.
fn unwrapped(holder: Instance) -> Value {
    let is_bare = |value: &Value| match value {
        Value::Instance(instance) => instance.class().as_str() == UNKNOWN,
        _ => false,
    };
    let is_wrapper = match holder.properties() {
        [only] => {
            let items = only.value().elements();
            !items.is_empty() && items.iter().all(is_bare)
        }
        _ => false,
    };
    if !is_wrapper || holder.has_raw_xml() {
        return Value::Instance(Box::new(holder));
    }
    let Some(only) = holder.into_properties().pop() else {
        return Value::Null;
    };
    let class = only.name().clone();
    let named = |value: Value| match value {
        Value::Instance(mut instance) => {
            instance.set_class(class.clone());
            Value::Instance(instance)
        }
        other => other,
    };
    match only.into_value() {
        Value::Array(array) => {
            let items = array.into_vec().into_iter().map(named).collect();
            Value::Array(Array::of(Some(CimType::Instance), items))
        }
        single => named(single),
    }
}

/// Returns the texts that each stood in a wrapper of a datetime.
fn as_datetimes(value: &Value) -> Value {
    let read = |value: &Value| match value {
        Value::Untyped(text) => Value::of_text(text, CimType::DateTime),
        _ => None,
    };
    let items = value.elements().iter();
    let items = items.map(|item| read(item).unwrap_or_else(|| item.clone()));
    Value::Array(Array::of(Some(CimType::DateTime), items.collect()))
}

/// Sets the schema of an instance that differs from the schema of the surrounding instance.
fn placed(mut instance: Instance, schema: Option<String>) -> Value {
    if let Some(schema) = schema {
        let place = instance.place().cloned();
        let mut place = place.unwrap_or_else(|| InstancePath::new(instance.class()));
        if place.schema_uri().is_none() {
            let uri = [&schema, instance.class().as_str()].concat();
            if let Some(namespace) = ClassUri::parse(&uri).namespace {
                place = place.in_namespace(namespace);
            }
            place = place.with_schema_uri(schema);
        }
        instance.set_path(place);
    }
    Value::Instance(Box::new(instance))
}

/// Returns the schema of a class URI if it differs from the property's own namespace.
fn other_schema(reader: &Reader<'_>, element: &Element<'_>, uri: &str) -> Option<String> {
    let schema = schema_of(uri);
    let around = reader.ns_uri(element).map(schema_of);
    (around != Some(schema)).then(|| schema.to_owned())
}

/// Does the same for a class that `xsi:type` names. A declared prefix gives its schema, else the
/// namespace of its properties does.
fn schema_of_type(
    reader: &Reader<'_>,
    element: &Element<'_>,
    marks: &Marks<'_>,
    class: &str,
    first: Option<&Element<'_>>,
) -> Option<String> {
    let of_prefix = marks
        .class_prefix()
        .and_then(|prefix| reader.uri_of_prefix(prefix));
    let of_first = first.and_then(|first| reader.ns_uri(first));
    let is_of_class = |uri: &&str| ClassUri::parse(uri).class == class;
    let uri = of_prefix
        .filter(is_of_class)
        .or(of_first.filter(is_of_class))?;
    other_schema(reader, element, uri)
}

/// Reads the path of a reference. A reference to a DMTF class keeps its schema URI among classes of a
/// vendor.
fn path_beside(
    reader: &Reader<'_>,
    element: &Element<'_>,
    reference: EndpointReference,
) -> InstancePath {
    let is_dmtf = reference
        .resource_uri
        .as_deref()
        .is_some_and(|uri| schema_of(uri) == DMTF);
    let around = match reader.ns(element) {
        Ns::Other => reader.ns_uri(element).map(schema_of),
        _ => None,
    };
    let path = reference.into_path();
    match around {
        Some(around) if is_dmtf && around != DMTF => path.with_schema_uri(DMTF),
        _ => path,
    }
}
