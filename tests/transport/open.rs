//! Tests responses that are read while they arrive.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use wsman::auth::{Credentials, LoginAttempt};
use wsman::record::Recorder;
use wsman::record::{Exchange, Replay};
use wsman::transport::http::{HttpOptions, HttpTransport};
use wsman::transport::{
    Body, Delivery, OutgoingMessage, TimeoutKind, Transport, TransportError, TransportErrorKind,
};

use super::server::{Server, answer, read_request};
use super::{PASSWORD, message};

const HEAD: &str = "HTTP/1.1 200 OK\r\nServer: test\r\nTransfer-Encoding: chunked\r\n\r\n";

fn transport(server: &Server, inactivity: Duration) -> HttpTransport {
    let options = HttpOptions::new(server.url.clone())
        .credentials(Credentials::basic("ops", PASSWORD))
        .inactivity_timeout(inactivity)
        .allow_unencrypted();
    HttpTransport::new(options).unwrap()
}

fn patient(server: &Server) -> HttpTransport {
    transport(server, Duration::from_secs(20))
}

/// Returns all pieces of a response.
async fn pieces(body: &mut Body) -> Result<Vec<String>, TransportError> {
    let mut all = Vec::new();
    while let Some(piece) = body.next().await {
        all.push(String::from_utf8(piece?.to_vec()).unwrap());
    }
    Ok(all)
}

/// A message whose answer has several envelopes.
fn conversation(body: &str) -> OutgoingMessage {
    let mut message = message(body);
    message.is_conversation = true;
    message
}

#[tokio::test]
async fn returns_a_piece_before_the_next_is_sent() {
    let (go_on, mut wait) = mpsc::channel::<()>(1);
    let (stream_out, mut streams) = mpsc::channel(2);
    let server = Server::start(move |stream, _| {
        let stream_out = stream_out.clone();
        async move { stream_out.send(stream).await.unwrap() }
    })
    .await;
    let serving = tokio::spawn(async move {
        let mut stream = streams.recv().await.unwrap();
        for answer in [["<a/>", "<b/>"], ["<c/>", "<d/>"]] {
            read_request(&mut stream).await.unwrap();
            stream.write_all(HEAD.as_bytes()).await.unwrap();
            for piece in answer {
                let chunk = format!("{:x}\r\n{piece}\r\n", piece.len());
                stream.write_all(chunk.as_bytes()).await.unwrap();
                wait.recv().await;
            }
            stream.write_all(b"0\r\n\r\n").await.unwrap();
        }
    });
    let http = patient(&server);
    for expected in [["<a/>", "<b/>"], ["<c/>", "<d/>"]] {
        let mut open = http.exchange(conversation("<s/>")).await.unwrap();
        assert_eq!(open.status, 200);
        assert_eq!(open.headers, [("server".to_owned(), "test".to_owned())]);
        for piece in expected {
            assert_eq!(open.body.next().await.unwrap().unwrap(), piece);
            go_on.send(()).await.unwrap();
        }
        assert!(open.body.next().await.transpose().unwrap().is_none());
    }
    serving.await.unwrap();
    assert_eq!(
        server.connections(),
        1,
        "a connection read to its end is kept"
    );
}

#[tokio::test]
async fn reports_silence_and_a_lost_connection_between_pieces() {
    let started = [HEAD, "4\r\n<a/>\r\n"].concat();
    let server = Server::stalling(started.clone()).await;
    let http = transport(&server, Duration::from_millis(100));
    let mut open = http.exchange(conversation("<s/>")).await.unwrap();
    assert!(open.body.next().await.transpose().unwrap().is_some());
    let error = open.body.next().await.unwrap().unwrap_err();
    let kind = TransportErrorKind::Timeout(TimeoutKind::Inactivity);
    assert_eq!((error.kind(), error.delivery()), (kind, Delivery::Unknown));

    let server = Server::cutting(started).await;
    let http = patient(&server);
    let mut open = http.exchange(conversation("<s/>")).await.unwrap();
    assert!(open.body.next().await.transpose().unwrap().is_some());
    let error = open.body.next().await.unwrap().unwrap_err();
    let kind = TransportErrorKind::Interrupted;
    assert_eq!((error.kind(), error.delivery()), (kind, Delivery::Unknown));
}

