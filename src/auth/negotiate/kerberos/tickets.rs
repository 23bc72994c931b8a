//! The tickets of a user, which the logins on many servers share.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Mutex as Turns;

use super::super::LoginError;
use super::crypt::Key;
use super::message::Ticket;
use super::name::PrincipalName;

/// The tickets that logins with the same credentials share: one of them asks a KDC, and the others wait
/// for its answer.
#[derive(Clone, Default)]
pub(crate) struct Tickets(Arc<Mutex<BTreeMap<TicketName, Arc<Shelf>>>>);

/// A ticket for the service, and its parameters.
#[derive(Clone, Debug)]
pub(super) struct ServiceTicket {
    pub(super) ticket: Ticket,
    pub(super) key: Key,
    pub(super) user: PrincipalName,
    pub(super) user_realm: String,
    /// In seconds since 1970, by the clock of the KDC.
    pub(super) end: u64,
    /// The KDC's clock minus the local one in seconds, if they differ.
    pub(super) skew: i64,
    /// The KDC's clock minus the local one in seconds, as its ticket shows it.
    pub(super) kdc_ahead: i64,
}

/// What a ticket is for, and all that it depends on.
pub(super) type TicketName = Vec<String>;

/// The place of one ticket.
#[derive(Default)]
pub(super) struct Shelf {
    turns: Turns<()>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    ticket: Option<ServiceTicket>,
    /// The number of failures, and the last one.
    failures: u64,
    failure: Option<LoginError>,
}

/// The remaining validity in seconds that a ticket needs: servers allow a clock skew of five minutes.
const LEFT: u64 = 5 * 60;

/// The limit of tickets that are kept.
const MOST: usize = 4096;

impl Tickets {
    /// Returns the place of a ticket.
    pub(super) fn shelf(&self, name: TicketName) -> Arc<Shelf> {
        let mut shelves = locked(&self.0);
        if shelves.len() >= MOST && !shelves.contains_key(&name) {
            // Those that a login uses stay.
            shelves.retain(|_, shelf| Arc::strong_count(shelf) > 1);
        }
        Arc::clone(shelves.entry(name).or_default())
    }
}

impl Shelf {
    /// Returns the ticket if it is valid long enough, or gets one. Logins that wait meanwhile share the
    /// result, also a failure: a wrong password is tried once, and a silent KDC is waited for once.
    pub(super) async fn ticket<W>(
        &self,
        now: u64,
        get: impl FnOnce() -> W,
    ) -> Result<ServiceTicket, LoginError>
    where
        W: Future<Output = Result<ServiceTicket, LoginError>>,
    {
        let seen = {
            let kept = locked(&self.kept);
            if let Some(ticket) = kept.valid(now) {
                return Ok(ticket);
            }
            kept.failures
        };
        let _turn = self.turns.lock().await;
        {
            let kept = locked(&self.kept);
            if let Some(ticket) = kept.valid(now) {
                return Ok(ticket);
            }
            if let Some(failure) = kept.failure.as_ref().filter(|_| kept.failures > seen) {
                return Err(failure.clone());
            }
        }
        let got = get().await;
        let mut kept = locked(&self.kept);
        match &got {
            Ok(ticket) => kept.ticket = Some(ticket.clone()),
            Err(error) => {
                kept.failures += 1;
                kept.failure = Some(error.clone());
            }
        }
        got
    }

    /// Returns the ticket, if it is valid long enough.
    pub(super) fn valid(&self, now: u64) -> Option<ServiceTicket> {
        locked(&self.kept).valid(now)
    }

    /// Returns the ticket, if there is one.
    pub(super) fn kept(&self) -> Option<ServiceTicket> {
        locked(&self.kept).ticket.clone()
    }

    /// Drops a ticket that a server or a KDC did not accept, unless another one replaced it.
    pub(super) fn forget(&self, refused: &ServiceTicket) {
        let mut kept = locked(&self.kept);
        let is_refused = |ticket: &mut ServiceTicket| ticket.ticket.whole == refused.ticket.whole;
        kept.ticket.take_if(is_refused);
    }
}

impl Kept {
    fn valid(&self, now: u64) -> Option<ServiceTicket> {
        let ticket = self.ticket.as_ref()?;
        let now = now.checked_add_signed(ticket.skew)?;
        (now + LEFT < ticket.end).then(|| ticket.clone())
    }
}

/// Shows no ticket: each has its key.
impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tickets")
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
