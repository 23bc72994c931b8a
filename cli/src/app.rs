//! Runs a command on the hosts that the options name.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use tokio::time::Instant;
use wsman::error::TimeoutKind;
use wsman::hosts::{HostResults, Hosts};
use wsman::{Session, SessionBuilder};

use crate::args::{Format, Settings, Time};
use crate::connect::{Connection, Endpoint, Host, Pending, Ticking};
use crate::exit::Exit;
use crate::failure::{Failure, Unfinished};
use crate::interrupt::Interrupt;
use crate::parsed::Parsed;
use crate::progress::Progress;
use crate::render::{Content, Printer, Shape, Sink, format_of};

/// The time for a release after a deadline.
const RELEASE: Duration = Duration::from_millis(300);

/// How long after a deadline a write may take to report whether it was sent.
const REPLY: Duration = Duration::from_millis(100);

/// The largest file of hosts.
const LARGEST: u64 = 16 << 20;

/// The options that all commands share, and Ctrl-C.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) settings: Settings,
    pub(crate) interrupt: Interrupt,
    pub(crate) parsed: Parsed,
}

/// A command that does the same on each host.
pub(crate) trait HostCommand: Send + Sync + 'static {
    /// How many records it prints for a host.
    const SHAPE: Shape;
    /// What it prints.
    const CONTENT: Content;

    /// Does it on one host.
    fn run(
        &self,
        app: &App,
        host: &Host,
        out: &Sink,
    ) -> impl Future<Output = Result<Exit, Failure>> + Send;

    /// How many records this call prints, where it depends on the arguments.
    fn shape(&self) -> Shape {
        Self::SHAPE
    }
}

/// An endpoint as the caller wrote it.
struct Named {
    name: String,
    endpoint: Endpoint,
    /// The options of its profile, if the file of hosts names one.
    settings: Option<Settings>,
}

/// A host that the command runs on.
struct Target {
    name: String,
    settings: Settings,
    out: Sink,
    pending: Pending,
    /// The server, if it runs in this process.
    _simulator: Option<Ticking>,
}

/// What the command does on each host.
struct Work<C> {
    app: App,
    command: C,
    targets: Vec<Target>,
    /// When the time of the whole run ends.
    until: Option<Instant>,
}

impl App {
    /// Runs a command on each host, within the deadlines.
    pub(crate) async fn on_hosts<C: HostCommand>(&self, command: C) -> Result<Exit, Failure> {
        let mut hosts = self.endpoints()?;
        let args = &self.settings.output;
        let until = until(self.settings.operation.total_deadline);
        if hosts.len() == 1
            && self.settings.server.hosts.is_none()
            && let Some(host) = hosts.pop()
        {
            let out = Sink::new(Printer::new(args, command.shape(), C::CONTENT)?);
            let done = self.run_one(command, host, &out, until).await;
            let finished = out.finish();
            return done.and_then(|exit| finished.map(|()| exit));
        }
        let out = Sink::new(Printer::new(args, Shape::Many, C::CONTENT)?);
        self.run_all(command, hosts, &out, until).await
    }

    async fn run_one<C: HostCommand>(
        &self,
        command: C,
        host: Named,
        out: &Sink,
        until: Option<Instant>,
    ) -> Result<Exit, Failure> {
        let (target, builder) = self.prepare(host, out.clone()).await?;
        let pending = target.pending.clone();
        let mut results = self.start(command, vec![target], vec![builder], until);
        match results.next().await {
            Some(host) => host
                .result
                .map_err(|error| Failure::of_host(error, &pending))?,
            None => Err(Failure::Interrupted),
        }
    }

    async fn run_all<C: HostCommand>(
        &self,
        command: C,
        hosts: Vec<Named>,
        out: &Sink,
        until: Option<Instant>,
    ) -> Result<Exit, Failure> {
        let mut exits = Vec::with_capacity(hosts.len());
        let (mut targets, mut builders) = (Vec::new(), Vec::new());
        for host in hosts {
            let out = out.of_host(&host.name);
            match self.prepare(host, out.clone()).await {
                Ok((target, builder)) => {
                    targets.push(target);
                    builders.push(builder);
                }
                Err(failure) => exits.push(self.report(Err(failure), &out)?),
            }
        }
        let kept: Vec<(Sink, Pending)> = targets
            .iter()
            .map(|target| (target.out.clone(), target.pending.clone()))
            .collect();
        let mut results = self.start(command, targets, builders, until);
        let mut progress = Progress::of_hosts();
        while let Some(host) = results.next().await {
            if let Some((out, pending)) = kept.get(host.index) {
                let failed = |error| Err(Failure::of_host(error, pending));
                let done = host.result.unwrap_or_else(failed);
                exits.push(self.report(done, out)?);
            }
            out.flush()?;
            progress.step();
        }
        drop(progress);
        out.finish()?;
        summarize("hosts", &exits);
        Ok(Exit::of_all(exits))
    }

