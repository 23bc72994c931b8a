//! Tests the front page and the README: each task has a program, complete and without hidden lines. The
//! doc tests build and run them as they are.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The tasks of the table "I want to…".
const TASKS: usize = 13;

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Returns the documentation of the crate.
fn front_page() -> String {
    let source = read("src/lib.rs");
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the code blocks in Rust that are tested.
fn programs(text: &str) -> Vec<&str> {
    let mut rest = text;
    let mut programs = Vec::new();
    while let Some((_, block)) = rest.split_once("```") {
        let (code, after) = block.split_once("```").unwrap();
        let (language, code) = code.split_once('\n').unwrap();
        if language.is_empty() || language == "rust" || language == "rust,no_run" {
            programs.push(code);
        }
        rest = after;
    }
    programs
}

/// Returns the rows of the table of tasks: what, and the anchor of its program.
fn tasks(page: &str) -> Vec<(&str, &str)> {
    let (_, table) = page.split_once("# I want to…\n").unwrap();
    let rows = table.lines().skip_while(|line| !line.starts_with('|'));
    let rows = rows.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| {
        let what = row.split('|').nth(1).unwrap().trim();
        let (_, anchor) = row.split_once("](#").unwrap_or_else(|| panic!("{row}"));
        (what, anchor.split(')').next().unwrap())
    })
    .collect()
}

/// Returns the sections of the page by their anchors.
fn sections(page: &str) -> BTreeMap<String, &str> {
    let sections = page.split("\n## ").skip(1);
    let by_anchor = sections.map(|section| {
        let (title, text) = section.split_once('\n').unwrap();
        (title.to_lowercase().replace(' ', "-"), text)
    });
    by_anchor.collect()
}

#[test]
fn each_task_leads_to_a_complete_program() {
    let page = front_page();
    let (tasks, sections) = (tasks(&page), sections(&page));
    assert_eq!(tasks.len(), TASKS);
    for (task, anchor) in tasks {
        let section = sections
            .get(anchor)
            .unwrap_or_else(|| panic!("no section for {task}"));
        let programs = programs(section);
        let [program] = programs.as_slice() else {
            panic!("{task} has {} programs", programs.len());
        };
        assert!(program.contains("\nasync fn main() -> "), "{task}");
        assert!(program.starts_with("use "), "{task} has no imports");
    }
}

#[test]
fn nothing_is_hidden_from_a_reader_who_copies() {
    let page = front_page();
    let readme = read("README.md");
    for (name, text) in [("lib.rs", &page), ("README.md", &readme)] {
        let programs = programs(text);
        assert!(programs.len() >= 5, "{name}");
        for program in programs {
            let hidden = program
                .lines()
                .find(|line| *line == "#" || line.trim_start().starts_with("# "));
            assert_eq!(hidden, None, "{name}");
        }
    }
}

#[test]
fn the_readme_names_every_example_and_the_rust_version() {
    let readme = read("README.md");
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap();
    for entry in entries {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.trim_end_matches(".rs");
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
    assert!(readme.contains(&format!("Rust {} or later", env!("CARGO_PKG_RUST_VERSION"))));
    assert!(readme.contains("cargo add wsman"));
}
