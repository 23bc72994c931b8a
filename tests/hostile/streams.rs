//! Tests the later messages of rows and events: Pull, Release, Unsubscribe.

use wsman::{Delivery, Error};

use crate::relation::{FAULT, RIGHT, WRONG};
use crate::server::{Seen, Server, envelope, header, soap};

const FIRST: &str = "<n:EnumerateResponse><n:EnumerationContext>1</n:EnumerationContext><w:Items>\
    <p:Win32_Share><p:Name>one</p:Name></p:Win32_Share></w:Items></n:EnumerateResponse>";
const SECOND: &str = "<n:PullResponse><n:Items><p:Win32_Share><p:Name>two</p:Name></p:Win32_Share>\
    </n:Items><n:EndOfSequence/></n:PullResponse>";
const SUBSCRIBED: &str = "<e:SubscribeResponse><e:SubscriptionManager><a:Address>x</a:Address>\
    </e:SubscriptionManager><n:EnumerationContext>1</n:EnumerationContext></e:SubscribeResponse>";
const NO_EVENT: &str = "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode>\
    <s:Value>w:TimedOut</s:Value></s:Subcode></s:Code></s:Fault>";

fn right(seen: &Seen, body: &str) -> Vec<u8> {
    soap(200, &envelope(&header(seen), &[body]))
}

#[tokio::test]
async fn accepts_only_the_response_to_the_second_pull() {
    for (what, forge) in RIGHT.into_iter().chain(WRONG) {
        let server = Server::start(move |seen| match seen.operation() {
            "Enumerate" => right(seen, FIRST),
            "Pull" => soap(200, &forge(seen, SECOND)),
            _ => right(seen, ""),
        })
        .await;
        let rows = server.session().enumerate_instances("Win32_Share").await;
        let is_right = RIGHT.iter().any(|(name, _)| *name == what);
        match rows {
            Ok(rows) => assert!(is_right && rows.len() == 2, "{what}: {rows:?}"),
            Err(error) => {
                assert!(!is_right, "{what}: {error:?}");
                assert!(matches!(error, Error::Decode(_)), "{what}: {error:?}");
            }
        }
        assert_eq!(server.count("Pull"), 1, "{what}");
    }
}

#[tokio::test]
async fn accepts_only_the_response_to_the_unsubscribe() {
    for (what, forge) in RIGHT.into_iter().chain(WRONG) {
        let server = Server::start(move |seen| match seen.operation() {
            "Subscribe" => right(seen, SUBSCRIBED),
            "Unsubscribe" => soap(200, &forge(seen, "")),
            _ => soap(500, &envelope(&header(seen), &[NO_EVENT])),
        })
        .await;
        let subscribing = server
            .session()
            .subscribe("SELECT * FROM Win32_ProcessStartTrace");
        let closed = subscribing.await.unwrap().close().await;
        let is_right = RIGHT.iter().any(|(name, _)| *name == what);
        // That server has named its requests before, so a response without a name is rejected.
        let names_none = ["without RelatesTo", "an empty RelatesTo"].contains(&what);
        match closed {
            Ok(()) => assert!(is_right && !names_none, "{what}"),
            Err(error) => {
                assert!(!is_right || names_none, "{what}: {error:?}");
                assert!(matches!(error, Error::Decode(_)), "{what}: {error:?}");
                assert_eq!(error.delivery(), Delivery::Unknown, "{what}: {error:?}");
            }
        }
        assert_eq!(server.count("Unsubscribe"), 1, "{what}");
    }
}

/// Events arrive under the action of their class (openwsman), or end with an action of their own.
#[tokio::test]
async fn accepts_related_events_under_any_action() {
    let event = "<n:PullResponse><n:Items><p:Win32_Share><p:Name>x</p:Name></p:Win32_Share></n:Items>\
        </n:PullResponse>";
    for is_related in [true, false] {
        let server = Server::start(move |seen| match seen.operation() {
            "Subscribe" => right(seen, SUBSCRIBED),
            "Pull" => {
                let action = "<a:Action>http://schemas.example/Win32_Share</a:Action>";
                let related = header(seen).split_once("</a:Action>").unwrap().1.to_owned();
                let relation = if is_related { related.as_str() } else { "" };
                soap(200, &envelope(&[action, relation].concat(), &[event]))
            }
            "Unsubscribe" => right(seen, ""),
            _ => soap(500, &envelope(&header(seen), &[FAULT])),
        })
        .await;
        let subscribing = server
            .session()
            .subscribe("SELECT * FROM Win32_ProcessStartTrace");
        let mut events = subscribing.await.unwrap();
        let first =
            tokio::time::timeout(std::time::Duration::from_millis(500), events.next()).await;
        match first {
            Ok(Some(Ok(_))) => assert!(is_related),
            other => assert!(!is_related, "{other:?}"),
        }
    }
}
