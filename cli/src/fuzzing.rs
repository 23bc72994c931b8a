//! The door for the fuzz target of the words of a command line.

use std::time::Duration;

use wsman::Instance;
use wsman::cim::{CimType, Class};

use crate::args::{Pair, Size, Time};
use crate::failure::Failure;
use crate::value::assignment::Assignment;
use crate::value::json::{read::Flat, write};
use crate::value::target::{Target, typed_path};
use crate::value::typing::{Declared, values};

/// Reads words as the assignments of a command, and gives them the types of a class with every type.
/// Returns the names and texts that were read, and the instance that they make.
pub fn assignments(words: &[String]) -> Result<(Vec<String>, Option<Instance>), String> {
    // No file is read.
    let words: Vec<String> = words
        .iter()
        .filter(|word| !word.contains("=@"))
        .cloned()
        .collect();
    let parsed = Assignment::parse_all(&words).map_err(|failure| told(&failure))?;
    for declared in [Some(&class()), None] {
        let typed = values(&parsed, &Declared::Properties(declared));
        if let Err(failure) = typed {
            told(&failure);
        }
    }
    let untyped = values(&parsed, &Declared::Properties(None)).ok();
    let instance = untyped.map(|values| {
        let start = Instance::new("Thing");
        values
            .into_iter()
            .fold(start, |instance, (name, value)| instance.with(name, value))
    });
    Ok((parsed.into_iter().map(|one| one.name).collect(), instance))
}

/// Reads the first word of a command, whose path takes the types of a class.
pub fn target(word: &str) -> Result<String, String> {
    let target = Target::parse(word).map_err(|failure| told(&failure))?;
    if let Some(path) = target.path() {
        let _ = typed_path(path.clone(), &class());
    }
    Ok(target.class().to_string())
}

/// Reads an instance from JSON, and returns the JSON of it.
pub fn json(text: &str) -> Result<String, String> {
    let map = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let flat = Flat::read(&map, None).map_err(|failure| told(&failure))?;
    let _ = flat.fingerprint();
    if let Err(failure) = flat.typed(Some(&class())) {
        told(&failure);
    }
    let instance = flat.typed(None).map_err(|failure| told(&failure))?;
    let map = write::instance(&instance);
    serde_json::to_string(&map).map_err(|error| error.to_string())
}

/// Reads a time, a size and a pair.
pub fn units(word: &str) -> (Option<Duration>, Option<u32>, Option<String>) {
    let pair: Option<Pair> = word.parse().ok();
    let pair = pair.map(|pair| format!("{}={}", pair.name, pair.value));
    let (time, size) = (word.parse::<Time>(), word.parse::<Size>());
    (
        time.ok().map(|time| time.0),
        size.ok().map(|size| size.0),
        pair,
    )
}

/// Returns the text of a failure, in every form.
fn told(failure: &Failure) -> String {
    let _ = (failure.exit(), failure.to_json());
    failure.text()
}

fn class() -> Class {
    let class = Class::new("Thing").with_key("Id", CimType::String);
    CimType::ALL.into_iter().fold(class, |class, cim_type| {
        let name = cim_type.to_string();
        let many = format!("{name}s");
        class.with(name, cim_type).with_array(many, cim_type)
    })
}
