//! JSON to instances and values.

use serde_json::{Map, Value as Json};
use wsman::cim::{Array, CimType, Class, Name, PropertyDecl, ValueError};
use wsman::{Instance, InstancePath, Value};

use super::{CLASS, HOST, NAMESPACE, PATH};
use crate::failure::Failure;

/// An instance as read, before its class is known.
#[derive(Clone, Debug)]
pub(crate) struct Flat {
    pub(crate) class: Name,
    pub(crate) path: Option<InstancePath>,
    properties: Vec<(Name, Json)>,
}

/// The system properties of WMI and of this program, which are not sent.
const IGNORED: [&str; 9] = [
    HOST,
    "__SERVER",
    "__RELPATH",
    "__DYNASTY",
    "__SUPERCLASS",
    "__DERIVATION",
    "__GENUS",
    "__PROPERTY_COUNT",
    "__EMBEDDED",
];

impl Flat {
    /// Reads the flat form. The class may come from `__PATH`, or from the caller.
    ///
    /// # Errors
    /// An object without a class, or with an entry that is neither a property nor part of the form.
    pub(crate) fn read(map: &Map<String, Json>, class: Option<&Name>) -> Result<Self, Failure> {
        let path = match text(map, PATH)? {
            Some(path) => Some(
                path.parse::<InstancePath>()
                    .map_err(|error| invalid(&error))?,
            ),
            None => None,
        };
        let path = match (path, text(map, NAMESPACE)?) {
            (Some(path), Some(namespace)) if path.namespace().is_none() => {
                let namespace = namespace.parse().map_err(|error| invalid(&error))?;
                Some(path.in_namespace(namespace))
            }
            (path, _) => path,
        };
        let named = text(map, CLASS)?.map(Name::new);
        let of_path = path.as_ref().map(|path| path.class().clone());
        let class = named.or_else(|| class.cloned()).or(of_path);
        let class = class.ok_or_else(|| Failure::parameter("the object has no __CLASS"))?;
        let mut properties = Vec::with_capacity(map.len());
        for (name, json) in map {
            if let Some(name) = property_name(name)? {
                properties.push((Name::new(name), json.clone()));
            }
        }
        Ok(Self {
            class,
            path,
            properties,
        })
    }

    /// Returns a text that differs for different instances.
    pub(crate) fn fingerprint(&self) -> String {
        let path = self.path.as_ref().map(ToString::to_string);
        let properties: Vec<_> = self
            .properties
            .iter()
            .map(|(name, json)| (name.as_str(), json))
            .collect();
        serde_json::json!([self.class.as_str(), path, properties]).to_string()
    }

    /// Returns the instance with the types of its class, or with untyped text.
    pub(crate) fn typed(&self, class: Option<&Class>) -> Result<Instance, Failure> {
        let mut instance = Instance::new(self.class.clone());
        for (name, json) in &self.properties {
            let declared = match class {
                Some(class) => {
                    let missing = || Failure::no_property(class.name(), name.as_str());
                    Some(class.property(name.as_str()).ok_or_else(missing)?)
                }
                None => None,
            };
            let value = value(json, declared);
            instance.set(
                name.clone(),
                value.map_err(|error| Failure::value(&error.in_property(name)))?,
            );
        }
        Ok(match &self.path {
            Some(path) => instance.with_path(path.clone()),
            None => instance,
        })
    }
}

fn text<'a>(map: &'a Map<String, Json>, name: &str) -> Result<Option<&'a str>, Failure> {
    match map.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(Failure::parameter(format!("{name} is not a string"))),
    }
}

/// Returns the name of a property; `None` for a part of the form.
fn property_name(entry: &str) -> Result<Option<&str>, Failure> {
    if let Some(name) = entry
        .strip_prefix('@')
        .filter(|name| name.starts_with("__"))
    {
        return Ok(Some(name));
    }
    if [CLASS, NAMESPACE, PATH].contains(&entry) || IGNORED.contains(&entry) {
        return Ok(None);
    }
    if entry.starts_with("__") {
        return Err(Failure::parameter(format!(
            "{entry:?} is not part of the form: write \"@{entry}\" for a property of this name"
        )));
    }
    Ok(Some(entry))
}

fn invalid(error: &ValueError) -> Failure {
    Failure::value(error)
}

/// Reads a value of the declared type; without a declaration scalars are untyped text.
pub(crate) fn value(json: &Json, declared: Option<&PropertyDecl>) -> Result<Value, ValueError> {
    let value = match json {
        Json::Array(items) => {
            let items = items.iter().map(|item| element(item, declared));
            Value::Array(array(items.collect::<Result<_, _>>()?)?)
        }
        single => element(single, declared)?,
    };
    match declared {
        Some(declared) => declared.declared(&value),
        None => Ok(value),
    }
}

/// Makes an array; an empty one is of untyped text.
fn array(items: Vec<Value>) -> Result<Array, ValueError> {
    if items.is_empty() {
        Ok(Array::untyped())
    } else {
        Array::from_values(items)
    }
}

/// Reads a single value, or an element of an array.
pub(crate) fn element(json: &Json, declared: Option<&PropertyDecl>) -> Result<Value, ValueError> {
    let cim_type = declared.map(|declared| declared.cim_type);
    Ok(match (json, cim_type) {
        (Json::Null, _) => Value::Null,
        (Json::Bool(flag), Some(_)) => Value::Boolean(*flag),
        (Json::Number(number), Some(CimType::Char16)) => match number.as_u64().map(u16::try_from) {
            Some(Ok(unit)) => Value::Char16(unit),
            _ => return Err(ValueError::new(number.to_string(), "a char16")),
        },
        (Json::String(text), Some(CimType::Char16)) => match char16(text) {
            Some(unit) => Value::Char16(unit),
            None => Value::Untyped(text.clone()),
        },
        (Json::Number(number), Some(CimType::String | CimType::DateTime | CimType::Reference)) => {
            return Err(ValueError::new(
                number.to_string(),
                "a JSON string, which the type of the property needs",
            ));
        }
        (Json::Number(number), _) => Value::Untyped(number.to_string()),
        (Json::Bool(flag), None) => Value::Untyped(flag.to_string()),
        (Json::String(text), _) => Value::Untyped(text.clone()),
        (Json::Object(map), _) => Value::Instance(Box::new(embedded(map)?)),
        (Json::Array(_), _) => {
            return Err(ValueError::new(json.to_string(), "an element of an array"));
        }
    })
}

/// Returns the code unit of a text of one character.
fn char16(text: &str) -> Option<u16> {
    let mut units = text.encode_utf16();
    let unit = units.next()?;
    units.next().is_none().then_some(unit)
}

/// Reads an embedded instance, whose class is not known here.
fn embedded(map: &Map<String, Json>) -> Result<Instance, ValueError> {
    let flat = Flat::read(map, Some(&Name::new("")));
    let flat = flat.and_then(|flat| flat.typed(None));
    flat.map_err(|failure| ValueError::new(failure.text(), "an embedded instance"))
}
