//! Tests the class cache of a session: how often and when it requests a class.
#![cfg(feature = "simulator")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::time::Duration;

use wsman::cim::{CimStatus, CimType, Class, PropertyDecl, Qualifier, Value, WbemStatus};
use wsman::simulator::{Dialect, Knob, Simulator, sample};
use wsman::{Credentials, Delivery, Error, Instance, InstancePath, PartialUpdate};
use wsman::{PutMode, Session, SessionBuilder};

fn builder(simulator: &Simulator) -> SessionBuilder {
    Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .namespace("root/cimv2")
        .wire_form(simulator.dialect().wire_form())
        .allow_unencrypted()
}

fn session(simulator: &Simulator) -> Session {
    builder(simulator).build().unwrap()
}

/// Returns how many classes the server was asked for.
fn asked(simulator: &Simulator) -> usize {
    let requests = simulator.requests();
    let is_for_class = |body: &[u8]| String::from_utf8_lossy(body).contains("/cim-xml/");
    requests
        .iter()
        .filter(|request| is_for_class(&request.body))
        .count()
}

fn share(name: &str) -> InstancePath {
    InstancePath::new("Win32_Share").with_key("Name", name)
}

#[tokio::test]
async fn reads_a_class_once_for_concurrent_callers() {
    let simulator = sample().start().await.unwrap();
    let session = session(&simulator);
    simulator.next(Knob::Delay(Duration::from_millis(50)));
    let reads = (0..8).map(|_| {
        let session = session.clone();
        tokio::spawn(async move { session.get_class("win32_share").cached().await })
    });
    for read in reads.collect::<Vec<_>>() {
        assert_eq!(*read.await.unwrap().unwrap().name(), "Win32_Share");
    }
    session.get_instance(share("public")).typed().await.unwrap();
    assert_eq!(asked(&simulator), 1);

    session.get_class("Win32_Share").await.unwrap();
    assert_eq!(asked(&simulator), 2, "without cached() it is asked for");
    session.forget_classes();
    session.get_class("Win32_Share").cached().await.unwrap();
    let elsewhere = session
        .get_class("Win32_Share")
        .cached()
        .namespace("root/other");
    elsewhere.await.unwrap();
    assert_eq!(asked(&simulator), 4);
}

#[tokio::test]
async fn does_not_cache_a_failure() {
    let simulator = sample().start().await.unwrap();
    let session = session(&simulator);
    simulator.next(Knob::Fault(CimStatus::AccessDenied));
    let refused = session.get_class("Win32_Share").cached().await;
    assert!(
        matches!(refused, Err(Error::AccessDenied(_))),
        "{refused:?}"
    );
    session.get_class("Win32_Share").cached().await.unwrap();
    assert_eq!(asked(&simulator), 2);
}

#[tokio::test]
async fn requests_no_class_by_default() {
    let simulator = sample().start().await.unwrap();
    let plain = session(&simulator);
    let read = plain.get_instance(share("public")).await.unwrap();
    plain.put_instance(&read).await.unwrap();
    assert_eq!(asked(&simulator), 0);

    let all = builder(&simulator)
        .typed()
        .checked()
        .class_cache(1)
        .build()
        .unwrap();
    let mut read = all.get_instance(share("public")).await.unwrap();
    all.put_instance(&read).await.unwrap();
    assert_eq!(asked(&simulator), 1);
    read.set("Type", "many");
    let refused = all.modify_instance(&read).await.unwrap_err();
    assert!(matches!(refused, Error::TypeMismatch(_)), "{refused}");
    let disk = InstancePath::new("Win32_LogicalDisk").with_key("DeviceID", "C:");
    all.get_instance(&disk).await.unwrap();
    all.get_instance(share("public")).await.unwrap();
    assert_eq!(asked(&simulator), 3, "only one class is kept");
}

#[tokio::test]
async fn the_delivery_of_a_put_ignores_class_requests() {
    let simulator = sample().start().await.unwrap();
    let session = session(&simulator);
    let share = Instance::new("Win32_Share")
        .with("Name", "public")
        .with("Path", "/p");
    let put = session
        .put_instance(&share)
        .checked()
        .mode(PutMode::UpdateOnly);
    assert_eq!(put.await.unwrap().messages, 1);

    session.forget_classes();
    simulator.next(Knob::DropAnswer);
    let lost = session.put_instance(&share).checked().await.unwrap_err();
    assert!(matches!(lost, Error::Transport(_)), "{lost:?}");
    assert_eq!(
        lost.delivery(),
        Delivery::NotSent,
        "only the class was requested"
    );
    let puts = |request: &wsman::simulator::SeenRequest| {
        request
            .action
            .as_deref()
            .is_some_and(|action| action.ends_with("/Put"))
    };
    assert_eq!(
        simulator
            .requests()
            .iter()
            .filter(|seen| puts(seen))
            .count(),
        1
    );
}

