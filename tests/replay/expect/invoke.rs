//! Compares the result of a method.

use toml::Value as Toml;

use super::instance::properties;
use super::{count, equal, table};
use crate::call::Outcome;
use crate::values;

pub(super) fn check(key: &str, wanted: &Toml, outcome: &Outcome) -> Result<(), String> {
    let Outcome::Invoked(result) = outcome else {
        return Err("no method was called".to_owned());
    };
    match key {
        "return_value" => equal(&values::value(wanted)?, &result.return_value),
        "outputs_count" => count(wanted, result.outputs.properties().len()),
        _ => properties(table(wanted)?, &result.outputs),
    }
}
