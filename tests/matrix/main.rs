//! The fault matrix: each operation with each login meets each trouble at each of its steps.
//!
//! After each case: the operation ended by its deadline, no task and no connection remains, and the
//! repository of the server agrees with what was reported; at the end no file descriptor is lost. The
//! outcomes are the tables of docs/reliability.md. `cargo test` runs two operations,
//! `WSMAN_MATRIX=whole` all; with `WSMAN_BLESS=1` these write the document.
#![allow(clippy::unwrap_used, clippy::panic)]

mod case;
mod login;
mod table;
mod trouble;

#[path = "../support/operations.rs"]
mod operations;
#[path = "../support/tap.rs"]
mod tap;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use case::Bench;
use login::LOGINS;
use operations::{ALL, Operation};
use table::Outcomes;
use trouble::TROUBLES;

/// The operations of the short form: a read, and a write of two messages.
const SHORT: [Operation; 2] = [Operation::Get, Operation::PutMissing];

/// Most cases wait for a deadline, so there are more threads than processors.
const THREADS: usize = 12;

/// The cases of one operation, login and trouble, by their numbers, and the number of steps.
#[derive(Clone, Copy)]
struct Work {
    operation: usize,
    login: usize,
    trouble: usize,
    steps: usize,
}

/// Lists the cases. An undisturbed run of each operation and login counts the steps.
fn plan(bench: &Bench, operations: &[Operation]) -> Vec<Work> {
    let mut all = Vec::new();
    for (operation, performed) in operations.iter().enumerate() {
        for (login, used) in LOGINS.into_iter().enumerate() {
            let undisturbed = bench.run(*performed, used, None);
            assert!(undisturbed.is_done(), "{performed:?}, {used:?}");
            all.extend((0..TROUBLES.len()).map(|trouble| Work {
                operation,
                login,
                trouble,
                steps: undisturbed.answered,
            }));
        }
    }
    all
}

/// Runs the trouble at each step, and returns the outcomes.
fn run(bench: &Bench, operations: &[Operation], work: Work) -> Vec<String> {
    let operation = operations.get(work.operation).copied().unwrap();
    let login = LOGINS.get(work.login).copied().unwrap();
    let trouble = TROUBLES.get(work.trouble).copied().unwrap();
    let ended = (0..work.steps).map(|step| bench.run(operation, login, Some((trouble, step))));
    ended.map(|ended| ended.text()).collect()
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

#[test]
fn each_trouble_at_each_step_ends_as_documented() {
    let is_whole = std::env::var("WSMAN_MATRIX").is_ok_and(|form| form == "whole");
    let operations = if is_whole { ALL.as_slice() } else { &SHORT };
    let realm = Bench::realm();
    let (_, kdc) = &realm;
    let planned = plan(&Bench::new(Arc::clone(kdc)), operations);
    // What the process opens only once is open by now.
    let files = open_files();
    let outcomes = Mutex::new(Outcomes::default());
    let cases = AtomicUsize::new(0);
    let left = Mutex::new(planned);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let bench = Bench::new(Arc::clone(kdc));
                loop {
                    let work = left.lock().unwrap().pop();
                    let Some(work) = work else { return };
                    let steps = run(&bench, operations, work);
                    cases.fetch_add(steps.len(), Ordering::Relaxed);
                    let mut outcomes = outcomes.lock().unwrap();
                    outcomes.add(work.operation, work.trouble, work.login, steps);
                }
            });
        }
    });
    let until = Instant::now() + Duration::from_secs(5);
    while open_files() > files {
        assert!(
            Instant::now() < until,
            "{} files were open, now {}",
            files,
            open_files()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(realm);
    println!("{} cases", cases.into_inner());
    outcomes.into_inner().unwrap().compare(operations, is_whole);
}