    /// Prepares the session with a host.
    async fn prepare(&self, host: Named, out: Sink) -> Result<(Target, SessionBuilder), Failure> {
        let settings = host.settings.unwrap_or_else(|| self.settings.clone());
        let connection = Connection::prepare(&settings, host.endpoint).await?;
        let target = Target {
            name: host.name,
            settings,
            out,
            pending: Pending::default(),
            _simulator: connection.simulator.map(Ticking::start),
        };
        Ok((target, connection.builder))
    }

    /// Starts the work on each host.
    fn start<C: HostCommand>(
        &self,
        command: C,
        targets: Vec<Target>,
        builders: Vec<SessionBuilder>,
        until: Option<Instant>,
    ) -> HostResults<Result<Exit, Failure>> {
        let server = &self.settings.server;
        let mut hosts = Hosts::new(builders).concurrency(server.jobs.into());
        if let Some(limit) = self.settings.operation.deadline {
            hosts = hosts.deadline(limit.0);
        }
        if server.keep_going_after_refusal {
            hosts = hosts.independent_logins();
        }
        let app = self.clone();
        let work = Arc::new(Work {
            app,
            command,
            targets,
            until,
        });
        hosts.run_indexed(move |index, session| {
            let work = Arc::clone(&work);
            async move { Ok(work.run(index, session).await) }
        })
    }

    /// Puts the failure of one of several hosts into the output; the others go on.
    fn report(&self, done: Result<Exit, Failure>, out: &Sink) -> Result<Exit, Failure> {
        match done {
            Ok(exit) => Ok(exit),
            Err(failure @ (Failure::Output(_) | Failure::Interrupted)) => Err(failure),
            Err(failure) => {
                let exit = failure.exit();
                match format_of(&self.settings.output) {
                    Format::Json | Format::Ndjson => {
                        out.result(serde_json::json!({ "error": failure.to_json() }))?;
                    }
                    _ => note(&format!("{}: {}", out.host(), failure.text())),
                }
                Ok(exit)
            }
        }
    }

    /// Reads the endpoints. A file of hosts takes the place of the endpoint in the environment.
    fn endpoints(&self) -> Result<Vec<Named>, Failure> {
        let server = &self.settings.server;
        let mut named = Vec::new();
        if self.parsed.is_given("url") || server.hosts.is_none() {
            for text in &server.url {
                named.push(Named::parse(text, None)?);
            }
        }
        if let Some(path) = &server.hosts {
            let text = read(path).map_err(|error| Failure::usage("--hosts", &error))?;
            for line in text.lines() {
                if let Some((text, profile)) = host_of_line(line)? {
                    let settings = profile.map(|name| self.parsed.settings(name)).transpose()?;
                    named.push(Named::parse(text, settings)?);
                }
            }
        }
        if named.is_empty() {
            return Err(Failure::Usage(
                "no host: name one with --url, WSMAN_URL or --hosts; `--url sim:` is a simulator"
                    .into(),
            ));
        }
        Ok(named)
    }
}

impl<C: HostCommand> Work<C> {
    async fn run(&self, index: usize, session: Session) -> Result<Exit, Failure> {
        let Some(target) = self.targets.get(index) else {
            return Err(Failure::Interrupted);
        };
        let host = Host::new(&target.name, &target.settings, session)
            .until(self.until)
            .noting(target.pending.clone());
        let work = async {
            match self.command.run(&self.app, &host, &target.out).await {
                Err(failure) => Err(host.clarified(failure).await),
                done => done,
            }
        };
        let done = in_time(self.until, &target.pending, work).await;
        if is_late(&done) {
            // What the command held on the server is released in the background.
            tokio::time::sleep(RELEASE).await;
        }
        match host.session.recording_failures().as_slice() {
            [] => done,
            [first, ..] => done.and(Err(unrecorded(first))),
        }
    }
}

fn unrecorded(why: &str) -> Failure {
    let text = format!("the command was done, but --record could not write: {why}");
    Failure::found(Exit::Failed, "record", text)
}

fn is_late(done: &Result<Exit, Failure>) -> bool {
    matches!(done, Err(Failure::Read(error))
        if error.timeout_kind() == Some(TimeoutKind::Deadline))
}

impl Named {
    fn parse(text: &str, settings: Option<Settings>) -> Result<Self, Failure> {
        let endpoint = Endpoint::parse(text)?;
        let name = match &endpoint {
            Endpoint::At(url) if text.contains('@') => {
                url.host_str().unwrap_or_default().to_owned()
            }
            _ => text.to_owned(),
        };
        Ok(Self {
            name,
            endpoint,
            settings,
        })
    }
}

