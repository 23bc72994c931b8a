//! Each folder of `fixtures/` is a test: it compares the request of a session with the recorded one,
//! and its result with `[expect]`.

mod call;
mod case;
mod compare;
mod expect;
#[path = "../support/tree.rs"]
mod tree;
mod values;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use wsman::record::Replay;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut trials: Vec<Trial> = cases(&root)
        .into_iter()
        .map(|folder| {
            let name = folder
                .strip_prefix(&root)
                .unwrap_or(&folder)
                .display()
                .to_string();
            Trial::test(name, move || run(&folder))
        })
        .collect();
    let found = trials.len();
    trials.push(Trial::test("there are cases", move || match found {
        0 => Err("no folder of fixtures/ holds a case.toml".into()),
        _ => Ok(()),
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Returns every folder with a `case.toml`, in order.
fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return found;
    };
    for path in entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
    {
        if path.join("case.toml").is_file() {
            found.push(path)
        } else {
            found.extend(cases(&path))
        }
    }
    found.sort();
    found
}

fn run(folder: &Path) -> Result<(), Failed> {
    let case = case::Case::load(folder)?;
    let replay = Arc::new(
        Replay::load(folder)
            .map_err(|error| error.to_string())?
            .relate(true),
    );
    let session = case.session(Arc::clone(&replay) as _)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let outcome = runtime.block_on(async {
        let outcome = call::call(&case, &session).await;
        settle(&replay, case.exchanges()).await;
        outcome
    })?;
    let requests = replay.requests();
    compare::requests(folder, &case, &requests)?;
    expect::outcome(&case, outcome, requests.len())
}

/// Waits for messages sent in the background, such as the Release after an error.
async fn settle(replay: &Replay, exchanges: usize) {
    for _ in 0..1000 {
        if replay.requests().len() >= exchanges {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Detects more messages than expected.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}
