//! Assignments as values of the types that a class declares.

use serde_json::Value as Json;
use wsman::Value;
use wsman::cim::{Array, Class, Name, ParameterDecl, PropertyDecl};

use super::assignment::{Assignment, Given};
use super::json::read;
use crate::failure::Failure;

/// The declarations that give names their types.
pub(crate) enum Declared<'a> {
    /// The properties of a class; `None` if the server does not provide it.
    Properties(Option<&'a Class>),
    /// The parameters of a method, each as a property.
    Parameters {
        method: &'a str,
        inputs: Vec<PropertyDecl>,
    },
}

impl Declared<'_> {
    /// Makes the declarations of a method's parameters.
    pub(crate) fn parameters<'a>(
        method: &'a str,
        inputs: impl Iterator<Item = &'a ParameterDecl>,
    ) -> Declared<'a> {
        let inputs = inputs.map(of_parameter).collect();
        Declared::Parameters { method, inputs }
    }

    /// Returns the declaration of a name; `None` if no declarations can be had.
    fn of(&self, name: &str) -> Result<Option<&PropertyDecl>, Failure> {
        match self {
            Declared::Properties(None) => Ok(None),
            Declared::Properties(Some(class)) => {
                let found = class.property(name);
                let missing = || Failure::no_property(class.name(), name);
                found.map(Some).ok_or_else(missing)
            }
            Declared::Parameters { method, inputs } => {
                let text = || format!("the method {method} has no parameter {name}");
                let found = inputs.iter().find(|input| input.name == *name);
                found.map(Some).ok_or_else(|| Failure::parameter(text()))
            }
        }
    }
}

/// Makes a property of a parameter: both give a value its type.
pub(crate) fn of_parameter(parameter: &ParameterDecl) -> PropertyDecl {
    let property = PropertyDecl::new(parameter.name.clone(), parameter.cim_type);
    if parameter.array {
        property.array()
    } else {
        property
    }
}

/// Returns each assigned name once, with its value. A repeated name is an array.
///
/// # Errors
/// A name that is not declared, and a value that does not fit: the error names both.
pub(crate) fn values(
    assignments: &[Assignment],
    declared: &Declared<'_>,
) -> Result<Vec<(Name, Value)>, Failure> {
    let mut values: Vec<(Name, Value)> = Vec::new();
    for assignment in assignments {
        let name = Name::new(&assignment.name);
        if values.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let declaration = declared.of(&assignment.name)?;
        let same = assignments.iter().filter(|other| name == *other.name);
        let given: Vec<&Given> = same.map(|other| &other.given).collect();
        values.push((name.clone(), value(&name, &given, declaration)?));
    }
    Ok(values)
}

fn value(
    name: &Name,
    given: &[&Given],
    declaration: Option<&PropertyDecl>,
) -> Result<Value, Failure> {
    match given {
        [one] => single(name, one, declaration),
        many => {
            let items = many.iter().map(|one| element(name, one, declaration));
            let items = items.collect::<Result<Vec<_>, _>>()?;
            let array = Array::from_values(items)
                .map(Value::Array)
                .map_err(|error| Failure::value(&error.in_property(name)))?;
            match declaration {
                Some(declaration) => fit(&array, declaration),
                None => Ok(array),
            }
        }
    }
}

fn single(
    name: &Name,
    given: &Given,
    declaration: Option<&PropertyDecl>,
) -> Result<Value, Failure> {
    match (given, declaration) {
        (Given::Json(json), _) => {
            read::value(json, declaration).map_err(|error| Failure::value(&error.in_property(name)))
        }
        (Given::Text(text), Some(declaration)) => fit(&Value::Untyped(text.clone()), declaration),
        (Given::Text(text), None) => Ok(Value::Untyped(text.clone())),
    }
}

