//! Rows as they arrive: the first one at once, many in little memory, and an end that leaves nothing open.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use wsman::Instance;
use wsman::cim::{CimType, Class};
use wsman::simulator::Simulator;

/// Starts a server with many rows, which are made when they are asked for.
async fn server(rows: u64) -> Simulator {
    let class = Class::new("Acme_Star")
        .with_key("Id", CimType::Uint64)
        .with_property(wsman::cim::PropertyDecl::new("Name", CimType::String));
    Simulator::builder()
        .namespace("root/cimv2".parse().unwrap())
        .class(class)
        .generated("Acme_Star", rows, |id| {
            Instance::new("Acme_Star")
                .with_key("Id", id)
                .with("Name", format!("star {id}"))
        })
        .any_login()
        .remembered_requests(0)
        .start()
        .await
        .unwrap()
}

fn enumerate(url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsman"));
    command.args(["enum", "Acme_Star", "--url", url]);
    for name in ["WSMAN_URL", "WSMAN_USER", "WSMAN_PASSWORD"] {
        command.env_remove(name);
    }
    command
        .kill_on_drop(true)
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Starts an enumeration, and reads its first row.
async fn first_row(url: &str) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = enumerate(url).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let row = tokio::time::timeout(Duration::from_secs(20), lines.next_line()).await;
    let row = row.expect("the first row is printed").unwrap().unwrap();
    assert!(row.contains("\"Id\":\"0\""), "{row}");
    (child, lines)
}

async fn is_released(server: &Simulator) -> bool {
    let start = Instant::now();
    while server.open_enumerations() > 0 && start.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.open_enumerations() == 0
}

fn interrupt(child: &Child) {
    let id = child.id().unwrap().to_string();
    let killed = std::process::Command::new("kill")
        .args(["-INT", &id])
        .status();
    assert!(killed.unwrap().success());
}

/// Stands between client and server, and holds every Pull.
async fn without_pulls(server: &Simulator) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap());
    let address = server.address();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from_client, mut to_client) = client.into_split();
                let there = TcpStream::connect(address).await.unwrap();
                let (mut from_server, mut to_server) = there.into_split();
                tokio::spawn(
                    async move { tokio::io::copy(&mut from_server, &mut to_client).await },
                );
                let mut bytes = vec![0; 64 * 1024];
                while let Ok(count @ 1..) = from_client.read(&mut bytes).await {
                    if String::from_utf8_lossy(&bytes[..count]).contains("enumeration/Pull<") {
                        std::future::pending::<()>().await;
                    }
                    to_server.write_all(&bytes[..count]).await.unwrap();
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn prints_the_first_row_before_the_second_page_and_releases_it_on_ctrl_c() {
    let server = server(100_000).await;
    let url = without_pulls(&server).await;
    let (child, mut lines) = first_row(&url).await;
    assert_eq!(server.open_enumerations(), 1);
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    interrupt(&child);
    let ended = tokio::time::timeout(Duration::from_secs(15), child.wait_with_output()).await;
    assert_eq!(
        ended.expect("Ctrl-C ends it").unwrap().status.code(),
        Some(130)
    );
    assert!(is_released(&server).await);
}

#[tokio::test]
async fn ctrl_c_ends_it_although_its_output_is_not_read() {
    let server = server(100_000).await;
    let (child, _unread) = first_row(server.url().as_str()).await;
    interrupt(&child);
    let ended = tokio::time::timeout(Duration::from_secs(15), child.wait_with_output()).await;
    assert_eq!(
        ended.expect("Ctrl-C ends it").unwrap().status.code(),
        Some(130)
    );
}

#[tokio::test]
async fn a_closed_pipe_ends_it_quietly() {
    let server = server(100_000).await;
    let (child, lines) = first_row(server.url().as_str()).await;
    drop(lines);
    let ended = child.wait_with_output().await.unwrap();
    let stderr = String::from_utf8(ended.stderr).unwrap();
    assert_eq!((ended.status.code(), stderr.as_str()), (Some(0), ""));
    assert!(is_released(&server).await);
}

/// Returns the peak memory of a process in KiB, as long as it runs.
fn peak(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").trim().parse().ok()
}

/// `WSMAN_ROWS=1000000` for the number that the issue names; the memory does not depend on it.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn many_rows_take_little_memory() {
    let rows = std::env::var("WSMAN_ROWS").map_or(50_000, |rows| rows.parse().unwrap());
    let server = server(rows).await;
    let mut child = enumerate(server.url().as_str())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let (id, start) = (child.id().unwrap(), Instant::now());
    let mut highest = 0;
    while child.try_wait().unwrap().is_none() {
        highest = highest.max(peak(id).unwrap_or(0));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
    println!("{rows} rows: {} KiB, {:?}", highest, start.elapsed());
    assert!(highest > 0 && highest < 32 * 1024, "{highest} KiB");
}
