//! Tests lost responses: for each write and each way to lose its response, compares `delivery()` with
//! the simulator's repository and counts the messages. No write is repeated.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use wsman::error::TimeoutKind;
use wsman::simulator::{Dialect, Knob, RawAnswer, Simulator, sample};
use wsman::transport::{ExchangeFuture, OutgoingMessage, Transport};
use wsman::{
    Credentials, Delivery, Error, Instance, InstancePath, PutMode, Session, SessionBuilder,
};

/// A write; afterwards the share `logs` has the type 9, or is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Write {
    UpdateOnly,
    CreateOnly,
    Create,
    Modify,
    Delete,
    /// A method that deletes the share.
    Invoke,
    /// The Put of a create-or-update, on an existing share.
    PutOfUpsert,
    /// Its Create, on a missing share: the second message.
    CreateOfUpsert,
}

use Write::{Create, CreateOfUpsert, CreateOnly, Delete, Invoke, Modify, PutOfUpsert, UpdateOnly};

const WRITES: [Write; 8] = [
    UpdateOnly,
    CreateOnly,
    Create,
    Modify,
    Delete,
    Invoke,
    PutOfUpsert,
    CreateOfUpsert,
];

fn share() -> Instance {
    Instance::new("Win32_Share")
        .with_key("Name", "logs")
        .with("Path", r"C:\logs")
        .with("Type", 9u32)
}

fn path() -> InstancePath {
    InstancePath::new("Win32_Share").with_key("Name", "logs")
}

impl Write {
    /// Returns whether it is for an existing share.
    fn needs_share(self) -> bool {
        matches!(self, UpdateOnly | Modify | Delete | Invoke | PutOfUpsert)
    }

    /// Returns the number of messages answered before the one whose response is lost.
    fn messages_before(self) -> usize {
        usize::from(self == CreateOfUpsert)
    }

    /// Returns the delivery of an operation whose last message has this delivery: the worst of its
    /// messages counts.
    fn worst(self, of_last: Delivery) -> Delivery {
        match self {
            CreateOfUpsert => of_last.max(Delivery::Answered),
            _ => of_last,
        }
    }

    async fn perform(self, session: &Session) -> Result<(), Error> {
        let share = share();
        let put = session.put_instance(&share);
        match self {
            UpdateOnly => put.mode(PutMode::UpdateOnly).await.map(drop),
            CreateOnly => put.mode(PutMode::CreateOnly).await.map(drop),
            Create => session.create_instance(&share).await.map(drop),
            Modify => session.modify_instance(&share).await.map(drop),
            Delete => session.delete_instance(path()).await,
            Invoke => session.invoke_method(path(), "Delete").await.map(drop),
            PutOfUpsert | CreateOfUpsert => put.await.map(drop),
        }
    }

    fn is_done(self, simulator: &Simulator) -> bool {
        match simulator.instance(&path()) {
            Some(share) => share.get::<u32>("Type").unwrap() == 9,
            None => matches!(self, Delete | Invoke),
        }
    }
}

/// The expected result of a lost response.
struct Lost {
    /// The name of the error.
    error: &'static str,
    /// The allowed deliveries.
    delivery: &'static [Delivery],
    done: bool,
    /// Whether the server read the whole message.
    read: bool,
}

const UNKNOWN: &[Delivery] = &[Delivery::Unknown];
const ANSWERED: &[Delivery] = &[Delivery::Answered];
const NOT_SENT: &[Delivery] = &[Delivery::NotSent];

/// Starts a server with the share that a write needs, and a session with it.
struct Setup {
    simulator: Arc<Simulator>,
    session: Session,
}

impl Setup {
    async fn set(write: Write, dialect: Dialect) -> Self {
        let simulator = Arc::new(sample().dialect(dialect).start().await.unwrap());
        if write.needs_share() {
            simulator.insert(share().with("Type", 1u32)).unwrap();
        }
        let session = builder(&simulator).build().unwrap();
        Self { simulator, session }
    }

    /// Passes the earlier messages; applies the knob to the next one.
    fn lose(&self, write: Write, knob: Knob) {
        for _ in 0..write.messages_before() {
            self.simulator.next(Knob::Pass);
        }
        self.simulator.next(knob);
    }

