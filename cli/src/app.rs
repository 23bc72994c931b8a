//! Runs a command on the hosts that the options name.

use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::time::Instant;

use crate::args::{Format, Settings, Time};
use crate::connect::{Endpoint, Host};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::gate::Gate;
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
pub(crate) trait HostCommand: Sync {
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

impl App {
    /// Runs a command on each host, within the deadlines.
    pub(crate) async fn on_hosts<C: HostCommand>(&self, command: &C) -> Result<Exit, Failure> {
        let hosts = self.endpoints()?;
        let until = until(self.settings.operation.total_deadline);
        let all = self.run_all(command, hosts, until);
        match until {
            None => all.await,
            Some(until) => match tokio::time::timeout_at(until + REPLY, all).await {
                Ok(done) => done,
                Err(_) => Err(late("--total-deadline")),
            },
        }
    }

    async fn run_all<C: HostCommand>(
        &self,
        command: &C,
        mut hosts: Vec<Named>,
        total: Option<Instant>,
    ) -> Result<Exit, Failure> {
        let args = &self.settings.output;
        if hosts.len() == 1
            && self.settings.server.hosts.is_none()
            && let Some(host) = hosts.pop()
        {
            let out = Sink::new(Printer::new(args, command.shape(), C::CONTENT)?);
            let done = self.run_one(command, host, &out, total).await;
            let finished = out.finish();
            return done.and_then(|exit| finished.map(|()| exit));
        }
        let out = Sink::new(Printer::new(args, Shape::Many, C::CONTENT)?);
        let count = hosts.len();
        let jobs = usize::from(self.settings.server.jobs);
        let server = &self.settings.server;
        let login = &self.settings.login;
        let has_password = login.user.is_some() || login.keytab.is_some();
        let gate = &Gate::new(jobs, !has_password || server.keep_going_after_refusal);
        let runs = hosts.into_iter().map(|host| {
            let out = out.of_host(&host.name);
            async move {
                let name = host.name.clone();
                let done = match gate.enter().await {
                    Ok(_permit) => {
                        let done = self.run_one(command, host, &out, total).await;
                        gate.note(&done);
                        done
                    }
                    Err(failure) => Err(failure),
                };
                self.report(&name, done, &out)
            }
        });
        let mut ends = stream::iter(runs).buffer_unordered(jobs);
        let mut exits = Vec::with_capacity(count);
        let mut progress = Progress::of_hosts();
        while let Some(end) = ends.next().await {
            exits.push(end?);
            out.flush()?;
            progress.step();
        }
        drop(progress);
        out.finish()?;
        summarize(&exits);
        Ok(Exit::of_all(exits))
    }

    async fn run_one<C: HostCommand>(
        &self,
        command: &C,
        host: Named,
        out: &Sink,
        total: Option<Instant>,
    ) -> Result<Exit, Failure> {
        let own = until(self.settings.operation.deadline);
        let work = async {
            let settings = host.settings.as_ref().unwrap_or(&self.settings);
            let host = Host::connect(settings, host.name, host.endpoint).await?;
            let host = host.until(own.into_iter().chain(total).min());
            command.run(self, &host, out).await
        };
        match own {
            None => work.await,
            Some(until) => match tokio::time::timeout_at(until + REPLY, work).await {
                Ok(done) => done,
                Err(_) => {
                    // What the command held on the server is released in the background.
                    tokio::time::sleep(RELEASE).await;
                    Err(late("--deadline"))
                }
            },
        }
    }

    /// Puts the failure of one of several hosts into the output; the others go on.
    fn report(&self, name: &str, done: Result<Exit, Failure>, out: &Sink) -> Result<Exit, Failure> {
        match done {
            Ok(exit) => Ok(exit),
            Err(failure @ (Failure::Output(_) | Failure::Interrupted)) => Err(failure),
            Err(failure) => {
                let exit = failure.exit();
                match format_of(&self.settings.output) {
                    Format::Json | Format::Ndjson => {
                        out.result(serde_json::json!({ "error": failure.to_json() }))?;
                    }
                    _ => note(&format!("{name}: {}", failure.text())),
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

fn late(option: &str) -> Failure {
    Failure::Late(format!("not done within {option}; set a longer one"))
}

/// Notes on stderr how many hosts are done, and how the others ended.
fn summarize(exits: &[Exit]) {
    let done = exits.iter().filter(|exit| **exit == Exit::Done).count();
    let mut text = format!("{done} of {} hosts done", exits.len());
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