#[tokio::test]
async fn the_time_limit_covers_the_body_unless_it_is_a_conversation() {
    let late = |is_conversation| {
        let mut late = message("<s/>");
        late.time_limit = Duration::from_millis(50);
        late.is_conversation = is_conversation;
        late
    };
    let server = Server::stalling("").await;
    for is_conversation in [false, true] {
        let asked = patient(&server).exchange(late(is_conversation)).await;
        let error = asked.unwrap_err();
        let kind = TransportErrorKind::Timeout(TimeoutKind::Operation);
        assert_eq!((error.kind(), error.delivery()), (kind, Delivery::Unknown));
    }
    // A server that goes on sending is late as well.
    let server = Server::start(|mut stream, _| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(HEAD.as_bytes()).await.unwrap();
        while stream.write_all(b"1\r\n \r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let mut open = patient(&server).exchange(late(false)).await.unwrap();
    let error = pieces(&mut open.body).await.unwrap_err();
    let kind = TransportErrorKind::Timeout(TimeoutKind::Operation);
    assert_eq!((error.kind(), error.delivery()), (kind, Delivery::Unknown));

    let server = Server::start(|mut stream, _| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(HEAD.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(150)).await;
        stream.write_all(b"4\r\n<a/>\r\n0\r\n\r\n").await.unwrap();
    })
    .await;
    let http = patient(&server);
    let mut open = http.exchange(late(true)).await.unwrap();
    assert_eq!(pieces(&mut open.body).await.unwrap(), ["<a/>"]);
}

/// The server waits for other messages in a conversation, so that one must not hold the only place.
#[tokio::test]
async fn only_a_conversation_frees_its_place_before_its_end() {
    for is_conversation in [false, true] {
        let server = Server::stalling([HEAD, "4\r\n<a/>\r\n"].concat()).await;
        let options = HttpOptions::new(server.url.clone()).connections(1);
        let http = HttpTransport::new(options).unwrap();
        let mut first = message("<s/>");
        first.is_conversation = is_conversation;
        let mut open = http.exchange(first).await.unwrap();
        assert_eq!(open.body.next().await.unwrap().unwrap(), "<a/>");
        let second =
            tokio::time::timeout(Duration::from_millis(200), http.exchange(message("<s/>")));
        assert_eq!(second.await.is_ok(), is_conversation);
        drop(open);
    }
}

#[tokio::test]
async fn dropping_a_response_closes_its_connection() {
    let (closed, mut seen) = mpsc::channel(1);
    let server = Server::start(move |mut stream, _| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await.unwrap();
            let started = [HEAD, "4\r\n<a/>\r\n"].concat();
            stream.write_all(started.as_bytes()).await.unwrap();
            let end = stream.read(&mut [0]).await;
            closed.send(matches!(end, Ok(0) | Err(_))).await.unwrap();
        }
    })
    .await;
    let http = patient(&server);
    let mut open = http.exchange(conversation("<s/>")).await.unwrap();
    assert!(open.body.next().await.transpose().unwrap().is_some());
    drop(open);
    let start = Instant::now();
    assert!(seen.recv().await.unwrap());
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_rejected_login_lists_the_tried_schemes() {
    let server = Server::answering(answer("401 Unauthorized", "no")).await;
    let http = patient(&server);
    let mut open = http.exchange(conversation("<s/>")).await.unwrap();
    assert_eq!(
        (open.status, &open.tried[..]),
        (401, &[LoginAttempt::Basic][..])
    );
    assert_eq!(pieces(&mut open.body).await.unwrap(), ["no"]);
}

#[tokio::test]
async fn a_transport_without_pieces_returns_one() {
    let replay = Replay::from_exchanges(vec![
        Exchange::answered(200, "<a/><b/>"),
        Exchange::answered(200, ""),
    ]);
    let mut open = replay.exchange(conversation("<s/>")).await.unwrap();
    assert_eq!(pieces(&mut open.body).await.unwrap(), ["<a/><b/>"]);
    let mut open = replay.exchange(conversation("<s/>")).await.unwrap();
    assert!(pieces(&mut open.body).await.unwrap().is_empty());
    let error = replay.exchange(conversation("<s/>")).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Replay);
}

#[tokio::test]
async fn records_a_response_at_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let exists = |name: &str| dir.path().join(name).exists();
    let replay = Replay::from_exchanges(vec![
        Exchange::answered(200, format!("<a/><b>{PASSWORD}</b>")),
        Exchange::answered(200, "<c/>"),
        Exchange::lost("it broke"),
    ]);
    let recorder = Recorder::new(Arc::new(replay), dir.path(), "test").scrub(PASSWORD);
    let put = || conversation("<Action>a/Put</Action>");

    let mut open = recorder.exchange(put()).await.unwrap();
    assert!(exists("0001-Put") && !exists("0001-Put/case.toml"));
    pieces(&mut open.body).await.unwrap();
    let path = dir.path().join("0001-Put/01.response.xml");
    assert_eq!(std::fs::read_to_string(path).unwrap(), "<a/><b>***</b>");

    let mut given_up = recorder.exchange(put()).await.unwrap();
    assert!(given_up.body.next().await.transpose().unwrap().is_some());
    drop(given_up);
    assert!(!exists("0002-Put"), "one that was given up leaves nothing");

    recorder.exchange(put()).await.unwrap_err();
    let case = std::fs::read_to_string(dir.path().join("0003-Put/case.toml")).unwrap();
    assert!(case.contains("failure = \"it broke\""), "{case}");
    assert!(recorder.failures().is_empty());
}
