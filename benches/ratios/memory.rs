//! `session_memory` and `session_memory_ntlm`: the memory of an idle open session.

use std::fs;
use std::io::{self, Write as _};
use std::time::Duration;

use wsman::{Instance, Session, SessionBuilder};

use super::measure::{self, Measured};
use super::server::{Kind, Server};
use super::{Outcome, sample};

/// The number of sessions, if the limit of descriptors allows it.
const SESSIONS: usize = 10_000;

/// Descriptors for everything but the sessions.
const SPARE: usize = 100;

/// The argument that starts a process with sessions; the kind of its server follows.
pub(super) const ARGUMENT: &str = "--sessions";

/// Measures the KiB of a session with a login by Basic.
pub(super) fn plain() -> Outcome<Measured> {
    alone("plain")
}

/// Measures the KiB of a session with a login by NTLM, which seals.
#[cfg(feature = "negotiate")]
pub(super) fn ntlm() -> Outcome<Measured> {
    alone("ntlm")
}

/// Measures in a process of its own, in which no earlier row has left free memory.
fn alone(login: &str) -> Outcome<Measured> {
    let printed = measure::in_process(&[ARGUMENT, login])?;
    let (value, spread) = printed.split_once(' ').ok_or("nothing measured")?;
    Ok(Measured {
        value: value.parse()?,
        spread: spread.to_owned(),
    })
}

/// Opens sessions with a login and prints what each takes.
pub(super) fn run(arguments: &[String]) -> Outcome<()> {
    let measured = match arguments.last().map(String::as_str) {
        Some("plain") => sessions(Kind::Canned, sample::builder, &sample::service()),
        #[cfg(feature = "negotiate")]
        Some("ntlm") => with_ntlm(),
        _ => Err("expected a login".into()),
    }?;
    writeln!(io::stdout(), "{} {}", measured.value, measured.spread)?;
    Ok(())
}

#[cfg(feature = "negotiate")]
fn with_ntlm() -> Outcome<Measured> {
    use wsman::Credentials;
    use wsman::simulator::{PASSWORD, USER};

    let builder = |url: &str| {
        Session::builder(url)
            .credentials(Credentials::ntlm(USER, PASSWORD))
            .namespace("root/cimv2")
    };
    let share = Instance::new("Win32_Share")
        .with_key("Name", "logs")
        .with("Path", r"C:\logs")
        .with("Type", 0u32);
    sessions(Kind::Ntlm, builder, &share)
}

/// Measures the KiB of each session, in a process with many of them. Each has put this instance and
/// keeps its connection.
fn sessions(
    kind: Kind,
    builder: impl Fn(&str) -> SessionBuilder,
    instance: &Instance,
) -> Outcome<Measured> {
    let server = Server::start(kind)?;
    let runtime = sample::runtime()?;
    let open = || -> Outcome<Session> {
        let session = builder(&server.url)
            .idle_timeout(Duration::from_secs(3600))
            .build()?;
        runtime.block_on(async { session.put_instance(instance).await })?;
        Ok(session)
    };
    // The first session allocates what all sessions share.
    let _first = open()?;
    let count = SESSIONS.min(descriptors()?.saturating_sub(SPARE));
    let before = measure::resident()?;
    let sessions = (0..count)
        .map(|_| open())
        .collect::<Outcome<Vec<Session>>>()?;
    let after = measure::resident()?;
    if fs::read_dir("/proc/self/fd")?.count() < sessions.len() {
        return Err("the connections were not kept".into());
    }
    let spread = format!("from {before} to {after} KiB for {count} sessions");
    Ok(Measured {
        value: (after - before) / count as f64,
        spread,
    })
}

/// Returns the limit of open descriptors, which each process has for itself.
fn descriptors() -> Outcome<usize> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let mut lines = limits.lines();
    let line = lines.find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next());
    let soft = soft.ok_or("/proc/self/limits has no limit of open files")?;
    Ok(soft.parse().unwrap_or(usize::MAX))
}
