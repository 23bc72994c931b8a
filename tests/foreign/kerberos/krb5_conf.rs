//! Holds `tests/krb5_conf/expected.json`, which the unit tests of the reader use, against MIT's library.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value as Json};

use crate::programs::Program;
use crate::realm::run;

pub(crate) async fn the_library_reads_what_the_file_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let expected = std::fs::read_to_string(root.join("tests/krb5_conf/expected.json")).unwrap();
    let expected: Map<String, Json> = serde_json::from_str(&expected).unwrap();
    assert!(expected.len() > 50);
    let mut python = Command::new(Program::Python.path());
    python.current_dir(root);
    python.arg("tests/foreign/kerberos/krb5_conf.py");
    let found = run(python.args(expected.keys()), "").unwrap();
    let found: Map<String, Json> = serde_json::from_str(&found).unwrap();
    for (files, expected) in &expected {
        assert_eq!(&without_empty(&found[files]), expected, "{files}");
    }
}

/// Leaves out realms without KDCs, and hosts without a realm, as the file does.
fn without_empty(found: &Json) -> Json {
    let mut found = found.clone();
    let Some(fields) = found.as_object_mut() else {
        return found;
    };
    for field in fields.values_mut() {
        if let Some(entries) = field.as_object_mut() {
            entries.retain(|_, value| {
                !value.is_null() && value.as_array().is_none_or(|it| !it.is_empty())
            });
        }
    }
    found
}
