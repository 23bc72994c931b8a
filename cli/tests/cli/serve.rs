//! `wsman serve`, and the commands that need a server which goes on.

use std::net::TcpListener;

use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::program::{Ending, Program};
use crate::served::Served;

const PASSWORD: &str = "correct-horse-7";

fn lines(ending: &Ending) -> Vec<Json> {
    let lines = ending.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn takes_any_login_and_none_without_a_user() {
    let server = Served::open(&[]).await;
    let ending = server.program(&["count", "Win32_Service"]).run().await;
    assert_eq!(
        (ending.code, ending.stdout.as_str()),
        (0, "13\n"),
        "{ending:?}"
    );
    let words = [
        "count",
        "Win32_Service",
        "--user",
        "x",
        "--auth",
        "basic",
        "--allow-unencrypted",
    ];
    let ending = server
        .program(&words)
        .env("WSMAN_PASSWORD", "y")
        .run()
        .await;
    assert_eq!(ending.code, 0, "{ending:?}");
    let everywhere = Program::new(["serve", "--listen", "0.0.0.0:0"]).run().await;
    assert_eq!(everywhere.code, 2, "{everywhere:?}");
}

/// Returns the schemes that a server offers to a client whose login it refuses.
async fn offers(url: &str) -> Vec<String> {
    let address = url
        .trim_start_matches("http://")
        .trim_end_matches("/wsman")
        .to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let request = format!(
        "POST /wsman HTTP/1.1\r\nHost: {address}\r\nAuthorization: Digest x\r\n\
         Content-Type: application/soap+xml\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let headers = answer.lines().filter_map(|line| line.split_once(": "));
    headers
        .filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"))
        .map(|(_, offer)| offer.split(' ').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn offers_only_the_logins_that_it_can_verify() {
    let open = Served::open(&[]).await;
    assert_eq!(offers(&open.url).await, ["Basic"]);
    let closed = Served::with_password(&[], PASSWORD).await;
    assert_eq!(offers(&closed.url).await, ["Negotiate", "Digest", "Basic"]);
    for scheme in ["digest", "ntlm", "negotiate", "basic,digest"] {
        let ending = Program::new(["serve", "--auth", scheme]).run().await;
        assert_eq!(ending.code, 2, "{scheme}: {ending:?}");
        assert!(ending.stderr.contains("needs --user"), "{ending:?}");
    }
}

#[tokio::test]
async fn verifies_every_login_that_it_takes() {
    for dialect in ["windows", "omi"] {
        let server = Served::with_password(&["--dialect", dialect], PASSWORD).await;
        for (login, code) in [
            (["--user", "ops"].as_slice(), 0),
            (&["--user", "ops", "--auth", "ntlm"], 0),
            (
                &["--user", "ops", "--auth", "digest", "--allow-unencrypted"],
                0,
            ),
            (
                &["--user", "ops", "--auth", "basic", "--allow-unencrypted"],
                0,
            ),
            (&["--user", "ops", "--auth", "basic"], 2),
            (&["--user", "ops", "--auth", "digest"], 2),
            (&["--user", "other"], 5),
            (&["--auth", "none"], 5),
            (&[], 5),
            (&["--user", "ops", "--auth", "credssp"], 2),
            (&["--auth", "basic"], 2),
            (&["--auth", "certificate"], 2),
        ] {
            let words = [["count", "Win32_Service"].as_slice(), login].concat();
            let ending = server
                .program(&words)
                .env("WSMAN_PASSWORD", PASSWORD)
                .run()
                .await;
            // OMI does not answer a client without a login.
            assert_eq!(ending.code, code, "{dialect} {login:?}: {ending:?}");
            assert!(!ending.says(PASSWORD));
        }
        let words = ["count", "Win32_Service", "--user", "ops"];
        let wrong = server
            .program(&words)
            .env("WSMAN_PASSWORD", "wrong-horse-8")
            .run()
            .await;
        assert_eq!(wrong.code, 5, "{wrong:?}");
        assert!(!wrong.says("wrong-horse-8"));
    }
}

#[tokio::test]
async fn takes_only_the_logins_that_are_named() {
    let server = Served::with_password(&["--auth", "digest"], PASSWORD).await;
    for (scheme, code) in [("digest", 0), ("basic", 5), ("ntlm", 5)] {
        let words = [
            "count",
            "Win32_Service",
            "--user",
            "ops",
            "--auth",
            scheme,
            "--allow-unencrypted",
        ];
        let ending = server
            .program(&words)
            .env("WSMAN_PASSWORD", PASSWORD)
            .run()
            .await;
        assert_eq!(ending.code, code, "{scheme}: {ending:?}");
    }
}

#[tokio::test]
async fn injects_faults_into_the_coming_requests() {
    for (fault, words, code) in [
        (
            "cim:2",
            ["get", "Win32_Share.Name=\"public\""].as_slice(),
            5,
        ),
        (
            "wbem:0x80041002",
            &["get", "Win32_Share.Name=\"public\""],
            3,
        ),
        ("status:404", &["get", "Win32_Share.Name=\"public\""], 6),
        (
            "delay:5s",
            &["get", "Win32_Share.Name=\"public\"", "--deadline", "200ms"],
            7,
        ),
        ("drop-answer", &["delete", "Win32_Share.Name=\"public\""], 9),
    ] {
        let server = Served::open(&["--fault", fault]).await;
        let ending = server.program(words).run().await;
        assert_eq!(ending.code, code, "{fault}: {ending:?}");
    }
    let invalid = Program::new(["serve", "--fault", "melt"]).run().await;
    assert_eq!(invalid.code, 2);
    assert!(invalid.stderr.contains("drop-answer"), "{invalid:?}");
}

#[tokio::test]
async fn replays_what_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("recording");
    let record = record.to_str().unwrap();
    let server = Served::with_password(&[], PASSWORD).await;
    let words = ["enum", "Win32_LogicalDisk", "--user", "ops"];
    let recording = server.program(&[&words[..], &["--record", record, "-vv"]].concat());
    let recorded = recording.env("WSMAN_PASSWORD", PASSWORD).run().await;
    assert_eq!(recorded.code, 0, "{recorded:?}");
    assert!(!recorded.says(PASSWORD), "{recorded:?}");
    let replaying = Served::open(&["--load", record]).await;
    for _ in 0..2 {
        let replayed = replaying.program(&words[..2]).run().await;
        assert_eq!(
            (replayed.code, &replayed.stdout),
            (0, &recorded.stdout),
            "{replayed:?}"
        );
    }
    assert_ne!(
        replaying.program(&["enum", "Win32_Share"]).run().await.code,
        0
    );
    for entry in walk(folder.path()) {
        let text = std::fs::read_to_string(&entry).unwrap();
        assert!(!text.contains(PASSWORD), "{}", entry.display());
    }
    for (dir, code) in [("/nonexistent", 2), ("/proc", 2)] {
        let ending = Program::new(["serve", "--load", dir]).run().await;
        assert_eq!(ending.code, code, "{ending:?}");
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[tokio::test]
async fn prints_events_and_keeps_the_place() {
    let server = Served::open(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let bookmark = folder.path().join("bookmark");
    let words = ["subscribe", "SELECT * FROM Demo_Tick", "--max-events", "2"];
    let words = [&words[..], &["--bookmark", bookmark.to_str().unwrap()]].concat();
    let ending = server.program(&words).run().await;
    assert_eq!(ending.code, 0, "{ending:?}");
    let events = lines(&ending);
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["class"], "Demo_Tick");
    let number = |event: &Json| event["event"]["Number"].as_u64().unwrap();
    assert_eq!(number(&events[1]), number(&events[0]) + 1);
    let again = lines(&server.program(&words).run().await);
    assert!(number(&again[0]) > number(&events[0]));
    let invalid = server.program(&["subscribe", "no query"]).run().await;
    assert_eq!(invalid.code, 8, "{invalid:?}");
}

#[tokio::test]
async fn the_doctor_names_the_failed_check_and_the_next_step() {
    let server = Served::with_password(&[], PASSWORD).await;
    let healthy = server
        .program(&["doctor", "--user", "ops"])
        .env("WSMAN_PASSWORD", PASSWORD)
        .run()
        .await;
    assert_eq!(healthy.code, 0, "{healthy:?}");
    let checks = lines(&healthy);
    let names: Vec<_> = checks.iter().map(|check| &check["check"]).collect();
    let expected = [
        "name", "port", "proxy", "TLS", "identify", "offers", "clock", "Kerberos", "NTLM",
        "Digest", "Basic", "login", "sealing", "read",
    ];
    assert_eq!(names, expected);
    assert!(checks.iter().all(|check| check["outcome"] != "failed"));
    let sick = server
        .program(&["doctor", "--user", "ops"])
        .env("WSMAN_PASSWORD", "wrong")
        .run()
        .await;
    assert_eq!(sick.code, 5, "{sick:?}");
    let failed = lines(&sick)
        .into_iter()
        .find(|check| check["outcome"] == "failed")
        .unwrap();
    assert_eq!(failed["check"], "login");
    assert!(!failed["next"].as_array().unwrap().is_empty());
    let table = server.program(&["doctor", "--user", "ops", "-o", "table"]);
    let table = table.env("WSMAN_PASSWORD", PASSWORD).run().await;
    assert_eq!(table.stdout.lines().count(), expected.len(), "{table:?}");
}

#[tokio::test]
async fn many_hosts_share_one_stream() {
    let (first, second) = (
        Served::open(&[]).await,
        Served::open(&["--dialect", "omi"]).await,
    );
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}/wsman", closed.local_addr().unwrap());
    drop(closed);
    let hosts = format!("# all\n{}\n{} # omi\n\n{dead}\n", first.url, second.url);
    let ending = Program::new(["count", "Win32_Service", "--hosts", "-"])
        .run_with(&hosts)
        .await;
    assert_eq!(ending.code, 10, "{ending:?}");
    let mut rows = lines(&ending);
    rows.sort_by_key(|row| row["error"].is_object());
    assert_eq!(rows.len(), 3);
    for row in &rows[..2] {
        assert_eq!(row["count"], 13);
        assert_eq!(row.as_object().unwrap().keys().next().unwrap(), "__HOST");
    }
    assert_eq!(rows[2]["__HOST"], json!(dead));
    assert_eq!(rows[2]["error"]["kind"], "transport");
    assert!(
        ending.stderr.contains("2 of 3 hosts done, 1 unreachable"),
        "{ending:?}"
    );
    let alike = Program::new(["count", "A", "--url", &dead, "--url", &dead])
        .run()
        .await;
    assert_eq!(alike.code, 6, "{alike:?}");
}

#[tokio::test]
async fn a_refused_login_is_not_tried_on_the_other_hosts() {
    let server = Served::with_password(&[], PASSWORD).await;
    let hosts = format!("{}\n", server.url).repeat(8);
    let words = ["count", "Win32_Service", "--user", "ops", "--hosts", "-"];
    let run = async |words: &[&str], password: &str| {
        let program = Program::new(words).env("WSMAN_PASSWORD", password);
        program.run_with(&hosts).await
    };
    let stopped = run(&words, "wrong-horse-8").await;
    assert_eq!(stopped.code, 5, "{stopped:?}");
    let tried = |ending: &Ending| 8 - ending.stdout.matches("not tried").count();
    assert_eq!(tried(&stopped), 1, "{stopped:?}");
    let held_back = lines(&stopped).into_iter().filter(|line| {
        let message = line["error"]["message"].as_str().unwrap();
        message.contains("held back after a rejected password")
            && line["error"]["kind"] == "auth"
            && line["error"]["delivery"] == "not-sent"
    });
    assert_eq!(held_back.count(), 7, "{stopped:?}");
    let lifted = run(
        &[&words[..], &["--keep-going-after-refusal"]].concat(),
        "wrong-horse-8",
    )
    .await;
    assert_eq!((lifted.code, tried(&lifted)), (5, 8), "{lifted:?}");
    let right = run(&words, PASSWORD).await;
    assert_eq!((right.code, lines(&right).len()), (0, 8), "{right:?}");
}

#[tokio::test]
async fn whoami_tells_how_it_is_logged_in() {
    let server = Served::with_password(&[], PASSWORD).await;
    for (login, wanted) in [
        (
            ["--user", "ops"].as_slice(),
            json!({"scheme": "ntlm", "account": "ops", "sealed": true, "tickets_end": null}),
        ),
        (
            &["--user", "ops", "--auth", "basic", "--allow-unencrypted"],
            json!({"scheme": "basic", "account": "ops", "sealed": false, "tickets_end": null}),
        ),
    ] {
        let words = [["whoami"].as_slice(), login].concat();
        let ending = server
            .program(&words)
            .env("WSMAN_PASSWORD", PASSWORD)
            .run()
            .await;
        assert_eq!(lines(&ending), std::slice::from_ref(&wanted), "{ending:?}");
        // Neither a recording nor the gate of many hosts hides the login.
        let folder = tempfile::tempdir().unwrap();
        let record = folder.path().to_str().unwrap();
        let more = [
            "--record",
            record,
            "--url",
            &server.url,
            "--url",
            &server.url,
        ];
        let program = Program::new([&words[..], &more].concat());
        let ending = program.env("WSMAN_PASSWORD", PASSWORD).run().await;
        let found = lines(&ending);
        assert_eq!(found.len(), 2, "{ending:?}");
        for mut row in found {
            assert_eq!(
                row.as_object_mut().unwrap().shift_remove("__HOST"),
                Some(json!(server.url))
            );
            assert_eq!(row, wanted);
        }
    }
    let wrong = server
        .program(&["whoami", "--user", "ops"])
        .env("WSMAN_PASSWORD", "x")
        .run()
        .await;
    assert_eq!(wrong.code, 5, "{wrong:?}");
}

#[tokio::test]
async fn a_profile_keeps_options_for_one_host_or_many() {
    let server = Served::with_password(&[], PASSWORD).await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().to_str().unwrap();
    let run = async |words: &[&str], input: &str| {
        let program = Program::new(words).env("XDG_CONFIG_HOME", config);
        program
            .env("WSMAN_PASSWORD", PASSWORD)
            .run_with(input)
            .await
    };
    let add = [
        "profile",
        "add",
        "lab",
        "--url",
        &server.url,
        "--user",
        "ops",
    ];
    assert_eq!(run(&add, "").await.code, 0);
    let listed = lines(&run(&["profile", "list"], "").await);
    assert_eq!(
        listed,
        [json!({"profile": "lab", "url": [server.url], "user": "ops"})]
    );
    assert_eq!(
        run(&["count", "Win32_Service", "--profile", "lab"], "")
            .await
            .stdout,
        "13\n"
    );
    let hosts = format!("{} profile=lab\n", server.url);
    let many = run(&["count", "Win32_Service", "--hosts", "-"], &hosts).await;
    assert_eq!(many.code, 0, "{many:?}");
    assert_eq!(run(&["count", "A", "--profile", "none"], "").await.code, 2);
    assert_eq!(
        run(&["profile", "add", "x", "--password-stdin"], "")
            .await
            .code,
        2
    );
    assert_eq!(run(&["profile", "remove", "lab"], "").await.code, 0);
    assert_eq!(run(&["profile", "remove", "lab"], "").await.code, 3);
    std::fs::write(folder.path().join("wsman/config.toml"), "[profile.lab\n").unwrap();
    assert_eq!(run(&["count", "A", "--profile", "lab"], "").await.code, 2);
}

#[tokio::test]
async fn standard_input_is_read_once() {
    for words in [
        ["put", "--from", "-", "--hosts", "-"].as_slice(),
        &[
            "put",
            "--from",
            "-",
            "--password-stdin",
            "--user",
            "x",
            "--url",
            "sim:",
        ],
        &["delete", "--from", "-", "--hosts", "-"],
        &["count", "A", "--hosts", "-", "--password-stdin"],
    ] {
        let ending = Program::new(words).run().await;
        assert_eq!(
            (ending.code, ending.stdout.as_str()),
            (2, ""),
            "{words:?}: {ending:?}"
        );
    }
}
