//! `session_memory`: the memory of an idle open session.

use std::fs;

use wsman::Session;

use super::measure::{self, Measured};
use super::server::Server;
use super::{Outcome, sample};

const SESSIONS: usize = 1000;

/// Measures the KiB of each session, in a process with many sessions. Each has done one exchange and
/// keeps its connection.
pub(super) fn session() -> Outcome<Measured> {
    let server = Server::start()?;
    let runtime = sample::runtime()?;
    let service = sample::service();
    let open = || -> Outcome<Session> {
        let session = sample::session(&server.url)?;
        runtime.block_on(async { session.put_instance(&service).await })?;
        Ok(session)
    };
    // The first session allocates what all sessions share.
    let _first = open()?;
    let before = measure::resident()?;
    let sessions = (0..SESSIONS)
        .map(|_| open())
        .collect::<Outcome<Vec<Session>>>()?;
    let after = measure::resident()?;
    if fs::read_dir("/proc/self/fd")?.count() < sessions.len() {
        return Err("the connections were not kept".into());
    }
    let spread = format!("from {before} to {after} KiB for {SESSIONS} sessions");
    Ok(Measured {
        value: (after - before) / SESSIONS as f64,
        spread,
    })
}
