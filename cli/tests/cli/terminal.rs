//! What a user sees in a terminal: tables, colors, prompts and Ctrl-C.

use std::io::Read as _;
use std::process::Command;
use std::time::Duration;

use expectrl::process::Healthcheck as _;
use expectrl::session::OsSession;
use expectrl::{ControlCode, Eof, Expect as _, Session};
use wsman::Instance;
use wsman::cim::{CimType, Class};
use wsman::simulator::{Knob, Simulator};

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
async fn long_reads_show_rows_their_rate_and_bytes() {
    let many = Simulator::builder()
        .namespace("root/cimv2".parse().unwrap())
        .class(Class::new("Acme_Star").with_key("Id", CimType::Uint64))
        .generated("Acme_Star", 2_000, |id| {
            Instance::new("Acme_Star").with_key("Id", id)
        })
        .any_login();
    let server = many.start().await.unwrap();
    for command in [
        "count Acme_Star",
        "enum Acme_Star",
        "enum Acme_Star --keys-only",
    ] {
        // Each page is late, so that the work is long.
        server.clear_knobs();
        for _ in 0..9 {
            server.next(Knob::Delay(Duration::from_millis(150)));
        }
        let line = format!("{} {command} > /dev/null", env!("CARGO_BIN_EXE_wsman"));
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &line])
            .env("WSMAN_URL", server.url().as_str());
        for name in ["WSMAN_USER", "WSMAN_PASSWORD"] {
            shell.env_remove(name);
        }
        let mut session = Session::spawn(shell).unwrap();
        session.set_expect_timeout(Some(Duration::from_secs(20)));
        let text = all(&mut session);
        let progress = text.rsplit("\u{1b}[K").find(|part| part.contains("rows/s"));
        let progress = progress.unwrap_or_else(|| panic!("{command}: {text:?}"));
        let parts: Vec<&str> = progress.split(", ").collect();
        let [rows, rate, bytes] = parts[..] else {
            panic!("{command}: {progress:?}");
        };
        let rows: u64 = rows.trim_end_matches(" rows").parse().unwrap();
        let rate: u64 = rate.trim_end_matches(" rows/s").parse().unwrap();
        assert!(rows > 0 && rate > 0, "{command}: {progress}");
        let (size, unit) = bytes.trim_end().split_once(' ').unwrap();
        let scale = if unit == "KB" { 1e3 } else { 1e6 };
        // A row takes some hundred bytes.
        let per_row = size.parse::<f64>().unwrap() * scale / rows as f64;
        assert!((50.0..2000.0).contains(&per_row), "{command}: {progress}");
    }
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
