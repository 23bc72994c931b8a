//! `--deadline` and `--total-deadline` against a server that answers too late.

use std::time::Duration;

use serde_json::Value as Json;
use wsman::simulator::{Knob, Simulator, sample};

use crate::program::{Ending, Program};

/// A server that answers after the deadline.
async fn slow() -> Simulator {
    let server = sample().start().await.unwrap();
    server.next(Knob::Delay(Duration::from_secs(60)));
    server
}

async fn run(words: &[&str], option: &str) -> Ending {
    let server = slow().await;
    let limit = [option, "300ms", "-o", "ndjson"];
    Program::at(&server, [words, &limit].concat()).run().await
}

/// Returns the object under `error` in the last line of stderr.
fn error(ending: &Ending) -> Json {
    let line = ending.stderr.lines().last().unwrap();
    serde_json::from_str::<Json>(line).unwrap()["error"].take()
}

#[tokio::test]
async fn a_write_past_the_deadline_has_an_unknown_outcome() {
    let path = "Win32_Share.Name=\"public\"";
    for option in ["--deadline", "--total-deadline"] {
        let ending = run(&["delete", path], option).await;
        let error = error(&ending);
        assert_eq!(ending.code, 9, "{option}: {ending:?}");
        assert_eq!(error["kind"], "timeout", "{option}");
        assert_eq!(error["delivery"], "unknown", "{option}");
        assert_eq!(error["operation"], "delete", "{option}");
        assert!(ending.says("read the instance back"), "{ending:?}");
    }
}

#[tokio::test]
async fn a_read_past_the_deadline_times_out_and_names_the_option() {
    for option in ["--deadline", "--total-deadline"] {
        let ending = run(&["identify"], option).await;
        let error = error(&ending);
        assert_eq!(ending.code, 7, "{option}: {ending:?}");
        assert_eq!(error["kind"], "timeout", "{option}");
        assert_eq!(error["delivery"], "unknown", "{option}");
        assert!(ending.stderr.contains(option), "{ending:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_host_that_is_not_done_in_time_has_its_line() {
    for (command, jobs) in [("identify", "1"), ("count", "2"), ("delete", "16")] {
        let quick = sample().start().await.unwrap();
        let slow = slow().await;
        let hosts = format!("{}\n{}\n{}\n", quick.url(), slow.url(), slow.url());
        let words = match command {
            "identify" => vec!["identify"],
            "count" => vec!["count", "Win32_Share"],
            _ => vec!["delete", "Win32_Share.Name=\"public\""],
        };
        slow.next(Knob::Delay(Duration::from_secs(60)));
        let limit = ["--total-deadline", "1s", "-j", jobs, "--hosts", "-"];
        let program = Program::at(&quick, [words.as_slice(), &limit].concat());
        let ending = program.run_with(&hosts).await;
        assert_eq!(ending.code, 10, "{command}: {ending:?}");
        let lines: Vec<Json> = ending
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 3, "{command}: {ending:?}");
        let late: Vec<&Json> = lines
            .iter()
            .filter(|line| line["error"]["kind"] == "timeout")
            .collect();
        assert_eq!(late.len(), 2, "{command}: {ending:?}");
        for line in &late {
            assert_eq!(line["__HOST"], slow.url().as_str(), "{command}");
        }
        let sent = late
            .iter()
            .filter(|line| line["error"]["delivery"] == "unknown")
            .count();
        // The only turn was taken until the end of the run.
        assert_eq!(
            sent,
            if jobs == "1" { 1 } else { 2 },
            "{command}: {ending:?}"
        );
        let (unfinished, summary) = match command {
            "delete" => ("of unknown outcome", "wsman: 1 of 3 hosts done, 2 "),
            _ => ("timed out", "wsman: 1 of 3 hosts done, 2 "),
        };
        assert_eq!(ending.stderr, format!("{summary}{unfinished}\n"));
    }
}

#[tokio::test]
async fn a_wait_past_the_deadline_names_the_option() {
    let words = [
        "wait",
        "Win32_Service",
        "Name=Spooler",
        "--for",
        "State=Gone",
    ];
    for option in ["--deadline", "--total-deadline"] {
        let limit = [option, "300ms", "--interval", "50ms", "--url", "sim:"];
        let ending = Program::new([words.as_slice(), &limit].concat())
            .run()
            .await;
        assert_eq!(ending.code, 7, "{ending:?}");
        // It ends between two reads, or within one.
        let line = ending.stderr.lines().next().unwrap();
        assert!(
            line.contains(option) && line.contains("set a longer"),
            "{line}"
        );
        assert!(!line.contains("may have performed"), "{line}");
        assert_eq!(error(&ending)["kind"], "timeout");
    }
}
