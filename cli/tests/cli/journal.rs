//! `put --journal` after SIGKILL and on a full disk, and `--record` on a full disk.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use wsman::InstancePath;
use wsman::simulator::{Simulator, sample};

use crate::program::{Ending, Program};

const ROWS: usize = 300;

fn name(row: usize) -> String {
    format!("row-{row:04}")
}

fn rows() -> String {
    let row =
        |row| json!({"__CLASS": "Win32_Share", "Name": name(row), "Path": "C:\\x", "Type": 0});
    (0..ROWS)
        .map(|number| format!("{}\n", row(number)))
        .collect()
}

/// Returns how often each row was created.
fn creates(server: &Simulator) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for request in server.requests() {
        let is_create = request
            .action
            .is_some_and(|action| action.ends_with("/transfer/Create"));
        let body = String::from_utf8_lossy(&request.body).into_owned();
        if is_create
            && request.performed
            && let Some(start) = body.find("row-")
        {
            *counts.entry(body[start..start + 8].to_owned()).or_default() += 1;
        }
    }
    counts
}

fn words(from: &Path, journal: &Path) -> Vec<String> {
    let words = ["put", "--mode", "create-only", "--jobs", "4", "--from"];
    let mut words: Vec<String> = words.map(str::to_owned).into();
    words.push(from.to_str().unwrap().to_owned());
    words.extend(["--journal".to_owned(), journal.to_str().unwrap().to_owned()]);
    words
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_goes_on_and_repeats_no_write() {
    let server = sample().start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (from, journal) = (folder.path().join("rows"), folder.path().join("journal"));
    fs::write(&from, rows()).unwrap();
    let words = words(&from, &journal);
    for wanted in [20, 90, 180] {
        let mut child = Program::at(&server, &words).spawn();
        while creates(&server).len() < wanted {
            assert_eq!(
                child.try_wait().unwrap(),
                None,
                "it ended before it was killed"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // SIGKILL.
        child.kill().await.unwrap();
        assert!(
            creates(&server).len() < ROWS,
            "it was done before it was killed"
        );
        // The server performs what it has read.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let last = Program::at(&server, &words).run().await;
    assert_eq!(last.code, 0, "{last:?}");
    let wanted: HashMap<String, usize> = (0..ROWS).map(|row| (name(row), 1)).collect();
    assert_eq!(creates(&server), wanted);
    for row in 0..ROWS {
        let path = InstancePath::new("Win32_Share").with_key("Name", name(row));
        assert!(server.instance(&path).is_some(), "{row}");
    }
}

/// Runs the program where no file may grow beyond some blocks of 512 bytes, as on a full disk.
#[cfg(target_os = "linux")]
async fn with_little_disk(server: &Simulator, blocks: usize, words: &[String]) -> Ending {
    Program::at(server, words)
        .with_little_disk(blocks)
        .run()
        .await
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_ends_a_run_with_a_journal_before_the_next_write() {
    for blocks in [0, 1] {
        let server = sample().start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (from, journal) = (folder.path().join("rows"), folder.path().join("journal"));
        fs::write(&from, rows()).unwrap();
        let words = words(&from, &journal);
        let full = with_little_disk(&server, blocks, &words).await;
        assert_eq!(full.code, 1, "{full:?}");
        let first = full.stderr.lines().next().unwrap();
        assert!(
            first.starts_with("wsman: the journal cannot be written"),
            "{full:?}"
        );
        let noted = fs::read_to_string(&journal).unwrap();
        assert!(
            noted.is_empty() || noted.ends_with('\n'),
            "no torn line: {noted}"
        );
        assert!(creates(&server).len() <= noted.lines().count(), "{full:?}");
        assert_eq!(noted.is_empty(), blocks == 0);

        let last = Program::at(&server, &words).run().await;
        assert_eq!(last.code, 0, "{last:?}");
        let wanted: HashMap<String, usize> = (0..ROWS).map(|row| (name(row), 1)).collect();
        assert_eq!(creates(&server), wanted);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_recording_that_cannot_be_written_is_an_error() {
    let server = sample().start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record");
    let words = [
        "count",
        "Win32_Service",
        "--record",
        record.to_str().unwrap(),
    ];
    let full = with_little_disk(&server, 0, &words.map(str::to_owned)).await;
    assert_eq!((full.code, full.stdout.as_str()), (1, "13\n"), "{full:?}");
    assert!(full.stderr.contains("--record could not write"), "{full:?}");
    for target in ["/dev/full", "/dev/full/x", "/proc/x"] {
        let before = server.requests().len();
        let words = ["count", "Win32_Service", "--record", target];
        let ending = Program::at(&server, words).run().await;
        assert_eq!((ending.code, ending.stdout.as_str()), (2, ""), "{ending:?}");
        let wanted = format!("cannot record into {target}");
        assert!(ending.stderr.contains(&wanted), "{ending:?}");
        assert_eq!(server.requests().len(), before, "nothing is sent");
    }
}

#[tokio::test]
async fn a_journal_that_cannot_be_opened_is_an_error() {
    let server = sample().start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("rows");
    fs::write(&from, rows()).unwrap();
    for target in ["/dev/full", "/proc/x", folder.path().to_str().unwrap()] {
        let ending = Program::at(&server, words(&from, Path::new(target)))
            .run()
            .await;
        assert_eq!(
            (ending.code, ending.stdout.as_str()),
            (2, ""),
            "{target}: {ending:?}"
        );
        assert!(
            ending.stderr.starts_with("wsman: --journal"),
            "{target}: {ending:?}"
        );
        assert!(creates(&server).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_share_a_journal_and_lose_none_of_its_lines() {
    let mut servers = Vec::new();
    for _ in 0..8 {
        servers.push(sample().start().await.unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let rows: String = (0..20)
        .map(|n| {
            format!("{{\"__CLASS\":\"Win32_Share\",\"Name\":\"s{n}\",\"Path\":\"/\",\"Type\":0}}\n")
        })
        .collect();
    std::fs::write(path("rows"), rows).unwrap();
    let hosts: String = servers
        .iter()
        .map(|server| format!("{}\n", server.url()))
        .collect();
    std::fs::write(path("hosts"), hosts).unwrap();
    let words = [
        "put",
        "--from",
        &path("rows"),
        "--journal",
        &path("journal"),
        "--hosts",
        &path("hosts"),
    ];
    for _ in 0..2 {
        let ending = Program::at(&servers[0], words).run().await;
        assert_eq!(ending.code, 0, "{ending:?}");
    }
    let journal = std::fs::read_to_string(path("journal")).unwrap();
    assert_eq!(journal.matches("\"sent\"").count(), 8 * 20);
    assert_eq!(journal.matches("\"done\"").count(), 8 * 20);
}
