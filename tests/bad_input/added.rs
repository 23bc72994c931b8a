//! Tests what requests, sessions, hosts and replays refuse: a row for each method that takes something which
//! can be wrong. All rows fail before anything is sent.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wsman::auth::Secret;
use wsman::cim::{CimClass, Key, Keys};
use wsman::hosts::Hosts;
use wsman::record::{Exchange, Replay};
use wsman::{Credentials, Error, Instance, InstancePath, PutMode, Session, SessionBuilder, Value};

use crate::{Row, assert_not_sent, builder, share, stage};

const SHARE: &str = r#"Win32_Share.Name="public""#;

/// A struct that no server can receive.
#[derive(Serialize, Deserialize)]
struct Wide {
    #[serde(rename = "Name")]
    name: u128,
}

impl CimClass for Wide {
    const CLASS: &'static str = "Win32_Share";
    const KEYS: &'static [&'static str] = &["Name"];
}

const WIDE: Wide = Wide { name: u128::MAX };

/// A struct whose class has no valid name.
#[derive(Serialize, Deserialize)]
struct Nameless {
    #[serde(rename = "Name")]
    name: String,
}

impl CimClass for Nameless {
    const CLASS: &'static str = "Win32 Share";
    const KEYS: &'static [&'static str] = &["Name"];
}

#[tokio::test]
async fn what_names_an_instance() {
    let (simulator, session) = stage().await;
    let nameless = Nameless { name: "x".into() };
    let unkeyed = Instance::new("Win32_Share");
    let null = InstancePath::new("Win32_Share").with_key("Name", Value::Null);
    let keys = Keys::from_iter([Key {
        name: "a b".into(),
        value: Value::from(Instance::new("A")),
    }]);
    let embedded = InstancePath::new("Win32_Share").with_keys(keys);
    let rows = rows! {
        "get_instance(text)" => "InvalidParameter", session.get_instance("Win32_Share.Name=").await;
        "get_instance(instance)" => "InvalidParameter", session.get_instance(&unkeyed).await;
        "get_instance(struct)" => "InvalidParameter", session.get_instance(&WIDE).await;
        "get_instance(class of a struct)" => "InvalidParameter", session.get_instance(&nameless).await;
        "get_instance(NULL key)" => "InvalidParameter", session.get_instance(&null).await;
        "with_keys" => "InvalidParameter", session.get_instance(&embedded).await;
        "get_instance().typed()" => "InvalidParameter", session.get_instance("").typed().await;
        "get_property(text)" => "InvalidParameter", session.get_property("", "Name").await;
        "get_property(struct)" => "InvalidParameter", session.get_property(&WIDE, "Name").await;
        "delete_instance(text)" => "InvalidParameter", session.delete_instance("Win32_Share").await;
        "delete_instance(struct)" => "InvalidParameter", session.delete_instance(&WIDE).await;
        "associators(text)" => "InvalidParameter", session.associators("A.").await;
        "associators(struct)" => "InvalidParameter", session.associators(&WIDE).await;
        "references(instance)" => "InvalidParameter", session.references(&unkeyed).await;
        "invoke_method(text)" => "InvalidParameter", session.invoke_method("A.", "Stop").await;
        "invoke_method(struct)" => "InvalidParameter", session.invoke_method(&WIDE, "Stop").await;
        "invoke_method().checked()" => "InvalidParameter",
            session.invoke_method("Win32 Share", "Stop").checked().await;
        "invoke_method().typed()" => "InvalidParameter",
            session.invoke_method("Win32 Share", "Stop").typed().await;
        "invoke_method().args()" => "Value",
            session.invoke_method("Win32_Share", "Create").args(&WIDE).checked().await;
        "put_instance().at(text)" => "InvalidParameter", session.put_instance(&share()).at("A.").await;
        "put_instance().at(class)" => "InvalidObject",
            session.put_instance(&share()).at("Win32_Share").await;
        "put_instance().at(struct)" => "InvalidParameter",
            session.put_instance(&share()).at(&WIDE).mode(PutMode::CreateOnly).await;
        "get_class" => "InvalidParameter", session.get_class("Win32 Share").await;
        "enumerate_classes" => "InvalidParameter",
            session.enumerate_classes("Win32 Share").await;
        "enumerate_instances().typed()" => "InvalidParameter",
            session.enumerate_instances("Win32 Share").typed().await;
        "enumerate_paths" => "InvalidParameter", session.enumerate_paths("").await;
        "enumerate::<T>()" => "InvalidParameter", session.enumerate::<Nameless>().await;
        "query::<T>()" => "InvalidParameter", session.query::<Nameless>("Name = 'x'").await;
    };
    assert_not_sent(rows, &simulator);
}

