//! The table of `docs/logging-in.md`.

use std::path::{Path, PathBuf};

/// A row of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    sees: String,
    next: String,
    test: String,
}

/// Returns the row of a test, such as `passwords::wrong`.
pub(crate) fn row(test: &str) -> Row {
    let mut rows = rows().into_iter();
    let found = rows.find(|row| row.test == test);
    found.unwrap_or_else(|| panic!("docs/logging-in.md has no row for {test}"))
}

impl Row {
    /// Asserts that a text holds what the user sees and the next step.
    pub(crate) fn assert_in(&self, text: &str) {
        for part in [&self.sees, &self.next] {
            assert!(holds(text, part), "{}: {part:?} in\n{text}", self.test);
        }
        // An empty part would leave a separator at the end.
        for line in text.lines() {
            let line = line.trim_end();
            assert!(!line.ends_with([';', ':', ',']), "{}: {text}", self.test);
        }
    }
}

/// Whether a text holds a part of the table, in which `…` stands for any text of one line.
fn holds(text: &str, part: &str) -> bool {
    text.lines().any(|line| {
        let mut rest = Some(line);
        for piece in part.split('…') {
            rest = rest.and_then(|rest| Some(rest.split_once(piece)?.1));
        }
        rest.is_some()
    })
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the rows, which have a test in their last cell.
fn rows() -> Vec<Row> {
    let document = std::fs::read_to_string(root().join("docs/logging-in.md")).unwrap();
    document.lines().filter_map(parsed).collect()
}

/// Parses a row; the header and the line below it have no test.
fn parsed(line: &str) -> Option<Row> {
    let cells = line.strip_prefix("| ")?.strip_suffix(" |")?;
    let cells: Vec<&str> = cells.split(" | ").map(str::trim).collect();
    let [_situation, sees, next, test] = cells[..] else {
        panic!("a row of docs/logging-in.md needs four cells: {line}");
    };
    let test = test.strip_prefix('`')?.strip_suffix('`')?;
    let [sees, next] = [sees, next].map(str::to_owned);
    let test = test.to_owned();
    Some(Row { sees, next, test })
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
    let entries = std::fs::read_dir(root().join("tests/login")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_other = |path: &PathBuf| {
        let is_own = path.file_stem().is_some_and(|name| name == "table");
        path.extension().is_some_and(|kind| kind == "rs") && !is_own
    };
    paths.filter(is_other).collect()
}

#[test]
fn each_row_is_a_test_and_each_test_a_row() {
    let mut documented: Vec<String> = rows().into_iter().map(|row| row.test).collect();
    let mut tested = tests();
    documented.sort();
    tested.sort();
    assert_eq!(documented, tested);
    assert!(tested.len() > 5, "{tested:?}");
}

#[test]
fn a_part_is_found_in_one_line() {
    assert!(holds("a\nthe port 88 is closed", "the port … is closed"));
    assert!(!holds("the port 88\nis closed", "the port … is closed"));
    assert!(!holds("is closed: the port 88", "the port … is closed"));
}
