//! What a session was told about its writes, compared with what the repository of the server holds.

use std::fmt;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

use wsman::{Delivery, Error};

use crate::Outcome;
use crate::server::Server;

/// How long a write of unknown delivery may take to reach the repository.
const SETTLES: Duration = Duration::from_secs(10);

/// The outcomes of the operations.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    done: u64,
    not_sent: u64,
    answered: u64,
    unknown: u64,
    /// The writes of unknown delivery that were done, and that were not.
    settled: [u64; 2],
    reads: u64,
    failed_reads: u64,
    events: u64,
}

/// A lamp whose state is known.
pub(crate) struct Lamp {
    pub(crate) name: String,
    pub(crate) level: Option<u32>,
}

/// A lamp with a write that may have been done.
struct InDoubt {
    name: String,
    before: Option<u32>,
    after: Option<u32>,
    since: Instant,
}

/// The lamps of one session, which no other one writes.
pub(crate) struct Ledger {
    pub(crate) owner: String,
    pub(crate) lamps: Vec<Lamp>,
    in_doubt: Vec<InDoubt>,
    /// Each write has a level of its own, and each lamp a name of its own.
    serial: u32,
    pub(crate) counts: Counts,
}

const LAMPS: usize = 4;

impl Ledger {
    pub(crate) fn new(session: u32) -> Self {
        let mut ledger = Self {
            owner: format!("s{session}"),
            lamps: Vec::new(),
            in_doubt: Vec::new(),
            serial: 0,
            counts: Counts::default(),
        };
        for _ in 0..LAMPS {
            let lamp = ledger.new_lamp();
            ledger.lamps.push(lamp);
        }
        ledger
    }

    fn new_lamp(&mut self) -> Lamp {
        let number = self.next_level();
        let name = format!("{}-{number}", self.owner);
        Lamp { name, level: None }
    }

    pub(crate) fn next_level(&mut self) -> u32 {
        self.serial += 1;
        self.serial
    }

    /// Compares the report of a write with the repository. `after` is the level once it is done.
    pub(crate) fn wrote(
        &mut self,
        place: usize,
        after: Option<u32>,
        told: &Result<(), Error>,
        server: &Server,
    ) -> Outcome<()> {
        let new = self.new_lamp();
        let lamp = self.lamps.get_mut(place).ok_or("there is no such lamp")?;
        let delivery = told.as_ref().map_err(Error::delivery);
        match delivery {
            Ok(()) => {
                self.counts.done += 1;
                lamp.level = after;
            }
            Err(Delivery::NotSent) => self.counts.not_sent += 1,
            Err(Delivery::Answered) => self.counts.answered += 1,
            Err(Delivery::Unknown) => {
                self.counts.unknown += 1;
                let lamp = std::mem::replace(lamp, new);
                self.in_doubt.push(InDoubt {
                    name: lamp.name,
                    before: lamp.level,
                    after,
                    since: Instant::now(),
                });
                return Ok(());
            }
        }
        let there = server.level(&lamp.name)?;
        if there == lamp.level {
            return Ok(());
        }
        Err(format!(
            "{}: reported {told:?}, so the level is {:?}; the repository holds {there:?}",
            lamp.name, lamp.level
        ))
    }

    /// Settles the writes in doubt that are old enough, or all.
    pub(crate) fn settle(&mut self, server: &Server, all: bool) -> Outcome<()> {
        let is_due = |lamp: &InDoubt| all || lamp.since.elapsed() > SETTLES;
        for lamp in self.in_doubt.extract_if(.., |lamp| is_due(lamp)) {
            let there = server.level(&lamp.name)?;
            let [done, not_done] = &mut self.counts.settled;
            if there == lamp.after {
                *done += 1;
            } else if there == lamp.before {
                *not_done += 1;
            } else {
                return Err(format!(
                    "{}: the level was {:?} or {:?}; the repository holds {there:?}",
                    lamp.name, lamp.before, lamp.after
                ));
            }
            server.remove(&lamp.name);
        }
        Ok(())
    }

    /// Compares every lamp with the repository, and removes it.
    pub(crate) async fn close(mut self, server: &Server) -> Outcome<Counts> {
        if !self.in_doubt.is_empty() {
            tokio::time::sleep(SETTLES).await;
        }
        self.settle(server, true)?;
        for lamp in &self.lamps {
            let there = server.level(&lamp.name)?;
            if there != lamp.level {
                return Err(format!(
                    "{}: the last report was {:?}; the repository holds {there:?}",
                    lamp.name, lamp.level
                ));
            }
            server.remove(&lamp.name);
        }
        Ok(self.counts)
    }
}

impl Counts {
    /// Counts a read, and the events it received.
    pub(crate) fn read(&mut self, is_done: bool, events: u64) {
        if is_done {
            self.reads += 1;
        } else {
            self.failed_reads += 1;
        }
        self.events += events;
    }

    /// Fails if no operation met one of the outcomes: then the run proves nothing.
    pub(crate) fn prove_something(&self) -> Outcome<()> {
        let all = [
            self.done,
            self.not_sent,
            self.answered,
            self.unknown,
            self.reads,
            self.failed_reads,
            self.events,
        ];
        let settled = self.settled[0] > 0 && self.settled[1] > 0;
        if settled && all.iter().all(|count| *count > 0) {
            Ok(())
        } else {
            Err(format!("an outcome did not occur: {self:?}"))
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.done += other.done;
        self.not_sent += other.not_sent;
        self.answered += other.answered;
        self.unknown += other.unknown;
        self.settled[0] += other.settled[0];
        self.settled[1] += other.settled[1];
        self.reads += other.reads;
        self.failed_reads += other.failed_reads;
        self.events += other.events;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [done, not_done] = self.settled;
        write!(
            f,
            "writes: {} done, {} not sent, {} refused, {} unknown ({done} of them done, {not_done} not)\n\
             reads: {} done, {} failed, {} events",
            self.done,
            self.not_sent,
            self.answered,
            self.unknown,
            self.reads,
            self.failed_reads,
            self.events
        )
    }
}
