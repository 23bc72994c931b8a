//! The clients that are measured: this crate, pypsrp where Python has it, and those that the environment
//! names.

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::server::{PASSWORD, Server, USER};
use super::{Outcome, Work, client, processor};

/// Names the Python with pypsrp, as for `tests/foreign`.
const PYTHON: &str = "WSMAN_TEST_PYTHON";

/// Names other clients: `NAME=COMMAND; NAME=COMMAND`.
const OTHERS: &str = "WSMAN_BENCH_PEERS";

/// A client, and the command that starts it.
pub(super) struct Client {
    pub(super) name: String,
    command: Vec<String>,
    /// The Puts and the rows of one round: about a second of processor time, because it is counted in
    /// hundredths of a second.
    puts: u64,
    rows: u64,
    /// Whether this crate must be ahead of it.
    pub(super) is_bounded: bool,
}

/// Returns all clients that are installed; the first is this crate. It must be ahead of pypsrp if the
/// values are judged.
pub(super) fn all(is_judged: bool) -> Outcome<Vec<Client>> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut clients = vec![Client {
        name: "wsman".to_owned(),
        command: vec![text(&env::current_exe()?), client::ARGUMENT.to_owned()],
        puts: 8_000,
        rows: 200_000,
        is_bounded: false,
    }];
    if let Ok(python) = env::var(PYTHON) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/pypsrp_client.py");
        clients.push(Client {
            name: "pypsrp".to_owned(),
            command: vec![python, text(&script)],
            puts: 400,
            rows: 20_000,
            is_bounded: is_judged,
        });
    } else {
        writeln!(io::stderr(), "pypsrp is not measured: {PYTHON} is not set")?;
    }
    let others = env::var(OTHERS).unwrap_or_default();
    for other in others.split(';').filter(|other| !other.trim().is_empty()) {
        let (name, command) = other
            .split_once('=')
            .ok_or_else(|| format!("{OTHERS}: expected NAME=COMMAND, found {other:?}"))?;
        clients.push(Client {
            name: name.trim().to_owned(),
            command: command.split_whitespace().map(str::to_owned).collect(),
            puts: 4_000,
            rows: 100_000,
            is_bounded: false,
        });
    }
    Ok(clients)
}

impl Client {
    pub(super) fn count(&self, work: Work) -> u64 {
        match work {
            Work::Puts => self.puts,
            Work::Rows | Work::RowsWithPaths => self.rows,
        }
    }

    /// Lets the client do its work, and returns the processor time of its process, in user mode and in the
    /// kernel. Fails if the server saw less or more work.
    pub(super) fn time(&self, server: &Server, work: Work, count: u64) -> Outcome<Duration> {
        let (program, arguments) = self
            .command
            .split_first()
            .ok_or_else(|| format!("{}: no command", self.name))?;
        server.expect(count);
        let before = processor::of_ended_children()?;
        let status = Command::new(program)
            .args(arguments)
            .args([&server.url, USER, PASSWORD, work.argument()])
            .arg(count.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()?;
        let time = processor::of_ended_children()?.saturating_sub(before);
        let served = server.served();
        let wanted = match work {
            Work::Puts => (count, 0),
            Work::Rows | Work::RowsWithPaths => (0, count),
        };
        if !status.success() || served != wanted {
            let (name, work) = (&self.name, work.argument());
            return Err(format!(
                "{name} {work} {count}: {status}; served (puts, rows): {served:?}"
            )
            .into());
        }
        Ok(time)
    }
}
