//! The processor time of this client beside that of its peers, on one server: `cargo bench --bench peers`.
//!
//! Prints a line `name value bound` for each row, and fails if a value is below its bound. The bound of a
//! row that is only printed is 0. `--short` has too few rounds to judge by: it prints all rows, and fails
//! only if a client did not do its work. The spread goes to stderr. `benches/README.md` says how each row is
//! measured, and how to add a client.

mod answers;
mod awake;
mod client;
mod clients;
mod processor;
#[path = "../support/quartiles.rs"]
mod quartiles;
mod server;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use awake::Awake;
use clients::Client;
use quartiles::quartiles;
use server::Server;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Puts,
    Rows,
    RowsWithPaths,
}

impl Work {
    const ALL: [Self; 3] = [Self::Puts, Self::Rows, Self::RowsWithPaths];

    /// The argument of a client.
    fn argument(self) -> &'static str {
        match self {
            Self::Puts => "put",
            Self::Rows => "rows",
            Self::RowsWithPaths => "rows-with-paths",
        }
    }

    /// The end of a row's name.
    fn row(self) -> &'static str {
        match self {
            Self::Puts => "put",
            Self::Rows => "row",
            Self::RowsWithPaths => "row_with_path",
        }
    }

    /// How often pypsrp's time must be that of this client, at least.
    fn bound(self) -> f64 {
        match self {
            Self::Puts => 20.0,
            Self::Rows => 10.0,
            Self::RowsWithPaths => 5.0,
        }
    }
}

/// The rounds, in each of which every client does all work, and those of `--short`.
const ROUNDS: usize = 9;
const SHORT: usize = 5;

/// The processor time for one operation, by client and work, of every round, in microseconds.
type Costs = Vec<[Vec<f64>; Work::ALL.len()]>;

fn main() -> Outcome<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, rest @ ..] = arguments.as_slice()
        && first == client::ARGUMENT
    {
        return client::run(rest).map(|()| ExitCode::SUCCESS);
    }
    if !cfg!(target_os = "linux") {
        writeln!(io::stderr(), "not measured: needs the /proc of Linux")?;
        return Ok(ExitCode::SUCCESS);
    }
    let is_short = arguments.iter().any(|argument| argument == "--short");
    let clients = clients::all(!is_short)?;
    let costs = measure(&clients, if is_short { SHORT } else { ROUNDS })?;
    let mut is_ahead = true;
    for (client, costs) in clients.iter().zip(&costs) {
        for (work, costs) in Work::ALL.into_iter().zip(costs) {
            print(client, work, costs)?;
        }
    }
    let Some((ours, theirs)) = costs.split_first() else {
        return Err("no client was measured".into());
    };
    for (client, costs) in clients.iter().skip(1).zip(theirs) {
        for (work, (ours, theirs)) in Work::ALL.into_iter().zip(ours.iter().zip(costs)) {
            is_ahead &= compare(client, work, ours, theirs)?;
        }
    }
    Ok(if is_ahead {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Measures in rounds, in which the clients alternate, so that other load on the machine affects all.
fn measure(clients: &[Client], rounds: usize) -> Outcome<Costs> {
    let server = Server::start()?;
    let _awake = Awake::start()?;
    let mut costs: Costs = clients.iter().map(|_| Default::default()).collect();
    for _ in 0..rounds {
        for (client, costs) in clients.iter().zip(&mut costs) {
            let start = client.time(&server, Work::Puts, 0)?;
            for (work, costs) in Work::ALL.into_iter().zip(costs) {
                let count = client.count(work);
                let time = client.time(&server, work, count)?.saturating_sub(start);
                costs.push(micros(time) / count as f64);
            }
        }
    }
    Ok(costs)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Prints the microseconds for one operation.
fn print(client: &Client, work: Work, costs: &[f64]) -> Outcome<()> {
    let name = format!("{}_{}", client.name, work.row());
    let [low, value, high] = quartiles(costs.to_vec());
    writeln!(io::stdout(), "{name} {value:.3} 0")?;
    writeln!(
        io::stderr(),
        "{name}: µs; half of the rounds within {low:.2} and {high:.2}"
    )?;
    Ok(())
}

/// Prints how often this client's time fits into that of another, and returns whether that is within its
/// bound. The value is the median of the ratios of each round.
fn compare(client: &Client, work: Work, ours: &[f64], theirs: &[f64]) -> Outcome<bool> {
    let ratios = ours.iter().zip(theirs).map(|(ours, theirs)| theirs / ours);
    let [low, value, high] = quartiles(ratios.collect());
    let name = format!("{}_over_wsman_{}", client.name, work.row());
    let bound = if client.is_bounded { work.bound() } else { 0.0 };
    writeln!(io::stdout(), "{name} {value:.3} {bound}")?;
    writeln!(
        io::stderr(),
        "{name}: half of the rounds within {low:.2} and {high:.2}"
    )?;
    Ok(value >= bound)
}
