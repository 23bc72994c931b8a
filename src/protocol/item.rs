//! Reads elements that should be instances.

use super::decode::Marks;
use super::{DecodeError, InstanceReader};
use crate::cim::{Instance, Name};
use crate::xml::{Element, Reader};

/// The content of an element where an instance is expected.
#[derive(Debug)]
pub(crate) enum Item {
    Instance(Instance),
    /// Only text, which is not an instance.
    Text(String),
}

impl InstanceReader {
    /// Reads an instance; the reader is in its element.
    pub(crate) fn instance(
        &mut self,
        reader: &mut Reader<'_>,
        element: &Element<'_>,
    ) -> Result<Instance, DecodeError> {
        match self.item(reader, element)? {
            Item::Instance(instance) => Ok(instance),
            Item::Text(text) => Err(DecodeError::bare_text(element.local_name(), &text)),
        }
    }

    /// Reads an instance, or the text in its place.
    ///
    /// The class comes from `xsi:type`, because the element may be named after a base class; else it is
    /// the name of the element.
    pub(crate) fn item(
        &mut self,
        reader: &mut Reader<'_>,
        element: &Element<'_>,
    ) -> Result<Item, DecodeError> {
        let marks = Marks::of(reader, element);
        let keeps_xml = self.keeps_xml();
        reader.set_stray_text(false);
        let mut item = self.bare_item(reader, element, &marks)?;
        let has_stray_text = reader.take_stray_text();
        if let Item::Instance(instance) = &mut item {
            if keeps_xml {
                instance.keep_xml(&reader.raw(reader.mark_of(element)));
            }
            if has_stray_text {
                let raw = reader.raw(reader.mark_of(element));
                instance.keep_own_raw_xml(raw.into_owned());
            } else if marks.is_annotated {
                instance.keep_own_raw_xml(element.start_tag());
            }
        }
        Ok(item)
    }

    /// Does the same without the raw XML. The reader notes text between the properties.
    pub(super) fn bare_item(
        &mut self,
        reader: &mut Reader<'_>,
        element: &Element<'_>,
        marks: &Marks<'_>,
    ) -> Result<Item, DecodeError> {
        let class = self.class(marks.class().unwrap_or_else(|| element.local_name()));
        let around = reader.take_stray_text();
        let Some(first) = reader.child()? else {
            let is_text = reader.take_stray_text();
            reader.set_stray_text(around);
            return if is_text {
                Ok(Item::Text(reader.inner_text_of(element)?.into_owned()))
            } else {
                Ok(Item::Instance(Instance::new(class)))
            };
        };
        let instance = self.properties(reader, class, Some(first))?;
        let has_stray_text = reader.take_stray_text();
        reader.set_stray_text(around || has_stray_text);
        Ok(Item::Instance(instance))
    }

    /// Reads the properties in an element that is not an instance itself, such as the output parameters
    /// of a method.
    pub(crate) fn holder(
        &mut self,
        reader: &mut Reader<'_>,
        element: &Element<'_>,
        class: Name,
    ) -> Result<Instance, DecodeError> {
        let mut instance = self.instance(reader, element)?;
        instance.set_class(class);
        Ok(instance)
    }
}
