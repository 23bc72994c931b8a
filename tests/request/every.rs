//! A table over all requests: each has a deadline, a context, a namespace and an optional form, fails before
//! sending if one of them is bad, and can be started.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use wsman::error::{Delivery, Error, TimeoutKind};
use wsman::simulator::{Knob, Simulator};
use wsman::{CimClass, Value};

use super::{LONG, share, stage};

const SHARE: &str = r#"Win32_Share.Name="public""#;
const SERVICE: &str = r#"Win32_Service.Name="Spooler""#;
const TICKS: &str = "SELECT * FROM Demo_Tick";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Service {
    name: String,
}

impl CimClass for Service {
    const CLASS: &'static str = "Win32_Service";
    const KEYS: &'static [&'static str] = &["Name"];
}

/// An outcome by the method of the session.
type Outcome = (&'static str, Result<(), Error>);

/// Runs the same code for a request of each operation; returns the outcomes.
macro_rules! every {
    (|$session:ident, $request:ident| $work:expr) => {{
        let mut outcomes: Vec<Outcome> = Vec::new();
        macro_rules! one {
            ($name:literal, $made:expr) => {{
                let $request = $made;
                outcomes.push(($name, $work));
            }};
        }
        one!("identify", $session.identify());
        one!("get_instance", $session.get_instance(SHARE));
        one!("get_property", $session.get_property(SHARE, "Path"));
        one!("put_instance", $session.put_instance(&share()));
        one!(
            "reconcile",
            $session.reconcile(&$session.put_instance(&share()))
        );
        one!("modify_instance", $session.modify_instance(&share()));
        one!("create_instance", $session.create_instance(&share()));
        one!("delete_instance", $session.delete_instance(SHARE));
        one!(
            "invoke_method",
            $session.invoke_method(SERVICE, "StopService")
        );
        one!(
            "enumerate_instances",
            $session.enumerate_instances("Win32_Share")
        );
        one!("enumerate_paths", $session.enumerate_paths("Win32_Share"));
        one!("enumerate", $session.enumerate::<Service>());
        one!("query", $session.query::<Service>("Name = 'Spooler'"));
        one!(
            "query_instances",
            $session.query_instances("SELECT * FROM Win32_Service")
        );
        one!("associators", $session.associators(SERVICE));
        one!("references", $session.references(SERVICE));
        one!("get_class", $session.get_class("Win32_Share"));
        one!("enumerate_classes", $session.enumerate_classes(None));
        one!("subscribe", $session.subscribe(TICKS));
        outcomes
    }};
}

/// Asserts one thing of each outcome that is an error.
fn assert_each(outcomes: Vec<Outcome>, check: impl Fn(&Error) -> bool) {
    for (name, outcome) in outcomes {
        let error = outcome
            .err()
            .unwrap_or_else(|| panic!("{name} did not fail"));
        assert!(check(&error), "{name}: {:?} {error:?}", error.delivery());
    }
}

fn is_late(error: &Error) -> bool {
    matches!(error, Error::Timeout(_)) && error.timeout_kind() == Some(TimeoutKind::Deadline)
}

fn is_refused(error: &Error) -> bool {
    matches!(error, Error::InvalidParameter(_)) && error.delivery() == Delivery::NotSent
}

/// Returns the methods of a session whose source says that they return a request.
fn declared() -> BTreeSet<String> {
    fn read(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
                continue;
            }
            let source = fs::read_to_string(path).unwrap();
            for function in source.split("\n    pub fn ").skip(1) {
                let head = function.split('{').next().unwrap();
                if head.contains("&self") && head.contains("-> Request<") {
                    let name = head.split(['(', '<']).next().unwrap();
                    found.insert(name.to_owned());
                }
            }
        }
    }
    let mut found = BTreeSet::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/session");
    read(&source, &mut found);
    found
}

#[tokio::test]
async fn the_table_has_every_request() {
    let (_simulator, session) = stage().await;
    let outcomes = every!(|session, request| {
        drop(request);
        Ok(())
    });
    let named: BTreeSet<String> = outcomes
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(named, declared());
}

#[tokio::test]
async fn each_ends_by_its_deadline_before_it_is_sent() {
    let (simulator, session) = stage().await;
    let not_sent = |error: &Error| is_late(error) && error.delivery() == Delivery::NotSent;
    let outcomes = every!(|session, request| request.deadline(Duration::ZERO).await.map(drop));
    assert_each(outcomes, not_sent);
    let outcomes =
        every!(|session, request| request.deadline(Duration::ZERO).start().await.map(drop));
    assert_each(outcomes, not_sent);
    assert_eq!(simulator.connections(), 0);
}

