//! Tests what an operation traces: the names and the fields of docs/tracing.md.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use wsman::retry::RetryPolicy;
use wsman::simulator::{Knob, Simulator, sample};
use wsman::{Credentials, Instance, PutMode, Session};

const MILLISECOND: Duration = Duration::from_millis(1);

/// The fields of a span or an event, and its level.
#[derive(Clone, Debug, Default)]
struct Fields(BTreeMap<String, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

/// The name, the parent and the fields of a span.
type Spanned = (&'static str, u64, Fields);

/// Keeps the spans and events of this crate up to a level.
#[derive(Clone)]
struct Listener {
    level: Level,
    spans: Arc<Mutex<Vec<Spanned>>>,
    /// The name of an event, its span and its fields.
    events: Arc<Mutex<Vec<(String, u64, Fields)>>>,
}

impl Listener {
    fn new(level: Level) -> Self {
        Self {
            level,
            spans: Arc::default(),
            events: Arc::default(),
        }
    }

    /// Runs a program on the simulator while this listens.
    fn hear<F: Future<Output = ()>>(&self, program: impl FnOnce(Session, Arc<Simulator>) -> F) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let work = async {
            let simulator = Arc::new(sample().start().await.unwrap());
            let session = Session::builder(simulator.url())
                .credentials(Credentials::basic(simulator.user(), simulator.password()))
                .allow_unencrypted()
                .namespace("root/cimv2")
                .build()
                .unwrap();
            program(session, simulator).await;
        };
        tracing::subscriber::with_default(self.clone(), || runtime.unwrap().block_on(work));
    }

    /// Returns the fields of an operation's span.
    fn span(&self, number: usize) -> BTreeMap<String, String> {
        self.spans("operation").get(number).unwrap().clone()
    }

    /// Returns the fields of the spans of a name, each with the number of its operation as `span`.
    fn spans(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let spans = self.spans.lock().unwrap();
        let named = spans.iter().filter(|(found, ..)| *found == name);
        let with_span = named.map(|(_, parent, fields)| {
            let mut fields = fields.0.clone();
            fields.insert("span".into(), number(&spans, *parent).to_string());
            fields
        });
        with_span.collect()
    }

    /// Returns the fields of the events of a name, each with its span as `span`.
    fn events(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let (events, spans) = (self.events.lock().unwrap(), self.spans.lock().unwrap());
        let named = events.iter().filter(|(found, ..)| found == name);
        let with_span = named.map(|(_, span, fields)| {
            let mut fields = fields.0.clone();
            fields.insert("span".into(), number(&spans, *span).to_string());
            fields
        });
        with_span.collect()
    }
}

/// Returns which of the operations a span is, from 1.
fn number(spans: &[Spanned], id: u64) -> usize {
    let before = spans.iter().take(usize::try_from(id).unwrap());
    before.filter(|(name, ..)| *name == "operation").count()
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "wsman" && *metadata.level() <= self.level
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let name = span.metadata().name();
        let parent = span.parent().map_or(0, Id::into_u64);
        let mut fields = Fields::default();
        span.record(&mut fields);
        let mut spans = self.spans.lock().unwrap();
        spans.push((name, parent, fields));
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let number = usize::try_from(span.into_u64()).unwrap() - 1;
        let mut spans = self.spans.lock().unwrap();
        values.record(&mut spans.get_mut(number).unwrap().2);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let name = fields.0.remove("message").unwrap();
        let span = event.parent().map_or(0, Id::into_u64);
        self.events.lock().unwrap().push((name, span, fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Returns some of the fields, in this order.
fn pick<'a>(fields: &'a BTreeMap<String, String>, names: &[&str]) -> Vec<&'a str> {
    let named = names
        .iter()
        .map(|name| fields.get(*name).map_or("-", String::as_str));
    named.collect()
}

#[test]
fn traces_each_message_and_the_end_of_a_put() {
    let listener = Listener::new(Level::TRACE);
    listener.hear(async |session, simulator| {
        let share = Instance::new("Win32_Share")
            .with_key("Name", "logs")
            .with("Path", r"C:\secret");
        session.put_instance(&share).await.unwrap();
        let sent: Vec<usize> = simulator
            .requests()
            .iter()
            .map(|request| request.body.len())
            .collect();
        let messages = listener.events("message");
        let sizes: Vec<&str> = messages
            .iter()
            .map(|fields| fields["bytes_out"].as_str())
            .collect();
        let sent: Vec<String> = sent.iter().map(usize::to_string).collect();
        assert_eq!(sizes, sent);
    });
    let span = listener.span(0);
    assert_eq!(
        pick(
            &span,
            &["operation", "server.address", "class", "keys", "otel.name"]
        ),
        [
            "PutInstance",
            "127.0.0.1",
            "Win32_Share",
            "Name=logs",
            "PutInstance Win32_Share"
        ]
    );
    assert_eq!(pick(&span, &["otel.kind", "error.type"]), ["client", "-"]);
    let messages = listener.events("message");
    let shown: Vec<_> = messages
        .iter()
        .map(|message| {
            pick(
                message,
                &[
                    "span",
                    "action",
                    "attempt",
                    "http.response.status_code",
                    "outcome",
                    "delivery",
                ],
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ["1", "Put", "1", "500", "answered", "Answered"],
            ["1", "Create", "2", "200", "answered", "Answered"],
        ]
    );
    assert!(
        messages
            .iter()
            .all(|message| message["message_id"].starts_with("uuid:")),
        "{messages:?}"
    );
    assert!(
        messages.iter().all(|message| message["bytes_in"] != "0"),
        "{messages:?}"
    );
    let done = listener.events("done");
    assert_eq!(done.len(), 1);
    assert_eq!(
        pick(done.first().unwrap(), &["span", "outcome", "delivery"]),
        ["1", "ok", "Answered"]
    );
    assert!(!format!("{:?}", listener.events.lock().unwrap()).contains("secret"));
}

#[test]
fn traces_the_keys_the_error_and_its_delivery() {
    let listener = Listener::new(Level::TRACE);
    listener.hear(async |session, simulator| {
        simulator.next(Knob::DropAnswer);
        let share = Instance::new("Win32_Share")
            .with_key("Name", "public")
            .with("Description", "x");
        let put = session.put_instance(&share).mode(PutMode::UpdateOnly);
        put.await.unwrap_err();
    });
    assert_eq!(
        pick(&listener.span(0), &["class", "keys"]),
        ["Win32_Share", "Name=public"]
    );
    for name in ["message", "done"] {
        let events = listener.events(name);
        assert_eq!(events.len(), 1, "{name}");
        assert_eq!(
            pick(
                events.first().unwrap(),
                &["outcome", "delivery", "http.response.status_code"]
            ),
            ["Transport", "Unknown", "-"],
            "{name}"
        );
    }
}

#[test]
fn traces_the_rows_of_a_stream_and_its_pages() {
    let listener = Listener::new(Level::TRACE);
    listener.hear(async |session, _| {
        let services = session.enumerate_instances("Win32_Service").max_elements(2);
        let mut rows = services.stream();
        for _ in 0..3 {
            rows.next().await.unwrap().unwrap();
        }
        drop(rows);
    });
    assert_eq!(
        pick(&listener.span(0), &["operation", "class"]),
        ["EnumerateInstances", "Win32_Service"]
    );
    let rows = listener.events("rows");
    assert_eq!(
        rows.iter()
            .map(|fields| pick(fields, &["span", "rows", "outcome"]))
            .collect::<Vec<_>>(),
        [["1", "3", "dropped"]]
    );
    let messages = listener.events("message");
    let actions: Vec<&str> = messages
        .iter()
        .map(|fields| fields["action"].as_str())
        .collect();
    assert_eq!(actions.first(), Some(&"Enumerate"));
    assert_eq!(actions.get(1), Some(&"Pull"));
    assert!(messages.iter().all(|fields| fields["span"] == "1"));
}

#[test]
fn traces_only_what_the_subscriber_asks_for() {
    let listener = Listener::new(Level::DEBUG);
    listener.hear(async |session, _| {
        session.identify().await.unwrap();
    });
    assert_eq!(listener.span(0)["operation"], "Identify");
    assert_eq!(listener.events("message").len(), 0);
    assert_eq!(listener.events("done").len(), 1);

    let deaf = Listener::new(Level::INFO);
    deaf.hear(async |session, _| {
        session.identify().await.unwrap();
    });
    assert!(deaf.spans.lock().unwrap().is_empty());
    assert!(deaf.events.lock().unwrap().is_empty());
}

#[test]
fn traces_the_operation_within_optional_and_the_end_by_a_deadline() {
    let listener = Listener::new(Level::DEBUG);
    listener.hear(async |session, simulator| {
        let missing = session
            .get_instance(r#"Win32_Share.Name="missing""#)
            .optional();
        assert!(missing.await.unwrap().is_none());
        simulator.next(Knob::Delay(Duration::from_secs(60)));
        let late = session.identify().deadline(Duration::from_millis(50));
        late.await.unwrap_err();
    });
    assert_eq!(listener.span(0)["operation"], "GetInstance");
    assert_eq!(listener.span(0)["keys"], "Name=missing");
    let done = listener.events("done");
    let outcomes: Vec<_> = done
        .iter()
        .map(|done| pick(done, &["span", "outcome", "delivery"]))
        .collect();
    assert_eq!(
        outcomes,
        [["1", "ok", "Answered"], ["2", "Timeout", "Unknown"]]
    );
}

#[test]
fn traces_each_http_request_by_the_semantic_conventions() {
    let listener = Listener::new(Level::DEBUG);
    let port = Arc::new(Mutex::new(0));
    let of_simulator = Arc::clone(&port);
    listener.hear(async |session, simulator| {
        *of_simulator.lock().unwrap() = simulator.address().port();
        let share = Instance::new("Win32_Share")
            .with_key("Name", "logs")
            .with("Path", r"C:\logs");
        session.put_instance(&share).await.unwrap();
        simulator.next(Knob::DropAnswer);
        session.identify().await.unwrap_err();
    });
    let port = port.lock().unwrap().to_string();
    let url = format!("http://127.0.0.1:{port}/wsman");
    let requests = listener.spans("request");
    for request in &requests {
        let names = [
            "otel.name",
            "otel.kind",
            "http.request.method",
            "network.protocol.name",
            "network.protocol.version",
            "server.address",
            "server.port",
            "url.scheme",
            "url.path",
            "url.full",
        ];
        let address = ["127.0.0.1", &port, "http", "/wsman", &url];
        let expected = [&["POST", "client", "POST", "http", "1.1"][..], &address].concat();
        assert_eq!(pick(request, &names), expected);
    }
    let ends = [
        "span",
        "http.response.status_code",
        "error.type",
        "otel.status_code",
    ];
    let ends: Vec<_> = requests
        .iter()
        .map(|request| pick(request, &ends))
        .collect();
    assert_eq!(
        ends,
        [
            ["1", "500", "500", "ERROR"],
            ["1", "200", "-", "-"],
            ["2", "-", "Transport", "ERROR"],
        ]
    );
    // The first Put was refused, and the operation has succeeded.
    let ends = ["error.type", "otel.status_code"];
    assert_eq!(pick(&listener.span(0), &ends), ["-", "-"]);
    assert_eq!(pick(&listener.span(1), &ends), ["Transport", "ERROR"]);
    assert_eq!(listener.span(1)["otel.name"], "Identify");
}

#[test]
fn traces_the_class_that_a_typed_request_reads_as_its_own_operation() {
    let listener = Listener::new(Level::DEBUG);
    listener.hear(async |session, _| {
        let get = session.get_instance(r#"Win32_Share.Name="public""#);
        get.typed().await.unwrap();
    });
    let operations = listener.spans("operation");
    let names: Vec<_> = operations
        .iter()
        .map(|span| span["otel.name"].as_str())
        .collect();
    assert_eq!(names, ["GetInstance Win32_Share", "GetClass *"]);
    assert_eq!(listener.span(1)["keys"], "ClassName=Win32_Share");
    assert_eq!(listener.events("done").len(), 2);
}

#[test]
fn the_documentation_lists_every_name() {
    let listener = Listener::new(Level::TRACE);
    listener.hear(async |session, simulator| {
        session.enumerate_instances("Win32_Share").await.unwrap();
        let get = session.get_instance(r#"Win32_Share.Name="missing""#);
        get.await.unwrap_err();
        simulator.next(Knob::DropAnswer);
        let policy = RetryPolicy::new(2).backoff(MILLISECOND, MILLISECOND);
        session.identify().retry(policy).await.unwrap();
        simulator.next(Knob::DropAnswer);
        session.identify().await.unwrap_err();
    });
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, _, fields) in listener.spans.lock().unwrap().iter() {
        let names = found.entry(format!("span `{name}`")).or_default();
        names.extend(fields.0.keys().cloned());
    }
    for (name, _, fields) in listener.events.lock().unwrap().iter() {
        let names = found.entry(format!("event `{name}`")).or_default();
        names.extend(fields.0.keys().cloned());
    }
    let docs = include_str!("../docs/tracing.md");
    let rows = docs.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, _, fields] = cells.try_into().ok()?;
        let is_row = name.starts_with("span `") || name.starts_with("event `");
        let fields = fields
            .split(", ")
            .map(|field| field.trim_matches('`').to_owned());
        is_row.then(|| (name.to_owned(), fields.collect()))
    });
    assert_eq!(rows.collect::<BTreeMap<_, _>>(), found);
}
