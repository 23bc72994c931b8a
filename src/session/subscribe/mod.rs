//! Events: a [`Subscription`] pulls them from the server as they happen.

// | file | what |
// |---|---|
// | `subscription` | the stream that the caller holds |
// | `event` | one event, with its bookmark |
// | `driver` | the task behind it: pulls, renews and finally unsubscribes |
// | `outage` | the loss of an answer or a subscription, and when to give up |
// | `resume` | the bookmark from which a new subscription resumes |
// | `lifetime` | when a subscription is renewed |
// | `source` | the messages: Subscribe, Pull, Renew, Unsubscribe |

mod driver;
mod event;
mod lifetime;
mod outage;
mod resume;
mod source;
mod subscription;

use std::fmt;
use std::time::Duration;

use tokio::runtime::Handle;

use super::Session;
use super::call::Call;
use super::deadline::{Timer, limit, moment};
use super::enumerate::QueryDialect;
use super::origin::Origin;
use super::request::{Perform, Request, Run};
use crate::cim::wql::Query;
use crate::cim::{InstancePath, Name};
use crate::error::{Error, Failure, OperationKind, Subject};
pub use event::Event;
use source::Source;
pub use subscription::Subscription;

pub use crate::protocol::eventing::LogEvent;

/// The operation of [`Session::subscribe`].
#[derive(Clone, Debug)]
pub struct Subscribe {
    query: Query,
    dialect: QueryDialect,
    class: Option<Name>,
    terms: Terms,
}

/// The settings of a subscription.
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

/// The event after which a subscription begins (DSP0226 10.2.6).
///
/// Save its text to resume in another process.
///
/// ```
/// use wsman::subscribe::Bookmark;
/// let kept = Bookmark::At("bm-2".into()).to_string();
/// assert_eq!(Bookmark::from(kept), Bookmark::At("bm-2".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bookmark {
    /// Begins with the oldest event that the server holds.
    Earliest,
    /// Begins after the event with which the server sent this text.
    At(String),
}

/// The bookmark of the oldest event (DSP0226 10.2.6).
const EARLIEST: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/bookmark/earliest";

/// The default lifetime without renewal, after which the subscription of a lost client expires.
const EXPIRES: Duration = Duration::from_secs(10 * 60);

/// The default page size, small enough to decode a page at once.
const MAX_ELEMENTS: u32 = 100;

/// The default latency of events on a server that does not hold a Pull.
const MAX_LATENCY: Duration = Duration::from_secs(1);

/// The default time to reconnect, as of a Windows client (MS-WSMV 3.2.2).
pub(super) const PATIENCE: Duration = Duration::from_secs(180);

impl Session {
    /// Subscribes to the events that a query selects (`MI_Session_Subscribe`; WS-Eventing in pull mode,
    /// DSP0226 10, MS-WSMV 3.1.4.6). Await the request for the [`Subscription`], a stream of events.
    ///
    /// The query names a class of events, such as `SELECT * FROM Win32_ProcessStartTrace`. The server
    /// opens no connection to the client: the session sends a Pull, and the server answers once an event
    /// occurs.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if the query is invalid; [`Error::NotFound`] or
    /// [`Error::InvalidClass`] if the class is not a class of events; [`Error::NotSupported`] from servers
    /// without events.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, simulator| {
    /// # use wsman::Instance;
    /// let mut events = session.subscribe("SELECT * FROM Demo_Tick WHERE Number > 1").await?;
    /// # for number in 1..=2u32 { simulator.emit(Instance::new("Demo_Tick").with("Number", number))?; }
    /// if let Some(event) = events.next().await {
    ///     assert_eq!(event?.instance.get::<u32>("Number")?, 2);
    /// }
    /// events.close().await?;
    /// # Ok(()) });
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
    /// Sets the language of the query. Defaults to WQL.
    pub fn dialect(mut self, dialect: QueryDialect) -> Self {
        self.operation.dialect = dialect;
        self
    }

