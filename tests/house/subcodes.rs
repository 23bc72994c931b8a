//! Tests that the subcodes of faults stand as text in one file only.

use super::sources::{code, files, source};

const TABLE: &str = "src/protocol/fault/names.rs";

/// The names of the variants of `Error`, some of which are also subcodes.
const VARIANTS: &str = "src/error/kind.rs";

/// Returns the names of the table of subcodes.
fn subcodes() -> Vec<String> {
    let text = std::fs::read_to_string(super::root().join(TABLE)).unwrap();
    let table = text.split("    FaultSubcode {").nth(1).unwrap();
    let table = table.split("\n    }").next().unwrap();
    let rows = table.lines().filter_map(|line| line.split_once(" = \""));
    rows.map(|(_, name)| name.split('"').next().unwrap().to_owned())
        .collect()
}

#[test]
fn no_other_file_matches_the_text_of_a_subcode() {
    let subcodes = subcodes();
    assert!(subcodes.iter().any(|name| name == "DestinationUnreachable"));
    let mut found = Vec::new();
    for (file, text) in files(&source(), &["rs"]) {
        if file.ends_with(TABLE)
            || file.ends_with(VARIANTS)
            || file.components().any(|part| part.as_os_str() == "tests.rs")
        {
            continue;
        }
        let text = code(text.split("#[cfg(test)]\nmod tests {").next().unwrap());
        let named = subcodes
            .iter()
            .filter(|name| text.contains(&format!("\"{name}\"")));
        found.extend(named.map(|name| format!("{} names {name}", file.display())));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
