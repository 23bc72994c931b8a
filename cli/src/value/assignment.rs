//! `Name=text`, `Name:=JSON`, `Name=@FILE`: what a word of the command line assigns.

use std::fs;
use std::io::Read as _;

use serde_json::Value as Json;

use crate::failure::Failure;

/// The limit of a file's size: no message of this protocol is larger.
const LARGEST: u64 = 64 << 20;

/// A name and what is assigned to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    pub(crate) given: Given,
}

/// What is assigned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Given {
    /// A text, of the type that the class declares.
    Text(String),
    /// The text of a file, of the type that the class declares; no error repeats it.
    File(String),
    /// JSON, whose type must fit.
    Json(Json),
}

impl Given {
    /// Returns whether the user typed a text, which may be truncated, as a value or as an element of an array.
    pub(crate) fn is_typed(&self, text: &str) -> bool {
        match self {
            Given::Text(given) => is_same(given, text),
            Given::File(_) => false,
            Given::Json(Json::Array(items)) => items.iter().any(|item| is_scalar(item, text)),
            Given::Json(json) => is_scalar(json, text),
        }
    }
}

fn is_scalar(json: &Json, text: &str) -> bool {
    match json {
        Json::String(given) => is_same(given, text),
        Json::Bool(_) | Json::Number(_) => is_same(&json.to_string(), text),
        // An object can hold secrets.
        Json::Null | Json::Array(_) | Json::Object(_) => false,
    }
}

/// Returns whether a text is another, or its start and an ellipsis.
fn is_same(given: &str, text: &str) -> bool {
    let start = text.strip_suffix('…');
    given == text || start.is_some_and(|start| given.starts_with(start))
}

impl Assignment {
    /// Returns whether a word assigns something.
    pub(crate) fn is_one(word: &str) -> bool {
        word.contains('=')
    }

    /// Parses a word; reads the file of `Name=@FILE`.
    ///
    /// # Errors
    /// A usage error that names the word.
    pub(crate) fn parse(word: &str) -> Result<Self, Failure> {
        let Some((name, value)) = word.split_once('=') else {
            return Err(Failure::Usage(format!(
                "{word:?} assigns nothing: expected NAME=VALUE, NAME:=JSON or NAME=@FILE"
            )));
        };
        let (name, given) = match (name.strip_suffix(':'), value.strip_prefix('@')) {
            (Some(name), _) => (name, Given::Json(parse_json(name, value)?)),
            (None, Some(file)) => (name, Given::File(read(name, file)?)),
            (None, None) => (name, Given::Text(value.to_owned())),
        };
        if is_name(name) {
            let name = name.to_owned();
            Ok(Self { name, given })
        } else {
            Err(Failure::Usage(format!(
                "{name:?} is not the name of a property"
            )))
        }
    }

    /// Parses words.
    pub(crate) fn parse_all(words: &[String]) -> Result<Vec<Self>, Failure> {
        words.iter().map(|word| Self::parse(word)).collect()
    }
}

/// Returns whether a text is a name of CIM (DSP0004 5.1.1), as far as a server may use it.
fn is_name(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    starts && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn parse_json(name: &str, text: &str) -> Result<Json, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Failure::usage(format!("{name}:= is not followed by JSON"), &error))
}

fn read(name: &str, file: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let read =
        fs::File::open(file).and_then(|source| source.take(LARGEST + 1).read_to_string(&mut text));
    let length = read.map_err(|error| Failure::usage(format!("{name}=@{file}"), &error))?;
    if length as u64 > LARGEST {
        return Err(Failure::Usage(format!(
            "{name}=@{file}: larger than 64 MiB"
        )));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use serde_json::json;

    use super::*;

    fn given(word: &str) -> Given {
        Assignment::parse(word).unwrap().given
    }

    #[test]
    fn a_word_assigns_text_json_or_a_file() {
        assert_eq!(given("A=b=c"), Given::Text("b=c".into()));
        assert_eq!(given("A="), Given::Text(String::new()));
        assert_eq!(given("A:=null"), Given::Json(json!(null)));
        assert_eq!(given("A:=\"@x\""), Given::Json(json!("@x")));
        assert_eq!(given("A:={\"B\":[1]}"), Given::Json(json!({"B": [1]})));
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "ä").unwrap();
        let word = format!("A=@{}", file.path().display());
        assert_eq!(given(&word), Given::File("ä\n".into()));
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_assigned(text in "[^@].{0,20}|") {
            let word = format!("Name={text}");
            proptest::prop_assert_eq!(given(&word), Given::Text(text));
        }

        #[test]
        fn any_json_can_be_assigned(text in ".{0,20}", number in proptest::prelude::any::<i64>()) {
            for json in [json!(text), json!(number), json!([text, null]), json!({"A": number})] {
                proptest::prop_assert_eq!(given(&format!("Name:={json}")), Given::Json(json));
            }
        }

        #[test]
        fn any_word_is_parsed_or_is_a_usage_error(word in "[A-Za-z0-9_:=\\[\\]{}\" ]{0,12}") {
            match Assignment::parse(&word) {
                Ok(assignment) => proptest::prop_assert!(word.starts_with(&assignment.name)),
                Err(failure) => proptest::prop_assert!(matches!(failure, Failure::Usage(_))),
            }
        }
    }

    #[test]
    fn rejects_what_assigns_nothing() {
        for word in [
            "",
            "A",
            "=b",
            ":=1",
            "A b=1",
            "A:=",
            "A:={",
            "A:=1 2",
            "A=@/nowhere/x",
            "1=2",
        ] {
            let error = Assignment::parse(word).unwrap_err();
            assert!(matches!(error, Failure::Usage(_)), "{word}");
        }
    }
}
