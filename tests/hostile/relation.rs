//! Tests which responses are accepted for a message.

use wsman::{Delivery, Error};

use crate::operations::{Operation, WRITES, all};
use crate::server::{Seen, Server, envelope, header, http, soap};

const EMPTY: &str = include_str!("answer-empty-envelope.xml");
const WRONG_ACTION: &str = include_str!("answer-wrong-action.xml");

pub(crate) const FAULT: &str = "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode>\
    <s:Value>w:AccessDenied</s:Value></s:Subcode></s:Code></s:Fault>";

/// Makes a response from its request and the correct body.
pub(crate) type Forge = fn(&Seen, &str) -> String;

fn relates(id: &str) -> String {
    format!("<a:RelatesTo>{id}</a:RelatesTo>")
}

fn response(seen: &Seen) -> String {
    format!("<a:Action>{}Response</a:Action>", seen.soap("Action"))
}

const OTHER: &str = "<a:RelatesTo>uuid:00000000-0000-0000-0000-000000000000</a:RelatesTo>";

/// The accepted responses.
pub(crate) const RIGHT: [(&str, Forge); 7] = [
    ("right", |seen, body| envelope(&header(seen), &[body])),
    ("in other case", |seen, body| {
        let id = seen.soap("MessageID").to_lowercase();
        envelope(&[response(seen), relates(&id)].concat(), &[body])
    }),
    ("without RelatesTo", |seen, body| {
        envelope(&response(seen), &[body])
    }),
    ("an empty RelatesTo", |seen, body| {
        envelope(&[response(seen), relates("")].concat(), &[body])
    }),
    ("a header that need not be understood", |seen, body| {
        let odd = "<o:Odd xmlns:o=\"urn:o\" s:mustUnderstand=\"false\"/>";
        envelope(&[&header(seen), odd].concat(), &[body])
    }),
    ("a header for another node", |seen, body| {
        let odd = "<o:Odd xmlns:o=\"urn:o\" s:mustUnderstand=\"true\" s:role=\"urn:proxy\"/>";
        envelope(&[&header(seen), odd].concat(), &[body])
    }),
    // Windows, Intel AMT and openwsman mark these.
    ("headers that are known", |seen, body| {
        let marked = header(seen).replace("<a:Action>", "<a:Action s:mustUnderstand=\"true\">");
        let marked = marked.replace("<a:RelatesTo>", "<a:RelatesTo s:mustUnderstand=\"1\">");
        let more = "<w:ResourceURI s:mustUnderstand=\"true\">x</w:ResourceURI>\
            <w:FragmentTransfer s:mustUnderstand=\"true\">x</w:FragmentTransfer>\
            <a:From s:mustUnderstand=\"true\"><a:Address>x</a:Address></a:From>";
        envelope(&[&marked, more].concat(), &[body])
    }),
];

