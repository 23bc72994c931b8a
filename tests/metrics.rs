//! Tests what the client counts: the metrics, units and labels of docs/tracing.md, and their values.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/recorder.rs"]
mod recorder;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use recorder::KeptMetrics;
use wsman::retry::RetryPolicy;
use wsman::simulator::{Knob, LoginScheme, NtlmScheme, Simulator, sample};
use wsman::{Credentials, Instance, PutMode, Session};

const MILLISECOND: Duration = Duration::from_millis(1);

const DOCS: &str = include_str!("../docs/tracing.md");

fn session(simulator: &Simulator, password: &str) -> Session {
    Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), password))
        .allow_unencrypted()
        .namespace("root/cimv2")
        .build()
        .unwrap()
}

fn share() -> Instance {
    Instance::new("Win32_Share")
        .with_key("Name", "logs")
        .with("Path", r"C:\logs")
}

/// Runs a program on the simulator, on one thread, whose metrics it returns.
fn counted<F: Future<Output = ()>>(
    program: impl FnOnce(Session, Arc<Simulator>, KeptMetrics) -> F,
) -> KeptMetrics {
    let kept = KeptMetrics::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    metrics::with_local_recorder(&kept.clone(), || {
        runtime.block_on(async {
            let simulator = Arc::new(sample().start().await.unwrap());
            let session = session(&simulator, simulator.password());
            program(session, simulator, kept.clone()).await;
        });
    });
    kept
}

/// Returns the sum of one series; 0 if nothing was recorded.
fn sum(kept: &KeptMetrics, name: &str, labels: &[(&str, &str)]) -> f64 {
    let labels = labels.iter();
    let labels = labels.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let series = (name.to_owned(), labels.collect());
    kept.all().sums.get(&series).copied().unwrap_or_default()
}

/// Returns the cells of the table of docs/tracing.md with this first column, without backticks.
fn table(title: &str) -> Vec<Vec<String>> {
    let rows = DOCS.lines().skip_while(|line| !line.starts_with(title));
    let rows = rows.skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells = row.trim_matches('|').split('|');
        let cells = cells.map(|cell| cell.trim().replace('`', ""));
        cells.collect()
    })
    .collect()
}

#[test]
fn counts_the_messages_bytes_faults_and_outcome_of_a_put() {
    let kept = counted(async |session, simulator, kept| {
        session.put_instance(&share()).await.unwrap();
        let sent: usize = simulator
            .requests()
            .iter()
            .map(|request| request.body.len())
            .sum();
        let bytes_out = sum(&kept, "wsman.bytes_out", &[("operation", "PutInstance")]);
        assert_eq!(bytes_out, sent as f64);
    });
    let put = ("operation", "PutInstance");
    let ok = [put, ("outcome", "ok")];
    assert_eq!(sum(&kept, "wsman.operations", &ok), 1.0);
    assert_eq!(
        sum(&kept, "wsman.messages", &[put, ("outcome", "answered")]),
        2.0
    );
    assert_eq!(
        sum(&kept, "wsman.faults", &[put, ("error", "NotFound")]),
        1.0
    );
    assert!(sum(&kept, "wsman.bytes_in", &[put]) > 500.0);
    assert!(sum(&kept, "wsman.operation.duration", &ok) > 0.0);
    let opened = [("outcome", "opened")];
    assert_eq!(sum(&kept, "wsman.connections", &opened), 1.0);
    // Basic goes with each of the two messages; it was proven once.
    let accepted = [("scheme", "Basic"), ("outcome", "accepted")];
    assert_eq!(sum(&kept, "wsman.logins", &accepted), 1.0);
}

#[test]
fn counts_what_fails_by_its_error() {
    let kept = counted(async |session, simulator, _| {
        let update = || session.put_instance(&share()).mode(PutMode::UpdateOnly);
        update().await.unwrap_err();
        simulator.next(Knob::DropAnswer);
        update().await.unwrap_err();
        let wrong = crate::session(&simulator, "wrong-password");
        wrong.identify().await.unwrap_err();
        simulator.refuse().await;
        simulator.restart();
        update().await.unwrap_err();
    });
    let put = ("operation", "PutInstance");
    let of = |metric: &str, outcome: &str| sum(&kept, metric, &[put, ("outcome", outcome)]);
    assert_eq!(of("wsman.operations", "NotFound"), 1.0);
    assert_eq!(of("wsman.operations", "Transport"), 2.0);
    assert_eq!(of("wsman.messages", "answered"), 1.0);
    assert_eq!(of("wsman.messages", "Transport"), 2.0);
    let refused = [("scheme", "Basic"), ("outcome", "refused")];
    assert_eq!(sum(&kept, "wsman.logins", &refused), 1.0);
    let auth = [("operation", "Identify"), ("outcome", "Auth")];
    assert_eq!(sum(&kept, "wsman.operations", &auth), 1.0);
    let failed = [("outcome", "failed")];
    assert_eq!(sum(&kept, "wsman.connections", &failed), 1.0);
}

