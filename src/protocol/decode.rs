//! Values as they are read: whatever the form they were written in.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::epr::EndpointReference;
use super::instance::InstanceReader;
use super::xsi_type::{class_of_type, type_of};
use super::{DecodeError, uri::ClassUri};
use crate::cim::{Array, CimType, Instance, Value};
use crate::xml::{Content, Element, Ns, Reader, trim};

/// What the attributes of a property say of its value.
#[derive(Default)]
struct Marks<'e> {
    nil: bool,
    empty_array: bool,
    /// `xsi:type` as it stands: real Windows traffic leaves its prefix undeclared.
    xsi_type: Option<Cow<'e, str>>,
}

impl InstanceReader {
    /// Reads the value of a property, the reader being in its element.
    pub(super) fn value(
        &mut self,
        reader: &mut Reader<'_>,
        element: &Element<'_>,
    ) -> Result<Value, DecodeError> {
        if !element.has_attributes() {
            return match reader.content()? {
                Content::Text(text) | Content::Mixed(text) => Ok(untyped(text)),
                Content::Child(child) => self.structured(reader, Marks::default(), child),
            };
        }
        let marks = Marks::of(reader, element);
        if marks.nil {
            reader.skip()?;
            let empty = || Value::Array(Array::untyped());
            return Ok(if marks.empty_array {
                empty()
            } else {
                Value::Null
            });
        }
        match reader.content()? {
            Content::Text(text) if self.keeps_text() => Ok(untyped(text)),
            Content::Text(text) => Ok(marks.typed(text)),
            Content::Mixed(text) => Ok(untyped(text)),
            Content::Child(child) => self.structured(reader, marks, child),
        }
    }

    /// A value that is made of elements; the reader is in the first of them.
    fn structured(
        &mut self,
        reader: &mut Reader<'_>,
        marks: Marks<'_>,
        first: Element<'_>,
    ) -> Result<Value, DecodeError> {
        match (reader.ns(&first), first.local_name()) {
            (Ns::CimCommon, "Datetime" | "Date" | "Time" | "Interval" | "CIM_DateTime") => {
                let text = reader.text()?;
                let value = match self.keeps_text() {
                    true => untyped(text),
                    false => of_type(text, CimType::DateTime),
                };
                reader.skip()?;
                Ok(value)
            }
            (Ns::Addressing, _) => {
                let path = EndpointReference::read_first(reader, first)?.into_path();
                Ok(Value::Reference(Box::new(path)))
            }
            _ => {
                let instance = self.embedded(reader, marks.class(), first)?;
                Ok(Value::Instance(Box::new(instance)))
            }
        }
    }

    /// An embedded instance: its properties stand in the property itself, which then has an `xsi:type`
    /// (Windows, OMI), or in an element of its class inside the property.
    fn embedded(
        &mut self,
        reader: &mut Reader<'_>,
        class: Option<&str>,
        first: Element<'_>,
    ) -> Result<Instance, DecodeError> {
        if let Some(class) = class {
            let class = self.class(class);
            return self.properties(reader, class, Some(first));
        }
        let named_by_uri = reader.ns_uri(&first).map(|uri| ClassUri::parse(uri).class);
        match named_by_uri {
            Some(class) if class != first.local_name() => {
                self.properties(reader, class, Some(first))
            }
            _ => {
                let instance = self.instance(reader, &first)?;
                reader.skip()?;
                Ok(instance)
            }
        }
    }
}

impl<'e> Marks<'e> {
    fn of(reader: &Reader<'_>, element: &Element<'e>) -> Self {
        let mut marks = Self::default();
        for attribute in element.attributes() {
            let is_true = || attribute.value().is_some_and(|text| is_true(&text));
            match attribute.local_name() {
                "nil" if reader.attribute_ns(&attribute) == Ns::Xsi => marks.nil = is_true(),
                "type" if reader.attribute_ns(&attribute) == Ns::Xsi => {
                    marks.xsi_type = attribute.value();
                }
                "IsNullArray" if reader.attribute_ns(&attribute) == Ns::MsWsman => {
                    marks.empty_array = !is_true();
                }
                _ => {}
            }
        }
        marks
    }

    /// The class that `xsi:type` names, if it names one.
    fn class(&self) -> Option<&str> {
        self.xsi_type.as_deref().and_then(class_of_type)
    }

    /// Text as the type says. A text that is not of that type stays as it is, untyped: one odd value
    /// must not cost its caller the whole page, and whoever asks for the type gets the error.
    fn typed(&self, text: Cow<'_, str>) -> Value {
        let Some(name) = &self.xsi_type else {
            return untyped(text);
        };
        match type_of(name) {
            Some(cim_type) => of_type(text, cim_type),
            None if name.ends_with("cimBase64Binary") || name.ends_with("base64Binary") => {
                match BASE64.decode(trim(&text)) {
                    Ok(octets) => Value::Octets(octets),
                    Err(_) => untyped(text),
                }
            }
            None => untyped(text),
        }
    }
}

fn of_type(text: Cow<'_, str>, cim_type: CimType) -> Value {
    match cim_type {
        CimType::String => Value::String(text.into_owned()),
        _ => Value::of_text(&text, cim_type).unwrap_or_else(|| untyped(text)),
    }
}

fn untyped(text: Cow<'_, str>) -> Value {
    Value::Untyped(text.into_owned())
}

fn is_true(text: &str) -> bool {
    matches!(trim(text), "true" | "1")
}
