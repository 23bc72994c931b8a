//! What a user sees in a terminal: tables, colors, prompts and Ctrl-C.

use std::io::Read as _;
use std::process::Command;
use std::time::Duration;

use expectrl::process::Healthcheck as _;
use expectrl::session::OsSession;
use expectrl::{ControlCode, Eof, Expect as _, Session};

use crate::served::Served;

/// Runs a command in a pseudo-terminal.
fn terminal(url: &str, words: &[&str]) -> OsSession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsman"));
    command
        .args(words)
        .env("WSMAN_URL", url)
        .env("TERM", "xterm");
    for name in ["WSMAN_USER", "WSMAN_PASSWORD", "NO_COLOR"] {
        command.env_remove(name);
    }
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(20)));
    session
}

fn all(session: &mut OsSession) -> String {
    let found = session.expect(Eof).unwrap();
    String::from_utf8_lossy(found.as_bytes()).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn prints_a_table_with_colors_by_default() {
    let server = Served::open(&[]).await;
    let mut session = terminal(&server.url, &["enum", "Win32_LogicalDisk"]);
    let text = all(&mut session);
    assert!(
        text.contains("\u{1b}[1m") && text.contains("DeviceID") && text.contains("C:"),
        "{text}"
    );
    assert!(!text.contains("__CLASS"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_for_a_password_without_showing_it() {
    let server = Served::with_password(&[], "correct-horse-7").await;
    let mut session = terminal(&server.url, &["count", "Win32_Service", "--user", "ops"]);
    session.expect("Password of ops:").unwrap();
    session.send_line("correct-horse-7").unwrap();
    let text = all(&mut session);
    assert!(
        text.contains("13") && !text.contains("correct-horse"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn asks_before_it_deletes_what_a_query_selects() {
    let server = Served::open(&[]).await;
    let words = [
        "delete",
        "--query",
        "SELECT * FROM Win32_Share",
        "-o",
        "ndjson",
    ];
    let mut session = terminal(&server.url, &words);
    session.expect("delete 2 instances? [y/N]").unwrap();
    session.send_line("n").unwrap();
    assert!(!all(&mut session).contains("\"deleted\""));
    let mut session = terminal(&server.url, &words);
    session.expect("[y/N]").unwrap();
    session.send_line("y").unwrap();
    assert_eq!(all(&mut session).matches("\"deleted\"").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_a_subscription() {
    let server = Served::open(&[]).await;
    let mut session = terminal(
        &server.url,
        &["subscribe", "SELECT * FROM Demo_Tick", "-o", "ndjson"],
    );
    session.expect("Demo_Tick").unwrap();
    session.send(ControlCode::EndOfText).unwrap();
    let mut rest = String::new();
    // The terminal ends with an error once the program has ended.
    let _ = session.read_to_string(&mut rest);
    let ended = session.get_process().wait().unwrap();
    assert!(format!("{ended:?}").contains("130"), "{ended:?} {rest}");
    assert!(!session.is_alive().unwrap());
}
