//! Reads classes: CIM-XML in no namespace (DSP0201; MS-WSMV 3.1.4.1.38).

use crate::cim::{Array, CimType, Class, MethodDecl, Name, ParameterDecl, PropertyDecl};
use crate::cim::{Qualifier, Value};
use crate::protocol::{Body, DecodeError};
use crate::xml::{Content, Element, Ns, Reader, trim};

impl Body<'_, '_> {
    /// Reads the class of a GetResponse.
    pub(crate) fn class(&mut self, first: Option<&Element<'_>>) -> Result<Class, DecodeError> {
        match first {
            Some(element) if element.local_name() == "CLASS" => read_class(self.reader, element),
            Some(element) => Err(DecodeError::Unexpected(element.local_name().to_owned())),
            None => Err(DecodeError::Missing("CLASS")),
        }
    }
}

/// Reads a class; the reader is in its element. Unknown parts are skipped.
pub(crate) fn read_class(
    reader: &mut Reader<'_>,
    element: &Element<'_>,
) -> Result<Class, DecodeError> {
    let name = attribute(reader, element, "NAME").ok_or(DecodeError::Missing("NAME of a CLASS"))?;
    let mut class = Class::new(name);
    if let Some(derivation) = attribute(reader, element, "DERIVATION") {
        class = class.derived_from(derivation.split([',', ' ']).filter(|name| !name.is_empty()));
    }
    if let Some(superclass) = attribute(reader, element, "SUPERCLASS") {
        class = class.extends(superclass);
    }
    // Members are collected without a search for duplicates, which would be quadratic: a class may fill
    // a response.
    let (mut properties, mut methods, mut qualifiers) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(child) = reader.child()? {
        match child.local_name() {
            "QUALIFIER" => qualifiers.extend(qualifier(reader, &child)?),
            "METHOD" => methods.extend(method(reader, &child)?),
            kind if kind.starts_with("PROPERTY") => properties.extend(property(reader, &child)?),
            _ => reader.skip()?,
        }
    }
    class.set_members(properties, methods, qualifiers);
    Ok(class)
}

/// The attributes that properties and parameters share.
struct Declared {
    name: String,
    cim_type: CimType,
    array: bool,
    class: Option<Name>,
}

impl Declared {
    /// Reads the attributes. The suffix after the dot in the name of the element is the shape.
    fn of(reader: &Reader<'_>, element: &Element<'_>) -> Option<Self> {
        let attribute = |name| attribute(reader, element, name);
        let shape = element.local_name().split_once('.').map(|(_, shape)| shape);
        let embedded = attribute("EmbeddedObject").or_else(|| attribute("EMBEDDEDOBJECT"));
        let cim_type = match shape {
            Some("REFERENCE" | "REFARRAY") => CimType::Reference,
            Some("OBJECT" | "OBJECTARRAY") => CimType::Instance,
            _ if embedded.is_some() => CimType::Instance,
            _ => type_of(attribute("TYPE").as_deref()).unwrap_or(CimType::String),
        };
        Some(Self {
            name: attribute("NAME")?,
            cim_type,
            array: matches!(shape, Some("ARRAY" | "REFARRAY" | "OBJECTARRAY")),
            class: attribute("REFERENCECLASS").map(Name::from),
        })
    }
}

fn property(
    reader: &mut Reader<'_>,
    element: &Element<'_>,
) -> Result<Option<PropertyDecl>, DecodeError> {
    let Some(declared) = Declared::of(reader, element) else {
        reader.skip()?;
        return Ok(None);
    };
    let mut property = PropertyDecl::new(declared.name, declared.cim_type);
    property.array = declared.array;
    property.class = declared.class;
    property.origin = attribute(reader, element, "CLASSORIGIN").map(Name::from);
    property.propagated = flag(reader, element, "PROPAGATED", false);
    let mut qualifiers = Vec::new();
    while let Some(child) = reader.child()? {
        match child.local_name() {
            "QUALIFIER" => qualifiers.extend(qualifier(reader, &child)?),
            "VALUE" => property.default = scalar(reader, property.cim_type)?,
            "VALUE.ARRAY" => property.default = array(reader, property.cim_type)?,
            _ => reader.skip()?,
        }
    }
    property.set_qualifiers(qualifiers);
    Ok(Some(property))
}

