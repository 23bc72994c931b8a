//! Writes instances and values.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::epr::{NOT_LOSSY, write_reference};
use super::xsi_type::type_mark;
use super::{ResourceUriPrefix, WireForm};
use crate::cim::{DateTime, Instance, Name, Namespace, Property, Value, ValueError};
use crate::xml::{WriteError, Writer, uri};

/// The settings that affect the form of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EncodeContext<'a> {
    pub(crate) form: WireForm,
    /// Whether the server was asked to distinguish empty arrays from missing ones
    /// (`msftwinrm:UsePreciseArrays`, MS-WSMV 3.1.4.1.26).
    pub(crate) precise_arrays: bool,
    pub(crate) prefix: &'a ResourceUriPrefix,
    pub(crate) namespace: Option<&'a Namespace>,
    /// The class as the resource URI spells it.
    pub(crate) class: Option<&'a Name>,
}

/// Writes an instance as an element of its class: the body of Put and Create, or an item of a response.
pub(crate) fn write_instance(
    w: &mut Writer,
    instance: &Instance,
    context: EncodeContext<'_>,
) -> Result<(), ValueError> {
    let class = instance.class().as_str();
    let spelled = context.class.filter(|spelled| **spelled == class);
    let class_uri = context.class_uri(spelled.map_or(class, Name::as_str))?;
    let typed = context.form == WireForm::Windows;
    write_properties(w, (class, &class_uri), typed, instance, context)
}

/// Writes the properties of an instance into an element of this name and namespace, with or without an
/// `xsi:type` derived from the name.
pub(super) fn write_properties(
    w: &mut Writer,
    (name, namespace): (&str, &str),
    typed: bool,
    instance: &Instance,
    context: EncodeContext<'_>,
) -> Result<(), ValueError> {
    let element = ["p0:", name].concat();
    let element_type = ["p0:", name, "_Type"].concat();
    let mut attributes = format_namespaces(namespace).to_vec();
    if typed {
        attributes.push(("xsi:type", &element_type));
    }
    w.open(&element, &attributes)?;
    ValueWriter {
        w,
        context,
        level: 0,
        depth: 0,
        hides: false,
    }
    .properties(instance)?;
    w.close(&element);
    Ok(())
}

/// Writes the properties that a query selected as Windows does: in a fragment, without a namespace
/// (MS-WSMV 3.1.4.1.13).
#[cfg(feature = "simulator")]
pub(crate) fn write_picked(
    w: &mut Writer,
    instance: &Instance,
    context: EncodeContext<'_>,
) -> Result<(), ValueError> {
    let namespaces = [("xmlns:xsi", uri::XSI), ("xmlns:cim", uri::CIM_COMMON)];
    w.open("w:XmlFragment", &namespaces)?;
    let mut values = ValueWriter {
        w,
        context,
        level: 0,
        depth: 0,
        hides: false,
    };
    for property in instance.properties() {
        values
            .elements(property.name().as_str(), property.value(), &[])
            .map_err(|error| error.in_property(property.name()))?;
    }
    w.close("w:XmlFragment");
    Ok(())
}

/// Writes one property as an element of its class, for a fragment transfer.
pub(crate) fn write_fragment(
    w: &mut Writer,
    class: &str,
    name: &str,
    property: &Property,
    context: EncodeContext<'_>,
) -> Result<(), ValueError> {
    let class_uri = context.class_uri(class)?;
    let namespaces = format_namespaces(&class_uri);
    ValueWriter {
        w,
        context,
        level: 0,
        depth: 0,
        hides: false,
    }
    .property(&["p0:", name].concat(), name, property, &namespaces)
}

fn format_namespaces(class_uri: &str) -> [(&str, &str); 3] {
    [
        ("xmlns:p0", class_uri),
        ("xmlns:xsi", uri::XSI),
        ("xmlns:cim", uri::CIM_COMMON),
    ]
}

impl EncodeContext<'_> {
    pub(super) fn class_uri(&self, class: &str) -> Result<String, ValueError> {
        self.prefix.class_uri(self.namespace, class)
    }
}

/// Writes the properties of one instance. An embedded instance is one level deeper and has its own
/// prefix.
struct ValueWriter<'w, 'c> {
    w: &'w mut Writer,
    context: EncodeContext<'c>,
    /// The number of the prefix.
    level: usize,
    /// The number of surrounding instances.
    depth: usize,
    /// Whether the class marks the surrounding property secret.
    hides: bool,
}

