//! When messages are sent again. The time is the runtime's and paused, and no socket is used.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use tokio::time::Instant;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use wsman::error::TimeoutKind;
use wsman::retry::RetryPolicy;
use wsman::transport::{ExchangeFuture, IncomingMessage, OutgoingMessage, Transport};
use wsman::{Delivery, Error, Session};

use crate::lossy::{Loss, Lossy};

/// Answers nothing, because every message is lost before.
#[derive(Debug)]
struct Nowhere;

impl Transport for Nowhere {
    fn exchange(&self, _: OutgoingMessage) -> ExchangeFuture<'_> {
        Box::pin(async { Ok(IncomingMessage::new(500, "")) })
    }
}

/// Notes the moment of each message, all of which are lost alike.
struct Clocked {
    session: Session,
    moments: Arc<Mutex<Vec<Instant>>>,
}

impl Clocked {
    fn new(loss: Loss) -> Self {
        let moments = Arc::<Mutex<Vec<Instant>>>::default();
        let noted = Arc::clone(&moments);
        let lossy = Lossy::new(Arc::new(Nowhere), move |_| {
            noted.lock().unwrap().push(Instant::now());
            loss
        });
        let session = Session::builder("http://host.invalid/wsman").transport(lossy);
        Self {
            session: session.build().unwrap(),
            moments,
        }
    }

