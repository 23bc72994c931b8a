//! Writes classes as a server sends them. Only qualifiers carry meaning: a key without the qualifier
//! `Key` is written as an ordinary property.

use crate::cim::{CimType, Class, MethodDecl, Name, ParameterDecl, PropertyDecl};
use crate::cim::{Qualifier, Value, ValueError};
use crate::xml::Writer;

type Attributes<'a> = Vec<(&'a str, &'a str)>;

/// Writes a class in CIM-XML (DSP0201), in no namespace.
pub(crate) fn write_class(w: &mut Writer, class: &Class) -> Result<(), ValueError> {
    let derivation = class.derivation().iter().map(Name::as_str);
    let derivation = derivation.collect::<Vec<_>>().join(",");
    let mut attributes = vec![("NAME", class.name().as_str())];
    if let Some(superclass) = class.superclass() {
        attributes.push(("SUPERCLASS", superclass.as_str()));
    }
    if !derivation.is_empty() {
        attributes.push(("DERIVATION", &derivation));
    }
    w.open("CLASS", &attributes)?;
    qualifiers(w, class.qualifiers())?;
    for declared in class.properties() {
        property(w, declared)?;
    }
    for declared in class.methods() {
        method(w, declared)?;
    }
    w.close("CLASS");
    Ok(())
}

fn property(w: &mut Writer, property: &PropertyDecl) -> Result<(), ValueError> {
    let element = ["PROPERTY", shape(property.cim_type, property.array)].concat();
    let class = property.class.as_ref();
    let mut attributes = declared(&property.name, property.cim_type, class);
    origin(
        &mut attributes,
        property.origin.as_ref(),
        property.propagated,
    );
    w.open(&element, &attributes)?;
    qualifiers(w, &property.qualifiers)?;
    value(w, &property.default)?;
    w.close(&element);
    Ok(())
}

fn method(w: &mut Writer, method: &MethodDecl) -> Result<(), ValueError> {
    let mut attributes = vec![("NAME", method.name.as_str())];
    if let Some(return_type) = method.return_type {
        attributes.push(("TYPE", return_type.as_str()));
    }
    origin(&mut attributes, method.origin.as_ref(), method.propagated);
    w.open("METHOD", &attributes)?;
    qualifiers(w, &method.qualifiers)?;
    for declared in &method.parameters {
        parameter(w, declared)?;
    }
    w.close("METHOD");
    Ok(())
}

fn parameter(w: &mut Writer, parameter: &ParameterDecl) -> Result<(), ValueError> {
    let element = ["PARAMETER", shape(parameter.cim_type, parameter.array)].concat();
    let class = parameter.class.as_ref();
    w.open(
        &element,
        &declared(&parameter.name, parameter.cim_type, class),
    )?;
    qualifiers(w, &parameter.qualifiers)?;
    w.close(&element);
    Ok(())
}

/// Returns the suffix of `PROPERTY` and `PARAMETER`.
fn shape(cim_type: CimType, array: bool) -> &'static str {
    match (cim_type, array) {
        (CimType::Reference, false) => ".REFERENCE",
        (CimType::Reference, true) => ".REFARRAY",
        (_, false) => "",
        (_, true) => ".ARRAY",
    }
}

/// Writes the attributes of a property or parameter; an embedded instance is a string with a qualifier.
fn declared<'a>(name: &'a Name, cim_type: CimType, class: Option<&'a Name>) -> Attributes<'a> {
    let mut attributes = vec![("NAME", name.as_str())];
    match (cim_type, class) {
        (CimType::Reference, Some(class)) => attributes.push(("REFERENCECLASS", class.as_str())),
        (CimType::Reference, None) => {}
        (CimType::Instance, _) => {
            attributes.extend([("TYPE", "string"), ("EmbeddedObject", "instance")]);
        }
        (cim_type, _) => attributes.push(("TYPE", cim_type.as_str())),
    }
    attributes
}

fn origin<'a>(attributes: &mut Attributes<'a>, origin: Option<&'a Name>, propagated: bool) {
    attributes.extend(origin.map(|origin| ("CLASSORIGIN", origin.as_str())));
    attributes.extend(propagated.then_some(("PROPAGATED", "true")));
}

fn qualifiers(w: &mut Writer, qualifiers: &[Qualifier]) -> Result<(), ValueError> {
    for qualifier in qualifiers {
        let cim_type = qualifier.value.cim_type().unwrap_or(CimType::String);
        let mut attributes = vec![("NAME", qualifier.name.as_str())];
        attributes.push(("TYPE", cim_type.as_str()));
        let marks = [
            (qualifier.propagated, ("PROPAGATED", "true")),
            (!qualifier.overridable, ("OVERRIDABLE", "false")),
            (!qualifier.to_subclass, ("TOSUBCLASS", "false")),
            (qualifier.translatable, ("TRANSLATABLE", "true")),
        ];
        attributes.extend(
            marks
                .into_iter()
                .filter(|(set, _)| *set)
                .map(|(_, mark)| mark),
        );
        w.open("QUALIFIER", &attributes)?;
        value(w, &qualifier.value)?;
        w.close("QUALIFIER");
    }
    Ok(())
}

/// Writes a value; writes nothing for NULL and for a value without a text form.
fn value(w: &mut Writer, value: &Value) -> Result<(), ValueError> {
    let Value::Array(array) = value else {
        return match value.key_text() {
            Some(text) => Ok(w.leaf("VALUE", &[], &text)?),
            None => Ok(()),
        };
    };
    w.open("VALUE.ARRAY", &[])?;
    for item in array {
        match item.key_text() {
            Some(text) => w.leaf("VALUE", &[], &text)?,
            None => w.empty("VALUE.NULL", &[])?,
        }
    }
    w.close("VALUE.ARRAY");
    Ok(())
}
