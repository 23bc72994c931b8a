//! What 1,000 idle sessions cost, to print beside the memory of 1,000 hosts.

use std::env;
use std::fs;
use std::process::Command;

use wsman::Session;

/// The number of sessions.
const SESSIONS: u64 = 1000;

/// The variable with the URL of the server, for the process that holds the sessions.
const URL: &str = "WSMAN_TEST_IDLE_URL";

/// Returns a line of `/proc/self/status` in KiB.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.unwrap().trim().trim_end_matches("kB").trim();
    number.parse().unwrap()
}

/// Measures the memory of the sessions, in KiB, in a process of its own, which other tests do not share.
pub(crate) fn memory(url: &str) -> u64 {
    let mut test = Command::new(env::current_exe().unwrap());
    test.args(["--exact", "idle::sessions", "--ignored", "--nocapture"]);
    let output = test.env(URL, url).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("idle KiB: "));
    line.unwrap().parse().unwrap()
}

/// Opens sessions that have each done one exchange and keep their connection, as the bench
/// `session_memory` does.
#[tokio::test]
#[ignore = "hosts::a_thousand_hosts_are_done_within_the_deadline runs it in a process of its own"]
async fn sessions() {
    let url = env::var(URL).unwrap();
    let open = async || {
        let session = Session::builder(url.as_str()).build().unwrap();
        session.identify().await.unwrap();
        session
    };
    // The first session allocates what all share.
    let mut sessions = vec![open().await];
    let before = status("VmRSS:");
    for _ in 0..SESSIONS {
        sessions.push(open().await);
    }
    let kept = fs::read_dir("/proc/self/fd").unwrap().count();
    assert!(kept > sessions.len(), "the connections are kept");
    println!("idle KiB: {}", status("VmRSS:").saturating_sub(before));
}
