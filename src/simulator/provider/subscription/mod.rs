//! Subscriptions: events that wait for a Pull.
//!
//! | file | content |
//! |---|---|
//! | `wait` | waits until a Pull can be answered |
//! | `faults` | what each server says when it cannot |

pub(in crate::simulator) mod wait;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::cim::Namespace;
use crate::simulator::dialect::Dialect;
use crate::simulator::faults::EventFailure;
use crate::simulator::model::hierarchy::Hierarchy;
use crate::simulator::model::semantics::Found;
use crate::simulator::model::wql::Query;

/// The subscriptions of a server, and its past events.
#[derive(Debug)]
pub(in crate::simulator) struct Subscriptions {
    dialect: Dialect,
    table: Mutex<Table>,
    /// Notified of every change that may answer a Pull.
    changed: Notify,
}

#[derive(Debug, Default)]
struct Table {
    open: Vec<Subscription>,
    opened: u64,
    history: VecDeque<Arc<Happened>>,
    /// The number of events so far, which is the number of the last one.
    happened: u64,
}

/// An event.
#[derive(Debug)]
pub(in crate::simulator) struct Happened {
    number: u64,
    namespace: Namespace,
    pub(in crate::simulator) found: Found,
}

/// One subscription.
#[derive(Debug)]
struct Subscription {
    wish: Wish,
    identifier: String,
    context: String,
    /// The number of the last delivered event.
    after: u64,
    ends: Option<Instant>,
    answered: Instant,
    /// The reason if the server ended it.
    ended: Option<String>,
}

/// The parameters of a Subscribe.
#[derive(Debug)]
pub(in crate::simulator) struct Wish {
    pub(in crate::simulator) namespace: Namespace,
    pub(in crate::simulator) query: Query,
    pub(in crate::simulator) hierarchy: Hierarchy,
    pub(in crate::simulator) heartbeats: Option<Duration>,
    pub(in crate::simulator) bookmarks: bool,
}

/// The identifiers of a subscription.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Names {
    pub(in crate::simulator) identifier: String,
    pub(in crate::simulator) context: String,
}

/// The answer to a Pull.
#[derive(Debug)]
pub(in crate::simulator) enum Pulled {
    Events {
        events: Vec<Arc<Happened>>,
        bookmark: Option<String>,
    },
    Heartbeat,
    Silence,
    /// The server ended the subscription, for this reason.
    Ended(Names, String),
}

/// The limit of events kept for bookmarks.
const HISTORY: usize = 1000;

/// The prefix of the event number in a bookmark.
const BOOKMARK: &str = "bm-";

/// The bookmark of the oldest event (DSP0226 10.2.6).
const EARLIEST: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/bookmark/earliest";

impl Subscriptions {
    pub(in crate::simulator) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            table: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Opens a subscription for the events from now on, or after a bookmark.
    pub(in crate::simulator) fn open(
        &self,
        wish: Wish,
        expires: Option<Duration>,
        bookmark: Option<&str>,
    ) -> Result<Names, EventFailure> {
        let mut table = self.lock();
        let after = table.after(bookmark)?;
        table.opened += 1;
        let names = names(self.dialect, table.opened);
        table.open.push(Subscription {
            wish,
            identifier: names.identifier.clone(),
            context: names.context.clone(),
            after,
            ends: expires.map(|expires| Instant::now() + expires),
            answered: Instant::now(),
            ended: None,
        });
        Ok(names)
    }

    /// Whether a context belongs to a subscription.
    pub(in crate::simulator) fn knows(&self, context: &str) -> bool {
        self.lock().with_context(context).is_some()
    }

    /// Extends a subscription; returns whether it exists.
    pub(in crate::simulator) fn renew(&self, identifier: &str, expires: Duration) -> bool {
        let mut table = self.lock();
        let known = table.with_identifier(identifier);
        let renewed = known.map(|known| known.ends = Some(Instant::now() + expires));
        renewed.is_some()
    }

    /// Ends a subscription; returns whether it existed.
    pub(in crate::simulator) fn close(&self, identifier: &str) -> bool {
        let mut table = self.lock();
        let before = table.open.len();
        table.open.retain(|known| known.identifier != identifier);
        let closed = table.open.len() < before;
        drop(table);
        self.changed.notify_waiters();
        closed
    }

