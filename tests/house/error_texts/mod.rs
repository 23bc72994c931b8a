//! The texts of all errors, as they stand in the sources: one snapshot, so that a review sees each new or changed text.
//!
//! Accept a changed text with `cargo insta review`, or set `INSTA_UPDATE=always`.

mod collect;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::words::{self, Word};
use collect::{Text, is_error, texts};

/// Names that are written with one capital letter wherever they stand.
const NAMES: &[&str] = &[
    "Basic",
    "Cim",
    "Content",
    "Digest",
    "Kerberos",
    "Negotiate",
    "Unicode",
];

/// Where the simulator repeats the words of servers.
const SERVERS: &[&str] = &["simulator/faults/", "simulator/provider/"];

#[test]
fn every_error_text_stands_in_the_snapshot() {
    let mut all = String::new();
    for (file, texts) in texts() {
        writeln!(all, "\n# src/{file}").unwrap();
        for Text { owner, text } in texts {
            writeln!(all, "{owner}: {}", text.replace('\n', "\\n")).unwrap();
        }
    }
    insta::assert_snapshot!(all.trim());
}

#[test]
fn no_error_text_holds_a_word_that_is_replaced() {
    let list = words::list();
    let words: Vec<Word<'_>> = list.lines().filter_map(words::word).collect();
    faults(|text| {
        let lower = text.to_ascii_lowercase();
        let is_in =
            |word: &&Word<'_>| words::holds(if word.is_name { text } else { &lower }, word.text);
        words
            .iter()
            .find(is_in)
            .map(|word| format!("write {}", word.instead))
    });
}

#[test]
fn an_error_text_is_no_sentence() {
    faults(|text| {
        let first = text
            .split(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or_default();
        // A text of one word is a name.
        let is_capitalized = text.contains(' ')
            && first.len() > 1
            && first.starts_with(char::is_uppercase)
            && first.chars().skip(1).all(char::is_lowercase)
            && !NAMES.contains(&first);
        let fault = if is_capitalized {
            "begins with a capital letter"
        } else if text.ends_with('.') {
            "ends with a period"
        } else if text.trim_end().ends_with(';') {
            "ends with a semicolon"
        } else {
            return None;
        };
        Some(fault.to_owned())
    });
}

#[test]
fn no_two_variants_have_the_same_text() {
    let mut found = Vec::new();
    for (file, texts) in texts() {
        let mut owners = BTreeMap::new();
        for Text { owner, text } in texts {
            let Some((name, variant)) = owner.split_once("::").filter(|(name, _)| is_error(name))
            else {
                continue;
            };
            // A variant may have a text twice, and a text with only placeholders says nothing itself.
            let words = text.contains(' ') && variant.starts_with(char::is_uppercase);
            let before = owners.insert((name.to_owned(), text.clone()), variant.to_owned());
            if let Some(before) =
                before.filter(|before| words && before != variant && text.len() > 8)
            {
                found.push(format!("{file}: {name}: {before} and {variant}: {text}"));
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} pairs:\n{}",
        found.len(),
        found.join("\n")
    );
}

/// Fails with all texts in which the check finds a fault.
fn faults(check: impl Fn(&str) -> Option<String>) {
    let mut found = Vec::new();
    for (file, texts) in texts() {
        let is_server = SERVERS.iter().any(|folder| file.starts_with(folder));
        for Text { owner, text } in texts.iter().filter(|_| !is_server) {
            if let Some(fault) = check(text) {
                found.push(format!("{file}: {owner}: {fault}: {text}"));
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} texts:\n{}",
        found.len(),
        found.join("\n")
    );
}
