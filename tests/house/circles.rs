//! Finds import cycles between files.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::{Module, modules};

/// The accepted cycles, each with its reason: the files below `src/`.
const NATURAL: &[(&[&str], &str)] = &[
    (
        &[
            "auth/credentials.rs",
            "auth/provider.rs",
            "auth/ticket_cache.rs",
        ],
        "credentials may name a provider or a ticket cache, which give credentials",
    ),
    (
        &["cim/instance/mod.rs", "cim/path/mod.rs", "cim/value/mod.rs"],
        "a value may be an instance or a path, and both hold values",
    ),
    (
        &["cim/serde/de.rs", "cim/serde/fields.rs"],
        "an instance has fields, and a field may be an instance",
    ),
    (
        &[
            "simulator/model/method.rs",
            "simulator/model/repository.rs",
            "simulator/model/semantics/mod.rs",
        ],
        "a namespace holds its methods, and a method acts on its namespace",
    ),
    (
        &["transport/tls/builder.rs", "transport/tls/config.rs"],
        "a configuration names its builder, and the builder makes it",
    ),
];

#[test]
fn files_have_no_import_cycles() {
    let modules = modules();
    let found = circles(&modules);
    let told: Vec<String> = found
        .iter()
        .filter(|circle| !NATURAL.iter().any(|(files, _)| is_same(files, circle)))
        .map(|circle| ties(&modules, circle).join("\n  "))
        .collect();
    assert!(told.is_empty(), "circles:\n  {}", told.join("\n\n  "));
    for (files, _) in NATURAL {
        assert!(
            found.iter().any(|circle| is_same(files, circle)),
            "{files:?} is not a cycle any more"
        );
    }
}

fn is_same(files: &[&str], circle: &[String]) -> bool {
    files.len() == circle.len() && circle.iter().all(|file| files.contains(&file.as_str()))
}

/// Returns which file of a cycle names which other file.
fn ties(modules: &BTreeMap<String, Module>, circle: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for file in circle {
        for needed in circle
            .iter()
            .filter(|other| modules[file].needs.contains(*other))
        {
            found.push(format!("{file} -> {needed}"));
        }
    }
    found
}

/// Returns the sets of files that reach each other, each with more than one file, sorted.
fn circles(modules: &BTreeMap<String, Module>) -> Vec<Vec<String>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> = modules
        .keys()
        .map(|file| (file.as_str(), reachable(modules, file)))
        .collect();
    let mut found: BTreeSet<Vec<String>> = BTreeSet::new();
    for (file, reached) in &reach {
        let circle: Vec<String> = reached
            .iter()
            .filter(|other| reach[**other].contains(file))
            .map(|other| (*other).to_owned())
            .collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    found.into_iter().collect()
}

fn reachable<'a>(modules: &'a BTreeMap<String, Module>, from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        for next in &modules[file].needs {
            if reached.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    reached
}

#[test]
fn finds_a_cycle() {
    let module = |needs: &[&str]| Module {
        needs: needs.iter().map(|file| (*file).to_owned()).collect(),
    };
    let modules = BTreeMap::from([
        ("a.rs".to_owned(), module(&["b.rs"])),
        ("b.rs".to_owned(), module(&["c.rs", "d.rs"])),
        ("c.rs".to_owned(), module(&["a.rs"])),
        ("d.rs".to_owned(), module(&[])),
    ]);
    assert_eq!(circles(&modules), [["a.rs", "b.rs", "c.rs"]]);
}
