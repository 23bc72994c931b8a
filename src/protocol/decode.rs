//! Reads values in any form.

use std::borrow::Cow;

use super::DecodeError;
use super::instance::{InstanceReader, Kept};
use super::xsi_type::{class_of_type, prefix_of_type, type_of};
use crate::cim::{Array, CimType, Value};
use crate::xml::{Content, Element, Ns, Reader, is_blank, trim};

/// The attributes of a property that describe its value.
#[derive(Default)]
pub(super) struct Marks<'e> {
    nil: bool,
    empty_array: bool,
    /// `xsi:type` as received: Windows leaves its prefix undeclared.
    xsi_type: Option<Cow<'e, str>>,
    /// Whether any attributes carry data.
    pub(super) is_annotated: bool,
}

impl InstanceReader {
    /// Reads the value of a property; the reader is in its element.
    #[inline(always)]
    pub(super) fn value(
        &mut self,
        reader: &mut Reader<'_>,
        element: &Element<'_>,
    ) -> Result<Value, DecodeError> {
        let value = self.value_as_read(reader, element)?;
        if reader.is_lossy(element) {
            Ok(value.into_lossy())
        } else {
            Ok(value)
        }
    }

    #[inline(always)]
    fn value_as_read(
        &mut self,
        reader: &mut Reader<'_>,
        element: &Element<'_>,
    ) -> Result<Value, DecodeError> {
        if element.has_attributes() {
            return self.marked(reader, element);
        }
        match reader.content()? {
            Content::Text(text) => Ok(untyped(text)),
            Content::Child(child) => self.structured(reader, element, &Marks::default(), child),
            Content::Mixed(text) => Ok(self.mixed(reader, element, text)),
        }
    }

    /// Does the same where attributes describe the value.
    fn marked(
        &mut self,
        reader: &mut Reader<'_>,
        element: &Element<'_>,
    ) -> Result<Value, DecodeError> {
        let marks = Marks::of(reader, element);
        let (value, is_leaf) = match reader.content()? {
            Content::Text(text) if is_blank(&text) => {
                (self.blank(reader, element, &marks, text), true)
            }
            Content::Text(text) => (self.typed(&marks, text), true),
            Content::Child(child) => (self.structured(reader, element, &marks, child)?, false),
            Content::Mixed(text) => return Ok(self.mixed(reader, element, text)),
        };
        let has_content = marks.nil && !value.elements().is_empty();
        if (marks.is_annotated || has_content) && self.kept.is_none() {
            let raw = if is_leaf {
                reader.raw(reader.mark_of(element)).into_owned()
            } else {
                element.start_tag()
            };
            self.keep(raw, false);
        }
        Ok(value)
    }

    /// Reads the value of mixed content: all its text.
    #[cold]
    pub(super) fn mixed(
        &mut self,
        reader: &Reader<'_>,
        element: &Element<'_>,
        text: Cow<'_, str>,
    ) -> Value {
        self.keep(reader.raw(reader.mark_of(element)).into_owned(), true);
        untyped(text)
    }

    /// Keeps raw XML for the property whose value is being read.
    #[cold]
    pub(super) fn keep(&mut self, raw: String, is_altered: bool) {
        self.kept = Some(Kept { raw, is_altered });
    }

    /// Returns the value of an element that holds at most white space.
    fn blank(
        &mut self,
        reader: &Reader<'_>,
        element: &Element<'_>,
        marks: &Marks<'_>,
        text: Cow<'_, str>,
    ) -> Value {
        match marks.class() {
            _ if marks.nil && marks.empty_array => Value::Array(Array::untyped()),
            _ if marks.nil => Value::Null,
            Some(class) => self.without_properties(reader, element, marks, class),
            None => self.typed(marks, text),
        }
    }

    /// Converts text to its type. Text that is invalid for the type stays untyped: one invalid value
    /// must not fail the whole page, and a caller that requests the type gets the error.
    fn typed(&self, marks: &Marks<'_>, text: Cow<'_, str>) -> Value {
        let Some(name) = marks.xsi_type.as_deref().filter(|_| !self.keeps_text()) else {
            return untyped(text);
        };
        let value = match type_of(name) {
            Some(CimType::String) => Some(Value::String(text.clone().into_owned())),
            Some(CimType::Char16) => Value::of_char16(&text, self.char16_text()),
            Some(cim_type) => Value::of_text(&text, cim_type),
            None if is_base64(name) => Value::of_base64(&text),
            None => None,
        };
        value.unwrap_or_else(|| untyped(text))
    }
}

impl<'e> Marks<'e> {
    pub(super) fn of(reader: &Reader<'e>, element: &Element<'e>) -> Self {
        let mut marks = Self::default();
        if !element.has_attributes() {
            return marks;
        }
        for (ns, attribute) in reader.attributes(element) {
            let is_true = || attribute.value().is_some_and(|text| is_true(&text));
            match (ns, attribute.local_name()) {
                (Ns::Xsi, "nil") => marks.nil = is_true(),
                (Ns::Xsi, "type") => marks.xsi_type = attribute.value(),
                (Ns::MsWsman, "IsNullArray") => marks.empty_array = !is_true(),
                // The other attributes of XML Schema carry no data.
                (Ns::Xsi, _) => {}
                _ => marks.is_annotated = true,
            }
        }
        marks
    }

    /// Returns the class that `xsi:type` names, if any.
    pub(super) fn class(&self) -> Option<&str> {
        self.xsi_type.as_deref().and_then(class_of_type)
    }

    /// Returns the prefix of the class that `xsi:type` names.
    pub(super) fn class_prefix(&self) -> Option<&str> {
        self.xsi_type.as_deref().map(prefix_of_type)
    }

    /// Returns whether `xsi:type` names a text type, whatever the element holds.
    pub(super) fn is_text(&self) -> bool {
        let cim_type = self.xsi_type.as_deref().and_then(type_of);
        cim_type.is_some_and(|t| !matches!(t, CimType::DateTime | CimType::Reference))
    }
}

fn is_base64(name: &str) -> bool {
    name.ends_with("cimBase64Binary") || name.ends_with("base64Binary")
}

pub(super) fn untyped(text: Cow<'_, str>) -> Value {
    Value::Untyped(text.into_owned())
}

fn is_true(text: &str) -> bool {
    matches!(trim(text), "true" | "1")
}
