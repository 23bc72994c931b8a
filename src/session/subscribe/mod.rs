//! Subscribe: events, pulled from the server as they happen.
//!
//! | file | what |
//! |---|---|
//! | `subscription` | the stream the caller has in hand |
//! | `event` | one event, with its bookmark |
//! | `driver` | the task behind it: pulls, renews, and tidies up at the end |
//! | `trouble` | what a lost answer or a lost subscription costs, and when there is no going on |
//! | `resume` | from where a new subscription goes on: what bookmarks are worth |
//! | `lifetime` | when a subscription is renewed |
//! | `source` | the messages: Subscribe, Pull, Renew, Unsubscribe |

mod driver;
mod event;
mod lifetime;
mod resume;
mod source;
mod subscription;
mod trouble;

use std::fmt;
use std::time::Duration;

use tokio::runtime::Handle;

use super::Session;
use super::call::Call;
use super::enumerate::QueryDialect;
use super::request::{Perform, Request};
use crate::cim::Name;
use crate::cim::wql::Query;
use crate::error::{Error, Failure};
pub use event::Event;
use source::Source;
pub use subscription::Subscription;

/// The operation of [`Session::subscribe`].
#[derive(Clone, Debug)]
pub struct Subscribe {
    query: Query,
    dialect: QueryDialect,
    class: Option<Name>,
    terms: Terms,
}

/// How the caller wants a subscription to be.
#[derive(Clone, Debug)]
struct Terms {
    heartbeats: Option<Duration>,
    expires: Duration,
    bookmark: Option<Bookmark>,
    send_bookmarks: bool,
    max_elements: Option<u32>,
    max_latency: Duration,
    patience: Duration,
}

/// From which event on a subscription gives events (DSP0226 10.2.6).
///
/// Its text can be kept, so that another process goes on where this one stopped.
///
/// ```
/// use wsman::Bookmark;
/// let kept = Bookmark::At("bm-2".into()).to_string();
/// assert_eq!(Bookmark::from(kept), Bookmark::At("bm-2".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bookmark {
    /// From the oldest event that the server still has.
    Earliest,
    /// After the event that the server gave this text with.
    At(String),
}

/// The bookmark of the oldest event (DSP0226 10.2.6).
const EARLIEST: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/bookmark/earliest";

/// What a subscription lasts without being renewed; a client that is gone leaves it behind no longer.
const EXPIRES: Duration = Duration::from_secs(10 * 60);

/// Few enough that a page of them is decoded at once.
const MAX_ELEMENTS: u32 = 100;

/// How long an event may wait on a server that does not hold a Pull until there is one.
const MAX_LATENCY: Duration = Duration::from_secs(1);

/// As long as a Windows client tries to reconnect (MS-WSMV 3.2.2).
const PATIENCE: Duration = Duration::from_secs(180);

impl Session {
    /// Waits for the events that a query picks (`MI_Session_Subscribe`; WS-Eventing in pull mode,
    /// DSP0226 10, MS-WSMV 3.1.4.6): await it for the [`Subscription`], which is a stream of them.
    ///
    /// The query names a class of events, such as `SELECT * FROM Win32_ProcessStartTrace`. Nothing
    /// connects to this computer: the session asks for events, and the server holds its answer until
    /// there is one.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if the query is wrong; [`Error::NotFound`] or
    /// [`Error::InvalidClass`] if the class is no class of events; [`Error::NotSupported`] from servers
    /// without events.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use wsman::Instance;
    /// # let simulator = wsman::simulator::sample().start().await?;
    /// # let session = wsman::Session::builder(simulator.url()).credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
    /// #     .allow_unencrypted().namespace("root/cimv2").build()?;
    /// let mut events = session.subscribe("SELECT * FROM Demo_Tick WHERE Number > 1").await?;
    /// # for number in 1..=2u32 { simulator.emit(Instance::new("Demo_Tick").with("Number", number))?; }
    /// if let Some(event) = events.next().await {
    ///     assert_eq!(event?.instance.get::<u32>("Number")?, 2);
    /// }
    /// events.close().await?;
    /// # Ok(()) }
    /// ```
    pub fn subscribe(&self, query: impl Into<Query>) -> Request<Subscribe> {
        Request::new(
            self,
            Subscribe {
                query: query.into(),
                dialect: QueryDialect::default(),
                class: None,
                terms: Terms::default(),
            },
        )
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            heartbeats: None,
            expires: EXPIRES,
            bookmark: None,
            send_bookmarks: false,
            max_elements: Some(MAX_ELEMENTS),
            max_latency: MAX_LATENCY,
            patience: PATIENCE,
        }
    }
}

