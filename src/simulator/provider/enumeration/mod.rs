//! Enumerations: the selection of their rows, and the open ones that wait for a Pull.
//!
//! | file | content |
//! |---|---|
//! | `select` | selects the rows of a request |
//! | `association` | the rows of an association filter |
//! | `rows` | iterates over stored and generated rows |
//! | `filling` | rows that come at a rate |
//! | `page` | writes the rows of one answer as XML |

mod association;
mod filling;
mod page;
mod rows;
mod select;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

pub(in crate::simulator) use filling::Filling;
pub(in crate::simulator) use page::{Items, Room, Shape};
pub(in crate::simulator) use rows::Rows;
pub(in crate::simulator) use select::{check_query, select};

use crate::simulator::dialect::Dialect;
use crate::simulator::faults::{ProtocolFailure, RequestFailure};

/// The enumerations of a server.
#[derive(Debug)]
pub(in crate::simulator) struct Enumerations {
    dialect: Dialect,
    /// How long an enumeration waits for the next Pull.
    lifetime: Option<Duration>,
    /// How fast rows are found, if not at once.
    rows_per_second: Option<NonZeroU32>,
    table: Mutex<Table>,
    gives_empty_page: AtomicBool,
}

#[derive(Debug, Default)]
struct Table {
    open: BTreeMap<String, Enumeration>,
    opened: u64,
}

/// One enumeration.
#[derive(Debug)]
pub(in crate::simulator) struct Enumeration {
    /// The context that a Pull names.
    pub(in crate::simulator) context: String,
    /// The rows, or the failure that OMI reports only at the first Pull.
    pub(in crate::simulator) rows: Result<Rows, RequestFailure>,
    pub(in crate::simulator) shape: Shape,
    /// The rows found so far, if they come at a rate.
    pub(in crate::simulator) filling: Option<Filling>,
    lifetime: Option<Duration>,
    used: Instant,
}

impl Enumerations {
    /// Creates the table of a server whose enumerations expire after `lifetime`, or after the
    /// server's default time.
    pub(in crate::simulator) fn new(
        dialect: Dialect,
        lifetime: Option<Duration>,
        rows_per_second: Option<NonZeroU32>,
    ) -> Self {
        Self {
            dialect,
            lifetime: lifetime.or(dialect.enumeration_timeout()),
            rows_per_second,
            table: Mutex::default(),
            gives_empty_page: AtomicBool::new(false),
        }
    }

    /// Creates an enumeration, which [`keep`](Self::keep) opens. openwsman honours the client's
    /// expiration time.
    pub(in crate::simulator) fn begin(
        &self,
        rows: Result<Rows, RequestFailure>,
        shape: Shape,
        expires: Option<Duration>,
    ) -> Result<Enumeration, RequestFailure> {
        let mut table = self.lock();
        if self
            .dialect
            .most_enumerations()
            .is_some_and(|most| table.open.len() >= most)
        {
            return Err(ProtocolFailure::TooManyEnumerations.into());
        }
        table.opened += 1;
        let wanted = expires.filter(|_| self.dialect == Dialect::Openwsman);
        Ok(Enumeration {
            context: context_text(self.dialect, table.opened),
            rows,
            shape,
            filling: self.rows_per_second.map(Filling::begin),
            lifetime: wanted.or(self.lifetime),
            used: Instant::now(),
        })
    }

    /// Returns whether rows come at a rate.
    pub(in crate::simulator) fn come_at_a_rate(&self) -> bool {
        self.rows_per_second.is_some()
    }

    /// Returns when a Pull of this context has a row to return, if rows come at a rate.
    pub(in crate::simulator) fn next_row_at(&self, context: &str) -> Option<Instant> {
        let table = self.lock();
        let enumeration = table.open.get(context)?;
        enumeration.filling.as_ref().map(Filling::next_at)
    }

    /// Stores an enumeration for the next Pull.
    pub(in crate::simulator) fn keep(&self, mut enumeration: Enumeration) {
        enumeration.used = Instant::now();
        let context = enumeration.context.clone();
        self.lock().open.insert(context, enumeration);
    }

    /// Takes an enumeration, to pull from it or to end it.
    pub(in crate::simulator) fn take(&self, context: &str) -> Result<Enumeration, RequestFailure> {
        let taken = self.lock().open.remove(context);
        taken.ok_or_else(|| ProtocolFailure::NoEnumeration.into())
    }

    /// Returns the number of enumerations that wait for a Pull.
    pub(in crate::simulator) fn count(&self) -> usize {
        self.lock().open.len()
    }

    /// Expires all enumerations.
    pub(in crate::simulator) fn expire(&self) {
        self.lock().open.clear();
    }

    /// Makes the next page empty.
    pub(in crate::simulator) fn give_empty_page(&self) {
        self.gives_empty_page.store(true, Ordering::Release);
    }

    /// Takes the request for an empty page.
    pub(in crate::simulator) fn takes_empty_page(&self) -> bool {
        self.gives_empty_page.swap(false, Ordering::AcqRel)
    }

    /// Locks the table and removes expired enumerations.
    fn lock(&self) -> MutexGuard<'_, Table> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.open.retain(|_, enumeration| !enumeration.is_over());
        table
    }
}

impl Enumeration {
    fn is_over(&self) -> bool {
        self.lifetime
            .is_some_and(|lifetime| self.used.elapsed() >= lifetime)
    }
}

/// Formats a context as each server does.
fn context_text(dialect: Dialect, number: u64) -> String {
    match dialect {
        Dialect::Windows => format!("uuid:53494D55-0000-0000-0001-{number:012X}"),
        Dialect::Omi => (2_557_000_000 + number).to_string(),
        Dialect::Openwsman => format!("73696d75-60be-10be-8047-{number:012x}"),
    }
}