    /// Returns the current answer to a Pull; `None` if the subscription does not exist.
    pub(in crate::simulator) fn pull(&self, context: &str, most: usize) -> Option<Pulled> {
        let mut table = self.lock();
        let Table { open, history, .. } = &mut *table;
        let place = open.iter().position(|known| known.context == context)?;
        let subscription = open.get_mut(place)?;
        if let Some(why) = subscription.ended.take() {
            let ended = open.remove(place);
            let (identifier, context) = (ended.identifier, ended.context);
            return Some(Pulled::Ended(
                Names {
                    identifier,
                    context,
                },
                why,
            ));
        }
        let events: Vec<_> = subscription
            .waiting(history)
            .take(most)
            .map(Arc::clone)
            .collect();
        Some(match events.last() {
            Some(last) => {
                subscription.after = last.number;
                subscription.answered = Instant::now();
                let sends = subscription.wish.bookmarks && self.dialect.sends_bookmarks();
                Pulled::Events {
                    bookmark: sends.then(|| [BOOKMARK, &last.number.to_string()].concat()),
                    events,
                }
            }
            None if subscription.is_silent_too_long(self.dialect) => {
                subscription.answered = Instant::now();
                Pulled::Heartbeat
            }
            None => Pulled::Silence,
        })
    }

    /// Adds an event.
    pub(in crate::simulator) fn emit(&self, namespace: Namespace, found: Found) {
        let mut table = self.lock();
        table.happened += 1;
        let number = table.happened;
        table.history.push_back(Arc::new(Happened {
            number,
            namespace,
            found,
        }));
        if table.history.len() > HISTORY {
            table.history.pop_front();
        }
        drop(table);
        self.changed.notify_waiters();
    }

    /// Forgets all subscriptions, as a server restart does.
    pub(in crate::simulator) fn forget(&self) {
        self.lock().open.clear();
        self.changed.notify_waiters();
    }

    /// Ends all subscriptions, and reports the reason to the next Pull of each.
    pub(in crate::simulator) fn end(&self, why: &str) {
        for subscription in &mut self.lock().open {
            subscription.ended = Some(why.to_owned());
        }
        self.changed.notify_waiters();
    }

    /// Returns the number of open subscriptions.
    pub(in crate::simulator) fn count(&self) -> usize {
        self.lock().open.len()
    }

    /// Locks the table and removes expired subscriptions.
    fn lock(&self) -> MutexGuard<'_, Table> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        table
            .open
            .retain(|known| known.ends.is_none_or(|ends| now < ends));
        table
    }
}

impl Table {
    fn with_context(&mut self, context: &str) -> Option<&mut Subscription> {
        self.open.iter_mut().find(|known| known.context == context)
    }

    fn with_identifier(&mut self, identifier: &str) -> Option<&mut Subscription> {
        let mut open = self.open.iter_mut();
        open.find(|known| known.identifier == identifier)
    }

    /// Returns the number of the event after which a subscription starts.
    fn after(&self, bookmark: Option<&str>) -> Result<u64, EventFailure> {
        let oldest = self.history.front().map_or(0, |oldest| oldest.number - 1);
        let number = match bookmark {
            None => return Ok(self.happened),
            Some(EARLIEST) => return Ok(oldest),
            Some(text) => text
                .strip_prefix(BOOKMARK)
                .and_then(|text| text.parse().ok()),
        };
        number
            .filter(|number| (oldest..=self.happened).contains(number))
            .ok_or(EventFailure::Bookmark)
    }
}

impl Subscription {
    /// Returns the events that it has not delivered yet.
    fn waiting<'a>(
        &'a self,
        history: &'a VecDeque<Arc<Happened>>,
    ) -> impl Iterator<Item = &'a Arc<Happened>> {
        let new = history.iter().filter(|event| event.number > self.after);
        new.filter(|event| self.wish.wants(event))
    }

    fn is_silent_too_long(&self, dialect: Dialect) -> bool {
        self.heartbeat_due(dialect)
            .is_some_and(|due| due <= Instant::now())
    }

    /// Returns when the next heartbeat is due.
    fn heartbeat_due(&self, dialect: Dialect) -> Option<Instant> {
        let interval = self
            .wish
            .heartbeats
            .filter(|_| dialect.sends_heartbeats())?;
        Some(self.answered + interval)
    }
}

impl Wish {
    fn wants(&self, event: &Happened) -> bool {
        use crate::simulator::model::wql::Ancestry as _;
        let instance = &event.found.instance;
        event.namespace == self.namespace
            && self
                .hierarchy
                .is_a(&event.found.schema.name, &self.query.class)
            && self.query.matches(instance, &self.hierarchy)
    }
}

/// Returns the identifiers of a subscription in the form of each server.
fn names(dialect: Dialect, number: u64) -> Names {
    match dialect {
        Dialect::Windows => Names {
            identifier: format!("53494D55-0000-0000-0002-{number:012X}"),
            context: format!("uuid:53494D55-0000-0000-0003-{number:012X}"),
        },
        Dialect::Omi => {
            let context = (1_563_000_000 + number).to_string();
            Names {
                identifier: context.clone(),
                context,
            }
        }
        Dialect::Openwsman => {
            let context = format!("uuid:73696d75-60be-10be-8067-{number:012x}");
            Names {
                identifier: context.clone(),
                context,
            }
        }
    }
}
