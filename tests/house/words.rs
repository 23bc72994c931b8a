//! The words that this project does not write: `tests/words.txt` lists them, each with its replacement.

use std::path::Path;

use crate::sources::{files, root};

/// Where the words are looked for: folders, and files by themselves.
const PLACES: &[&str] = &[
    "src",
    "cli",
    "tests",
    "examples",
    "benches",
    "docs",
    "fuzz/src",
    "fuzz/fuzz_targets",
    "README.md",
    "DESIGN.md",
    "CHANGELOG.md",
    "SECURITY.md",
];

pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    pub(crate) instead: &'a str,
    /// Whether it is a name in code, which counts only as it is spelled.
    pub(crate) is_name: bool,
}

#[test]
fn no_text_holds_a_word_that_is_replaced() {
    let list = list();
    let words: Vec<Word<'_>> = list.lines().filter_map(word).collect();
    assert!(
        words.len() > 10,
        "tests/words.txt holds {} words",
        words.len()
    );
    let mut found = Vec::new();
    for (path, text) in PLACES.iter().flat_map(|place| texts(&root().join(place))) {
        for (number, line) in text.lines().enumerate() {
            let lower = line.to_ascii_lowercase();
            for word in &words {
                let line = if word.is_name { line } else { &lower };
                if holds(line, word.text) {
                    let place = path.strip_prefix(root()).unwrap_or(&path).display();
                    found.push(format!(
                        "{place}:{}: {} -> {}",
                        number + 1,
                        word.text,
                        word.instead
                    ));
                }
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} places:\n{}",
        found.len(),
        found.join("\n")
    );
}

/// Returns the text of `tests/words.txt`.
pub(crate) fn list() -> String {
    std::fs::read_to_string(root().join("tests/words.txt")).unwrap()
}

pub(crate) fn word(line: &str) -> Option<Word<'_>> {
    let (text, instead) = line.split_once('\t').filter(|_| !line.starts_with('#'))?;
    let name = text.strip_prefix('=');
    Some(Word {
        text: name.unwrap_or(text),
        instead,
        is_name: name.is_some(),
    })
}

fn texts(place: &Path) -> Vec<(std::path::PathBuf, String)> {
    if place.is_dir() {
        files(place, &["rs", "md", "py"])
    } else {
        vec![(place.to_owned(), std::fs::read_to_string(place).unwrap())]
    }
}

/// Whether a line holds a word, not only as a part of another one.
pub(crate) fn holds(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[test]
fn a_word_is_found_whole() {
    assert!(holds("if a gong rings", "gong"));
    assert!(holds("gong", "gong"));
    assert!(!holds("gong_rings", "gong"));
    assert!(!holds("gongs", "gong"));
}
