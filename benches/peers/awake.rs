//! Keeps the processors out of their idle states while clients are measured.

use std::process::{Child, Command, Stdio};
use std::thread::available_parallelism;

use super::Outcome;

/// A program for each processor that runs only while nothing else does.
///
/// A client that waits for an answer lets its processor fall idle. To wake it counts as the client's time; in
/// a virtual machine that is as much again as a Put, the same for each client.
pub(super) struct Awake(Vec<Child>);

impl Awake {
    pub(super) fn start() -> Outcome<Self> {
        let mut awake = Self(Vec::new());
        for _ in 0..available_parallelism()?.get() {
            let program = Command::new("nice")
                .args(["-n", "19", "sh", "-c", "while :; do :; done"])
                .stdin(Stdio::null())
                .spawn()?;
            awake.0.push(program);
        }
        Ok(awake)
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        for program in &mut self.0 {
            // An error means that it has ended.
            let _killed = program.kill();
            let _ended = program.wait();
        }
    }
}
