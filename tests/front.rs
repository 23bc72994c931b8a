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

/// One click leads from the README to an example or a page of each task, which the table of the front page
/// has in the same words.
#[test]
fn the_readme_leads_to_each_task() {
    let (page, readme) = (front_page(), read("README.md"));
    let (_, table) = readme.split_once("| I want to… |").unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let what = |row: &str| row.split('|').nth(1).unwrap().trim().to_owned();
    let in_readme: Vec<String> = rows.clone().map(what).collect();
    let on_the_page: Vec<&str> = tasks(&page).into_iter().map(|(task, _)| task).collect();
    assert_eq!(in_readme, on_the_page);
    for row in rows {
        assert!(row.contains("](examples/"), "{row}");
    }
}

#[test]
fn each_relative_link_of_the_readme_leads_to_a_file() {
    let readme = read("README.md");
    let targets = readme
        .split("](")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap());
    let files: Vec<&str> = targets.filter(|target| !target.starts_with('#')).collect();
    assert!(files.len() > TASKS, "{files:?}");
    for file in files {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        assert!(path.is_file(), "{file}");
    }
}

#[test]
fn each_feature_is_in_both_tables() {
    // `bench` is hidden.
    let manifest = read("Cargo.toml");
    let (_, features) = manifest.split_once("\n[features]\n").unwrap();
    let features = features.split("\n[").next().unwrap().lines();
    let names = features
        .filter_map(|line| line.split_once(" = ["))
        .map(|(name, _)| name);
    let (page, readme) = (front_page(), read("README.md"));
    for name in names.filter(|name| !["default", "bench"].contains(name)) {
        for (place, text) in [("lib.rs", &page), ("README.md", &readme)] {
            assert!(text.contains(&format!("\n| `{name}`")), "{name} in {place}");
        }
    }
}

/// A program that is not tested would rot. The one for the tickets of the system needs libkrb5, and is also
/// the example of `Credentials::ticket_cache`, which is tested with its feature.
#[test]
fn only_the_program_with_system_tickets_is_not_built() {
    let readme = read("README.md");
    let blocks = readme.split("```").skip(1).step_by(2);
    let untested: Vec<&str> = blocks
        .filter(|block| block.starts_with("rust") && block.contains("ignore"))
        .collect();
    assert_eq!(untested.len(), 1);
    assert!(untested[0].contains("Credentials::ticket_cache()"));
    assert!(!front_page().contains("```ignore") && !front_page().contains("```text"));
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