#[tokio::test]
async fn rejects_read_only_properties_and_abstract_classes_locally() {
    let simulator = sample().start().await.unwrap();
    let session = session(&simulator);
    let spooler = InstancePath::new("Win32_Service").with_key("Name", "Spooler");
    let mut spooler = session.get_instance(&spooler).await.unwrap();
    spooler.set("StartMode", "Manual");
    session.modify_instance(&spooler).checked().await.unwrap();
    spooler.set("State", "Stopped");
    let refused = session
        .modify_instance(&spooler)
        .checked()
        .await
        .unwrap_err();
    assert_eq!(
        (refused.name(), refused.wbem()),
        ("InvalidParameter", WbemStatus::READ_ONLY)
    );
    assert_eq!(refused.delivery(), Delivery::NotSent);
    let text = refused.to_string();
    assert!(
        text.contains("State") && text.contains("Win32_Service"),
        "{text}"
    );
    let mode = PartialUpdate::Fragment("StartMode".into());
    let part = session
        .modify_instance(&spooler)
        .partial(mode)
        .checked()
        .await;
    assert!(part.is_ok(), "{part:?}");

    let shape = Instance::new("Demo_Shape").with_key("Name", "ghost");
    let refused = session.create_instance(&shape).checked().await.unwrap_err();
    assert!(matches!(refused, Error::InvalidClass(_)) && refused.delivery() == Delivery::NotSent);
    let settings = Instance::new("Demo_Settings").with("Mode", "quiet");
    let put = session.put_instance(&settings).checked().await.unwrap();
    assert_eq!(
        put.path.keys(),
        InstancePath::singleton("Demo_Settings").keys()
    );
}

#[tokio::test]
async fn every_type_round_trips_in_each_dialect_with_classes() {
    let item = InstancePath::new("Demo_Item").with_key("Id", "first");
    for dialect in [Dialect::Windows, Dialect::Omi] {
        let simulator = sample().dialect(dialect).start().await.unwrap();
        let session = session(&simulator);
        let class = session.get_class("Demo_Item").await.unwrap();
        let typed = session.get_instance(&item).typed().await.unwrap();
        let kept = simulator.instance(&item).unwrap();
        for property in kept
            .properties()
            .iter()
            .filter(|kept| !kept.value().is_null())
        {
            let (name, kept) = (property.name().as_str(), property.value());
            let found = typed.value(name).unwrap();
            assert_eq!(found.cim_type(), kept.cim_type(), "{name} {dialect:?}");
            assert_eq!(found.is_array(), kept.is_array(), "{name} {dialect:?}");
            let declared = class.property(name).unwrap();
            assert_eq!(declared.array, kept.is_array(), "{name}");
        }
        assert_eq!(typed.value("U64"), Some(&Value::Uint64(u64::MAX)));
        assert_eq!(typed.value("C16"), Some(&Value::Char16(8364)));
    }
}

#[tokio::test]
async fn a_char16_below_ten_round_trips_on_omi() {
    for unit in [0u16, 5, 9, 0x35] {
        let class = Class::new("Acme_Lamp")
            .with_key("Id", CimType::Uint32)
            .with("Sign", CimType::Char16);
        let lamp = Instance::new("Acme_Lamp").with_key("Id", 1u32);
        let simulator = Simulator::builder()
            .dialect(Dialect::Omi)
            .namespace("root/cimv2".parse().unwrap())
            .class(class)
            .instance(lamp.with("Sign", Value::Char16(unit)))
            .start()
            .await
            .unwrap();
        let session = session(&simulator);
        let path = InstancePath::new("Acme_Lamp").with_key("Id", 1u32);
        let read = session.get_instance(&path).typed().await.unwrap();
        assert_eq!(read.value("Sign"), Some(&Value::Char16(unit)));
        let rows = session
            .enumerate_instances("Acme_Lamp")
            .typed()
            .await
            .unwrap();
        assert_eq!(rows[0].value("Sign"), Some(&Value::Char16(unit)));
        // A value that was read without types is put back, checked, as the same character.
        let mut untyped = session.get_instance(&path).await.unwrap();
        untyped.set("Id", 1u32);
        session.put_instance(&untyped).checked().await.unwrap();
        let kept = simulator.instance(&path).unwrap();
        assert_eq!(kept.value("Sign"), Some(&Value::Char16(unit)));
    }
}

#[tokio::test]
async fn a_declaration_round_trips_over_the_wire() {
    let lamp = Class::new("Acme_Lamp")
        .with_key("Id", CimType::Uint32)
        .with_property(
            PropertyDecl::new("Level", CimType::Uint8)
                .or_else(3u8)
                .qualified(Qualifier::new("Units", "Percent").translatable()),
        )
        .with_property(PropertyDecl::new("Bulb", CimType::Instance).of_class("Acme_Bulb"))
        .with_property(PropertyDecl::new("Room", CimType::Reference).of_class("Acme_Room"));
    for dialect in [Dialect::Windows, Dialect::Omi] {
        let simulator = Simulator::builder()
            .dialect(dialect)
            .namespace("root/cimv2".parse().unwrap())
            .class(lamp.clone());
        let simulator = simulator.start().await.unwrap();
        let read = session(&simulator).get_class("acme_lamp").await.unwrap();
        assert_eq!(read.properties().len(), 4);
        for (read, sent) in read.properties().iter().zip(lamp.properties()) {
            assert_eq!((&read.name, read.cim_type), (&sent.name, sent.cim_type));
            assert_eq!((read.key, &read.default), (sent.key, &sent.default));
            assert_eq!(read.class, sent.class);
        }
        let level = read.property("Level").unwrap();
        assert!(
            level
                .qualifier("units")
                .is_some_and(|units| units.translatable)
        );
    }
}

