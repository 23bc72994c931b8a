//! Tests authentication, persistent connections, and the rejection of invalid messages.

use crate::client::{IDENTIFY, connect, exchange, http, send, share};
use wsman::protocol::{FaultCode, MessageKind};
use wsman::simulator::{Dialect, sample};

#[tokio::test]
async fn requires_authentication() {
    for dialect in Dialect::ALL {
        let simulator = sample()
            .dialect(dialect)
            .login("me", "secret")
            .start()
            .await
            .unwrap();
        let body = share("Get").write();
        let bare = |headers: &str, body: &str| {
            format!(
                "POST /wsman HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        let mut stream = connect(&simulator).await;
        let reply = exchange(&mut stream, bare("", &body).as_bytes())
            .await
            .unwrap();
        assert_eq!(reply.status, 401);
        assert!(
            reply
                .head
                .to_ascii_lowercase()
                .contains("www-authenticate: basic"),
            "{}",
            reply.head
        );
        let mut stream = connect(&simulator).await;
        let wrong = bare("Authorization: Basic bWU6d3Jvbmc=\r\n", &body);
        assert_eq!(
            exchange(&mut stream, wrong.as_bytes())
                .await
                .unwrap()
                .status,
            401
        );
        let mut stream = connect(&simulator).await;
        let identify = bare("WSMANIDENTIFY: unauthenticated\r\n", IDENTIFY);
        assert_eq!(
            exchange(&mut stream, identify.as_bytes())
                .await
                .unwrap()
                .status,
            200
        );
        let mut stream = connect(&simulator).await;
        let get = bare("WSMANIDENTIFY: unauthenticated\r\n", &body);
        assert_eq!(
            exchange(&mut stream, get.as_bytes()).await.unwrap().status,
            401
        );
        assert_eq!(send(&simulator, &share("Get")).await.status, 200);
    }
}

#[tokio::test]
async fn keeps_or_closes_connections() {
    for dialect in Dialect::ALL {
        let simulator = sample().dialect(dialect).start().await.unwrap();
        let request = http(&simulator, "", &share("Get").write());
        let mut stream = connect(&simulator).await;
        assert_eq!(exchange(&mut stream, &request).await.unwrap().status, 200);
        let kept = exchange(&mut stream, &request).await.is_some();
        assert_eq!(kept, dialect != Dialect::Openwsman);
        assert_eq!(simulator.connections(), 1);
        drop(stream);
        let requests = simulator.requests();
        assert_eq!(requests.len(), if kept { 2 } else { 1 });
        assert!(requests[0].action.as_deref().unwrap().ends_with("/Get"));
        assert_eq!(requests[0].status, Some(200));
    }
}

#[tokio::test]
async fn treats_chunked_requests_and_other_paths_like_each_server() {
    for (dialect, to_chunked, to_other_path) in [
        (Dialect::Windows, Some(200), 404),
        (Dialect::Omi, None, 200),
        (Dialect::Openwsman, Some(411), 403),
    ] {
        let simulator = sample().dialect(dialect).start().await.unwrap();
        let body = share("Get").write();
        let whole = String::from_utf8(http(&simulator, "", &body)).unwrap();
        let length = format!("Content-Length: {}\r\n", body.len());
        let chunked = whole.replace(&length, "Transfer-Encoding: chunked\r\n");
        let chunked = chunked.replace(&body, &format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()));
        let mut stream = connect(&simulator).await;
        let reply = exchange(&mut stream, chunked.as_bytes()).await;
        assert_eq!(reply.map(|reply| reply.status), to_chunked, "{dialect:?}");
        let mut stream = connect(&simulator).await;
        let elsewhere = whole.replace("POST /wsman", "POST /other");
        let reply = exchange(&mut stream, elsewhere.as_bytes()).await.unwrap();
        assert_eq!(reply.status, to_other_path, "{dialect:?}");
    }
}

#[tokio::test]
async fn rejects_invalid_messages() {
    for (dialect, status, subcode) in [
        (Dialect::Windows, 500, "SchemaValidationError"),
        (Dialect::Omi, 500, "InternalError"),
        (Dialect::Openwsman, 400, "InvalidMessageInformationHeader"),
    ] {
        let simulator = sample().dialect(dialect).start().await.unwrap();
        let mut stream = connect(&simulator).await;
        let reply = exchange(&mut stream, &http(&simulator, "", "this is not xml"))
            .await
            .unwrap();
        assert_eq!(reply.status, status);
        assert_eq!(reply.message().relates_to, None);
        assert_eq!(reply.message().fault.unwrap().subcode, Some(subcode.into()));
        let unknown = send(&simulator, &share("Bogus")).await;
        assert_eq!(unknown.message().kind, MessageKind::Fault);
        let foreign =
            share("Get").header(r#"<x:Foo xmlns:x="http://x/" s:mustUnderstand="true"/>"#);
        let reply = send(&simulator, &foreign).await;
        let to_unknown_header = if dialect == Dialect::Openwsman {
            200
        } else {
            500
        };
        assert_eq!(reply.status, to_unknown_header);
        assert_eq!(
            reply.message().fault.unwrap().code,
            FaultCode::MustUnderstand
        );
    }
}

#[tokio::test]
async fn each_server_identifies_itself() {
    let vendors = [
        "Microsoft Corporation",
        "Open Management Infrastructure",
        "Openwsman Project",
    ];
    for (dialect, vendor) in Dialect::ALL.into_iter().zip(vendors) {
        let simulator = sample().dialect(dialect).start().await.unwrap();
        let mut stream = connect(&simulator).await;
        let reply = exchange(&mut stream, &http(&simulator, "", IDENTIFY))
            .await
            .unwrap();
        let message = reply.message();
        assert_eq!(message.kind, MessageKind::Identify);
        assert_eq!(message.identity.unwrap().product_vendor, vendor);
        assert_eq!(
            reply.text().contains("<s:IdentifyResponse>"),
            dialect == Dialect::Omi
        );
    }
}