/// Returns the endpoint in a line, and the name of its profile; `None` for an empty line.
fn host_of_line(line: &str) -> Result<Option<(&str, Option<&str>)>, Failure> {
    let line = line.split('#').next().unwrap_or_default();
    let mut words = line.split_whitespace();
    let Some(host) = words.next() else {
        return Ok(None);
    };
    let profile = match words.next() {
        None => None,
        Some(word) => Some(word.strip_prefix("profile=").ok_or_else(|| {
            Failure::Usage(format!("--hosts: expected profile=NAME after {host}"))
        })?),
    };
    match words.next() {
        None => Ok(Some((host, profile))),
        Some(_) => Err(Failure::Usage(format!(
            "--hosts: too many words after {host}"
        ))),
    }
}

/// Returns whether a name of a file means standard input. A file of this name is `./-`.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Reads a file, or standard input for `-`.
fn read(path: &Path) -> io::Result<String> {
    use std::io::Read as _;
    let mut text = String::new();
    if is_stdin(path) {
        io::stdin().lock().take(LARGEST).read_to_string(&mut text)?;
    } else {
        fs::File::open(path)?
            .take(LARGEST)
            .read_to_string(&mut text)?;
    }
    Ok(text)
}

/// Returns when a time limit that starts now ends.
fn until(limit: Option<Time>) -> Option<Instant> {
    limit.and_then(|limit| Instant::now().checked_add(limit.0))
}

/// Does the work of a host until the time of the run ends. Each host that is not done has a failure of its
/// own, also one that was not tried.
async fn in_time(
    until: Option<Instant>,
    pending: &Pending,
    work: impl Future<Output = Result<Exit, Failure>>,
) -> Result<Exit, Failure> {
    let Some(until) = until else {
        return work.await;
    };
    if until <= Instant::now() {
        return Err(Failure::Late("--total-deadline", Unfinished::Untried));
    }
    let done = tokio::time::timeout_at(until + REPLY, work).await;
    // The operation was dropped: the server may have received it.
    done.unwrap_or_else(|_| Err(Failure::Late("--total-deadline", Unfinished::of(pending))))
}

/// Notes on stderr how many parts of a run are done, and how the others ended.
pub(crate) fn summarize(parts: &str, exits: &[Exit]) {
    let done = exits.iter().filter(|exit| **exit == Exit::Done).count();
    let mut text = format!("{done} of {} {parts} done", exits.len());
    let mut kinds: Vec<Exit> = exits.to_vec();
    kinds.sort_by_key(|exit| *exit as u8);
    kinds.dedup();
    for kind in kinds.into_iter().filter(|kind| *kind != Exit::Done) {
        let count = exits.iter().filter(|exit| **exit == kind).count();
        text.push_str(&format!(", {count} {}", kind.words()));
    }
    note(&text);
}

/// Prints a note; a note that cannot be printed is no failure.
pub(crate) fn note(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(io::stderr(), "wsman: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A write that cannot report in time, such as on a machine without time for it.
    #[tokio::test]
    async fn a_dropped_write_has_an_unknown_outcome() {
        let soon = || Instant::now().checked_add(Duration::from_millis(1));
        let waits = async |writes: bool, is_done: bool| {
            let pending = Pending::default();
            let work = async {
                if writes {
                    let write = pending.begin();
                    if is_done {
                        write.end();
                    } else {
                        std::future::pending::<()>().await;
                    }
                }
                std::future::pending().await
            };
            in_time(soon(), &pending, work).await.unwrap_err()
        };
        for (writes, is_done, exit) in [
            (true, false, Exit::UnknownOutcome),
            (true, true, Exit::TimedOut),
            (false, false, Exit::TimedOut),
        ] {
            let failure = waits(writes, is_done).await;
            assert_eq!(failure.exit(), exit, "{failure:?}");
            assert_eq!(failure.to_json()["delivery"], "unknown", "{failure:?}");
        }
        let (now, pending) = (Some(Instant::now()), Pending::default());
        let late = in_time(now, &pending, async { Ok(Exit::Done) }).await;
        let failure = late.unwrap_err();
        assert_eq!(failure.exit(), Exit::TimedOut);
        assert_eq!(failure.to_json()["delivery"], "not-sent");
    }

    #[test]
    fn a_line_names_a_host_and_may_have_a_profile_and_a_comment() {
        for (line, found) in [
            ("win01 profile=x # first", Some(("win01", Some("x")))),
            ("win01# first", Some(("win01", None))),
            ("  # nothing", None),
            ("", None),
        ] {
            assert_eq!(host_of_line(line).unwrap(), found);
        }
        for line in ["win01 x", "win01 profile=x y"] {
            assert!(host_of_line(line).is_err(), "{line}");
        }
    }
}
