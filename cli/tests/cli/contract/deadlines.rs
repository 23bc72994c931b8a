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