/// Each message is in flight when its deadline comes: the server may have done it.
#[tokio::test]
async fn each_ends_by_its_deadline_in_flight() {
    let simulator = wsman::simulator::sample().start().await.unwrap();
    // An abandoned Enumerate keeps its connection, because only its answer names what to release.
    let session = super::builder(&simulator).connections(64).build().unwrap();
    session.identify().await.unwrap();
    let start = Instant::now();
    let limit = Duration::from_millis(500);
    let outcomes = every!(|session, request| {
        simulator.next(Knob::Delay(LONG));
        request.deadline(limit).await.map(drop)
    });
    assert_each(outcomes, |error| {
        is_late(error) && error.delivery() == Delivery::Unknown
    });
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
}

#[tokio::test]
async fn each_refuses_bad_context_before_it_is_sent() {
    let (simulator, session) = stage().await;
    let outcomes = every!(|session, request| request.context("X", Value::Null).await.map(drop));
    assert_each(outcomes, is_refused);
    let outcomes = every!(|session, request| request.context("", 1u8).start().await.map(drop));
    assert_each(outcomes, is_refused);
    assert_eq!(simulator.connections(), 0);
}

#[tokio::test]
async fn each_refuses_a_bad_namespace_before_it_is_sent() {
    let (simulator, session) = stage().await;
    let outcomes = every!(|session, request| request.namespace("a b/").await.map(drop));
    assert_each(outcomes, is_refused);
    let outcomes = every!(|session, request| request.namespace(r"\\other\root").await.map(drop));
    assert_each(outcomes, is_refused);
    assert_eq!(simulator.connections(), 0);
}

/// Returns the bodies of the requests that came since the last call.
fn sent(simulator: &Simulator, seen: &mut usize) -> Vec<String> {
    let requests = simulator.requests();
    let new = requests.iter().skip(*seen);
    let new = new.map(|request| String::from_utf8(request.body.clone()).unwrap());
    let new: Vec<_> = new.collect();
    *seen = requests.len();
    new
}

/// An Identify has no options (DSP0226 11).
#[tokio::test]
async fn each_sends_its_context() {
    let (simulator, session) = stage().await;
    let mut seen = 0;
    let mut without = Vec::new();
    let outcomes = every!(|session, request| {
        let outcome = request.context("Depth", 3i32).await;
        let option = r#"<w:Option Name="wmi:Depth" Type="xs:int">3</w:Option>"#;
        let messages = sent(&simulator, &mut seen);
        if !messages.iter().any(|message| message.contains(option)) {
            without.push(messages.concat());
        }
        outcome.map(drop)
    });
    assert_eq!(outcomes.len(), declared().len());
    let [identify] = without.as_slice() else {
        panic!("{without:#?}");
    };
    assert!(identify.contains("Identify"), "{identify}");
}

/// Asserts that the request that finds nothing is `None`, and `NotFound` without `optional`.
fn assert_none<T: Debug>(name: &str, plain: Result<T, Error>, optional: Result<Option<T>, Error>) {
    assert!(
        matches!(&plain, Err(Error::NotFound(_))),
        "{name}: {plain:?}"
    );
    assert!(matches!(&optional, Ok(None)), "{name}: {optional:?}");
}

#[tokio::test]
async fn each_that_names_an_instance_is_none_if_it_is_missing() {
    const MISSING: &str = r#"Win32_Service.Name="missing""#;
    let (_simulator, session) = stage().await;
    let absent = Service {
        name: "missing".into(),
    };
    macro_rules! none {
        ($name:literal, $request:expr) => {
            assert_none($name, $request.await, $request.optional().await)
        };
    }
    none!("get_instance", session.get_instance(MISSING));
    none!("get_property", session.get_property(&absent, "State"));
    none!("modify_instance", session.modify_instance(&absent));
    let update = || {
        session
            .put_instance(&absent)
            .mode(wsman::PutMode::UpdateOnly)
    };
    none!("put_instance", update());
    none!("delete_instance", session.delete_instance(MISSING));
    none!(
        "invoke_method",
        session.invoke_method(&absent, "StopService")
    );
    none!("associators", session.associators(MISSING));
    none!("references", session.references(&absent));
}

#[tokio::test]
async fn each_that_finds_something_is_some() {
    let (_simulator, session) = stage().await;
    let outcomes = every!(|session, request| {
        match request.optional().await {
            Ok(found) => found.map(drop).ok_or_else(|| panic!("it is there")),
            // The share was not created yet when it is modified, and is there when it is created.
            Err(error @ Error::AlreadyExists(_)) => Err(error),
            Err(error) => panic!("{error}"),
        }
    });
    let failed: Vec<&str> = outcomes
        .iter()
        .filter(|(_, outcome)| outcome.is_err())
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(failed, ["create_instance"]);
}
