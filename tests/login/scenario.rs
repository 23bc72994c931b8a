//! Runs a situation as an operation and as a diagnosis, and holds both against the row of the test.
//!
//! The text of each diagnosis is a snapshot, so that a review sees which cause it names. Accept a
//! changed one with `cargo insta review`, or set `INSTA_UPDATE=always`.

use std::error::Error as StdError;

use wsman::{Error, SessionBuilder};

use crate::table::row;

/// Asserts what an Identify and a diagnosis tell; returns the error of the Identify.
pub(crate) async fn shows(test: &str, builder: impl Fn() -> SessionBuilder) -> Error {
    let session = builder().build().unwrap();
    let error = session.identify().await.unwrap_err();
    row(test).assert_in(&told(&error));
    diagnoses(test, builder()).await;
    error
}

/// Asserts what a diagnosis tells.
pub(crate) async fn diagnoses(test: &str, builder: SessionBuilder) {
    let diagnosis = builder.build().unwrap().diagnose().await;
    let text = steady(&diagnosis.to_string());
    row(test).assert_in(&text);
    snapshot(test, &text);
}

/// Asserts that a login succeeds, and what its diagnosis tells.
pub(crate) async fn succeeds(test: &str, builder: impl Fn() -> SessionBuilder) {
    builder().build().unwrap().identify().await.unwrap();
    let diagnosis = builder().build().unwrap().diagnose().await;
    assert!(diagnosis.is_healthy(), "{diagnosis}");
    let text = steady(&diagnosis.to_string());
    row(test).assert_in(&text);
    snapshot(test, &text);
}

/// Returns an error and its causes as one text, as a program prints it.
pub(crate) fn told(error: &(dyn StdError + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

fn snapshot(test: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(snapshot_name(test), text));
}

/// Returns the name of the snapshot of a test.
pub(crate) fn snapshot_name(test: &str) -> String {
    test.replace("::", "-")
}

/// Asserts what an invalid session tells; a path of a temporary file is left out.
pub(crate) fn rejects(test: &str, builder: SessionBuilder, path: &str) {
    let text = told(&builder.build().unwrap_err()).replace(path, "FILE");
    row(test).assert_in(&text);
    snapshot(test, &text);
}

/// Returns a text without what differs between two runs: durations, clocks, ports, the numbers of the
/// authorities of the tests, and the size of a ticket, whose random numbers may be a byte shorter.
pub(crate) fn steady(text: &str) -> String {
    const BEFORE: [&str; 4] = ["127.0.0.1:", "authority ", "localhost:", "the ticket is "];
    const AFTER: [&str; 6] = [
        " ms  ",
        " s apart",
        " s ahead",
        " seconds ahead",
        " s behind",
        " seconds behind",
    ];
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| !c.is_ascii_digit());
        let (number, after) = from.split_at(end.unwrap_or(from.len()));
        shown += before;
        let differs = BEFORE.iter().any(|before| shown.ends_with(before))
            || AFTER.iter().any(|next| after.starts_with(next));
        if !differs {
            shown += number;
        } else if after.starts_with(" ms  ") {
            // The column of the durations keeps its width.
            let width = number.len() - 1;
            shown += &format!("{:width$}…", "");
        } else {
            shown.push('…');
        }
        rest = after;
    }
    shown + rest
}
