//! The table of `docs/logging-in.md`, whose rows are tests.

use std::path::Path;

/// A row of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    sees: String,
    next: String,
    pub(crate) test: String,
}

/// The next step after a login that succeeds.
const NOTHING: &str = "nothing";

/// Returns the row of a test, such as `passwords::wrong_password`, or `foreign::httpd::old::small_key`
/// in `tests/foreign`.
pub(crate) fn row(test: &str) -> Row {
    let mut rows = rows().into_iter();
    let found = rows.find(|row| row.test == test);
    found.unwrap_or_else(|| panic!("docs/logging-in.md has no row for {test}"))
}

impl Row {
    /// Asserts that a text holds what the user sees and the next step.
    pub(crate) fn assert_in(&self, text: &str) {
        let next = Some(&self.next).filter(|next| *next != NOTHING);
        for part in [&self.sees].into_iter().chain(next) {
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
pub(crate) fn holds(text: &str, part: &str) -> bool {
    text.lines().any(|line| {
        let mut rest = Some(line);
        for piece in part.split('…') {
            rest = rest.and_then(|rest| Some(rest.split_once(piece)?.1));
        }
        rest.is_some()
    })
}

/// Returns the rows, which have a test in their last cell.
pub(crate) fn rows() -> Vec<Row> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/logging-in.md");
    let document = std::fs::read_to_string(file).unwrap();
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