#[tokio::test]
async fn what_gives_an_instance() {
    let (simulator, session) = stage().await;
    let nameless = Nameless { name: "x".into() };
    let collected = Instance::from_iter([("Name", "logs")]);
    let unkeyed = Instance::new("Win32_Share").with("Path", r"C:\logs");
    let mut extended = share();
    extended.extend([("a b", Value::from(1u8))]);
    let rows = rows! {
        "put_instance(struct)" => "Value", session.put_instance(&WIDE).await;
        "put_instance(class of a struct)" => "InvalidParameter", session.put_instance(&nameless).await;
        "put_instance().checked()" => "InvalidParameter",
            session.put_instance(&nameless).checked().await;
        "create_instance(struct)" => "Value", session.create_instance(&WIDE).await;
        "create_instance().checked()" => "InvalidParameter",
            session.create_instance(&nameless).checked().await;
        "modify_instance(struct)" => "Value", session.modify_instance(&WIDE).await;
        "Instance::from_iter" => "InvalidParameter", session.put_instance(&collected).await;
        "Instance::extend" => "Value", session.put_instance(&extended).await;
        "to_message" => "Value", session.put_instance(&WIDE).to_message();
        "start" => "Value", session.put_instance(&WIDE).start().await;
        "without_path" => "InvalidParameter",
            session.modify_instance(&unkeyed.with_path(share().path().unwrap()).without_path()).await;
    };
    assert_not_sent(rows, &simulator);
}

#[tokio::test]
async fn what_a_request_sets() {
    let (simulator, session) = stage().await;
    let get = || session.get_instance(SHARE);
    let rows = rows! {
        "deadline" => "Timeout", get().deadline(Duration::ZERO).await;
        "deadline().stream()" => "Timeout",
            session.enumerate_instances("A").deadline(Duration::ZERO).stream().next().await.unwrap();
        "optional" => "InvalidParameter", session.get_instance("A.").optional().await;
        "optional().deadline()" => "Timeout", get().optional().deadline(Duration::ZERO).await;
        "context(NULL)" => "InvalidParameter", get().context("X", Value::Null).await;
        "context(instance)" => "InvalidParameter", get().context("X", Instance::new("A")).await;
        "context(path)" => "InvalidParameter", get().context("X", InstancePath::new("A")).await;
        "context(no name)" => "InvalidParameter", get().context("", 1u8).await;
        "context(control character)" => "Value", get().context("X", Secret::from("a\u{1}")).await;
        "namespace" => "InvalidParameter", get().namespace("a b").await;
    };
    assert_not_sent(rows, &simulator);
}

fn config(builder: SessionBuilder) -> Result<Session, Error> {
    builder.build()
}

#[tokio::test]
async fn what_a_session_is_built_of() {
    let (simulator, _) = stage().await;
    let login = || Credentials::basic("ops", "hunter2");
    let rows = rows! {
        "builder(no host)" => "Config", config(Session::builder(""));
        "builder(scheme)" => "Config", config(Session::builder("ftp://h/wsman"));
        "builder(port)" => "Config", config(Session::builder("h:99999"));
        "builder(password)" => "Config", config(Session::builder("https://ops:hunter2@h/wsman"));
        "builder(host with Basic)" => "Config", config(Session::builder("h").credentials(login()));
        "namespace" => "InvalidParameter", config(builder(&simulator).namespace(r"\\h\root"));
        "record" => "Config", config(builder(&simulator).record("/dev/null/x", "omi"));
    };
    assert_not_sent(rows, &simulator);
}

#[tokio::test]
async fn what_many_hosts_are_given() {
    let (simulator, _) = stage().await;
    let mut rows: Vec<Row> = Vec::new();
    let mut results = Hosts::new([Session::builder("ftp://h/")])
        .concurrency(0)
        .run(async |session| session.identify().await);
    let invalid = results.next().await.unwrap().result;
    rows.push(("Hosts::run", "Config", invalid.map(drop)));
    let mut results = Hosts::new([builder(&simulator)])
        .deadline(Duration::ZERO)
        .run_indexed(async |_, session| session.put_instance(&share()).await);
    let late = results.next().await.unwrap().result;
    rows.push(("Hosts::deadline", "Timeout", late.map(drop)));
    assert!(results.next().await.is_none());
    assert_not_sent(rows, &simulator);
}

#[tokio::test]
async fn what_a_replay_is_asked() {
    let (simulator, _) = stage().await;
    let other = "<Envelope><Header><Action>Get</Action></Header><Body/></Envelope>";
    let replay = || {
        let exchange = Exchange::answered(200, "<a/>").to_request(other);
        Replay::from_exchanges(vec![exchange.with_header("content-type", "text/xml")])
    };
    let session = |replay: Replay| {
        let builder = Session::builder("http://host.invalid/wsman");
        builder.transport(Arc::new(replay)).build().unwrap()
    };
    let rows = rows! {
        "Replay::matching" => "Transport", session(replay().matching()).get_instance(SHARE).await;
        "Replay::strict" => "Transport", session(replay().strict()).get_instance(SHARE).await;
        "Replay::matching().strict()" => "Transport",
            session(replay().matching().strict()).put_instance(&share()).await;
    };
    assert_not_sent(rows, &simulator);
}
