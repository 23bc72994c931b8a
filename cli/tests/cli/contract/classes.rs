//! A class that does not exist is invalid in every command, whatever the server sends for it.

use serde_json::Value as Json;
use wsman::simulator::{Dialect, sample};

use crate::program::Program;

const COMMANDS: &[&[&str]] = &[
    &["get", "Nope"],
    &["get", "Nope", "Name=x"],
    &["get", "Nope.Name=\"x\""],
    &["put", "Nope", "Name=x"],
    &["put", "Nope", "Name=x", "--keys", "Name"],
    &["put", "Nope.Name=\"x\"", "V=1"],
    &["put", "Nope.Name=\"x\"", "V=1", "--what-if"],
    &["create", "Nope", "Name=x"],
    &["create", "Nope", "Name=x", "--keys", "Name"],
    &["modify", "Nope.Name=\"x\"", "V=1"],
    &["modify", "V=1", "--query", "SELECT * FROM Nope", "--yes"],
    &["delete", "Nope", "Name=x"],
    &["delete", "Nope.Name=\"x\""],
    &["delete", "Nope.Name=\"x\"", "--what-if"],
    &["delete", "--query", "SELECT * FROM Nope", "--yes"],
    &["wait", "Nope", "Name=x", "--for", "V=1"],
    &["count", "Nope"],
    &["enum", "Nope"],
    &["enum", "Nope", "--keys-only"],
    &["query", "SELECT * FROM Nope"],
    &["associators", "Nope", "Name=x"],
    &["references", "Nope.Name=\"x\""],
    &["invoke", "Nope", "Go"],
    &["invoke", "Nope", "Name=x", "Go"],
    &["class", "Nope"],
    &["classes", "--below", "Nope"],
    &["subscribe", "SELECT * FROM Nope", "--max-events", "1"],
];

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_class_is_invalid_in_every_command() {
    for dialect in [Dialect::Windows, Dialect::Omi, Dialect::Openwsman] {
        let server = sample().dialect(dialect).start().await.unwrap();
        for words in COMMANDS {
            let ending = Program::at(&server, *words).run().await;
            assert_eq!(ending.code, 8, "{dialect:?} {words:?}: {ending:?}");
            assert_eq!(ending.stdout, "", "{dialect:?} {words:?}");
            let last = ending.stderr.lines().last().unwrap();
            let error: Json = serde_json::from_str(last).unwrap();
            // To Windows a query of a missing class is an invalid query.
            let is_query = words.iter().any(|word| word.starts_with("SELECT"));
            let kind = match dialect {
                Dialect::Windows if is_query => "invalid-parameter",
                _ => "invalid-class",
            };
            assert_eq!(error["error"]["kind"], kind, "{dialect:?} {words:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_instance_of_a_class_is_not_found() {
    for dialect in [Dialect::Windows, Dialect::Omi, Dialect::Openwsman] {
        let server = sample().dialect(dialect).start().await.unwrap();
        for words in [
            ["get", "Win32_Share", "Name=x"].as_slice(),
            &["modify", "Win32_Share.Name=\"x\"", "Type=1"],
            &["delete", "Win32_Share.Name=\"x\""],
            &["delete", "Win32_Share.Name=\"x\"", "--what-if"],
            &["wait", "Win32_Share", "Name=x", "--for", "Type=1"],
        ] {
            let ending = Program::at(&server, words).run().await;
            assert_eq!(ending.code, 3, "{dialect:?} {words:?}: {ending:?}");
        }
    }
}

#[tokio::test]
async fn one_of_many_rows_may_have_an_invalid_class() {
    let rows = [
        r#"{"__CLASS":"Win32_Share","Name":"a","Path":"x","Type":0}"#,
        r#"{"__CLASS":"Nope","Name":"b"}"#,
    ];
    let words = ["put", "--from", "-", "--url", "sim:"];
    let ending = Program::new(words).run_with(&rows.join("\n")).await;
    assert_eq!(ending.code, 10, "{ending:?}");
    let lines: Vec<Json> = ending
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["outcome"], "created");
    assert_eq!(lines[1]["error"]["kind"], "invalid-class");
    assert_eq!(ending.stderr, "wsman: 1 of 2 instances done, 1 invalid\n");
}
