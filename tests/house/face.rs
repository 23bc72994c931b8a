//! Tests the public API as rustdoc sees it: the names at the root, the types of other packages in
//! signatures, and which types may grow.
//!
//! rustdoc's JSON is unstable, so it is asked for with `RUSTC_BOOTSTRAP`. Only rustdoc sees the variable:
//! cargo would build every package again for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use crate::sources::root;

/// The most names at the root, modules not counted.
const MOST_AT_THE_ROOT: usize = 28;

/// The public API with the features of `full`, hidden items included.
pub(crate) static FACE: LazyLock<Value> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("rustdoc");
    write_program(
        &program,
        "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n",
    );
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .env("RUSTDOC", &program)
        .args(["rustdoc", "--package=wsman", "--lib", "--features=full"])
        .args(["--offline", "--locked", "--quiet", "--target-dir"])
        .arg(target())
        .args(["--", "-Zunstable-options", "--output-format=json"])
        .arg("--document-hidden-items")
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let json = std::fs::read(target().join("doc/wsman.json")).unwrap();
    serde_json::from_slice(&json).unwrap()
});

/// Returns the folder in which this test was built, so that the packages need not be built again.
fn target() -> &'static Path {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR"));
    program.parent().unwrap()
}

#[cfg(unix)]
fn write_program(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// An item of this crate.
struct Item<'a> {
    name: &'a str,
    /// Such as `struct`, with what it holds.
    kind: &'a str,
    inner: &'a Value,
    docs: &'a str,
    attributes: String,
    file: &'a str,
}

fn item(value: &Value) -> Item<'_> {
    let (kind, inner) = value["inner"].as_object().unwrap().iter().next().unwrap();
    Item {
        name: value["name"].as_str().unwrap_or_default(),
        kind,
        inner,
        docs: value["docs"].as_str().unwrap_or_default(),
        attributes: value["attrs"].to_string(),
        file: value["span"]["filename"].as_str().unwrap_or_default(),
    }
}

/// Returns the items that this crate wrote: no derived marker traits, and no blanket implementations.
fn items() -> Vec<Item<'static>> {
    let index = FACE["index"].as_object().unwrap();
    let own = index.values().filter(|value| value["crate_id"] == 0);
    let items: Vec<_> = own.map(item).collect();
    assert!(items.len() > 1000, "{} items", items.len());
    let is_written = |item: &Item<'_>| {
        item.kind != "impl"
            || (item.inner["is_synthetic"] == false && item.inner["blanket_impl"].is_null())
    };
    items.into_iter().filter(is_written).collect()
}

/// Adds the identifiers of the types and traits that a signature names.
pub(crate) fn named(signature: &Value, found: &mut Vec<u64>) {
    match signature {
        Value::Object(fields) => {
            if let (Some(id), true) = (
                fields.get("id").and_then(Value::as_u64),
                fields.contains_key("path"),
            ) {
                found.push(id);
            }
            fields.values().for_each(|field| named(field, found));
        }
        Value::Array(elements) => elements.iter().for_each(|element| named(element, found)),
        _ => {}
    }
}

/// Returns the path of a type of another package than the standard library, such as `url::Url`.
fn foreign(id: u64) -> Option<String> {
    let summary = &FACE["paths"][id.to_string()];
    let package = &FACE["external_crates"][summary["crate_id"].to_string()]["name"];
    let parts = summary["path"].as_array()?.iter().filter_map(Value::as_str);
    let is_standard = ["std", "core", "alloc"].contains(&package.as_str()?);
    (!is_standard).then(|| parts.collect::<Vec<_>>().join("::"))
}

/// Returns the types of other packages in public signatures, each with a name that holds it.
fn foreign_types() -> BTreeMap<String, String> {
    let mut types = BTreeMap::new();
    for item in items() {
        let mut ids = Vec::new();
        named(item.inner, &mut ids);
        for path in ids.into_iter().filter_map(foreign) {
            types.insert(path, format!("{} in {}", item.name, item.file));
        }
    }
    types
}

