//! Fragment transfer: one property instead of a whole instance (DSP0226 7.7).

use super::encode::{EncodeContext, write_fragment};
use super::{Body, DecodeError};
use crate::cim::{Instance, Value, ValueError};
use crate::xml::{Content, Writer};

/// What a server answered to a fragment transfer.
#[derive(Debug, PartialEq)]
pub(crate) enum FragmentBody {
    /// The value of the property; an array has one element for each.
    Value(Value),
    /// The whole instance: the server passed over the header.
    Whole(Instance),
}

impl FragmentBody {
    /// Reads the content of a `w:XmlFragment`, the reader being in it: elements of the property, or
    /// bare text where the expression ends in `text()`.
    pub(super) fn read(body: &mut Body<'_, '_>) -> Result<Self, DecodeError> {
        let first = match body.reader.content()? {
            Content::Text(text) if text.is_empty() => return Ok(Self::Value(Value::Null)),
            Content::Text(text) => return Ok(Self::Value(Value::Untyped(text.into_owned()))),
            Content::Child(child) => child,
        };
        let name = first.local_name().to_owned();
        let holder = Instance::new("");
        let holder = body
            .instances
            .properties(body.reader, holder, Some(first))?;
        Ok(Self::Value(
            holder.value(&name).cloned().unwrap_or_default(),
        ))
    }

    /// Writes the body of a Put of one property.
    pub(crate) fn write(
        w: &mut Writer,
        class: &str,
        property: &str,
        value: &Value,
        context: EncodeContext<'_>,
    ) -> Result<(), ValueError> {
        w.open("w:XmlFragment", &[])?;
        write_fragment(w, class, property, value, context)?;
        w.close("w:XmlFragment");
        Ok(())
    }
}
