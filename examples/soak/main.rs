//! Runs many sessions for a long time against a simulator that fails and restarts, and holds the client to
//! what it reported:
//!
//! ```sh
//! cargo run --release --example soak -- --minutes 10
//! ```
//!
//! Client and server share this process, so its memory and its descriptors are those of both. It ends with
//! code 1 and the reason if a write was done that was reported as not sent, or was not done and reported as
//! done; if the memory grows by more than 5 % after the warm-up; if a descriptor or a connection is left; or
//! if an operation hangs.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod faults;
mod gauge;
mod ledger;
mod operations;
mod server;
mod session;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use gauge::Memory;
use ledger::Counts;
use server::Server;
use session::run_session;

/// A failure of the soak, in words.
type Outcome<T> = Result<T, String>;

const SESSIONS: u32 = 200;

/// How often the server restarts.
const RESTARTS: Duration = Duration::from_secs(7);

/// How long connections may take to end after their sessions.
const FAREWELL: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    let ran = duration().and_then(|duration| {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        runtime.block_on(soak(duration))
    });
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("the soak failed: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Reads `--minutes N` or `--seconds N`.
fn duration() -> Outcome<Duration> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = || "expected --minutes N or --seconds N".to_owned();
    let [unit, number] = arguments.as_slice() else {
        return Err(usage());
    };
    let number: u64 = number.parse().map_err(|_| usage())?;
    match unit.as_str() {
        "--minutes" => Ok(Duration::from_secs(60 * number)),
        "--seconds" => Ok(Duration::from_secs(number)),
        _ => Err(usage()),
    }
}

async fn soak(duration: Duration) -> Outcome<()> {
    let server = Arc::new(Server::start().await?);
    let descriptors = gauge::descriptors();
    let end = Instant::now() + duration;
    let mut sessions = JoinSet::new();
    for number in 0..SESSIONS {
        sessions.spawn(run_session(number, Arc::clone(&server), end));
    }
    let mut memory = Memory::new(duration);
    let mut counts = Counts::default();
    let mut restart = Instant::now() + RESTARTS;
    let mut every_second = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            ended = sessions.join_next() => match ended {
                None => break,
                Some(Ok(ended)) => counts += ended?,
                Some(Err(error)) => return Err(format!("a session panicked: {error}")),
            },
            _ = every_second.tick() => {
                if Instant::now() < end {
                    memory.measure();
                }
                if restart.elapsed() > Duration::ZERO {
                    server.restart();
                    restart = Instant::now() + RESTARTS;
                }
            }
        }
    }
    all_closed(&server, descriptors).await?;
    println!("{counts}");
    println!("{memory}, {} restarts", server.restarts());
    counts.prove_something()?;
    memory.verdict()
}

/// Waits until the connections and descriptors of all sessions are closed.
async fn all_closed(server: &Server, before: Option<usize>) -> Outcome<()> {
    let until = Instant::now() + FAREWELL;
    loop {
        let (now, open) = (gauge::descriptors(), server.open_connections());
        if open == 0 && now <= before {
            println!("descriptors: {before:?} before the sessions, {now:?} after them");
            return Ok(());
        }
        if Instant::now() > until {
            return Err(format!(
                "{open} connections are left, and {now:?} descriptors, of {before:?} before"
            ));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
