//! Tests queries in the form of each server, detected if it was not set.

use std::time::Duration;

use serde::Deserialize;
use wsman::cim::CimClass;
use wsman::cim::WireForm;
use wsman::cim::wql::{Query, property};
use wsman::simulator::{Dialect, Knob, Simulator};
use wsman::{Delivery, Error, Instance, Session};

use crate::{play, requests, rows, stage};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Share {
    name: String,
}

impl CimClass for Share {
    const CLASS: &'static str = "Win32_Share";
}

/// Returns how many Identify messages the client sent.
fn identifies(simulator: &Simulator) -> usize {
    let requests = simulator.requests();
    let is_identify = |body: &[u8]| String::from_utf8_lossy(body).contains("wsmid:Identify");
    requests.iter().filter(|r| is_identify(&r.body)).count()
}

const TEXTS: [&str; 6] = [r"C:\logs", "100%", "a_b", "x[y]z", r#"say "hi""#, "O'Hara"];

async fn create(session: &Session) {
    for (number, text) in TEXTS.into_iter().enumerate() {
        let share = Instance::new("Win32_Share").with_key("Name", format!("s{number}"));
        let share = share.with("Path", "/").with("Description", text);
        session.create_instance(&share).await.unwrap();
    }
}

#[tokio::test]
async fn detects_the_form_of_every_server_for_a_text_condition() {
    for dialect in Dialect::ALL {
        let (simulator, builder) = stage(dialect).await;
        let session = builder.build().unwrap();
        create(&session).await;
        for (number, text) in TEXTS.into_iter().enumerate() {
            let name = format!("s{number}");
            for condition in [
                property("Description").eq(text),
                property("Description").starts_with(text),
                property("Description").contains(text),
            ] {
                let shown = format!("{dialect:?} {condition}");
                let query = session.query::<Share>(condition.clone());
                let found = query.await.unwrap();
                let names: Vec<&str> = found.iter().map(|share| share.name.as_str()).collect();
                assert_eq!(names, [name.as_str()], "{shown}");
                let query = Query::new("Win32_Share").matching(condition);
                let found = session.query_instances(query).await.unwrap();
                assert_eq!(found.len(), 1, "{shown}");
            }
            let picked = session.enumerate_instances("Win32_Share").select(["Name"]);
            let picked = picked.matching("Description", text).await.unwrap();
            assert_eq!(picked[0].get::<String>("Name").unwrap(), name);
        }
        assert_eq!(identifies(&simulator), 1, "{dialect:?}");
    }
}

#[tokio::test]
async fn sends_no_identify_for_a_query_that_is_the_same_in_every_form() {
    let (simulator, builder) = stage(Dialect::Windows).await;
    let session = builder.build().unwrap();
    let condition = property("Name").eq("public").or(property("Type").gt(0u32));
    session.query::<Share>(condition).await.unwrap();
    let text = r"SELECT * FROM Win32_Share WHERE Path = 'C:\\x'";
    session.query_instances(text).await.unwrap();
    assert_eq!((identifies(&simulator), simulator.requests().len()), (0, 2));
}

#[tokio::test]
async fn sends_no_identify_if_the_form_is_set() {
    let (simulator, builder) = stage(Dialect::Openwsman).await;
    let session = builder.wire_form(WireForm::Openwsman).build().unwrap();
    create(&session).await;
    let found = session.query::<Share>(property("Description").eq(TEXTS[0]));
    assert_eq!(found.await.unwrap().len(), 1);
    assert_eq!(identifies(&simulator), 0);
}

#[tokio::test]
async fn concurrent_queries_send_one_identify() {
    let (simulator, builder) = stage(Dialect::Omi).await;
    let session = builder.build().unwrap();
    simulator.next(Knob::Delay(Duration::from_millis(50)));
    let query = |session: Session| async move {
        let condition = property("Description").eq("O'Hara");
        session.query::<Share>(condition).await.unwrap().len()
    };
    let queries: Vec<_> = (0..8)
        .map(|_| tokio::spawn(query(session.clone())))
        .collect();
    for found in queries {
        assert_eq!(found.await.unwrap(), 0);
    }
    assert_eq!(identifies(&simulator), 1);
}

#[tokio::test]
async fn rejects_a_query_that_the_form_cannot_express() {
    let (simulator, builder) = stage(Dialect::Openwsman).await;
    let session = builder.build().unwrap();
    for condition in [
        property("Name").eq("both ' and \""),
        property("Name").eq("two\nlines"),
        property("Name").starts_with("%a"),
        property("Name").like("a_b"),
        property("Name").like("a[bc]%"),
    ] {
        let error = session.query::<Share>(condition).await.unwrap_err();
        assert!(matches!(error, Error::Value(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(error.to_string().contains("property Name"), "{error}");
    }
    assert_eq!((identifies(&simulator), simulator.requests().len()), (1, 1));
}

#[tokio::test]
async fn rejects_an_ambiguous_query_to_an_unknown_server() {
    let answer = r#"<i:IdentifyResponse xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><i:ProductVendor>Acme</i:ProductVendor></i:IdentifyResponse>"#;
    let (session, replay) = play(&[answer.to_owned(), rows("")]);
    let query = || session.query::<Share>(property("Name").eq("O'Hara"));
    let error = query().await.unwrap_err();
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    let text = error.to_string();
    assert!(
        text.contains("Acme") && text.contains("wire_form"),
        "{text}"
    );
    assert_eq!(requests(&replay).len(), 1);
}

#[tokio::test]
async fn writes_an_event_filter_in_the_form_of_its_server() {
    for dialect in Dialect::ALL {
        let (simulator, builder) = stage(dialect).await;
        let session = builder.build().unwrap();
        let condition = property("Text")
            .eq(r"C:\O'Hara")
            .or(property("Number").gt(1u32));
        let filter = Query::new("Demo_Tick").matching(condition);
        let mut events = session.subscribe(filter).await.unwrap();
        for number in 1..=2u32 {
            let tick = Instance::new("Demo_Tick").with("Number", number);
            simulator.emit(tick).unwrap();
        }
        let event = events.next().await.unwrap().unwrap();
        assert_eq!(
            event.instance.get::<u32>("Number").unwrap(),
            2,
            "{dialect:?}"
        );
        assert_eq!(identifies(&simulator), 1, "{dialect:?}");
        events.close().await.unwrap();
    }
}