fn method(
    reader: &mut Reader<'_>,
    element: &Element<'_>,
) -> Result<Option<MethodDecl>, DecodeError> {
    let Some(name) = attribute(reader, element, "NAME") else {
        reader.skip()?;
        return Ok(None);
    };
    let mut method = MethodDecl::new(name);
    method.return_type = type_of(attribute(reader, element, "TYPE").as_deref());
    method.origin = attribute(reader, element, "CLASSORIGIN").map(Name::from);
    method.propagated = flag(reader, element, "PROPAGATED", false);
    let mut qualifiers = Vec::new();
    while let Some(child) = reader.child()? {
        match child.local_name() {
            "QUALIFIER" => qualifiers.extend(qualifier(reader, &child)?),
            kind if kind.starts_with("PARAMETER") => {
                method.parameters.extend(parameter(reader, &child)?);
            }
            _ => reader.skip()?,
        }
    }
    method.set_qualifiers(qualifiers);
    Ok(Some(method))
}

fn parameter(
    reader: &mut Reader<'_>,
    element: &Element<'_>,
) -> Result<Option<ParameterDecl>, DecodeError> {
    let Some(declared) = Declared::of(reader, element) else {
        reader.skip()?;
        return Ok(None);
    };
    let mut parameter = ParameterDecl::input(declared.name, declared.cim_type);
    parameter.array = declared.array;
    parameter.class = declared.class;
    let mut qualifiers = Vec::new();
    while let Some(child) = reader.child()? {
        match child.local_name() {
            "QUALIFIER" => qualifiers.extend(qualifier(reader, &child)?),
            _ => reader.skip()?,
        }
    }
    parameter.set_qualifiers(qualifiers);
    Ok(Some(parameter))
}

fn qualifier(
    reader: &mut Reader<'_>,
    element: &Element<'_>,
) -> Result<Option<Qualifier>, DecodeError> {
    let Some(name) = attribute(reader, element, "NAME") else {
        reader.skip()?;
        return Ok(None);
    };
    let cim_type = type_of(attribute(reader, element, "TYPE").as_deref());
    let cim_type = cim_type.unwrap_or(CimType::String);
    let mut qualifier = Qualifier::new(name, Value::Null);
    qualifier.overridable = flag(reader, element, "OVERRIDABLE", true);
    qualifier.to_subclass = flag(reader, element, "TOSUBCLASS", true);
    qualifier.translatable = flag(reader, element, "TRANSLATABLE", false);
    qualifier.propagated = flag(reader, element, "PROPAGATED", false);
    while let Some(child) = reader.child()? {
        match child.local_name() {
            "VALUE" => qualifier.value = scalar(reader, cim_type)?,
            "VALUE.ARRAY" => qualifier.value = array(reader, cim_type)?,
            _ => reader.skip()?,
        }
    }
    Ok(Some(qualifier))
}

/// Reads a `VALUE`; the reader is in it. Text that is invalid for its type stays untyped.
fn scalar(reader: &mut Reader<'_>, cim_type: CimType) -> Result<Value, DecodeError> {
    match reader.content()? {
        Content::Text(text) | Content::Mixed(text) => {
            let untyped = Value::Untyped(text.into_owned());
            Ok(untyped.typed_as(cim_type).unwrap_or(untyped))
        }
        Content::Child(_) => {
            reader.skip()?;
            reader.skip()?;
            Ok(Value::Null)
        }
    }
}

fn array(reader: &mut Reader<'_>, cim_type: CimType) -> Result<Value, DecodeError> {
    let mut items = Vec::new();
    while let Some(child) = reader.child()? {
        match child.local_name() {
            "VALUE" => items.push(scalar(reader, cim_type)?),
            _ => {
                reader.skip()?;
                items.push(Value::Null);
            }
        }
    }
    let all_typed = items.iter().all(|item| !matches!(item, Value::Untyped(_)));
    Ok(Value::Array(Array::of(
        all_typed.then_some(cim_type),
        items,
    )))
}

/// Returns an attribute in no namespace.
fn attribute(reader: &Reader<'_>, element: &Element<'_>, name: &str) -> Option<String> {
    let value = reader.attribute(element, Ns::None, name)?;
    Some(trim(&value).to_owned())
}

fn flag(reader: &Reader<'_>, element: &Element<'_>, name: &str, default: bool) -> bool {
    match reader.attribute(element, Ns::None, name) {
        Some(text) => trim(&text).eq_ignore_ascii_case("true"),
        None => default,
    }
}

fn type_of(text: Option<&str>) -> Option<CimType> {
    text?.parse().ok()
}
