//! Reads values as `case.toml` writes them.

use base64::Engine as _;
use toml::{Table, Value as Toml};
use wsman::cim::{Array, CimType, Instance, InstancePath, Value};

/// A string is untyped text, an array is one of untyped texts, and a table names its type.
pub(crate) fn value(toml: &Toml) -> Result<Value, String> {
    match toml {
        Toml::String(text) => Ok(Value::Untyped(text.clone())),
        Toml::Array(items) => {
            let items: Result<Vec<Value>, String> = items.iter().map(value).collect();
            Array::from_values(items?)
                .map(Value::Array)
                .map_err(|error| error.to_string())
        }
        Toml::Table(table) => special(table),
        other => Err(format!("{other} is no value of a case: write a string")),
    }
}

fn special(table: &Table) -> Result<Value, String> {
    if table.contains_key("null") {
        return Ok(Value::Null);
    }
    if let Some(text) = table.get("octets").and_then(Toml::as_str) {
        let octets = base64::engine::general_purpose::STANDARD.decode(text);
        return octets.map(Value::Octets).map_err(|error| error.to_string());
    }
    if let Some(class) = table.get("class").and_then(Toml::as_str) {
        let properties = table
            .get("properties")
            .and_then(Toml::as_table)
            .ok_or("no properties")?;
        return instance(class, properties).map(|i| Value::Instance(Box::new(i)));
    }
    if let Some(class) = table.get("path").and_then(Toml::as_str) {
        return path(class, table).map(|path| Value::Reference(Box::new(path)));
    }
    if let (Some(items), None) = (table.get("array"), table.get("type")) {
        return if items.as_array().is_some_and(Vec::is_empty) {
            Ok(Value::Array(Array::untyped()))
        } else {
            value(items)
        };
    }
    let name = table
        .get("type")
        .and_then(Toml::as_str)
        .ok_or_else(|| format!("{table} is no value"))?;
    let cim_type: CimType = name.parse().map_err(|_| format!("{name} is no CIM type"))?;
    if let Some(items) = table.get("array").and_then(Toml::as_array) {
        let items: Result<Vec<Value>, String> = items
            .iter()
            .map(|item| typed(item.as_str().ok_or("an element is no string")?, cim_type))
            .collect();
        let mut array = Array::new(cim_type);
        for item in items? {
            array.push(item).map_err(|error| error.to_string())?;
        }
        return Ok(Value::Array(array));
    }
    typed(
        table
            .get("value")
            .and_then(Toml::as_str)
            .ok_or("no value")?,
        cim_type,
    )
}

fn typed(text: &str, cim_type: CimType) -> Result<Value, String> {
    Value::Untyped(text.to_owned())
        .typed_as(cim_type)
        .map_err(|error| error.to_string())
}

/// Creates an instance of a class with the properties of a table, in its order.
pub(crate) fn instance(class: &str, properties: &Table) -> Result<Instance, String> {
    let mut instance = Instance::new(class);
    for (name, toml) in properties {
        instance.set(name.as_str(), value(toml)?);
    }
    Ok(instance)
}

/// Creates a path of a class with the `keys` and `namespace` of a table.
pub(crate) fn path(class: &str, table: &Table) -> Result<InstancePath, String> {
    let mut path = InstancePath::new(class);
    if let Some(keys) = table.get("keys").and_then(Toml::as_table) {
        for (name, toml) in keys {
            path = path.with_key(name.as_str(), value(toml)?);
        }
    }
    if let Some(namespace) = table.get("namespace").and_then(Toml::as_str) {
        path = path.in_namespace(namespace.parse().map_err(|_| "no namespace")?);
    }
    Ok(path)
}
