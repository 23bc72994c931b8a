//! A thousand hosts in other processes, some dead and some slow.

use std::fs;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use crate::program::Program;
use crate::served::Served;

const DEADLINE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_hosts_are_done_within_the_deadline() {
    let (quick, slow) = (
        Served::open(&[]).await,
        Served::open(&["--fault", "delay:30s*1000"]).await,
    );
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}/wsman", closed.local_addr().unwrap());
    drop(closed);
    let mut hosts = String::new();
    for number in 0..1000 {
        let url = match number % 20 {
            0 => &dead,
            1 => &slow.url,
            _ => &quick.url,
        };
        hosts.push_str(&format!("{url}\n"));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hosts");
    fs::write(&file, hosts).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsman"));
    command.args([
        "count",
        "Win32_LogicalDisk",
        "-j",
        "50",
        "--deadline",
        "5s",
        "--hosts",
    ]);
    command
        .arg(&file)
        .env_remove("WSMAN_URL")
        .env_remove("WSMAN_USER");
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let start = Instant::now();
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id().unwrap());
    let mut out = child.stdout.take().unwrap();
    let reading = tokio::spawn(async move {
        let mut text = String::new();
        out.read_to_string(&mut text).await.unwrap();
        text
    });
    let mut peak = String::new();
    while child.try_wait().unwrap().is_none() {
        let now = fs::read_to_string(&status).unwrap_or_default();
        peak = now
            .lines()
            .find(|line| line.starts_with("VmHWM"))
            .map_or(peak, str::to_owned);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ended = child.wait_with_output().await.unwrap();
    let elapsed = start.elapsed();
    let idle = crate::idle::memory(&quick.url);
    println!("1000 hosts: {elapsed:?}, {peak}; 1000 idle sessions: {idle} kB more than one");
    assert!(elapsed < DEADLINE);
    assert_eq!(ended.status.code(), Some(10));
    let text = reading.await.unwrap();
    let rows: Vec<Json> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kind = |kind: &str| {
        rows.iter()
            .filter(|row| row["error"]["kind"] == kind)
            .count()
    };
    assert_eq!(rows.len(), 1000);
    assert_eq!(rows.iter().filter(|row| row["count"] == 2).count(), 900);
    assert_eq!((kind("transport"), kind("timeout")), (50, 50));
    let summary = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(
        summary,
        "wsman: 900 of 1000 hosts done, 50 unreachable, 50 timed out\n"
    );
}

#[tokio::test]
async fn each_host_gets_the_instances_of_standard_input() {
    let servers = [Served::open(&[]).await, Served::open(&[]).await];
    let row = r#"{"__CLASS":"Win32_Share","Name":"s","Path":"x","Type":0}"#;
    let words = [
        "put",
        "--from",
        "-",
        "--url",
        &servers[0].url,
        "--url",
        &servers[1].url,
    ];
    let put = Program::new(words).run_with(row).await;
    assert_eq!(
        (put.code, put.stdout.matches("\"created\"").count()),
        (0, 2),
        "{put:?}"
    );
}
