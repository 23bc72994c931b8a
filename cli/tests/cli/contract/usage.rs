//! Usage errors, for people and in JSON.

use serde_json::Value as Json;

use crate::program::Program;

#[tokio::test]
async fn a_usage_error_is_also_json_where_json_is_the_form_of_the_output() {
    for (words, is_json) in [
        (["get", "-o", "json"].as_slice(), true),
        (&["get", "-ondjson"], true),
        (&["-o=json", "get"], true),
        (&["nosuch", "--output", "ndjson"], true),
        (&["identify", "--output=json", "--timeout", "soon"], true),
        // The form without an option, as the output is no terminal.
        (&["get"], true),
        (&["get", "-o", "table"], false),
        (&["get", "-o", "jsonl"], false),
    ] {
        let ending = Program::new(words).run().await;
        assert_eq!(
            (ending.code, ending.stdout.as_str()),
            (2, ""),
            "{words:?}: {ending:?}"
        );
        let last = ending.stderr.lines().last().unwrap();
        let error = serde_json::from_str::<Json>(last).ok();
        assert_eq!(error.is_some(), is_json, "{words:?}: {ending:?}");
        if let Some(error) = error {
            let error = &error["error"];
            assert_eq!(error["kind"], "usage", "{words:?}");
            assert_eq!(error["delivery"], "not-sent", "{words:?}");
            let message = error["message"].as_str().unwrap();
            assert!(
                !message.is_empty() && !message.contains('\n'),
                "{words:?}: {message}"
            );
        }
    }
}

#[tokio::test]
async fn help_and_version_are_no_errors() {
    for words in [
        ["--help"].as_slice(),
        &["--version"],
        &["get", "--help", "-o", "json"],
    ] {
        let ending = Program::new(words).run().await;
        assert_eq!((ending.code, ending.stderr.as_str()), (0, ""), "{words:?}");
    }
}

#[tokio::test]
async fn a_usage_error_is_one_line_with_a_next_step() {
    for (words, line) in [
        (
            ["get", "-o", "table"].as_slice(),
            "wsman: the following required arguments were not provided: <CLASS|PATH>; \
             see `wsman get --help`",
        ),
        (
            &["-o", "list", "enum", "A", "--limt", "7"],
            "wsman: unexpected argument '--limt' found; tip: a similar argument exists: '--limit'; \
             see `wsman enum --help`",
        ),
        (
            &["-o", "table", "whoamy"],
            "wsman: unrecognized subcommand 'whoamy'; tip: a similar subcommand exists: 'whoami'; \
             see `wsman --help`",
        ),
    ] {
        let ending = Program::new(words).run().await;
        assert_eq!((ending.code, ending.stderr), (2, format!("{line}\n")));
    }
}