fn element(
    name: &Name,
    given: &Given,
    declaration: Option<&PropertyDecl>,
) -> Result<Value, Failure> {
    match given {
        Given::Text(text) => Ok(Value::Untyped(text.clone())),
        Given::Json(Json::Array(_)) => Err(Failure::Usage(format!(
            "{name} is given twice: an array cannot be an element"
        ))),
        Given::Json(json) => read::element(json, declaration)
            .map_err(|error| Failure::value(&error.in_property(name))),
    }
}

fn fit(value: &Value, declaration: &PropertyDecl) -> Result<Value, Failure> {
    declaration
        .declared(value)
        .map_err(|error| Failure::value(&error))
}

#[cfg(test)]
mod tests {
    use wsman::cim::CimType;

    use super::*;
    use crate::exit::Exit;

    fn class() -> Class {
        Class::new("Lamp")
            .with_key("Id", CimType::Uint64)
            .with("Level", CimType::Uint8)
            .with("On", CimType::Boolean)
            .with("Since", CimType::DateTime)
            .with("Peer", CimType::Reference)
            .with_array("Tags", CimType::String)
    }

    fn typed(words: &[&str]) -> Result<Vec<(Name, Value)>, Failure> {
        let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
        let class = class();
        values(
            &Assignment::parse_all(&words)?,
            &Declared::Properties(Some(&class)),
        )
    }

    fn one(word: &str) -> Value {
        typed(&[word]).unwrap().remove(0).1
    }

    #[test]
    fn text_takes_the_declared_type() {
        assert_eq!(one("Id=18446744073709551615"), Value::Uint64(u64::MAX));
        assert_eq!(one("level=7"), Value::Uint8(7));
        assert_eq!(one("On=true"), Value::Boolean(true));
        assert_eq!(one("Level:=null"), Value::Null);
        assert_eq!(one("Tags="), Value::from(vec![""]));
        assert_eq!(one("Tags=a"), Value::from(vec!["a"]));
        assert_eq!(one("Tags:=[]"), Value::Array(Array::new(CimType::String)));
        let since = one("Since=2024-02-29T12:00:00Z");
        let noon: wsman::cim::DateTime = "20240229120000.000000+000".parse().unwrap();
        assert_eq!(since, Value::from(noon));
        let peer = one(r#"Peer=Lamp.Id="1""#);
        assert_eq!(peer.cim_type(), Some(CimType::Reference));
    }

    #[test]
    fn a_repeated_name_is_an_array() {
        let values = typed(&["Tags=a", "On=false", "Tags=b"]).unwrap();
        assert_eq!(values.len(), 2);
        assert_eq!(values[0].1, Value::from(vec!["a", "b"]));
        assert_eq!(
            typed(&["Level=1", "Level=2"]).unwrap_err().exit(),
            Exit::Invalid
        );
    }

    #[test]
    fn a_wrong_type_names_property_type_and_text() {
        for (word, parts) in [
            ("Level=300", ["Level", "uint8", "300"]),
            ("On=perhaps", ["On", "boolean", "perhaps"]),
            ("Since=noon", ["Since", "datetime", "noon"]),
            ("Level=", ["Level", "uint8", "empty"]),
            ("Level:=[1,2]", ["Level", "uint8", ""]),
        ] {
            let failure = typed(&[word]).unwrap_err();
            let text = failure.text();
            assert!(parts.iter().all(|part| text.contains(part)), "{text}");
            assert_eq!(failure.exit(), Exit::Invalid);
        }
    }

    #[test]
    fn without_a_class_text_stays_untyped() {
        let words = Assignment::parse_all(&["A=7".to_owned(), "B=x".to_owned(), "B=y".to_owned()]);
        let values = values(&words.unwrap(), &Declared::Properties(None)).unwrap();
        assert_eq!(values[0].1, Value::Untyped("7".into()));
        assert_eq!(
            values[1].1.elements(),
            [Value::Untyped("x".into()), Value::Untyped("y".into())]
        );
    }
}