/// The room for a name with its prefix.
const USUAL_NAME: usize = 64;

/// The nesting limit of embedded instances; servers have limits of their own.
const DEEPEST: usize = 16;

type Attributes<'a> = [(&'a str, &'a str)];

impl ValueWriter<'_, '_> {
    fn properties(&mut self, instance: &Instance) -> Result<(), ValueError> {
        let mut element = String::with_capacity(USUAL_NAME);
        element.extend(["p", &self.level.to_string(), ":"]);
        let prefix = element.len();
        for property in instance.properties() {
            if property.is_altered() {
                return Err(altered(property));
            }
            element.truncate(prefix);
            element.push_str(property.name().as_str());
            self.property(&element, property.name().as_str(), property, &[])?;
        }
        Ok(())
    }

    /// Writes a property as the element of that name.
    fn property(
        &mut self,
        element: &str,
        name: &str,
        property: &Property,
        namespaces: &Attributes<'_>,
    ) -> Result<(), ValueError> {
        let written = if property.is_secret() && !self.hides {
            self.hidden(element, property.value(), namespaces)
        } else {
            self.elements(element, property.value(), namespaces)
        };
        written.map_err(|error| property.explain(error).in_property(name))
    }

    /// Writes the elements of a secret property.
    #[cold]
    fn hidden(
        &mut self,
        element: &str,
        value: &Value,
        namespaces: &Attributes<'_>,
    ) -> Result<(), ValueError> {
        self.hides = true;
        let written = self.elements(element, value, namespaces);
        self.hides = false;
        written
    }

    /// Writes one element, or one for each element of an array.
    fn elements(
        &mut self,
        element: &str,
        value: &Value,
        namespaces: &Attributes<'_>,
    ) -> Result<(), ValueError> {
        let Value::Array(array) = value else {
            return self.element(element, value, namespaces);
        };
        if array.is_empty() && !self.context.precise_arrays {
            let wanted = "an array that WS-Man can carry: an empty one needs precise arrays";
            return Err(value.is_not(wanted));
        }
        if array.is_empty() {
            return Ok(self.w.empty_marked(element, namespaces, NIL_AND_EMPTY)?);
        }
        for item in array {
            if item.is_null() {
                return Err(item.is_not("an element that WS-Man can carry"));
            }
            self.element(element, item, namespaces)?;
        }
        Ok(())
    }

    fn element(
        &mut self,
        element: &str,
        value: &Value,
        namespaces: &Attributes<'_>,
    ) -> Result<(), ValueError> {
        match value {
            Value::Null if self.context.precise_arrays => {
                Ok(self.w.empty_marked(element, namespaces, NIL_AND_NO_ARRAY)?)
            }
            Value::Null => Ok(self.w.empty_marked(element, namespaces, NIL)?),
            Value::Instance(instance) => self.embedded(element, instance, namespaces),
            Value::Reference(path) => {
                self.w.open(element, namespaces)?;
                write_reference(self.w, path, self.context.prefix, self.context.namespace)?;
                self.w.close(element);
                Ok(())
            }
            _ => self.scalar(element, value, namespaces),
        }
    }

    fn scalar(
        &mut self,
        element: &str,
        value: &Value,
        namespaces: &Attributes<'_>,
    ) -> Result<(), ValueError> {
        self.w.open_marked(element, namespaces, type_mark(value))?;
        let start = self.w.len();
        match value {
            Value::DateTime(datetime) => self.datetime(datetime)?,
            _ => self.text(value)?,
        }
        if self.hides {
            self.w.mark_secret(start);
        }
        self.w.close(element);
        Ok(())
    }

    fn text(&mut self, value: &Value) -> Result<(), ValueError> {
        match value {
            Value::String(text) | Value::Untyped(text) => Ok(self.w.text(text)?),
            Value::Secret(secret) => {
                let start = self.w.len();
                self.w.text(secret.expose())?;
                // Otherwise the whole property is marked.
                if !self.hides {
                    self.w.mark_secret(start);
                }
                Ok(())
            }
            Value::Lossy(_) => Err(value.is_not(NOT_LOSSY)),
            Value::Octets(octets) => Ok(self.w.text(&BASE64.encode(octets))?),
            Value::Char16(unit) => Ok(self.w.text(&self.char16(*unit)?)?),
            scalar => {
                self.w.plain(|out| {
                    scalar.push_text(out);
                });
                Ok(())
            }
        }
    }

