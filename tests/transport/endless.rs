//! Servers without an end: each is ended by a limit, whose setting the error names.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::time::Instant;
use wsman::error::TimeoutKind;
use wsman::transport::TransportErrorKind;
use wsman::{Delivery, Error, Session, SessionBuilder};

use crate::server::{Server, read_request};

const OK: &str = "HTTP/1.1 200 OK\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// A server that sends a start and then the same piece, again and again, with a pause before each.
async fn repeating(start: &str, piece: impl Into<String>, pause: Duration) -> Server {
    let (start, piece) = (start.to_owned(), piece.into());
    Server::start(move |mut stream, _| {
        let (start, piece) = (start.clone(), piece.clone());
        async move {
            if read_request(&mut stream).await.is_none() {
                return;
            }
            let mut sent = stream.write_all(start.as_bytes()).await;
            while sent.is_ok() {
                if pause.is_zero() {
                    tokio::task::yield_now().await;
                } else {
                    tokio::time::sleep(pause).await;
                }
                sent = stream.write_all(piece.as_bytes()).await;
            }
        }
    })
    .await
}

fn builder(server: &Server) -> SessionBuilder {
    Session::builder(server.url.clone())
}

async fn identify(builder: SessionBuilder) -> Error {
    builder.build().unwrap().identify().await.unwrap_err()
}