/// The rejected responses.
pub(crate) const WRONG: [(&str, Forge); 18] = [
    ("an empty envelope", |_, _| EMPTY.to_owned()),
    ("the answer to nothing", |_, _| WRONG_ACTION.to_owned()),
    ("the request", |seen, _| seen.body.clone()),
    ("the request, related", |seen, _| {
        let relation = relates(seen.soap("MessageID"));
        seen.body
            .replace("</s:Header>", &[&relation, "</s:Header>"].concat())
    }),
    ("no headers", |_, body| envelope("", &[body])),
    ("the action of the request", |seen, body| {
        let action = format!("<a:Action>{}</a:Action>", seen.soap("Action"));
        envelope(&action, &[body])
    }),
    ("another action", |_, body| {
        let action = "http://schemas.xmlsoap.org/ws/2004/09/transfer/RenameResponse";
        envelope(&format!("<a:Action>{action}</a:Action>"), &[body])
    }),
    ("another action, related", |seen, body| {
        let action = "http://schemas.xmlsoap.org/ws/2004/09/transfer/RenameResponse";
        let relation = relates(seen.soap("MessageID"));
        envelope(&format!("<a:Action>{action}</a:Action>{relation}"), &[body])
    }),
    ("the answer to another message", |seen, body| {
        envelope(&[&response(seen), OTHER].concat(), &[body])
    }),
    ("two relations, ours first", |seen, body| {
        envelope(&[&header(seen), OTHER].concat(), &[body])
    }),
    ("two relations, ours last", |seen, body| {
        envelope(&[OTHER, &header(seen)].concat(), &[body])
    }),
    ("our relation twice", |seen, body| {
        let relation = relates(seen.soap("MessageID"));
        envelope(&[header(seen), relation].concat(), &[body])
    }),
    ("a fault behind the content", |seen, body| {
        let body = if body.is_empty() { "<x:Odd/>" } else { body };
        envelope(&header(seen), &[&[body, FAULT].concat()])
    }),
    ("a fault in a second body", |seen, body| {
        envelope(&header(seen), &[body, FAULT])
    }),
    ("a second body", |seen, body| {
        envelope(&header(seen), &[body, "<x:Odd/>"])
    }),
    ("a second header", |seen, body| {
        let twice = format!("{}</s:Header><s:Header>", header(seen));
        envelope(&twice, &[body])
    }),
    ("a header that must be understood", |seen, body| {
        let odd = "<o:Odd xmlns:o=\"urn:o\" s:mustUnderstand=\"1\"/>";
        envelope(&[&header(seen), odd].concat(), &[body])
    }),
    ("the same for the next node", |seen, body| {
        let odd = "<o:Odd xmlns:o=\"urn:o\" s:mustUnderstand=\"true\" \
            s:role=\"http://www.w3.org/2003/05/soap-envelope/role/next\"/>";
        envelope(&[&header(seen), odd].concat(), &[body])
    }),
];

async fn answered(operation: Operation, status: u16, forge: Forge) -> (Server, Result<(), Error>) {
    let server = Server::start(move |seen| match seen.operation() {
        name if name == operation.name => soap(status, &forge(seen, operation.body)),
        // Messages that a subscription also sends.
        _ => soap(500, &envelope(&header(seen), &[FAULT])),
    })
    .await;
    let outcome = (operation.perform)(server.session()).await;
    (server, outcome)
}

#[tokio::test]
async fn accepts_the_response_to_the_message() {
    for operation in all() {
        for (what, forge) in RIGHT {
            let (server, outcome) = answered(operation, 200, forge).await;
            let case = format!("{what}: {}", operation.name);
            outcome.unwrap_or_else(|error| panic!("{case}: {error}"));
            assert_eq!(server.count(operation.name), 1, "{case}");
        }
    }
}

#[tokio::test]
async fn rejects_every_other_response() {
    for operation in all() {
        for (what, forge) in WRONG {
            let (server, outcome) = answered(operation, 200, forge).await;
            let case = format!("{what}: {}", operation.name);
            let error = outcome.expect_err(&case);
            assert!(matches!(error, Error::Decode(_)), "{case}: {error:?}");
            assert_eq!(error.delivery(), Delivery::Unknown, "{case}: {error:?}");
            assert_eq!(server.count(operation.name), 1, "{case}");
        }
    }
}

/// OMI answers a method with the action of the request; no other operation may.
#[tokio::test]
async fn accepts_the_action_of_the_request_only_from_a_method() {
    let own: Forge = |seen, body| {
        let action = format!("<a:Action>{}</a:Action>", seen.soap("Action"));
        envelope(&[action, relates(seen.soap("MessageID"))].concat(), &[body])
    };
    for operation in all() {
        let (_, outcome) = answered(operation, 200, own).await;
        let is_method = operation.name == "Delete_";
        assert_eq!(
            outcome.is_ok(),
            is_method,
            "{}: {outcome:?}",
            operation.name
        );
    }
}

