//! What gives an instance: an instance or a struct, for every operation that sends one.

use serde::Serialize;
use wsman::error::{Delivery, Error};
use wsman::{CimClass, Instance, PutMode, PutOutcome};

use super::{share, stage};

#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Share {
    name: &'static str,
    path: &'static str,
    maximum_allowed: Option<u32>,
}

impl CimClass for Share {
    const CLASS: &'static str = "Win32_Share";
    const KEYS: &'static [&'static str] = &["Name"];
}

const LOGS: Share = Share {
    name: "logs",
    path: r"C:\logs",
    maximum_allowed: Some(5),
};

#[tokio::test]
async fn a_struct_is_created_put_and_modified() {
    let (simulator, session) = stage().await;
    let path = session.create_instance(&LOGS).await.unwrap();
    let logs = || simulator.instance(&path).unwrap();
    assert_eq!(logs().get::<u32>("MaximumAllowed").unwrap(), 5);

    let more = Share {
        maximum_allowed: Some(6),
        ..LOGS
    };
    let put = session.put_instance(&more).await.unwrap();
    assert_eq!(put.outcome, PutOutcome::Updated);
    assert!(put.path.same_instance(&path));
    assert_eq!(logs().get::<u32>("MaximumAllowed").unwrap(), 6);

    let moved = Share {
        path: r"D:\logs",
        ..more
    };
    session.modify_instance(&moved).await.unwrap();
    assert_eq!(logs().get::<String>("Path").unwrap(), r"D:\logs");

    let checked = session.put_instance(&LOGS).checked();
    checked.mode(PutMode::UpdateOnly).await.unwrap();
    assert_eq!(logs().get::<u32>("MaximumAllowed").unwrap(), 5);
}

#[tokio::test]
async fn an_instance_is_taken_owned_and_borrowed() {
    let (_simulator, session) = stage().await;
    session.create_instance(share()).await.unwrap();
    session.put_instance(&share()).await.unwrap();
    session.modify_instance(share()).await.unwrap();
}

#[derive(Serialize)]
struct Wide {
    number: u128,
}

impl CimClass for Wide {
    const CLASS: &'static str = "Win32_Share";
}

#[tokio::test]
async fn a_struct_without_a_cim_form_is_refused_before_sending() {
    let (simulator, session) = stage().await;
    let wide = Wide { number: u128::MAX };
    let refused = |error: Error| {
        assert_eq!(
            (error.name(), error.delivery()),
            ("Value", Delivery::NotSent)
        );
        let text = error.to_string();
        assert!(
            text.contains("Win32_Share") && text.contains("64 bits"),
            "{text}"
        );
    };
    refused(session.put_instance(&wide).await.unwrap_err());
    refused(session.put_instance(&wide).start().await.unwrap_err());
    refused(session.put_instance(&wide).to_message().unwrap_err());
    refused(session.modify_instance(&wide).await.unwrap_err());
    refused(session.create_instance(&wide).await.unwrap_err());
    refused(session.create_instance(&wide).checked().await.unwrap_err());
    assert_eq!(simulator.connections(), 0);
}

#[tokio::test]
async fn an_instance_without_a_class_is_refused_before_sending() {
    let (simulator, session) = stage().await;
    let collected: Instance = [("Name", "logs")].into_iter().collect();
    let by_key = Instance::new("").with_key("Name", "logs");
    for instance in [collected, by_key] {
        for outcome in [
            session.put_instance(&instance).await.map(drop),
            session.put_instance(&instance).checked().await.map(drop),
            session.modify_instance(&instance).await.map(drop),
            session.create_instance(&instance).await.map(drop),
            session.create_instance(&instance).checked().await.map(drop),
        ] {
            let error = outcome.unwrap_err();
            let seen = (error.name(), error.delivery());
            assert_eq!(seen, ("InvalidParameter", Delivery::NotSent), "{error}");
        }
    }
    assert_eq!(simulator.connections(), 0);
}