/// One byte a second, or one of the smallest pieces: no pause is long, and no size is large.
#[tokio::test]
async fn a_server_that_drips_ends_with_the_time_of_the_message() {
    tokio::time::pause();
    for (start, piece) in [
        ("", "HTTP/1.1 102 Processing\r\n\r\n"),
        (OK, "X"),
        ("HTTP/1.1 200 OK\r\nX: ", "a"),
        ("HTTP/1.1 200 OK\r\n\r\n", "x"),
        (CHUNKED, "1\r\nx\r\n"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=",
            "a",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
            "a",
        ),
    ] {
        let server = repeating(start, piece, Duration::from_secs(1)).await;
        for (timeout, seconds) in [(None, 65), (Some(Duration::from_secs(20)), 25)] {
            let builder = match timeout {
                Some(timeout) => builder(&server).operation_timeout(timeout),
                None => builder(&server),
            };
            let begun = Instant::now();
            let error = identify(builder).await;
            let text = format!("{start:?} {piece:?}: {error}");
            assert_eq!(error.timeout_kind(), Some(TimeoutKind::Operation), "{text}");
            assert_eq!(error.delivery(), Delivery::Unknown, "{text}");
            assert!(text.contains("SessionBuilder::operation_timeout"), "{text}");
            let took = begun.elapsed().as_secs();
            assert!((seconds..seconds + 2).contains(&took), "{took}: {text}");
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_stop_ends_with_a_limit_of_bytes() {
    use TransportErrorKind::{AnswerTooLarge, HeadTooLarge, Interrupted};
    let x = "x".repeat(4096);
    for (start, piece, kind, setting) in [
        (
            "",
            "HTTP/1.1 102 Processing\r\n\r\n".repeat(100),
            HeadTooLarge,
            "head_limit",
        ),
        (
            "HTTP/1.1 200 OK\r\nX: ",
            x.clone(),
            HeadTooLarge,
            "head_limit",
        ),
        (OK, "X: a\r\n".repeat(100), HeadTooLarge, "head_limit"),
        (
            "HTTP/1.1 200 OK\r\n\r\n",
            x.clone(),
            AnswerTooLarge,
            "max_envelope_size",
        ),
        (
            CHUNKED,
            format!("1000\r\n{x}\r\n"),
            AnswerTooLarge,
            "max_envelope_size",
        ),
        // The HTTP client has limits of its own for these.
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=",
            x.clone(),
            Interrupted,
            "",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
            x.clone(),
            Interrupted,
            "",
        ),
    ] {
        let server = repeating(start, piece, Duration::ZERO).await;
        let error = identify(builder(&server)).await;
        let text = format!("{start:?}: {error}");
        assert_eq!(error.transport_kind(), Some(kind), "{text}");
        assert_eq!(error.delivery(), Delivery::Unknown, "{text}");
        assert!(text.contains(setting), "{text}");
    }
}

/// A flood of interim answers leaves room for other tasks of the runtime.
#[tokio::test]
async fn a_flood_of_interim_answers_does_not_hold_the_runtime() {
    let flood = "HTTP/1.1 102 Processing\r\n\r\n".repeat(1000);
    let server = repeating("", flood, Duration::ZERO).await;
    let ticks = tokio::spawn(async {
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    });
    let begun = std::time::Instant::now();
    let error = identify(builder(&server)).await;
    assert!(
        error
            .to_string()
            .contains("262144 bytes of interim answers"),
        "{error}"
    );
    ticks.await.unwrap();
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn some_interim_answers_are_passed_over() {
    let interim = "HTTP/1.1 102 Processing\r\nX: y\r\n\r\n".repeat(100);
    let answer = format!("{interim}HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    let server = Server::answering(answer).await;
    let session = builder(&server).build().unwrap();
    // On one connection, so each answer has its own count.
    for _ in 0..100 {
        let error = session.identify().await.unwrap_err();
        assert_eq!(error.http_status(), Some(404), "{error}");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn the_limit_of_the_head_can_be_set() {
    let head = |length| {
        let filler = "a".repeat(length);
        format!("HTTP/1.1 404 Not Found\r\nX: {filler}\r\nContent-Length: 0\r\n\r\n")
    };
    for (length, limit, fits) in [
        (20_000, None, true),
        (20_000, Some(8_192), false),
        // The smallest that the HTTP client takes.
        (7_000, Some(1), true),
        (150_000, None, false),
        (150_000, Some(400_000), true),
    ] {
        let server = Server::answering(head(length)).await;
        let builder = match limit {
            Some(limit) => builder(&server).head_limit(limit),
            None => builder(&server),
        };
        let error = identify(builder).await;
        let status = error.http_status();
        assert_eq!(status == Some(404), fits, "{length} {limit:?}: {error}");
        let kind = error.transport_kind();
        assert_eq!(kind == Some(TransportErrorKind::HeadTooLarge), !fits);
    }
}

/// Without a limit of the caller's the answer may have 2 MiB, or four times what the session asks for.
#[tokio::test]
async fn the_limit_of_an_answer_follows_the_envelope() {
    for (asked, limit) in [
        (None, 2_097_152),
        (Some(8_192), 2_097_152),
        (Some(524_289), 2_097_156),
        (Some(1_000_000), 4_000_000),
    ] {
        let length = |bytes: usize| {
            format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\nContent-Type: text/plain\r\n\r\n"
            )
        };
        let builder = |server: &Server| match asked {
            Some(asked) => builder(server).max_envelope_size(asked),
            None => builder(server),
        };
        let larger = Server::stalling(length(limit + 1)).await;
        let error = identify(builder(&larger)).await;
        assert_eq!(
            error.transport_kind(),
            Some(TransportErrorKind::AnswerTooLarge)
        );
        let asked = asked.unwrap_or(512_000);
        for part in [
            format!("larger than {limit} bytes"),
            format!("asks for at most {asked}"),
            "SessionBuilder::max_envelope_size".to_owned(),
            "SessionBuilder::limits".to_owned(),
        ] {
            assert!(error.to_string().contains(&part), "{part}: {error}");
        }
        let fits = Server::answering(length(limit) + &"x".repeat(limit)).await;
        let error = identify(builder(&fits)).await;
        assert_eq!(error.name(), "Decode", "{error}");

        let mut limits = wsman::xml::Limits::default();
        limits.bytes = 1000;
        let error = identify(builder(&fits).limits(limits)).await;
        assert!(
            error.to_string().contains("larger than 1000 bytes"),
            "{error}"
        );
    }
}

/// The client asks for no compression, and inflates nothing.
#[tokio::test]
async fn a_body_that_would_inflate_is_no_message() {
    for content_type in ["application/soap+xml", "text/html"] {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: {content_type}\r\n\
             Content-Length: 20\r\n\r\n"
        );
        let server = Server::start(move |mut stream, _| {
            let bomb = [
                0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0,
            ];
            let answer = [head.as_bytes(), &bomb].concat();
            async move {
                while read_request(&mut stream).await.is_some() {
                    stream.write_all(&answer).await.unwrap();
                }
            }
        })
        .await;
        let error = identify(builder(&server)).await;
        assert_eq!(
            (error.name(), error.delivery()),
            ("Decode", Delivery::Unknown)
        );
        assert!(error.to_string().contains("gzip"), "{error}");
    }
}