    /// Sets the class of the resource URI, which defaults to all classes. OMI accepts a class, Windows
    /// rejects it (`ERROR_WSMAN_FILTER_INVALID`, MS-WSMV 3.1.4.1.13).
    pub fn class(mut self, class: impl Into<Name>) -> Self {
        self.operation.class = Some(class.into());
        self
    }

    /// Sets how often the server sends a heartbeat while no event occurs (`w:Heartbeats`, DSP0226
    /// 10.2.5). Without an answer for this interval plus the network delay, the connection counts as
    /// lost. OMI and openwsman send no heartbeats, but answer each Pull in time.
    pub fn heartbeats(mut self, interval: Duration) -> Self {
        self.operation.terms.heartbeats = Some(interval);
        self
    }

    /// Sets how long the subscription lasts without renewal (`e:Expires`). Defaults to 10 minutes.
    ///
    /// The session renews it while the [`Subscription`] lives, so this is how long it outlives a
    /// disconnected client. Less than two seconds may be too short, because it is renewed at most once a
    /// second.
    pub fn expires(mut self, after: Duration) -> Self {
        self.operation.terms.expires = after;
        self
    }

    /// Begins at this bookmark (`w:Bookmark`, DSP0226 10.2.6). Defaults to the next event.
    pub fn bookmark(mut self, bookmark: Bookmark) -> Self {
        self.operation.terms.bookmark = Some(bookmark);
        self
    }

    /// Requests bookmarks (`w:SendBookmarks`). The subscription resumes from them after a lost connection,
    /// and so can a later one. OMI sends a usable bookmark only if its provider supplies one.
    pub fn send_bookmarks(mut self) -> Self {
        self.operation.terms.send_bookmarks = true;
        self
    }

    /// Sets the most events in an answer. Defaults to 100; `None` uses the default of the server.
    pub fn max_elements(mut self, count: impl Into<Option<u32>>) -> Self {
        self.operation.terms.max_elements = count.into().map(|count| count.max(1));
        self
    }

    /// Sets the longest pause between two Pulls to a server that answers at once without an event, such as
    /// openwsman. Defaults to 1 second.
    pub fn max_latency(mut self, limit: Duration) -> Self {
        self.operation.terms.max_latency = limit;
        self
    }

    /// Sets how long the session tries to reconnect before the subscription ends with an error. Defaults
    /// to 3 minutes.
    pub fn patience(mut self, limit: Duration) -> Self {
        self.operation.terms.patience = limit;
        self
    }
}

impl Perform for Subscribe {
    type Output = Subscription;
}

impl Run<Subscription> for Subscribe {
    async fn perform(&mut self, call: &mut Call) -> Result<Subscription, Error> {
        let call = &mut call.clone().without_end();
        let runtime = Handle::try_current().map_err(|error| {
            let text = "events can only be received inside a tokio runtime";
            Error::Config(Failure::new(text).source(error))
        })?;
        let timer = Timer::until(moment(limit(call.session(), call.options())))?;
        let text = call.query_text(&self.query).await?;
        let source = Source::new(call, self, text)?;
        let origin = Origin::new(call.session(), call.own_namespace(), self.subject());
        let (subscription, begun) =
            Subscription::start(&runtime, origin, call.clone(), source, timer);
        match begun.await {
            Ok(begun) => begun.map(|()| subscription),
            Err(_) => Err(subscription.without_beginning().await),
        }
    }

    fn kind(&self) -> OperationKind {
        OperationKind::Subscribe
    }

    fn subject(&self) -> Subject {
        let class = self.class.clone().or_else(|| self.query.class());
        Subject::at(self.kind(), class.map(InstancePath::new))
    }
}

impl Bookmark {
    /// Returns whether the bookmark identifies an event, after which a subscription can resume.
    fn is_place(&self) -> bool {
        matches!(self, Bookmark::At(text) if !text.trim().is_empty())
    }

    /// Returns the text of the bookmark on the wire.
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