    fn char16(&self, unit: u16) -> Result<String, ValueError> {
        if self.context.form == WireForm::Omi {
            return Ok(unit.to_string());
        }
        let character = char::from_u32(u32::from(unit));
        character
            .map(String::from)
            .ok_or_else(|| Value::Char16(unit).is_not("one that this wire form can carry"))
    }

    fn datetime(&mut self, datetime: &DateTime) -> Result<(), ValueError> {
        let wrapper = match (self.context.form, datetime.is_interval()) {
            (WireForm::Openwsman, _) => return Ok(self.w.text(&datetime.to_string())?),
            (WireForm::Windows, true) => Some("cim:Interval"),
            (WireForm::Windows, false) => Some("cim:Datetime"),
            (WireForm::Omi, _) => None,
        };
        match (datetime.to_xs(), wrapper) {
            (Some(text), Some(wrapper)) => self.w.leaf(wrapper, &[], &text)?,
            (Some(text), None) => self.w.text(&text)?,
            (None, _) => self
                .w
                .leaf("cim:CIM_DateTime", &[], &datetime.to_string())?,
        }
        Ok(())
    }

    /// Every form writes `xsi:type`, because OMI finds the class of an embedded instance only
    /// there. An instance of unknown class is written as it was read, with its properties in the
    /// surrounding namespace.
    fn embedded(
        &mut self,
        element: &str,
        instance: &Instance,
        namespaces: &Attributes<'_>,
    ) -> Result<(), ValueError> {
        let class = instance.class().as_str();
        if self.depth == DEEPEST {
            let wanted = format!("an instance embedded at most {DEEPEST} levels deep");
            return Err(ValueError::of_phrase(class, wanted));
        }
        let own = instance
            .place()
            .map(ResourceUriPrefix::of_path)
            .transpose()?;
        let own = own.flatten();
        let context = EncodeContext {
            prefix: own.as_ref().unwrap_or(self.context.prefix),
            namespace: instance.namespace().or(self.context.namespace),
            ..self.context
        };
        let level = if class.is_empty() {
            self.w.open(element, namespaces)?;
            self.level
        } else {
            self.open_typed(element, (class, &context.class_uri(class)?), namespaces)?;
            self.level + 1
        };
        ValueWriter {
            w: self.w,
            context,
            level,
            depth: self.depth + 1,
            hides: self.hides,
        }
        .properties(instance)?;
        self.w.close(element);
        Ok(())
    }

    fn open_typed(
        &mut self,
        element: &str,
        (class, class_uri): (&str, &str),
        namespaces: &Attributes<'_>,
    ) -> Result<(), ValueError> {
        let prefix = ["p", &(self.level + 1).to_string()].concat();
        let declaration = ["xmlns:", &prefix].concat();
        let class_type = [&prefix, ":", class, "_Type"].concat();
        let own = [
            (declaration.as_str(), class_uri),
            ("xsi:type", class_type.as_str()),
        ];
        Ok(self.w.open(element, &[namespaces, &own].concat())?)
    }
}

/// Creates the error for a value that is only a part of what the server sent.
#[cold]
fn altered(property: &Property) -> ValueError {
    let wanted = "the whole value that the server sent: set the property or remove it";
    property.value().is_not(wanted).in_property(property.name())
}

/// Writes NULL. With precise arrays, `p:IsNullArray` distinguishes NULL from an empty array; both are
/// one nil element (MS-WSMV 4.11).
const NIL: &str = r#" xsi:nil="true""#;
const NIL_AND_NO_ARRAY: &str = r#" xsi:nil="true" p:IsNullArray="true""#;
const NIL_AND_EMPTY: &str = r#" xsi:nil="true" p:IsNullArray="false""#;

impl From<WriteError> for ValueError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Character { text, character } => {
                let wanted = format!(
                    "text that XML 1.0 can carry: U+{:04X}",
                    u32::from(character)
                );
                ValueError::of_text(text, wanted)
            }
            WriteError::Name(name) => ValueError::of_phrase(&name, "a name that XML can carry"),
        }
    }
}