#[tokio::test]
async fn openwsman_returns_no_classes() {
    let simulator = sample().dialect(Dialect::Openwsman).start().await.unwrap();
    let session = session(&simulator);
    let refused = session.get_instance(share("public")).typed().await;
    assert!(
        matches!(refused, Err(Error::InvalidClass(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn types_rows_by_their_own_classes() {
    let simulator = sample().dialect(Dialect::Omi).start().await.unwrap();
    let session = session(&simulator);
    let shapes = session.enumerate_instances("Demo_Shape");
    let untyped = shapes.clone().await.unwrap();
    assert!(matches!(
        untyped[0].value("Radius"),
        Some(Value::Untyped(_))
    ));
    let typed = shapes.typed().max_elements(1).await.unwrap();
    assert_eq!(typed.len(), untyped.len());
    assert_eq!(typed[0].value("Radius"), Some(&Value::Real64(1.5)));
    assert_eq!(typed[1].value("Side"), Some(&Value::Real64(2.0)));
    assert_eq!(typed[0].path(), untyped[0].path());
    assert_eq!(asked(&simulator), 2, "one for each class");

    let services = session.enumerate_instances("Win32_Service").typed();
    let mut rows = services.stream();
    let mut count = 0;
    while let Some(row) = rows.next().await {
        assert!(matches!(
            row.unwrap().value("Started"),
            Some(Value::Boolean(_))
        ));
        count += 1;
    }
    assert!(count > 1);
    assert_eq!(asked(&simulator), 3);
    let query = "SELECT * FROM Win32_Service WHERE Name = 'Spooler'";
    let found = session.query_instances(query).typed().await.unwrap();
    assert!(matches!(
        found[0].value("ProcessId"),
        Some(Value::Uint32(_))
    ));
    assert_eq!(asked(&simulator), 3);

    let all = builder(&simulator).typed().build().unwrap();
    let disks = all.enumerate_instances("Win32_LogicalDisk").await.unwrap();
    assert!(matches!(disks[0].value("Size"), Some(Value::Uint64(_))));
}

#[tokio::test]
async fn a_failed_class_request_ends_the_rows() {
    let simulator = sample().start().await.unwrap();
    let session = session(&simulator);
    simulator
        .next(Knob::Pass)
        .next(Knob::Fault(CimStatus::AccessDenied));
    let mut rows = session
        .enumerate_instances("Win32_Service")
        .typed()
        .stream();
    let refused = rows.next().await.unwrap();
    assert!(
        matches!(refused, Err(Error::AccessDenied(_))),
        "{refused:?}"
    );
    assert!(rows.next().await.is_none());

    simulator
        .next(Knob::Pass)
        .next(Knob::Delay(Duration::from_secs(30)));
    let mut rows = session
        .enumerate_instances("Win32_Service")
        .typed()
        .stream();
    let waits = tokio::time::timeout(Duration::from_millis(100), rows.next()).await;
    assert!(waits.is_err(), "the class is on its way");
    drop(rows);
}

#[tokio::test]
async fn enumerates_classes_as_rows() {
    let simulator = sample().start().await.unwrap();
    let session = session(&simulator);
    let all = session
        .enumerate_classes(None)
        .max_elements(3)
        .await
        .unwrap();
    let names = session.enumerate_classes(None).names_only().await.unwrap();
    assert!(all.iter().map(Class::name).eq(&names) && names.len() > 9);
    let share = all
        .iter()
        .find(|class| *class.name() == "Win32_Share")
        .unwrap();
    assert_eq!(*share, session.get_class("Win32_Share").await.unwrap());
    let below = session
        .enumerate_classes("CIM_ManagedSystemElement")
        .without_qualifiers();
    let below = below.await.unwrap();
    assert!(
        below
            .iter()
            .all(|class| class.superclass().is_some() && class.keys().count() == 0)
    );
    let roots = session
        .enumerate_classes(None)
        .shallow()
        .names_only()
        .await
        .unwrap();
    assert!(roots.iter().any(|name| *name == "Demo_Shape"));
    assert!(roots.iter().all(|name| *name != "Demo_Circle"));
    let missing = session.enumerate_classes("Win32_Nope").await.unwrap_err();
    assert!(matches!(missing, Error::InvalidClass(_)), "{missing:?}");
}
