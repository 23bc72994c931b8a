//! The tables of docs/reliability.md.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::login::LOGINS;
use crate::operations::Operation;
use crate::trouble::{TROUBLES, Trouble};

/// The outcomes of an operation that meets a trouble: for each login, those of each step.
#[derive(Debug, Default)]
pub(crate) struct Outcomes(BTreeMap<(usize, usize), Vec<Vec<String>>>);

const BEGIN: &str = "<!-- The test `matrix` writes what follows. -->\n";
const END: &str = "<!-- End of what the test `matrix` writes. -->\n";

impl Outcomes {
    pub(crate) fn add(
        &mut self,
        operation: usize,
        trouble: usize,
        login: usize,
        steps: Vec<String>,
    ) {
        let cells = self.0.entry((trouble, operation)).or_default();
        cells.resize(LOGINS.len(), Vec::new());
        if let Some(cell) = cells.get_mut(login) {
            *cell = steps;
        }
    }

    fn row(&self, trouble: usize, operation: usize) -> Option<String> {
        let cells = self.0.get(&(trouble, operation))?;
        let cells: Vec<String> = cells.iter().map(|steps| cell(steps)).collect();
        Some(cells.join(" | "))
    }

    /// Writes the tables. Operations with the same outcomes share a row.
    fn text(&self, operations: &[Operation]) -> String {
        let mut text = String::new();
        for (number, trouble) in TROUBLES.iter().enumerate() {
            let mut rows: Vec<(String, Vec<String>)> = Vec::new();
            for (place, operation) in operations.iter().enumerate() {
                let Some(row) = self.row(number, place) else {
                    continue;
                };
                match rows.iter_mut().find(|(known, _)| *known == row) {
                    Some((_, names)) => names.push(format!("{operation:?}")),
                    None => rows.push((row, vec![format!("{operation:?}")])),
                }
            }
            text.push_str(&heading(*trouble));
            for (row, names) in rows {
                text.push_str(&format!("| {} | {row} |\n", names.join(", ")));
            }
        }
        text
    }

    /// Writes the tables into the document (`WSMAN_BLESS`), or compares each row with it.
    pub(crate) fn compare(&self, operations: &[Operation], is_whole: bool) {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/reliability.md");
        let document = std::fs::read_to_string(&file).unwrap();
        let (before, rest) = document.split_once(BEGIN).unwrap();
        let (written, after) = rest.split_once(END).unwrap();
        let text = self.text(operations);
        if is_whole && std::env::var_os("WSMAN_BLESS").is_some() {
            let document = [before, BEGIN, &text, "\n", END, after].concat();
            std::fs::write(&file, document).unwrap();
            return;
        }
        let mut differences = Vec::new();
        for (number, trouble) in TROUBLES.iter().enumerate() {
            let table = written.split(&heading(*trouble)).nth(1).unwrap_or_default();
            let table = table.split("\n###").next().unwrap_or_default();
            for (place, operation) in operations.iter().enumerate() {
                let Some(row) = self.row(number, place) else {
                    continue;
                };
                let name = format!("{operation:?}");
                let known = table.lines().find_map(|line| {
                    let (names, cells) = line.strip_prefix("| ")?.split_once(" | ")?;
                    names
                        .split(", ")
                        .any(|known| known == name)
                        .then_some(cells)
                });
                let known = known.and_then(|cells| cells.strip_suffix(" |"));
                if known != Some(row.as_str()) {
                    let known = known.unwrap_or("missing");
                    differences.push(format!("{}, {name}:\n  {known}\n  {row}", trouble.title()));
                }
            }
        }
        assert!(
            differences.is_empty(),
            "docs/reliability.md differs (bless it with WSMAN_MATRIX=whole WSMAN_BLESS=1):\n{}",
            differences.join("\n")
        );
    }
}

fn heading(trouble: Trouble) -> String {
    let names: Vec<String> = LOGINS.iter().map(|login| format!("{login:?}")).collect();
    let lines = "|---".repeat(LOGINS.len() + 1);
    format!(
        "\n### {}\n\n| operation | {} |\n{lines}|\n",
        trouble.title(),
        names.join(" | ")
    )
}

/// Writes the outcomes of the steps, each once with the number of steps in a row that had it.
fn cell(steps: &[String]) -> String {
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for step in steps {
        match groups.last_mut() {
            Some((known, times)) if known == step => *times += 1,
            _ => groups.push((step, 1)),
        }
    }
    let texts: Vec<String> = groups
        .into_iter()
        .map(|(text, times)| match times {
            1 => text.to_owned(),
            times => format!("{times} x {text}"),
        })
        .collect();
    texts.join("; ")
}
