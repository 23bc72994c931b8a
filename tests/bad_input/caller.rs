//! Tests invalid input of the caller: all of it is rejected before anything is sent.

use std::time::Duration;

use wsman::cim::WireForm;
use wsman::cim::{Array, CimType, Value};
use wsman::protocol::ResourceUriPrefix;
use wsman::put::{PutExtensions, PutFlags};
use wsman::simulator::{Dialect, sample};
use wsman::{Credentials, Error, Instance, PartialUpdate, PutMode, Session};

use crate::{builder, refused, share, stage};

#[test]
fn rejects_invalid_flags() {
    for bits in [0x4, 0x8, 0x100, 0x8000_0000, 0x11 | 0x40] {
        refused(
            PutFlags::from_bits(bits),
            "InvalidParameter",
            "unknown PutInstance flag",
        );
    }
    refused(
        PutFlags::from_bits(0x3),
        "InvalidParameter",
        "exclude each other",
    );
    refused(
        PutFlags::from_bits(0x2_0013),
        "InvalidParameter",
        "exclude each other",
    );
}

#[tokio::test]
async fn rejects_invalid_class_names() {
    let (simulator, session) = stage().await;
    for class in [
        "",
        "Win32 Share",
        "Win32/Share",
        "a<b",
        "a?b",
        "../x",
        "a\u{0}b",
    ] {
        let instance = Instance::new(class).with_key("Name", "x");
        let path = instance.path().unwrap();
        let text = "is not the name of a class";
        refused(
            session.put_instance(&instance).await,
            "InvalidParameter",
            text,
        );
        refused(
            session.create_instance(&instance).await,
            "InvalidParameter",
            text,
        );
        refused(
            session.modify_instance(&instance).await,
            "InvalidParameter",
            text,
        );
        refused(session.get_instance(&path).await, "InvalidParameter", text);
        refused(
            session.delete_instance(&path).await,
            "InvalidParameter",
            text,
        );
    }
    assert_eq!(simulator.connections(), 0);
}

#[tokio::test]
async fn rejects_invalid_keys() {
    let (simulator, session) = stage().await;
    let none = Instance::new("Win32_Share").with("Path", "x");
    refused(
        session.put_instance(&none).await,
        "InvalidParameter",
        "Instance::with_key",
    );
    let array = Value::from(vec!["a", "b"]);
    let embedded = Value::from(Instance::new("Demo_Part"));
    for value in [Value::Null, array, embedded] {
        let keyed = Instance::new("Win32_Share").with_key("Name", value);
        refused(
            session.put_instance(&keyed).await,
            "InvalidParameter",
            "Name",
        );
        let delete = session.delete_instance(keyed.path().unwrap());
        refused(delete.await, "InvalidParameter", "Name");
    }
    let control = Instance::new("Win32_Share").with_key("Name", "a\u{1}");
    refused(session.put_instance(&control).await, "Value", "U+0001");
    assert_eq!(simulator.connections(), 0);
}

#[tokio::test]
async fn rejects_invalid_values() {
    let (simulator, session) = stage().await;
    let with_null = Array::from_values(vec![Value::from(1u8), Value::Null]).unwrap();
    let deep = (0..20).fold(Instance::new("Demo_Part"), |inner, _| {
        Instance::new("Demo_Part").with("Inner", inner)
    });
    for (name, value, text) in [
        ("Str", Value::from("a\u{1}b"), "property Str: "),
        ("Str", Value::from("\u{ffff}"), "U+FFFF"),
        ("Str", Value::Untyped("\u{b}".into()), "U+000B"),
        ("a<b", Value::from(1u8), "a name that XML can carry"),
        ("", Value::from(1u8), "a name that XML can carry"),
        (
            "C16",
            Value::Char16(0xd800),
            "property C16: a value of type char16",
        ),
        ("StrA", Value::from(Vec::<String>::new()), "precise arrays"),
        ("U8A", Value::from(with_null), "property U8A: NULL"),
        ("Part", Value::from(deep), "levels deep"),
    ] {
        let item = Instance::new("Demo_Item")
            .with_key("Id", "first")
            .with(name, value);
        for mode in [
            PutMode::UpdateOnly,
            PutMode::CreateOnly,
            PutMode::CreateOrUpdate,
        ] {
            refused(session.put_instance(&item).mode(mode).await, "Value", text);
        }
    }
    assert_eq!(simulator.connections(), 0);
}

/// A value that one server does not support is no error for another.
#[tokio::test]
async fn rejects_values_only_where_the_form_cannot_carry_them() {
    let simulator = sample().dialect(Dialect::Omi).start().await.unwrap();
    let session = builder(&simulator)
        .wire_form(WireForm::Omi)
        .build()
        .unwrap();
    let item = Instance::new("Demo_Item").with_key("Id", "first");
    let half = item.clone().with("C16", Value::Char16(0xd800));
    session.put_instance(&half).await.unwrap();
    let empty = item.with("StrA", Value::from(Vec::<String>::new()));
    session.put_instance(&empty).precise_arrays().await.unwrap();
    let first = &simulator.instances("Demo_Item")[0];
    assert_eq!(first.value("C16"), Some(&Value::Char16(0xd800)));
}

