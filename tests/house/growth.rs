//! Tests what the public API leaves room for: which traits callers implement, and how they make the types that
//! may grow.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::face::{FACE, named};
use crate::sources::root;

/// The traits that callers implement.
const OPEN: [&str; 3] = ["CimClass", "CredentialsProvider", "Transport"];

/// The traits that every fitting type has, so that no caller implements them.
const BLANKET: [&str; 1] = ["RowStruct"];

/// Returns the items of this crate of a kind, with their identifiers.
fn of_kind(kind: &'static str) -> impl Iterator<Item = (u64, &'static Value)> {
    let index = FACE["index"].as_object().unwrap();
    index.iter().filter_map(move |(id, item)| {
        let is_own = item["crate_id"] == 0 && item["inner"][kind].is_object();
        is_own.then(|| (id.parse().unwrap(), item))
    })
}

fn name(item: &Value) -> &str {
    item["name"].as_str().unwrap_or_default()
}

/// Whether a trait of this crate is none that a caller can name.
fn is_private(id: u64) -> bool {
    let id = id.to_string();
    let package = &FACE["paths"][&id]["crate_id"];
    FACE["index"][&id].is_null() && (package.is_null() || *package == 0)
}

#[test]
fn a_trait_is_sealed_unless_callers_implement_it() {
    let mut open = BTreeSet::new();
    for (_, item) in of_kind("trait") {
        let bounds = item["inner"]["trait"]["bounds"].as_array().unwrap();
        let mut of_bound = bounds
            .iter()
            .filter_map(|bound| bound["trait_bound"]["trait"]["id"].as_u64());
        let is_sealed = of_bound.any(is_private);
        if !is_sealed {
            open.insert(name(item));
        }
    }
    let listed: BTreeSet<_> = OPEN.into_iter().chain(BLANKET).collect();
    assert_eq!(open, listed, "seal it by a private supertrait, or list it");
    for (_, item) in of_kind("impl") {
        let implemented = &item["inner"]["impl"];
        let of = implemented["trait"]["path"].as_str().unwrap_or_default();
        if BLANKET.contains(&of) {
            let is_for_all = implemented["for"]["generic"].is_string();
            assert!(is_for_all, "{of} is implemented for one type");
        }
    }
}

/// Returns the functions that implement a trait, such as the derived comparison of a result.
fn of_traits() -> BTreeSet<u64> {
    let blocks = of_kind("impl").map(|(_, item)| &item["inner"]["impl"]);
    let of_traits = blocks.filter(|block| block["trait"].is_object());
    let items = of_traits
        .filter_map(|block| block["items"].as_array())
        .flatten();
    items.filter_map(Value::as_u64).collect()
}

/// Returns the types that public functions take, without their own `self`.
fn taken() -> BTreeSet<u64> {
    let mut ids = Vec::new();
    let of_traits = of_traits();
    for (_, item) in of_kind("function").filter(|(id, _)| !of_traits.contains(id)) {
        let inputs = item["inner"]["function"]["sig"]["inputs"]
            .as_array()
            .unwrap();
        for input in inputs.iter().filter(|input| input[0] != "self") {
            named(&input[1], &mut ids);
        }
    }
    ids.into_iter().collect()
}

/// Whether a struct has a function that makes it.
fn has_constructor(id: u64, item: &Value) -> bool {
    let at = |id: &Value| &FACE["index"][id.to_string()];
    let blocks = item["inner"]["struct"]["impls"].as_array().unwrap();
    let members = blocks.iter().flat_map(|block| {
        let items = at(block)["inner"]["impl"]["items"].as_array();
        items.into_iter().flatten().map(at)
    });
    let mut signatures = members.map(|member| &member["inner"]["function"]["sig"]);
    signatures.any(|signature| {
        let inputs = signature["inputs"].as_array();
        let takes_self = inputs.is_none_or(|inputs| inputs.iter().any(|input| input[0] == "self"));
        let output = &signature["output"];
        let mut made = Vec::new();
        named(output, &mut made);
        !takes_self && (made.contains(&id) || output.to_string().contains(r#""generic":"Self""#))
    })
}

#[test]
fn a_struct_that_may_grow_and_that_callers_pass_has_a_constructor() {
    let taken = taken();
    let mut seen = 0;
    let missing: Vec<&str> = of_kind("struct")
        .filter(|(id, item)| {
            let is_open = item["attrs"].to_string().contains("non_exhaustive");
            let is_passed = is_open && taken.contains(id);
            seen += usize::from(is_passed);
            is_passed && !has_constructor(*id, item)
        })
        .map(|(_, item)| name(item))
        .collect();
    assert!(missing.is_empty(), "{missing:?} cannot be made");
    assert!(seen > 3, "{seen} structs");
}

#[test]
fn a_public_type_without_a_public_name_does_not_compile() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for lint in ["unnameable_types = \"deny\"", "missing_docs = \"deny\""] {
        assert!(manifest.contains(&format!("\n{lint}\n")), "{lint}");
    }
    let mut lines = manifest.lines().skip_while(|line| *line != "[lints]");
    assert_eq!(lines.nth(1), Some("workspace = true"));
}