#[test]
fn counts_the_rows_and_the_outcome_of_streams_and_lists() {
    let kept = counted(async |session, _, _| {
        let all = session.enumerate_instances("Win32_Service").await.unwrap();
        assert!(all.len() > 3);
        let mut rows = session
            .query_instances("SELECT * FROM Win32_Service")
            .stream();
        for _ in 0..3 {
            rows.next().await.unwrap().unwrap();
        }
        drop(rows);
        let mut none = session.enumerate_instances("Acme_None").stream();
        none.next().await.unwrap().unwrap_err();
    });
    let all = ("operation", "EnumerateInstances");
    let query = ("operation", "QueryInstances");
    let of = |operation: (&str, &str), outcome: &str| {
        let labels = [operation, ("outcome", outcome)];
        let count = kept.all().counts;
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let series = ("wsman.operation.duration".to_owned(), labels.into());
        let durations = count.get(&series).copied().unwrap_or_default();
        let operations = sum(
            &kept,
            "wsman.operations",
            &[operation, ("outcome", outcome)],
        );
        assert_eq!(operations, durations as f64);
        durations
    };
    assert_eq!(of(all, "ok"), 1);
    assert_eq!(of(query, "dropped"), 1);
    assert_eq!(of(all, "InvalidClass"), 1);
    assert_eq!(sum(&kept, "wsman.rows", &[query]), 3.0);
    assert!(sum(&kept, "wsman.rows", &[all]) > 3.0);
}

#[test]
fn counts_a_login_for_each_connection_with_ntlm() {
    let kept = counted(async |_, _, _| {
        let builder = sample().logins([LoginScheme::Ntlm(NtlmScheme::new())]);
        let simulator = builder.start().await.unwrap();
        let login = Credentials::ntlm(simulator.user(), simulator.password());
        let builder = Session::builder(simulator.url()).credentials(login);
        let session = builder.build().unwrap();
        session.identify().await.unwrap();
        session.identify().await.unwrap();
        assert_eq!(simulator.connections(), 1);
        simulator.restart();
        while simulator.open_connections() > 0 {
            tokio::task::yield_now().await;
        }
        session.identify().await.unwrap();
        assert_eq!(simulator.connections(), 2);
    });
    let accepted = [("scheme", "NTLM"), ("outcome", "accepted")];
    assert_eq!(sum(&kept, "wsman.logins", &accepted), 2.0);
}

#[test]
fn counts_the_class_that_a_typed_request_reads() {
    let kept = counted(async |session, _, _| {
        for _ in 0..2 {
            let get = session.get_instance(r#"Win32_Share.Name="public""#);
            get.typed().await.unwrap();
        }
    });
    let messages = |operation| {
        let labels = [("operation", operation), ("outcome", "answered")];
        sum(&kept, "wsman.messages", &labels)
    };
    assert_eq!(messages("GetInstance"), 2.0);
    assert_eq!(messages("GetClass"), 1.0);
}

#[test]
fn the_documentation_lists_every_metric_with_its_labels() {
    let kept = counted(async |session, simulator, _| {
        session.put_instance(&share()).await.unwrap();
        session.enumerate_instances("Win32_Service").await.unwrap();
        simulator.next(Knob::DropAnswer);
        let policy = RetryPolicy::new(2).backoff(MILLISECOND, MILLISECOND);
        session.identify().retry(policy).await.unwrap();
    });
    let identify = [("operation", "Identify"), ("error", "Transport")];
    assert_eq!(sum(&kept, "wsman.retries", &identify), 1.0);
    let metrics = kept.all();
    let labels: BTreeMap<&str, BTreeSet<&str>> = metrics
        .sums
        .keys()
        .map(|(name, labels)| {
            let labels = labels.keys().map(String::as_str);
            (name.as_str(), labels.collect())
        })
        .collect();
    let emitted: BTreeSet<Vec<String>> = metrics
        .kinds
        .iter()
        .map(|(name, kind)| {
            let (described, unit) = metrics.described.get(name).unwrap();
            assert_eq!(described, kind, "{name}");
            let labels: Vec<&str> = labels.get(&**name).unwrap().iter().copied().collect();
            let unit = unit.map_or("", |unit| unit.as_str());
            let cells = [name.as_str(), kind, unit, &labels.join(", ")];
            cells.map(str::to_owned).to_vec()
        })
        .collect();
    let documented = table("| metric |");
    let documented = documented.into_iter().map(|mut row| {
        row.truncate(4);
        row
    });
    assert_eq!(emitted, documented.collect());
    assert_eq!(metrics.kinds.len(), metrics.described.len());
}
