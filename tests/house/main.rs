//! Tests the architecture: the import table and the size of files.

// Clippy knows a test by its attribute, and the helpers here have none.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod circles;
mod error_texts;
#[cfg(unix)]
mod face;
#[cfg(unix)]
mod growth;
mod performance;
mod security;
mod sources;
mod subcodes;
mod tree;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;

use sources::{code, files, root, source};

/// For each part of `src/`: the parts it may use, then the restricted packages it may use.
const MAY_USE: &[(&str, &[&str], &[&str])] = &[
    ("calendar", &[], &[]),
    ("secret", &[], &[]),
    ("shown", &[], &[]),
    ("white_space", &[], &[]),
    ("meter", &[], &["metrics"]),
    ("cim", &["calendar", "secret", "shown", "white_space"], &[]),
    ("xml", &["shown", "white_space"], &["quick_xml"]),
    ("protocol", &["cim", "xml", "shown"], &[]),
    (
        "auth",
        &["calendar", "secret", "shown"],
        &[
            "aes",
            "cbc",
            "hmac",
            "libgssapi",
            "md4",
            "md5",
            "pbkdf2",
            "rc4",
            "sha1",
            "sha2",
        ],
    ),
    ("case", &["protocol"], &[]),
    (
        "record",
        &["calendar", "case", "transport", "protocol", "auth", "xml"],
        &[],
    ),
    (
        "transport",
        &["auth", "meter", "shown"],
        &[
            "aws_lc_rs",
            "hyper",
            "hyper_util",
            "rustls",
            "rustls_platform_verifier",
            "socket2",
            "tokio_rustls",
            "tower_service",
        ],
    ),
    (
        "error",
        &["cim", "protocol", "auth", "transport", "shown"],
        &[],
    ),
    (
        "session",
        &[
            "error",
            "transport",
            "record",
            "protocol",
            "cim",
            "auth",
            "xml",
            "meter",
            "shown",
        ],
        &[],
    ),
    ("blocking", &["error", "session", "transport"], &[]),
    ("hosts", &["error", "session", "transport"], &[]),
    (
        "simulator",
        &["case", "protocol", "cim", "xml", "auth"],
        &[
            "aws_lc_rs",
            "hyper",
            "hyper_util",
            "rustls",
            "tokio_rustls",
            "sspi",
        ],
    ),
    ("doc_examples", &["auth", "session", "simulator"], &[]),
    (
        "fuzzing",
        &[
            "auth",
            "case",
            "cim",
            "protocol",
            "simulator",
            "transport",
            "xml",
        ],
        &[],
    ),
];

/// Packages with one owner; no other part may name them.
const OWNED: &[&str] = &[
    "aws_lc_rs",
    "libgssapi",
    "quick_xml",
    "rustls",
    "rustls_platform_verifier",
    "hyper",
    "hyper_util",
    "aes",
    "cbc",
    "hmac",
    "md4",
    "md5",
    "metrics",
    "pbkdf2",
    "rc4",
    "sha1",
    "sha2",
    "tokio_rustls",
    "socket2",
    "tower_service",
];

/// The line limit of a file without an exception.
const LONG: usize = 500;

/// Longer files, and why.
const LONGER: &[(&str, &str)] = &[("src/protocol/code_names.rs", "one row for each code")];

/// Returns the words that follow `prefix` in a text, such as `cim` after `crate::`; each word of a
/// group in braces counts.
fn words_after(text: &str, prefix: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (position, _) in text.match_indices(prefix) {
        let rest = &text[position + prefix.len()..];
        let ends = |c: char| !(c.is_alphanumeric() || c == '_');
        match rest.strip_prefix('{') {
            Some(group) => {
                let group = group.split('}').next().unwrap_or_default();
                let first = |part: &str| {
                    part.trim()
                        .split(ends)
                        .next()
                        .unwrap_or_default()
                        .to_owned()
                };
                words.extend(group.split(',').map(first));
            }
            None => words.push(rest.split(ends).next().unwrap_or_default().to_owned()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns the files of a part, which is a folder or a single file.
fn files_of(part: &str) -> Vec<(PathBuf, String)> {
    let file = source().join(part).with_extension("rs");
    match std::fs::read_to_string(&file) {
        Ok(text) => vec![(file, text)],
        Err(_) => files(&source().join(part), &["rs"]),
    }
}

#[test]
fn imports_follow_the_table() {
    let mut broken = Vec::new();
    for (part, parts, packages) in MAY_USE {
        for (file, text) in files_of(part) {
            let text = code(&text);
            for used in words_after(&text, "crate::") {
                let is_part = MAY_USE.iter().any(|(known, ..)| *known == used);
                if used != *part && !(is_part && parts.contains(&used.as_str())) {
                    broken.push(format!("{} uses crate::{used}", file.display()));
                }
            }
            for owned in OWNED.iter().filter(|owned| !packages.contains(owned)) {
                if text.contains(&format!("{owned}::")) {
                    broken.push(format!("{} uses {owned}", file.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_part_is_in_the_table() {
    let mut parts: Vec<String> = std::fs::read_dir(source())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "lib.rs")
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .collect();
    parts.sort();
    let mut known: Vec<&str> = MAY_USE.iter().map(|(part, ..)| *part).collect();
    known.sort_unstable();
    assert_eq!(parts, known);
}

#[test]
fn the_command_line_and_the_tests_use_the_public_api_only() {
    for (file, text) in files(&root().join("cli/src"), &["rs"]) {
        for owned in OWNED {
            assert!(
                !code(&text).contains(&format!("{owned}::")),
                "{} uses {owned}",
                file.display()
            );
        }
    }
}

#[test]
fn files_are_short_and_a_longer_one_has_a_reason() {
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for folder in ["src", "cli", "tests", "examples", "benches", "fuzz"] {
        for (file, text) in files(&root().join(folder), &["rs"]) {
            let name = file.strip_prefix(root()).unwrap().display().to_string();
            lines.insert(name, text.lines().count());
        }
    }
    for (name, count) in &lines {
        let has_reason = LONGER.iter().any(|(longer, _)| longer == name);
        assert!(*count <= LONG || has_reason, "{name} has {count} lines");
    }
    for (name, _) in LONGER {
        assert!(
            lines.get(*name).is_some_and(|count| *count > LONG),
            "{name} is not long any more"
        );
    }
}

#[test]
fn finds_the_words_of_an_import() {
    let text =
        "use crate::cim::Name;\nuse crate::{protocol::Fault, xml};\nlet x = crate::error::Error;";
    assert_eq!(
        words_after(text, "crate::"),
        ["cim", "protocol", "xml", "error"]
    );
}