/// Parsers and WMI providers do not know which message they reject.
#[tokio::test]
async fn accepts_a_fault_without_a_relation() {
    for operation in all() {
        for (status, forge) in [
            (500, (|_, _| envelope("", &[FAULT])) as Forge),
            (200, |seen, _| envelope(&response(seen), &[FAULT])),
            (200, |seen, body| envelope(&header(seen), &[FAULT, body])),
            (400, |seen, body| {
                envelope(&header(seen), &[&[FAULT, body].concat()])
            }),
        ] {
            let (server, outcome) = answered(operation, status, forge).await;
            let error = outcome.expect_err(operation.name);
            assert!(matches!(error, Error::AccessDenied(_)), "{error:?}");
            assert_eq!(error.delivery(), Delivery::Answered);
            assert_eq!(server.count(operation.name), 1);
        }
        let other: Forge = |_, _| envelope(OTHER, &[FAULT]);
        let (_, outcome) = answered(operation, 500, other).await;
        let error = outcome.expect_err(operation.name);
        assert!(matches!(error, Error::Decode(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::Unknown);
    }
}

/// The status reports that it was not done, the body that it was.
#[tokio::test]
async fn reports_a_success_under_an_error_status_as_unknown() {
    for operation in all() {
        for status in [
            302, 303, 400, 401, 403, 404, 405, 407, 408, 409, 413, 415, 429, 500, 501, 502, 503,
            504,
        ] {
            let (server, outcome) = answered(operation, status, RIGHT[0].1).await;
            let case = format!("{status}: {}", operation.name);
            let error = outcome.expect_err(&case);
            assert!(matches!(error, Error::Decode(_)), "{case}: {error:?}");
            assert_eq!(error.delivery(), Delivery::Unknown, "{case}: {error:?}");
            assert_eq!(error.http_status(), Some(status), "{case}");
            assert_eq!(server.count(operation.name), 1, "{case}");
        }
    }
}

/// Once a server has named the request in a response, it must name it in every response.
#[tokio::test]
async fn rejects_a_late_second_response_to_the_last_message() {
    let server = Server::start(|seen| {
        let related = header(seen);
        let unrelated = response(seen);
        match seen.before {
            0 => soap(200, &envelope(&related, &[""])),
            _ => soap(200, &envelope(&unrelated, &[""])),
        }
    })
    .await;
    let session = server.session();
    (WRITES[1].perform)(session.clone()).await.unwrap();
    let error = (WRITES[1].perform)(session).await.unwrap_err();
    assert!(matches!(error, Error::Decode(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(server.count("Put"), 2);
}

#[tokio::test]
async fn ignores_a_second_response() {
    let server = Server::start(|seen| {
        let right = soap(200, &envelope(&header(seen), &[""]));
        [right.clone(), right].concat()
    })
    .await;
    let session = server.session();
    for number in 1..=4 {
        // The second response names another message, or its connection is closed.
        if let Err(error) = (WRITES[1].perform)(session.clone()).await {
            assert_ne!(error.delivery(), Delivery::Answered, "{error:?}");
        }
        assert!(server.count("Put") <= number);
    }
}

/// It cannot know the message.
#[tokio::test]
async fn rejects_a_response_before_the_request() {
    for header in ["", OTHER] {
        let early = soap(200, &envelope(header, &[""]));
        let server = Server::greeting(early, |_| Vec::new()).await;
        for operation in WRITES.into_iter().filter(|write| write.body.is_empty()) {
            let error = (operation.perform)(server.session()).await.unwrap_err();
            assert_ne!(error.delivery(), Delivery::Answered, "{error:?}");
            assert!(server.count(operation.name) <= 1);
        }
    }
}

/// Identify has no identifier to relate to.
#[tokio::test]
async fn accepts_identify_by_its_element() {
    let identity = "<i:IdentifyResponse \
        xmlns:i=\"http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd\">\
        <i:ProductVendor>x</i:ProductVendor></i:IdentifyResponse>";
    let server = Server::start(move |_| soap(200, &envelope("", &[identity]))).await;
    let found = server.session().identify().await.unwrap();
    assert_eq!(found.product_vendor, "x");
    for answer in [
        soap(200, EMPTY),
        soap(200, WRONG_ACTION),
        soap(200, &envelope("", &[identity, FAULT])),
        soap(404, &envelope("", &[identity])),
        http(200, "", ""),
    ] {
        let server = Server::start(move |_| answer.clone()).await;
        let error = server.session().identify().await.unwrap_err();
        assert!(matches!(error, Error::Decode(_)), "{error:?}");
        assert_eq!(server.seen().len(), 1);
    }
}