/// Returns the types that DESIGN.md lists: the first column of the table under "The public API".
fn listed_types() -> BTreeSet<String> {
    let design = std::fs::read_to_string(root().join("DESIGN.md")).unwrap();
    let (_, section) = design.split_once("\n## The public API\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let first_cells = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('|').next());
    let names = first_cells.flat_map(|cell| cell.split('`').filter(|name| name.contains("::")));
    names.map(str::to_owned).collect()
}

#[test]
fn the_types_of_other_packages_in_signatures_are_those_that_design_lists() {
    let (found, listed) = (foreign_types(), listed_types());
    let unlisted: Vec<_> = found
        .iter()
        .filter(|(path, _)| !listed.contains(*path))
        .collect();
    assert!(unlisted.is_empty(), "not in DESIGN.md: {unlisted:#?}");
    let gone: Vec<_> = listed
        .iter()
        .filter(|path| !found.contains_key(*path))
        .collect();
    assert!(
        gone.is_empty(),
        "in DESIGN.md, but in no signature: {gone:?}"
    );
}

/// Returns the names at the root that are modules, or those that are none, without hidden ones.
fn at_the_root(modules: bool) -> BTreeSet<&'static str> {
    let at = |id: &Value| &FACE["index"][id.to_string()];
    let top = item(at(&FACE["root"]));
    let listed = top.inner["items"].as_array().unwrap().iter();
    let shown = listed.map(|id| item(at(id)));
    let shown = shown.filter(|item| !item.attributes.contains("doc(hidden)"));
    let names = shown.filter_map(|item| {
        let (name, kind) = match item.kind {
            "use" => (item.inner["name"].as_str()?, at(&item.inner["id"])),
            kind => return ((kind == "module") == modules).then_some(item.name),
        };
        (kind["inner"]["module"].is_object() == modules).then_some(name)
    });
    names.collect()
}

#[test]
fn the_root_has_the_names_of_a_first_program() {
    let names = at_the_root(false);
    assert!(
        names.len() <= MOST_AT_THE_ROOT,
        "{} names: {names:?}",
        names.len()
    );
    for needed in [
        "Session",
        "Instance",
        "InstancePath",
        "Value",
        "Credentials",
        "Error",
        "PutMode",
        "Url",
    ] {
        assert!(names.contains(needed), "{needed} is not in {names:?}");
    }
}

#[test]
fn each_module_at_the_root_is_in_the_map_of_the_front_page() {
    let front = item(&FACE["index"][FACE["root"].to_string()]).docs;
    for module in at_the_root(true) {
        let is_row = |line: &str| line.starts_with("| ") && line.contains(&format!("`{module}`"));
        assert!(
            front.lines().any(is_row),
            "{module} is not in the table of lib.rs"
        );
    }
}

#[test]
fn no_public_name_begins_with_underscores() {
    let internal: Vec<_> = items()
        .iter()
        .filter(|item| item.name.starts_with("__"))
        .map(|item| item.name)
        .collect();
    assert!(internal.is_empty(), "{internal:?}");
}

/// Returns whether a caller can make a value of a struct by naming its fields, or list the variants of
/// an enum: then an addition breaks the caller.
fn cannot_grow(item: &Item<'_>) -> bool {
    let is_open = match item.kind {
        "enum" => true,
        "struct" => {
            let fields = &item.inner["kind"]["plain"];
            fields["has_stripped_fields"] == false
                && fields["fields"]
                    .as_array()
                    .is_some_and(|fields| !fields.is_empty())
        }
        _ => false,
    };
    is_open && !item.attributes.contains("non_exhaustive")
}

#[test]
fn a_type_that_cannot_grow_says_why() {
    let silent: Vec<_> = items()
        .iter()
        .filter(|item| {
            cannot_grow(item)
                && !["Exhaustive: ", "Complete: "]
                    .iter()
                    .any(|why| item.docs.contains(why))
        })
        .map(|item| format!("{} in {}", item.name, item.file))
        .collect();
    assert!(
        silent.is_empty(),
        "add #[non_exhaustive], or `Exhaustive:` with the reason: {silent:#?}"
    );
}
