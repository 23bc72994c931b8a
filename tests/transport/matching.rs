//! Tests the replay of requests in any order, and their comparison in full.

use std::sync::Arc;

use wsman::record::{Exchange, Replay};
use wsman::simulator::{Simulator, sample};
use wsman::transport::TransportErrorKind;
use wsman::{Credentials, Error, InstancePath, Session};

use crate::{ask, message};

/// A request with the parts that are compared, a MessageID and a locale.
fn request(action: &str, selectors: &[(&str, &str)], body: &str, locale: &str) -> String {
    let selectors: String = selectors
        .iter()
        .map(|(name, value)| format!("<w:Selector Name='{name}'>{value}</w:Selector>"))
        .collect();
    format!(
        "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' xmlns:w='urn:w'><s:Header>\
         <w:MessageID>uuid:{}</w:MessageID><w:Action>{action}</w:Action><w:Locale lang='{locale}'/>\
         <w:SelectorSet>{selectors}</w:SelectorSet></s:Header><s:Body>{body}</s:Body></s:Envelope>",
        body.len() + locale.len() + selectors.len()
    )
}

fn exchange(answer: &str, request: String) -> Exchange {
    Exchange::answered(200, answer.to_owned()).to_request(request)
}

async fn answer(replay: &Replay, request: String) -> Result<String, String> {
    match ask(replay, message(request)).await {
        Ok(answer) => Ok(String::from_utf8_lossy(&answer.body).into_owned()),
        Err(error) => {
            assert_eq!(error.kind(), TransportErrorKind::Replay);
            Err(error.to_string())
        }
    }
}

#[tokio::test]
async fn answers_the_request_that_matches_in_any_order() {
    let get = |name| request("Get", &[("Name", name)], "", "en");
    let exchanges = vec![
        exchange("a1", get("a")),
        exchange("b", get("b")),
        exchange("a2", get("a")),
    ];
    let replay = Replay::from_exchanges(exchanges).matching();
    assert_eq!(answer(&replay, get("b")).await.unwrap(), "b");
    assert_eq!(answer(&replay, get("a")).await.unwrap(), "a1");
    assert_eq!(answer(&replay, get("a")).await.unwrap(), "a2");
    let error = answer(&replay, get("a")).await.unwrap_err();
    assert!(
        error.contains("no recorded request that is left matches this one (Get)"),
        "{error}"
    );
    assert_eq!(replay.requests().len(), 4);
}

/// For each row: what differs from the recorded request, and whether it matches by parts and in full.
#[tokio::test]
async fn compares_by_parts_and_in_full() {
    let selectors = [("Name", "a"), ("Id", "1")];
    let turned = [("Id", "1"), ("Name", "a")];
    let recorded = || request("Put", &selectors, "<p>1</p>", "en");
    for (what, sent, by_parts, in_full) in [
        (
            "nothing",
            request("Put", &selectors, "<p>1</p>", "en"),
            true,
            true,
        ),
        (
            "the order of selectors",
            request("Put", &turned, "<p>1</p>", "en"),
            true,
            true,
        ),
        (
            "a header",
            request("Put", &selectors, "<p>1</p>", "de"),
            true,
            false,
        ),
        (
            "the action",
            request("Get", &selectors, "<p>1</p>", "en"),
            false,
            false,
        ),
        (
            "a selector",
            request("Put", &[("Name", "a")], "<p>1</p>", "en"),
            false,
            false,
        ),
        (
            "its value",
            request("Put", &[("Name", "A"), ("Id", "1")], "<p>1</p>", "en"),
            false,
            false,
        ),
        (
            "the body",
            request("Put", &selectors, "<p>2</p>", "en"),
            false,
            false,
        ),
        (
            "one element more",
            request("Put", &selectors, "<p>1</p><q/>", "en"),
            false,
            false,
        ),
        (
            "one element fewer",
            request("Put", &selectors, "", "en"),
            false,
            false,
        ),
        ("all", "no envelope".to_owned(), false, false),
    ] {
        let replay = || Replay::from_exchanges(vec![exchange("yes", recorded())]);
        let matched = answer(&replay().matching(), sent.clone()).await;
        assert_eq!(matched.is_ok(), by_parts, "{what}");
        let matched = answer(&replay().matching().strict(), sent.clone()).await;
        assert_eq!(matched.is_ok(), in_full, "{what}");
        let in_order = answer(&replay().strict(), sent).await;
        assert_eq!(in_order.is_ok(), in_full, "{what}");
    }
}

#[tokio::test]
async fn a_strict_replay_names_the_element_and_no_value() {
    let recorded = request("Put", &[], "<p><Path>hunter1</Path></p>", "en");
    let sent = request("Put", &[], "<p><Path>hunter2</Path></p>", "en");
    let replay = Replay::from_exchanges(vec![exchange("yes", recorded)]).strict();
    let error = answer(&replay, sent).await.unwrap_err();
    assert!(
        error.contains("request 1 (Put) differs from the recorded one in Body/p/Path"),
        "{error}"
    );
    assert!(!error.contains("hunter"), "{error}");
}

#[tokio::test]
async fn a_scrubbed_text_matches_any() {
    let recorded = request("Put", &[], "<p>***</p>", "en");
    let sent = request("Put", &[], "<p>hunter2</p>", "en");
    let replay = Replay::from_exchanges(vec![exchange("yes", recorded)])
        .matching()
        .strict();
    assert_eq!(answer(&replay, sent).await.unwrap(), "yes");
}

#[tokio::test]
async fn an_exchange_without_a_request_matches_none() {
    let replay = || Replay::from_exchanges(vec![Exchange::answered(200, "yes")]);
    let sent = || request("Get", &[], "", "en");
    assert!(answer(&replay().matching(), sent()).await.is_err());
    assert!(answer(&replay().strict(), sent()).await.is_err());
    assert_eq!(answer(&replay(), sent()).await.unwrap(), "yes");
}

async fn names(session: &Session, paths: &[InstancePath]) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for path in paths {
        names.push(session.get_instance(path).await?.get::<String>("Name")?);
    }
    Ok(names)
}

#[tokio::test]
async fn a_recorded_session_is_replayed_in_another_order() {
    let folder = tempfile::tempdir().unwrap();
    let simulator: Simulator = sample().start().await.unwrap();
    let builder = Session::builder(simulator.url()).namespace("root/cimv2");
    let recorded = builder
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .allow_unencrypted()
        .record(folder.path(), "simulator")
        .build()
        .unwrap();
    let path = |name: &str| InstancePath::new("Win32_Service").with_key("Name", name);
    let paths = [path("Spooler"), path("W32Time")];
    let expected = names(&recorded, &paths).await.unwrap();
    drop(simulator);

    let turned = [path("W32Time"), path("Spooler")];
    let replay = Arc::new(Replay::load(folder.path()).unwrap().matching());
    let session = Session::builder("http://host.invalid/wsman")
        .namespace("root/cimv2")
        .transport(replay);
    let found = names(&session.build().unwrap(), &turned).await.unwrap();
    assert_eq!(found, expected.into_iter().rev().collect::<Vec<_>>());
}
