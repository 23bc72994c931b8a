//! Compares `docs/limits.md` with the code.

use std::path::Path;

use super::{
    BYTE_LIMIT, CALLBACKS_AHEAD, CLASS_BYTES, CLASSES, DEADLINE, EMPTY_ENVELOPES, EMPTY_PAGES,
    MAX_ENVELOPE_SIZE, NETWORK_DELAY, ROW_LIMIT, answer_limit,
};
use crate::auth::LoginLimits;
use crate::session::call::USUAL_TIMEOUT;
use crate::session::subscribe::PATIENCE;
use crate::shown::Shown;
use crate::transport::http::{HEAD_LIMIT, HttpOptions, INTERIM_LIMIT};
use crate::xml::Limits;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the cells of the rows below a heading.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root().join("docs/limits.md")).unwrap();
    let (_, below) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = below.split("\n## ").next().unwrap();
    let lines = section.lines().filter_map(|line| line.strip_prefix("| "));
    let cells = lines.map(|line| {
        let cells = line.trim_end_matches(" |").split(" | ");
        cells.map(str::to_owned).collect()
    });
    // After the names of the columns.
    cells.skip(1).collect()
}

/// Writes a number as the document does: `65,536`.
fn number(value: impl TryInto<u64>) -> String {
    let digits = value.try_into().unwrap_or_default().to_string();
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8(groups.join(&b',')).unwrap()
}

#[test]
fn the_table_of_the_limits_is_exact() {
    let limits = Limits::default();
    let login = LoginLimits::default();
    let unsealed = format!(
        "{}, or 4 × `max_envelope_size`",
        number(answer_limit(MAX_ENVELOPE_SIZE))
    );
    assert_eq!(answer_limit(1_000_000), 4_000_000);
    let long = "x".repeat(5_000);
    let shown = Shown::new(&long).to_string().trim_end_matches('…').len();
    let expected = [
        number(HEAD_LIMIT),
        number(INTERIM_LIMIT),
        unsealed,
        number(0_u64),
        number(limits.depth),
        number(limits.elements),
        number(limits.attributes),
        number(limits.namespaces),
        number(ROW_LIMIT),
        number(BYTE_LIMIT),
        number(EMPTY_PAGES),
        number(CLASSES),
        number(CLASS_BYTES),
        number(CALLBACKS_AHEAD),
        number(EMPTY_ENVELOPES),
        number(login.steps),
        number(login.token_bytes),
        number(login.header_bytes),
        number(login.challenges),
        number(login.digest_bytes),
        number(login.kdc_answer_bytes),
        number(login.ticket_messages),
        number(shown),
    ];
    let rows = rows("Limits");
    let values: Vec<_> = rows.iter().map(|cells| cells[1].clone()).collect();
    assert_eq!(values, expected);
}

#[test]
fn the_table_of_the_deadlines_is_exact() {
    let http = HttpOptions::new("http://host.example/".parse().unwrap());
    let [connect, idle] = http.timeouts();
    let seconds = |time: std::time::Duration| format!("{} s", time.as_secs());
    let message = format!("{} + {}", seconds(USUAL_TIMEOUT), seconds(NETWORK_DELAY));
    let expected = [
        seconds(connect),
        message,
        "none".to_owned(),
        seconds(DEADLINE),
        "none".to_owned(),
        seconds(PATIENCE),
        seconds(idle),
    ];
    let rows = rows("Deadlines");
    let values: Vec<_> = rows.iter().map(|cells| cells[1].clone()).collect();
    assert_eq!(values, expected);
}

/// Each row has a test, which is where the row says.
#[test]
fn each_limit_is_reached_by_a_test() {
    for cells in ["Limits", "Deadlines"].into_iter().flat_map(rows) {
        let [_, _, _, test] = &cells[..] else {
            panic!("a row needs four cells: {cells:?}");
        };
        let parts: Vec<&str> = test.split('`').collect();
        let ["", file, " ", name, ""] = parts[..] else {
            panic!("no file and no test: {test}");
        };
        let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        assert!(
            text.contains(&format!("fn {name}(")),
            "{file} has no {name}"
        );
    }
}
