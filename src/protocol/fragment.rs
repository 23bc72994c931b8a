//! Fragment transfer: reads and writes one property instead of a whole instance (DSP0226 7.7).

use super::encode::{EncodeContext, write_fragment};
use super::uri::ClassUri;
use super::{Body, DecodeError};
use crate::cim::{Instance, Name, Property, Value, ValueError};
use crate::xml::{Content, Element, Writer, is_blank};

/// The server's response to a fragment transfer.
#[derive(Debug, PartialEq)]
pub(crate) enum FragmentBody {
    /// The value of the property; an array has one element for each.
    Value(Value),
    /// The whole instance: the server ignored the fragment header.
    Whole(Instance),
}

impl FragmentBody {
    /// Reads the content of a `w:XmlFragment`; the reader is in it. It holds elements of the property,
    /// or bare text if the expression ends in `text()`. Several properties form an instance.
    pub(super) fn read(
        body: &mut Body<'_, '_>,
        fragment: &Element<'_>,
    ) -> Result<Self, DecodeError> {
        let first = match body.reader.content()? {
            Content::Text(text) if text.is_empty() => return Ok(Self::Value(Value::Null)),
            Content::Text(text) | Content::Mixed(text) => {
                let value = Value::Untyped(text.into_owned());
                return Ok(Self::Value(if body.reader.is_lossy(fragment) {
                    value.into_lossy()
                } else {
                    value
                }));
            }
            Content::Child(child) => child,
        };
        let holder = body.instances.properties(body.reader, "", Some(first))?;
        let value = match holder.properties() {
            [_] => holder.into_properties().pop().map(Property::into_value),
            _ => Some(Value::from(holder)),
        };
        Ok(Self::Value(value.unwrap_or_default()))
    }

    /// Writes the body of a Put of one property.
    pub(crate) fn write(
        w: &mut Writer,
        class: &str,
        name: &str,
        property: &Property,
        context: EncodeContext<'_>,
    ) -> Result<(), ValueError> {
        w.open("w:XmlFragment", &[])?;
        write_fragment(w, class, name, property, context)?;
        w.close("w:XmlFragment");
        Ok(())
    }
}

/// The content of a `w:XmlFragment`.
pub(super) enum Picked {
    Nothing,
    /// The properties that a query or a fragment transfer selected.
    Properties(Instance),
    /// The text of one property.
    Text(String),
}

impl Body<'_, '_> {
    /// Reads the content of a `w:XmlFragment`; the reader is in it. Windows omits the class of the
    /// properties, and `class` is used; other servers give it with the namespace of the properties.
    pub(super) fn picked(&mut self, class: Option<&Name>) -> Result<Picked, DecodeError> {
        let first = match self.reader.content()? {
            Content::Child(first) => first,
            Content::Text(text) if is_blank(&text) => return Ok(Picked::Nothing),
            Content::Text(text) | Content::Mixed(text) => {
                return Ok(Picked::Text(text.into_owned()));
            }
        };
        let of_uri = self
            .reader
            .ns_uri(&first)
            .map(|uri| ClassUri::parse(uri).class);
        let class = of_uri.or_else(|| class.cloned());
        let class = class.unwrap_or_else(|| Name::new(""));
        let picked = self.instances.properties(self.reader, class, Some(first))?;
        Ok(Picked::Properties(picked))
    }
}