#[test]
fn rejects_numbers_out_of_range() {
    for (text, cim_type) in [
        ("256", CimType::Uint8),
        ("-1", CimType::Uint64),
        ("40000", CimType::Sint16),
        ("many", CimType::Uint32),
        ("1.5", CimType::Sint32),
    ] {
        let typed = Value::Untyped(text.into()).typed_as(cim_type);
        refused(typed.map_err(Error::from), "Value", cim_type.as_str());
    }
    let share = Instance::new("Win32_Share").with("Type", Value::Untyped("4294967296".into()));
    refused(
        share.get::<u32>("Type").map_err(Error::from),
        "Value",
        "property Type",
    );
}

#[tokio::test]
async fn rejects_invalid_partial_updates() {
    let (simulator, session) = stage().await;
    let share = share().with("Type", 1u32);
    let fragment = PartialUpdate::Fragment("Type".into());
    let extensions =
        |names: &[&str]| PartialUpdate::PutExtensions(PutExtensions::new(names.iter().copied()));
    for (mode, partial, text) in [
        (PutMode::CreateOrUpdate, fragment.clone(), "only update"),
        (PutMode::CreateOnly, fragment, "only update"),
        (PutMode::CreateOnly, PartialUpdate::Merge, "no part"),
        (PutMode::CreateOnly, extensions(&["Type"]), "no part"),
        (PutMode::UpdateOnly, extensions(&[]), "at least one"),
        (PutMode::UpdateOnly, extensions(&["Nope"]), "Nope"),
        (
            PutMode::UpdateOnly,
            PartialUpdate::Fragment("Nope".into()),
            "Nope",
        ),
    ] {
        let put = session.put_instance(&share).mode(mode).partial(partial);
        refused(put.await, "InvalidParameter", text);
    }
    assert_eq!(simulator.connections(), 0);
}

/// Lists every time limit that a caller can set, in every operation that has one.
#[tokio::test]
async fn accepts_the_longest_time_limits() {
    let simulator = sample().start().await.unwrap();
    let builder = builder(&simulator)
        .connect_timeout(Duration::MAX)
        .operation_timeout(Duration::MAX)
        .inactivity_timeout(Duration::MAX)
        .network_delay(Duration::MAX);
    let session = builder.build().unwrap();
    let path = share().path().unwrap();
    let mut get = session.get_instance(&path).start();
    get.wait(Duration::MAX).await.unwrap().unwrap();
    session.put_instance(&share()).await.unwrap();
    let shares = session.enumerate_instances("Win32_Share");
    assert!(!shares.max_time(Duration::MAX).await.unwrap().is_empty());
    let events = session
        .subscribe("SELECT * FROM Demo_Tick")
        .heartbeats(Duration::MAX)
        .expires(Duration::MAX)
        .max_latency(Duration::MAX)
        .patience(Duration::MAX);
    let mut events = events.await.unwrap();
    simulator
        .emit(Instance::new("Demo_Tick").with("Number", 1u32))
        .unwrap();
    events.next().await.unwrap().unwrap();
    events.close().await.unwrap();
    session.diagnose().await;
}

#[tokio::test]
async fn rejects_invalid_namespaces() {
    let (simulator, session) = stage().await;
    for namespace in [
        r"\\host\root\cimv2",
        "//host/root",
        "",
        "root cimv2",
        "root//cimv2",
    ] {
        let built = builder(&simulator).namespace(namespace).build();
        refused(built, "InvalidParameter", "is not a namespace");
        let put = session.put_instance(&share()).namespace(namespace);
        refused(put.await, "InvalidParameter", "is not a namespace");
        refused(
            session
                .get_instance(share().path().unwrap())
                .namespace(namespace)
                .await,
            "InvalidParameter",
            "is not a namespace",
        );
    }
    let elsewhere = share()
        .path()
        .unwrap()
        .in_namespace("root/other".parse().unwrap());
    let put = session.put_instance(&share()).at(&elsewhere);
    refused(
        put.namespace("root/cimv2").await,
        "InvalidParameter",
        "root/other",
    );
    let wmi = Session::builder(simulator.url()).resource_uri_prefix(ResourceUriPrefix::Wmi);
    let get = wmi
        .build()
        .unwrap()
        .get_instance(share().path().unwrap())
        .await;
    refused(get, "InvalidParameter", "namespace");
    assert_eq!(simulator.connections(), 0);
}

#[test]
fn rejects_invalid_urls() {
    for text in [
        "",
        "host",
        "/wsman",
        "http://",
        "http://a b/wsman",
        "http://h:99999/",
    ] {
        assert!(text.parse::<url::Url>().is_err(), "{text}");
    }
    for (url, text) in [
        ("ftp://host/wsman", "http://"),
        ("mailto:ops@example.com", "invalid endpoint"),
        ("host/wsman", "invalid endpoint"),
        ("https://ops@host/wsman", "user name or password"),
        ("https://ops:secret@host/wsman", "user name or password"),
    ] {
        let built = Session::builder(url).build();
        refused(built, "Config", text);
    }
    let basic = Session::builder("http://host/wsman");
    let basic = basic.credentials(Credentials::basic("ops", "secret"));
    refused(basic.build(), "Config", "http://");
    let colon = Session::builder("https://host/wsman");
    let colon = colon.credentials(Credentials::basic("o:ps", "secret"));
    refused(colon.build(), "Config", "credentials");
}