    /// Performs the write and compares the reported with the actual result.
    async fn check(&self, write: Write, lost: &Lost, case: &str) -> Error {
        let before = self.simulator.requests().len();
        let error = write.perform(&self.session).await.unwrap_err();
        let case = format!("{write:?}, {:?}, {case}: {error}", self.simulator.dialect());
        assert_eq!(error.name(), lost.error, "{case}");
        let mut expected = lost.delivery.iter().map(|delivery| write.worst(*delivery));
        assert!(
            expected.any(|one| one == error.delivery()),
            "{case} {error:?}"
        );
        assert_eq!(write.is_done(&self.simulator), lost.done, "{case}");
        let read = self.simulator.requests().len() - before;
        assert_eq!(
            read,
            write.messages_before() + usize::from(lost.read),
            "{case}"
        );
        error
    }
}

fn builder(simulator: &Simulator) -> SessionBuilder {
    Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .namespace("root/cimv2")
        .wire_form(simulator.dialect().wire_form())
        .allow_unencrypted()
}

/// Runs every write in every dialect, on a new connection and, if kept, on a used one.
async fn lose_all(knobs: &[Knob], lost: Lost) {
    for dialect in Dialect::ALL {
        for write in WRITES {
            for knob in knobs {
                for used in [false, true] {
                    let stage = Setup::set(write, dialect).await;
                    if used {
                        stage.session.identify().await.unwrap();
                    }
                    stage.lose(write, knob.clone());
                    let case = format!("{knob:?}, connection used: {used}");
                    stage.check(write, &lost, &case).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn the_server_is_unreachable() {
    let lost = Lost {
        error: "Transport",
        delivery: NOT_SENT,
        done: false,
        read: false,
    };
    for dialect in Dialect::ALL {
        for write in WRITES
            .into_iter()
            .filter(|write| write.messages_before() == 0)
        {
            let stage = Setup::set(write, dialect).await;
            stage.simulator.refuse().await;
            let error = stage.check(write, &lost, "refused").await;
            assert_eq!(error.wbem(), wsman::cim::WbemStatus::TRANSPORT_FAILURE);
        }
    }
}

/// Stops the server before a message; openwsman has no open connection by then.
#[derive(Debug)]
struct RefusingBefore {
    message: usize,
    sent: AtomicUsize,
    simulator: Arc<Simulator>,
    inner: Arc<dyn Transport>,
}

impl Transport for RefusingBefore {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        Box::pin(async move {
            if self.sent.fetch_add(1, Ordering::Relaxed) == self.message {
                self.simulator.refuse().await;
            }
            self.inner.exchange(message).await
        })
    }
}

#[tokio::test]
async fn the_server_stops_before_the_message() {
    let stage = Setup::set(CreateOfUpsert, Dialect::Openwsman).await;
    let simulator = Arc::clone(&stage.simulator);
    let builder = builder(&simulator);
    let inner = builder.http().unwrap();
    let transport = RefusingBefore {
        message: 1,
        sent: AtomicUsize::new(0),
        simulator,
        inner,
    };
    let session = builder.transport(Arc::new(transport)).build().unwrap();
    let stage = Setup { session, ..stage };
    let lost = Lost {
        error: "Transport",
        delivery: NOT_SENT,
        done: false,
        read: false,
    };
    let error = stage.check(CreateOfUpsert, &lost, "refused").await;
    assert_eq!(error.earlier().map(Error::name), Some("NotFound"));
}

/// Whether anything was sent into the closed connection varies. Nothing was done, and either value of
/// `delivery()` is correct.
#[tokio::test]
async fn closed_before_the_message_is_read() {
    let delivery = &[Delivery::NotSent, Delivery::Unknown];
    let lost = Lost {
        error: "Transport",
        delivery,
        done: false,
        read: false,
    };
    lose_all(&[Knob::CloseBeforeReading], lost).await;
}

#[tokio::test]
async fn cut_in_the_middle_of_the_message() {
    let lost = Lost {
        error: "Transport",
        delivery: UNKNOWN,
        done: false,
        read: false,
    };
    // In the HTTP header, and in the envelope.
    lose_all(&[Knob::CutRequestAt(20), Knob::CutRequestAt(1000)], lost).await;
}

#[tokio::test]
async fn cut_after_the_message() {
    let lost = Lost {
        error: "Transport",
        delivery: UNKNOWN,
        done: true,
        read: true,
    };
    lose_all(&[Knob::DropAnswer, Knob::CutAnswerAt(0)], lost).await;
}

#[tokio::test]
async fn cut_in_the_middle_of_the_response() {
    let lost = Lost {
        error: "Transport",
        delivery: UNKNOWN,
        done: true,
        read: true,
    };
    // In the HTTP header, and in the envelope.
    lose_all(&[Knob::CutAnswerAt(20), Knob::CutAnswerAt(400)], lost).await;
}

#[tokio::test]
async fn an_endless_response() {
    let lost = Lost {
        error: "Transport",
        delivery: UNKNOWN,
        done: true,
        read: true,
    };
    for dialect in Dialect::ALL {
        for write in WRITES {
            let mut stage = Setup::set(write, dialect).await;
            let mut limits = wsman::xml::Limits::default();
            limits.bytes = 100_000;
            stage.session = builder(&stage.simulator).limits(limits).build().unwrap();
            stage.lose(write, Knob::EndlessAnswer);
            let error = stage.check(write, &lost, "endless").await;
            assert!(
                error.to_string().contains("larger than 100000 bytes"),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn an_invalid_response() {
    let soap = |status: u16, body: &str| {
        let answer = RawAnswer::new(status).with_header("Content-Type", "application/soap+xml");
        Knob::Answer(answer.with_body(body))
    };
    let html = RawAnswer::new(200).with_header("Content-Type", "text/html");
    let knobs = [
        Knob::Answer(html.with_body("<html><body>Sign in first</body></html>")),
        soap(200, ""),
        soap(
            200,
            r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>"#,
        ),
        soap(500, ""),
    ];
    let lost = Lost {
        error: "Decode",
        delivery: UNKNOWN,
        done: false,
        read: true,
    };
    lose_all(&knobs, lost).await;
}

#[tokio::test]
async fn a_gateway_responds() {
    let knobs = [502, 504].map(|status| Knob::Answer(RawAnswer::new(status)));
    let lost = Lost {
        error: "Transport",
        delivery: UNKNOWN,
        done: false,
        read: true,
    };
    lose_all(&knobs, lost).await;
}

/// A gateway also responds in this way when the server disconnected after it had the message.
#[tokio::test]
async fn the_service_is_not_available() {
    let lost = Lost {
        error: "ShuttingDown",
        delivery: UNKNOWN,
        done: false,
        read: true,
    };
    lose_all(&[Knob::Answer(RawAnswer::new(503))], lost).await;
}

#[tokio::test]
async fn the_http_server_refuses() {
    let down = RawAnswer::new(503).with_header("Server", "Microsoft-HTTPAPI/2.0");
    let moved = RawAnswer::new(302).with_header("Location", "http://127.0.0.1:9/wsman");
    for (knob, error) in [
        (Knob::Unauthorized, "Auth"),
        (Knob::Answer(RawAnswer::new(413)), "ServerLimits"),
        (Knob::Answer(down), "ShuttingDown"),
        (Knob::Answer(moved), "Transport"),
    ] {
        let lost = Lost {
            error,
            delivery: ANSWERED,
            done: false,
            read: true,
        };
        lose_all(&[knob], lost).await;
    }
}

/// Long enough for the server to do the work, and short enough for the test.
const LIMIT: Duration = Duration::from_millis(500);

/// Runs all writes concurrently, because each of them waits.
async fn wait_for_all(session: fn(&Simulator) -> Session, kind: TimeoutKind) {
    let mut waiting = JoinSet::new();
    for dialect in Dialect::ALL {
        for write in WRITES {
            waiting.spawn(async move {
                let lost = Lost {
                    error: "Timeout",
                    delivery: UNKNOWN,
                    done: true,
                    read: true,
                };
                let mut stage = Setup::set(write, dialect).await;
                stage.session = session(&stage.simulator);
                stage.lose(write, Knob::Delay(Duration::from_secs(60)));
                let error = stage.check(write, &lost, "slow").await;
                assert_eq!(error.timeout_kind(), Some(kind));
            });
        }
    }
    waiting.join_all().await;
}

#[tokio::test]
async fn later_than_the_time_limit() {
    let session = |simulator: &Simulator| {
        let limited = builder(simulator).operation_timeout(LIMIT);
        limited.network_delay(Duration::ZERO).build().unwrap()
    };
    wait_for_all(session, TimeoutKind::Operation).await;
}

#[tokio::test]
async fn later_than_the_inactivity_timeout() {
    let session = |simulator: &Simulator| {
        builder(simulator)
            .inactivity_timeout(LIMIT)
            .build()
            .unwrap()
    };
    wait_for_all(session, TimeoutKind::Inactivity).await;
}