    /// Sends a read, and returns its error and the pauses between its attempts.
    async fn fail(&self, policy: RetryPolicy) -> (Error, Vec<Duration>) {
        self.moments.lock().unwrap().clear();
        let error = self.session.identify().retry(policy).await.unwrap_err();
        let moments = self.moments.lock().unwrap();
        let pauses = moments.iter().zip(moments.iter().skip(1));
        let pauses = pauses.map(|(before, after)| *after - *before);
        (error, pauses.collect())
    }
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const POLICY: RetryPolicy = RetryPolicy::new(6)
    .backoff(seconds(1), seconds(4))
    .budget(seconds(600));

/// Timers have a resolution of a millisecond.
fn is_within(pause: Duration, least: Duration, most: Duration) -> bool {
    (least..=most + Duration::from_millis(2)).contains(&pause)
}

#[tokio::test(start_paused = true)]
async fn pauses_double_with_jitter() {
    let clocked = Clocked::new(Loss::NotSent);
    let mut all = Vec::new();
    for _ in 0..50 {
        let (error, pauses) = clocked.fail(POLICY).await;
        assert_eq!(error.attempts(), 6);
        let longest = [1, 2, 4, 4, 4].map(seconds);
        assert_eq!(pauses.len(), longest.len());
        for (pause, longest) in pauses.iter().zip(longest) {
            assert!(is_within(*pause, longest / 2, longest), "{pauses:?}");
        }
        all.push(pauses[4]);
    }
    let (least, most) = (all.iter().min().unwrap(), all.iter().max().unwrap());
    assert!(
        *most - *least > seconds(1),
        "the pauses do not differ: {all:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn waits_as_long_as_the_server_asks() {
    let busy = Clocked::new(Loss::Status(503, Some(30)));
    let (error, pauses) = busy.fail(POLICY).await;
    assert_eq!(
        (error.attempts(), error.retry_after()),
        (6, Some(seconds(30)))
    );
    assert!(
        pauses
            .iter()
            .all(|pause| is_within(*pause, seconds(30), seconds(30))),
        "{pauses:?}"
    );
    let (_, pauses) = busy.fail(POLICY.ignore_retry_after()).await;
    assert!(
        pauses
            .iter()
            .all(|pause| is_within(*pause, Duration::ZERO, seconds(4))),
        "{pauses:?}"
    );
    // A shorter wish than the back-off does not shorten it.
    let busy = Clocked::new(Loss::Status(503, Some(0)));
    let (_, pauses) = busy.fail(POLICY).await;
    assert!(is_within(pauses[4], seconds(2), seconds(4)), "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn makes_no_attempt_past_the_budget() {
    let busy = Clocked::new(Loss::Status(429, Some(30)));
    for (budget, attempts) in [(29, 1), (31, 2), (59, 2), (61, 3)] {
        let began = Instant::now();
        let (error, pauses) = busy.fail(POLICY.budget(seconds(budget))).await;
        assert_eq!(error.attempts(), attempts, "{budget}");
        assert_eq!(pauses.len() + 1, usize::try_from(attempts).unwrap());
        assert_eq!(error.http_status(), Some(429), "the last error is reported");
        assert!(began.elapsed() < seconds(budget), "it waits for nothing");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_the_retries() {
    let busy = Clocked::new(Loss::Status(503, Some(30)));
    let identify = || busy.session.identify().retry(POLICY);
    let began = Instant::now();
    let error = identify().deadline(seconds(40)).await.unwrap_err();
    // The second pause would end too late, so the second attempt is the last.
    assert!(matches!(error, Error::ShuttingDown(_)), "{error}");
    assert_eq!(error.attempts(), 2);
    assert!(is_within(began.elapsed(), seconds(30), seconds(30)));
    let began = Instant::now();
    let error = identify().deadline(seconds(10)).await.unwrap_err();
    assert_eq!((error.attempts(), began.elapsed()), (1, Duration::ZERO));
}

/// Hangs at the second attempt.
#[derive(Debug, Default)]
struct Hanging(Mutex<u32>);

impl Transport for Hanging {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        *self.0.lock().unwrap() += 1;
        if *self.0.lock().unwrap() == 1 {
            return Box::pin(async { Ok(IncomingMessage::new(503, "")) });
        }
        message.sent.raise();
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_within_an_attempt_tells_the_attempts() {
    let session =
        Session::builder("http://host.invalid/wsman").transport(Arc::new(Hanging::default()));
    let session = session.retry(POLICY).build().unwrap();
    let error = session.identify().deadline(seconds(20)).await.unwrap_err();
    assert_eq!(error.timeout_kind(), Some(TimeoutKind::Deadline));
    assert_eq!((error.delivery(), error.attempts()), (Delivery::Unknown, 2));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_operation_ends_its_pause() {
    let busy = Clocked::new(Loss::Status(503, Some(300)));
    let mut operation = busy.session.identify().retry(POLICY).start();
    assert!(operation.wait(seconds(10)).await.is_none());
    let began = Instant::now();
    let error = operation.cancel().await.unwrap_err();
    assert!(matches!(error, Error::Cancelled(_)), "{error}");
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(busy.moments.lock().unwrap().len(), 1);
}

/// Keeps the events with the thread of each. It listens to all threads: tracing asks the subscriber of the
/// thread that first comes by whether an event is wanted at all, and that may be another test's.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<(ThreadId, Fields)>>>);

#[derive(Clone, Debug, Default, PartialEq)]
struct Fields(BTreeMap<String, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "wsman" && *metadata.level() <= Level::INFO
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let event = (thread::current().id(), fields);
        self.0.lock().unwrap().push(event);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn traces_each_retry() {
    let listener = Listener::default();
    tracing::subscriber::set_global_default(listener.clone()).unwrap();
    let busy = Clocked::new(Loss::Status(503, Some(30)));
    let policy = RetryPolicy::new(3).budget(seconds(600));
    busy.fail(policy).await;
    let events = listener.0.lock().unwrap();
    let here = |(thread, _): &&(ThreadId, Fields)| *thread == thread::current().id();
    let events: Vec<_> = events
        .iter()
        .filter(here)
        .map(|(_, fields)| fields)
        .collect();
    let expected = [1, 2].map(|attempt| {
        let fields = [
            ("attempt", attempt.to_string()),
            ("delivery", "Unknown".to_owned()),
            ("message", "retry".to_owned()),
            ("outcome", "ShuttingDown".to_owned()),
            ("pause_ms", "30000".to_owned()),
        ];
        let fields = fields.into_iter();
        Fields(
            fields
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    });
    assert_eq!(events, expected.each_ref());
}
