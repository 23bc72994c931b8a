//! What a user sees in a terminal: tables, colors, prompts and Ctrl-C.

use std::io::Read as _;
use std::process::Command;
use std::time::{Duration, Instant};

use expectrl::process::Healthcheck as _;
use expectrl::session::OsSession;
use expectrl::{ControlCode, Eof, Expect as _, Session};
use wsman::Instance;
use wsman::cim::{CimType, Class};
use wsman::simulator::{Knob, Simulator, sample};

use crate::served::Served;

/// Runs a command in a pseudo-terminal.
fn terminal(url: &str, words: &[&str]) -> OsSession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsman"));
    command.args(words);
    start(command, url)
}

/// Runs a line of a shell in a pseudo-terminal of some columns; `$WSMAN` is the program.
fn shell(url: &str, columns: usize, line: &str) -> OsSession {
    let mut command = Command::new("sh");
    let line = format!("read start && stty cols {columns} && {line}");
    command.args(["-c", &line]);
    command.env("WSMAN", env!("CARGO_BIN_EXE_wsman"));
    let mut session = start(command, url);
    // The session has given the terminal a width of its own by now.
    session.send_line("").unwrap();
    session
}

fn start(mut command: Command, url: &str) -> OsSession {
    command.env("WSMAN_URL", url).env("TERM", "xterm");
    for name in ["WSMAN_USER", "WSMAN_PASSWORD", "NO_COLOR", "COLUMNS"] {
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

/// Waits for the end of the program, and asserts its exit code.
fn assert_code(mut session: OsSession, code: i32) {
    let mut rest = String::new();
    // The terminal ends with an error once the program has ended.
    let _ = session.read_to_string(&mut rest);
    let ended = session.get_process().wait().unwrap();
    let wanted = format!("({code})");
    let ended = format!("{ended:?}").replace("Exited(Pid(", "");
    assert!(
        ended.contains(&wanted) || ended.contains(&format!(" {code})")),
        "{ended} {rest}"
    );
}

/// Removes what colors a text.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after
            .split_once(|c: char| c.is_ascii_alphabetic())
            .unwrap()
            .1;
    }
    plain + rest
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_fit_every_width() {
    let server = Served::open(&[]).await;
    for columns in [20, 40, 60, 80, 120, 300] {
        let line = "exec $WSMAN enum Win32_Service";
        let text = all(&mut shell(&server.url, columns, line));
        let table: Vec<String> = text
            .lines()
            .map(|line| plain(line).trim_end_matches('\r').to_owned())
            .filter(|line| !line.starts_with("wsman: "))
            .collect();
        assert_eq!(table.len(), 15, "{columns}: {text}");
        for line in &table {
            assert!(line.chars().count() <= columns, "{columns}: {line:?}");
        }
        assert!(table[0].starts_with("Name"), "the key comes first: {text}");
        // What is left out is said.
        let is_said = text.contains(" not fit: use --output list, or --select");
        assert_eq!(is_said, columns < 120, "{columns}: {text}");
    }
    let narrow = all(&mut shell(
        &server.url,
        60,
        "exec $WSMAN enum Win32_LogicalDisk",
    ));
    insta::assert_snapshot!(narrow.replace('\r', "").replace('\u{1b}', "ESC"));
}

#[tokio::test(flavor = "multi_thread")]
async fn colors_are_those_of_the_terminal_and_of_the_caller() {
    let server = Served::open(&[]).await;
    let what_if = "put Win32_Share Name=public Description=x --what-if";
    for (line, is_colored) in [
        (format!("exec $WSMAN {what_if}"), true),
        (format!("NO_COLOR=1 exec $WSMAN {what_if}"), false),
        // An empty variable says nothing (no-color.org).
        (format!("NO_COLOR= exec $WSMAN {what_if}"), true),
        (
            format!("NO_COLOR=1 exec $WSMAN {what_if} --color always"),
            true,
        ),
        (format!("exec $WSMAN {what_if} --color never"), false),
        (format!("$WSMAN {what_if} -o table | cat"), false),
        (
            format!("$WSMAN {what_if} -o table --color always | cat"),
            true,
        ),
        ("exec $WSMAN enum Win32_Share".to_owned(), true),
        ("NO_COLOR=1 exec $WSMAN enum Win32_Share".to_owned(), false),
        ("exec $WSMAN enum Win32_Share -o ndjson".to_owned(), false),
        ("exec $WSMAN get Win32_Share Name=public".to_owned(), true),
        ("exec $WSMAN demo".to_owned(), true),
        ("NO_COLOR=1 exec $WSMAN demo".to_owned(), false),
        ("NO_COLOR= exec $WSMAN demo".to_owned(), true),
        ("exec $WSMAN demo --color never".to_owned(), false),
        ("$WSMAN demo --color always | cat".to_owned(), true),
    ] {
        let line = line.replace("demo", "demo --url sim:");
        let text = all(&mut shell(&server.url, 100, &line));
        assert_eq!(text.contains("\u{1b}["), is_colored, "{line}: {text:?}");
    }
}

/// A server whose pages come slowly, so that the progress is drawn.
async fn slow() -> Simulator {
    let server = sample().any_login().start().await.unwrap();
    for _ in 0..40 {
        server.next(Knob::Delay(Duration::from_millis(60)));
    }
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_drawn_on_the_terminal_and_wiped() {
    let server = slow().await;
    let url = server.url().to_string();
    let folder = tempfile::tempdir().unwrap();
    let rows = folder.path().join("rows");
    let row = |number| {
        format!(
            "{{\"__CLASS\":\"Win32_Share\",\"Name\":\"s{number}\",\"Path\":\"/\",\"Type\":0}}\n"
        )
    };
    std::fs::write(&rows, (0..30).map(row).collect::<String>()).unwrap();
    let put = format!("$WSMAN put -j 1 --from {} > /dev/null", rows.display());
    for (line, unit) in [
        ("$WSMAN enum Win32_Service --page 1 > /dev/null", "rows/s"),
        (put.as_str(), "instances/s"),
    ] {
        let text = all(&mut shell(&url, 100, line));
        assert!(text.contains(unit), "{line}: {text:?}");
        // The line is wiped at the end; a run of writes then says how many it has done.
        let (_, after) = text.rsplit_once("\r\u{1b}[K").unwrap();
        assert!(!after.contains(unit), "{line}: {text:?}");
        assert!(
            after.trim().is_empty() || after.starts_with("wsman: 30 of 30"),
            "{after:?}"
        );
        let quiet = all(&mut shell(&url, 100, &format!("{line} 2>&1 | cat")));
        assert!(!quiet.contains(unit), "{line}: {quiet:?}");
    }
}

/// Waits until the server has done what a client asked for.
async fn wait_until(what: &str, is_done: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_done() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_releases_what_the_server_holds() {
    let server = slow().await;
    let url = server.url().to_string();
    let mut rows = shell(
        &url,
        100,
        "exec $WSMAN enum Win32_Service --page 1 -o ndjson",
    );
    rows.expect("\"Name\"").unwrap();
    assert_eq!(server.open_enumerations(), 1);
    rows.send(ControlCode::EndOfText).unwrap();
    assert_code(rows, 130);
    wait_until("released", || server.open_enumerations() == 0).await;

    server.clear_knobs();
    let mut events = shell(
        &url,
        100,
        "exec $WSMAN subscribe 'SELECT * FROM Demo_Tick' -o ndjson",
    );
    wait_until("subscribed", || server.open_subscriptions() == 1).await;
    // The client knows of the subscription once it has an event of it.
    let tick = Instance::new("Demo_Tick").with("Number", 1u32);
    server.emit(tick.with("Text", "one")).unwrap();
    events.expect("Demo_Tick").unwrap();
    events.send(ControlCode::EndOfText).unwrap();
    assert_code(events, 130);
    wait_until("unsubscribed", || server.open_subscriptions() == 0).await;
}

/// The server has subscribed, but its answer is on the way. One that does not come holds up nothing.
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_unsubscribes_from_a_late_answer() {
    for (delay, comes) in [(1, true), (60, false)] {
        let server = sample().any_login().start().await.unwrap();
        server.next(Knob::Delay(Duration::from_secs(delay)));
        let url = server.url().to_string();
        let line = "exec $WSMAN subscribe 'SELECT * FROM Demo_Tick' -o ndjson";
        let mut events = shell(&url, 100, line);
        wait_until("subscribed", || server.open_subscriptions() == 1).await;
        let start = Instant::now();
        events.send(ControlCode::EndOfText).unwrap();
        assert_code(events, 130);
        assert!(start.elapsed() < Duration::from_secs(6), "{delay}");
        let left = usize::from(!comes);
        assert_eq!(server.open_subscriptions(), left, "{delay}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_at_the_prompt_ends_at_once() {
    let server = Served::with_password(&[], "correct-horse-7").await;
    let before = server.url.clone();
    let mut prompt = shell(&before, 100, "exec $WSMAN count Win32_Service --user ops");
    prompt.expect("Password of ops:").unwrap();
    // The prompt is drawn before it reads.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    prompt.send(ControlCode::EndOfText).unwrap();
    assert_code(prompt, 130);
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    // The terminal is left as it was: it shows what is typed.
    let line =
        "stty echo; a=$(stty -g); $WSMAN count X --user ops; [ $a = $(stty -g) ] && echo same";
    let mut prompt = shell(&before, 100, line);
    prompt.expect("Password of ops:").unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    prompt.send(ControlCode::EndOfText).unwrap();
    let after = all(&mut prompt);
    assert!(after.contains("same"), "{after}");
}