impl Request<Subscribe> {
    /// The language of the query; WQL if nothing is said.
    pub fn dialect(mut self, dialect: QueryDialect) -> Self {
        self.operation.dialect = dialect;
        self
    }

    /// Names this class in the resource URI instead of all classes, which OMI takes as well and
    /// Windows does not (`ERROR_WSMAN_FILTER_INVALID`, MS-WSMV 3.1.4.1.13).
    pub fn class(mut self, class: impl Into<Name>) -> Self {
        self.operation.class = Some(class.into());
        self
    }

    /// How often the server is to say that it is there when nothing happens (`w:Heartbeats`, DSP0226
    /// 10.2.5). If it says nothing for this long and the network delay, the connection is taken for
    /// lost. OMI and openwsman send none, but answer each Pull in time.
    pub fn heartbeats(mut self, interval: Duration) -> Self {
        self.operation.terms.heartbeats = Some(interval);
        self
    }

    /// How long the subscription lasts unless it is renewed (`e:Expires`). Defaults to 10 minutes. It is
    /// renewed in time as long as the [`Subscription`] lives; this is how long it outlives a client that
    /// was cut off. It is renewed once a second at most, so that less than two seconds may be too short.
    pub fn expires(mut self, after: Duration) -> Self {
        self.operation.terms.expires = after;
        self
    }

    /// Begins with this bookmark instead of now (`w:Bookmark`, DSP0226 10.2.6).
    pub fn bookmark(mut self, bookmark: Bookmark) -> Self {
        self.operation.terms.bookmark = Some(bookmark);
        self
    }

    /// Asks for bookmarks (`w:SendBookmarks`), from which the subscription goes on by itself after a
    /// lost connection, and another one can go on later. OMI names the place of an event only where its
    /// provider does.
    pub fn send_bookmarks(mut self) -> Self {
        self.operation.terms.send_bookmarks = true;
        self
    }

    /// The most events in an answer; 100 if nothing is said, and the server's own number for `None`.
    pub fn max_elements(mut self, count: impl Into<Option<u32>>) -> Self {
        self.operation.terms.max_elements = count.into();
        self
    }

    /// How long an event may wait on a server that answers at once when there is none, as openwsman
    /// does: the longest pause between two questions. 1 second if nothing is said.
    pub fn max_latency(mut self, limit: Duration) -> Self {
        self.operation.terms.max_latency = limit;
        self
    }

    /// How long to try to go on after a lost connection before the subscription ends with an error;
    /// 3 minutes if nothing is said.
    pub fn patience(mut self, limit: Duration) -> Self {
        self.operation.terms.patience = limit;
        self
    }
}

impl Perform for Subscribe {
    type Output = Subscription;

    async fn perform(self, call: &mut Call) -> Result<Subscription, Error> {
        let runtime = Handle::try_current().map_err(|error| {
            let text = "events can only be waited for inside a tokio runtime";
            Error::Config(Failure::new(text).source(error))
        })?;
        let text = call.query_text(&self.query).await?;
        let source = Source::new(call, self, text)?;
        let (subscription, begun) = Subscription::start(&runtime, call.clone(), source);
        match begun.await {
            Ok(begun) => begun.map(|()| subscription),
            Err(_) => Err(subscription.without_beginning().await),
        }
    }
}

impl Bookmark {
    /// Whether it names a place among the events: what follows it can be had again.
    fn is_place(&self) -> bool {
        matches!(self, Bookmark::At(text) if !text.trim().is_empty())
    }

    /// The bookmark as it goes over the wire.
    fn as_str(&self) -> &str {
        match self {
            Bookmark::Earliest => EARLIEST,
            Bookmark::At(text) => text,
        }
    }
}

impl fmt::Display for Bookmark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<String> for Bookmark {
    fn from(text: String) -> Self {
        if text.trim().eq_ignore_ascii_case(EARLIEST) {
            Bookmark::Earliest
        } else {
            Bookmark::At(text)
        }
    }
}
