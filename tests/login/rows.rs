//! Compares the table with the tests.

use std::path::{Path, PathBuf};

use crate::scenario::{snapshot_name, steady};
use crate::table::{holds, rows};

fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// Returns the tests of this target, such as `passwords::wrong`.
fn tests() -> Vec<String> {
    let mut found = Vec::new();
    for file in files() {
        let module = file.file_stem().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let mut lines = text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            if line == "#[test]" || line.starts_with("#[tokio::test") {
                let mut after = lines.by_ref().skip_while(|line| !line.contains("fn "));
                let (_, name) = after.next().unwrap().split_once("fn ").unwrap();
                let (name, _) = name.split_once('(').unwrap();
                found.push(format!("{module}::{name}"));
            }
        }
    }
    found
}

fn files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(tests_folder().join("login")).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        let is_of_rows = path.file_stem().is_some_and(|name| name == "rows");
        path.extension().is_some_and(|end| end == "rs") && !is_of_rows
    });
    paths
}

/// Returns the names of the snapshots.
fn snapshots() -> Vec<String> {
    let folder = tests_folder().join("login/snapshots");
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = names.filter_map(|name| Some(name.strip_suffix(".snap")?.to_owned()));
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// Whether `tests/foreign` has a test of this name, which uses its row.
fn is_foreign(test: &str) -> bool {
    let Some((file, name)) = test.rsplit_once("::") else {
        return false;
    };
    let file = tests_folder().join(file.replace("::", "/"));
    let text = std::fs::read_to_string(file.with_extension("rs")).unwrap_or_default();
    text.contains(&format!("fn {name}(")) && text.contains(&format!("row(\"{test}\")"))
}

#[test]
fn each_row_is_a_test_and_each_test_a_row() {
    let names = rows().into_iter().map(|row| row.test);
    let (foreign, mut documented): (Vec<_>, Vec<_>) =
        names.partition(|name| name.starts_with("foreign::"));
    for test in foreign {
        assert!(is_foreign(&test), "there is no test {test}");
    }
    let mut tested = tests();
    documented.sort();
    tested.sort();
    assert_eq!(documented, tested);
    assert!(tested.len() > 5, "{tested:?}");
    let mut held: Vec<_> = tested.iter().map(|test| snapshot_name(test)).collect();
    held.sort();
    assert_eq!(snapshots(), held);
}

#[test]
fn a_snapshot_holds_nothing_that_differs_between_two_runs() {
    for (text, expected) in [
        (
            "ok        12 ms  127.0.0.1:5985 is",
            "ok         … ms  127.0.0.1:… is",
        ),
        ("ok         1 ms  0 s apart", "ok         … ms  … s apart"),
        (
            "its clock is 899 seconds ahead of",
            "its clock is … seconds ahead of",
        ),
        (
            "authority 7, until 2045-01-01",
            "authority …, until 2045-01-01",
        ),
        ("the ticket is 5061 bytes", "the ticket is … bytes"),
        ("HTTP 503, allows 300 s", "HTTP 503, allows 300 s"),
    ] {
        assert_eq!(steady(text), expected);
    }
}

#[test]
fn a_part_is_found_in_one_line() {
    assert!(holds("a\nthe port 88 is closed", "the port … is closed"));
    assert!(!holds("the port 88\nis closed", "the port … is closed"));
    assert!(!holds("is closed: the port 88", "the port … is closed"));
}
