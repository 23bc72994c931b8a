//! Tests what a collector receives: the spans by OpenTelemetry's names, and no secret. The messages are
//! decoded by `opentelemetry-proto`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod collector;
#[path = "../../../tests/secrets/needles.rs"]
mod needles;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt as _;
use wsman::simulator::{DigestScheme, Knob, LoginScheme, NtlmScheme, sample};
use wsman::{Credentials, Instance, Session};

use collector::Collector;
use needles::Secret;

/// Returns attributes as texts; a number has no quotes.
fn texts(attributes: &[KeyValue]) -> BTreeMap<&str, String> {
    let attributes = attributes.iter();
    let attributes = attributes.map(|attribute| {
        let value = attribute.value.as_ref().unwrap().value.as_ref().unwrap();
        let text = match value {
            Value::StringValue(text) => format!("\"{text}\""),
            Value::IntValue(number) => number.to_string(),
            other => panic!("{}: {other:?}", attribute.key),
        };
        (attribute.key.as_str(), text)
    });
    attributes.collect()
}

fn status(span: &Span) -> StatusCode {
    span.status
        .as_ref()
        .map_or(StatusCode::Unset, |status| status.code())
}

/// The example's program, beside the folder of the tests.
fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(std::path::Path::parent).unwrap();
    let program = profile.join("examples/otlp");
    program.with_extension(std::env::consts::EXE_EXTENSION)
}

#[test]
fn a_collector_receives_each_operation_with_its_requests() {
    let collector = Collector::start();
    let mut program = Command::new(example());
    program.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url());
    let ran = program.output().unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );

    let requests = collector.requests();
    let resource = requests[0].resource_spans[0].resource.as_ref().unwrap();
    assert_eq!(
        texts(&resource.attributes)["service.name"],
        "\"wsman-example\""
    );

    let spans = collector.spans();
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    let put = "PutInstance Win32_Share";
    assert_eq!(names, [put, "POST", "POST", put, "POST"]);
    assert!(spans.iter().all(|span| span.kind() == SpanKind::Client));
    for (child, parent) in [(1, 0), (2, 0), (4, 3)] {
        assert_eq!(spans[child].parent_span_id, spans[parent].span_id);
        assert_eq!(spans[child].trace_id, spans[parent].trace_id);
    }
    let ends: Vec<_> = spans
        .iter()
        .map(|span| {
            let texts = texts(&span.attributes);
            let http = texts.get("http.response.status_code").cloned();
            (http, texts.get("error.type").cloned(), status(span))
        })
        .collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        ends,
        [
            (None, None, StatusCode::Unset),
            (text("500"), text("\"500\""), StatusCode::Error),
            (text("200"), None, StatusCode::Unset),
            (None, text("\"AlreadyExists\""), StatusCode::Error),
            (text("500"), text("\"500\""), StatusCode::Error),
        ]
    );
    let request = texts(&spans[1].attributes);
    assert_eq!(request["http.request.method"], "\"POST\"");
    assert_eq!(request["server.address"], "\"127.0.0.1\"");
    assert_eq!(request["url.path"], "\"/wsman\"");
    assert_eq!(request["url.scheme"], "\"http\"");
    assert_eq!(request["network.protocol.version"], "\"1.1\"");
    let port: u16 = request["server.port"].parse().unwrap();
    assert_eq!(
        request["url.full"],
        format!("\"http://127.0.0.1:{port}/wsman\"")
    );
    let events = spans[0].events.iter().map(|event| event.name.as_str());
    assert_eq!(events.collect::<Vec<_>>(), ["message", "message", "done"]);
    let message = texts(&spans[0].events[1].attributes);
    assert_eq!(message["attempt"], "2");
    assert!(message["bytes_in"].parse::<u32>().unwrap() > 500);
    assert!(memchr::memmem::find(&collector.bytes(), b"not-exported").is_none());
}

/// Logs in by each scheme with the right and a wrong password, and loses an answer.
async fn log_in_by_each_scheme(password: &str, wrong: &str) {
    let schemes = [
        LoginScheme::Basic,
        LoginScheme::Digest(DigestScheme::new()),
        LoginScheme::Ntlm(NtlmScheme::new()),
    ];
    let builder = sample().login("tester", password).logins(schemes);
    let simulator = builder.start().await.unwrap();
    let logins: [fn(&str) -> Credentials; 4] = [
        |password| Credentials::basic("tester", password),
        |password| Credentials::digest("tester", password),
        |password| Credentials::ntlm("tester", password),
        |password| Credentials::negotiate("tester", password),
    ];
    for (number, login) in logins.into_iter().enumerate() {
        for password in [password, wrong] {
            let session = Session::builder(simulator.url())
                .credentials(login(password))
                .allow_unencrypted()
                .namespace("root/cimv2")
                .build()
                .unwrap();
            let share = Instance::new("Win32_Share")
                .with_key("Name", number.to_string())
                .with("Path", password);
            let _put = session.put_instance(&share).await;
            simulator.next(Knob::DropAnswer);
            let _lost = session.put_instance(&share).await;
            simulator.clear_knobs();
        }
    }
}

#[test]
fn a_collector_receives_no_password_and_no_value() {
    let collector = Collector::start();
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", collector.url()))
        .build()
        .unwrap();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .build();
    // Also the spans of all packages below.
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (password, wrong) = ("otlp-horse-battery", "wrong-horse-battery");
    tracing::subscriber::with_default(subscriber, || {
        runtime.block_on(log_in_by_each_scheme(password, wrong));
    });
    provider.shutdown().unwrap();
    let spans = collector.spans();
    let puts = spans
        .iter()
        .filter(|span| span.name.starts_with("PutInstance"));
    assert_eq!(puts.count(), 16);
    let bytes = collector.bytes();
    for password in [password, wrong] {
        for secret in Secret::password(password) {
            assert_eq!(secret.found_in(&bytes), None);
        }
    }
}
