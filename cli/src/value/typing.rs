//! Assignments as values of the types that a class declares.

use serde_json::Value as Json;
use wsman::Value;
use wsman::cim::{Array, Class, Name, ParameterDecl, PropertyDecl, ValueError};

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
    let mut property = PropertyDecl::new(parameter.name.clone(), parameter.cim_type);
    property.secret |= parameter.secret;
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
                Some(declaration) => fit(&array, given, declaration),
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
        (Given::Json(json), _) => read::value(json, declaration)
            .map_err(|error| misfit(name, error, &[given], declaration)),
        (Given::Text(text) | Given::File(text), Some(declaration)) => {
            fit(&Value::Untyped(text.clone()), &[given], declaration)
        }
        (Given::Text(text) | Given::File(text), None) => Ok(Value::Untyped(text.clone())),
    }
}

fn element(
    name: &Name,
    given: &Given,
    declaration: Option<&PropertyDecl>,
) -> Result<Value, Failure> {
    match given {
        Given::Text(text) | Given::File(text) => Ok(Value::Untyped(text.clone())),
        Given::Json(Json::Array(_)) => Err(Failure::Usage(format!(
            "{name} is given twice: an array cannot be an element"
        ))),
        Given::Json(json) => read::element(json, declaration)
            .map_err(|error| misfit(name, error, &[given], declaration)),
    }
}

fn fit(value: &Value, given: &[&Given], declaration: &PropertyDecl) -> Result<Value, Failure> {
    let misfit = |error| misfit(&declaration.name, error, given, Some(declaration));
    declaration.declared(value).map_err(misfit)
}

/// Creates the failure of a value that does not fit. It repeats a text that the user typed, unless the
/// property is a secret; the library's error names only the length.
fn misfit(
    name: &Name,
    error: ValueError,
    given: &[&Given],
    declaration: Option<&PropertyDecl>,
) -> Failure {
    let error = error.in_property(name);
    let text = error.found();
    let is_secret = declaration.is_some_and(|declaration| declaration.secret);
    if is_secret || text.is_empty() || !given.iter().any(|given| given.is_typed(text)) {
        Failure::value(&error)
    } else {
        Failure::misfit(&error, text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, prop_assert_eq, prop_oneof, proptest};
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
            .with_array("Levels", CimType::Uint8)
            .with_property(PropertyDecl::new("Pin", CimType::Uint32).secret())
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
        let long = format!("Level={}", "9".repeat(100));
        for (words, text) in [
            (
                &["Level=300"][..],
                "property Level: a text of 3 characters is not a value of type uint8: \"300\"",
            ),
            (
                &["On=perhaps"],
                "property On: a text of 7 characters is not a value of type boolean: \"perhaps\"",
            ),
            (
                &["Since=noon"],
                "property Since: a text of 4 characters is not a value of type datetime: \"noon\"",
            ),
            (
                &["Level="],
                "property Level: empty: expected a value of type uint8",
            ),
            (
                &["Level:=300"],
                "property Level: a text of 3 characters is not a value of type uint8: \"300\"",
            ),
            (
                &["Level:=[1,2]"],
                "property Level: an array of 2 is not a value of type uint8",
            ),
            (
                &["Levels=1", "Levels=many"],
                "property Levels: a text of 4 characters is not a value of type uint8: \"many\"",
            ),
            (
                &["Levels:=[1,\"many\"]"],
                "property Levels: a text of 4 characters is not a value of type uint8: \"many\"",
            ),
            (
                &["Tags:=[5]"],
                "property Tags: a text of 1 character is not a JSON string, which the type of the property \
                 needs: \"5\"",
            ),
            (
                &[&long],
                &format!(
                    "property Level: a text of 100 characters is not a value of type uint8: \"{}…\"",
                    "9".repeat(80)
                ),
            ),
        ] {
            let failure = typed(words).unwrap_err();
            assert_eq!(failure.text(), text, "{words:?}");
            assert_eq!(failure.exit(), Exit::Invalid);
        }
    }

    #[test]
    fn a_wrong_type_repeats_no_secret_and_no_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "hunter").unwrap();
        for word in [
            "Pin=hunter",
            "Pin:=\"hunter\"",
            &format!("Level=@{}", file.path().display()),
        ] {
            let text = typed(&[word]).unwrap_err().text();
            assert!(!text.contains("hunter"), "{text}");
        }
        let parameter = ParameterDecl::input("Pin", CimType::Uint32).secret();
        assert!(of_parameter(&parameter).secret);
    }

    /// Parses a text as a value of a type.
    fn of_type(cim_type: CimType, text: &str) -> Result<Value, Failure> {
        let class = Class::new("Lamp").with("Thing", cim_type);
        let words = Assignment::parse_all(&[format!("Thing={text}")])?;
        let mut values = values(&words, &Declared::Properties(Some(&class)))?;
        Ok(values.remove(0).1)
    }

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            "[^@]?.{0,12}",
            "[+-]?[0-9]{1,21}(\\.[0-9]{0,3})?(e[0-9]{1,3})?",
            "[0-9]{14}\\.[0-9*]{6}[+:-][0-9]{3}",
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,12}Z?",
            "[A-Z][a-z]{2}\\.[A-Z]=\"?.{0,6}\"?",
            "(?i)true|false|null|nan|inf",
        ]
        .prop_filter("it would name a file", |text| !text.starts_with('@'))
    }

    proptest! {
        #[test]
        fn any_text_is_of_the_type_or_an_error_that_names_it(text in texts()) {
            for cim_type in CimType::ALL {
                match of_type(cim_type, &text) {
                    Ok(value) => prop_assert_eq!(value.cim_type(), Some(cim_type), "{}", text),
                    Err(failure) => {
                        prop_assert_eq!(failure.exit(), Exit::Invalid);
                        let shown = failure.text();
                        let names = [String::from("Thing"), cim_type.to_string()];
                        let missing = names.iter().find(|name| !shown.contains(name.as_str()));
                        prop_assert_eq!(missing, None, "{}", shown);
                    }
                }
            }
        }

        #[test]
        fn a_whole_number_is_exact_or_out_of_range(
            number in prop_oneof![
                any::<i8>().prop_map(i128::from),
                any::<u16>().prop_map(i128::from),
                any::<i32>().prop_map(i128::from),
                any::<i64>().prop_map(i128::from),
                any::<u64>().prop_map(i128::from),
                any::<i128>(),
            ],
        ) {
            for (cim_type, wanted) in [
                (CimType::Uint8, u8::try_from(number).ok().map(Value::from)),
                (CimType::Sint8, i8::try_from(number).ok().map(Value::from)),
                (CimType::Uint16, u16::try_from(number).ok().map(Value::from)),
                (CimType::Sint16, i16::try_from(number).ok().map(Value::from)),
                (CimType::Uint32, u32::try_from(number).ok().map(Value::from)),
                (CimType::Sint32, i32::try_from(number).ok().map(Value::from)),
                (CimType::Uint64, u64::try_from(number).ok().map(Value::from)),
                (CimType::Sint64, i64::try_from(number).ok().map(Value::from)),
            ] {
                let found = of_type(cim_type, &number.to_string()).ok();
                prop_assert_eq!(found, wanted, "{} {}", cim_type, number);
            }
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
