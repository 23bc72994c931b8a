//! Tests HTTP: requests, responses and errors.

use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use url::Url;
use wsman::auth::{Credentials, CredentialsError};
use wsman::transport::http::{HttpOptions, HttpTransport, SetupError};
use wsman::transport::{
    Delivery, IncomingMessage, OutgoingMessage, TimeoutKind, Transport, TransportError,
    TransportErrorKind,
};

use super::server::{Server, answer, echo, header, read_request};
use super::{PASSWORD, ask, message, told};

pub(super) fn options(url: &Url) -> HttpOptions {
    HttpOptions::new(url.clone())
        .credentials(Credentials::basic("ops", PASSWORD))
        .allow_unencrypted()
}

pub(super) async fn exchange(server: &Server) -> Result<IncomingMessage<Bytes>, TransportError> {
    exchange_with(options(&server.url), message("<s/>")).await
}

/// Exchanges one message, and asserts what holds for every failure.
pub(super) async fn exchange_with(
    options: HttpOptions,
    message: OutgoingMessage,
) -> Result<IncomingMessage<Bytes>, TransportError> {
    let sent = message.sent.clone();
    let outcome = ask(&HttpTransport::new(options).unwrap(), message).await;
    match &outcome {
        Ok(_) => assert!(sent.is_raised()),
        Err(error) => {
            assert_eq!(error.delivery(), sent.delivery(), "{error}");
            let told = told(error);
            assert!(
                !told.contains(PASSWORD) && !told.contains("/wsman"),
                "{told}"
            );
        }
    }
    outcome
}

fn assert_lost(outcome: Result<IncomingMessage<Bytes>, TransportError>, kind: TransportErrorKind) {
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (kind, Delivery::Unknown),
        "{}",
        told(&error)
    );
}

#[tokio::test]
async fn sends_a_complete_request_with_the_required_headers() {
    let server = Server::start(|stream, _| echo(stream)).await;
    let transport = HttpTransport::new(options(&server.url)).unwrap();
    let echoed = ask(&transport, message("<put/>")).await.unwrap();
    let request = std::str::from_utf8(&echoed.body).unwrap();

    assert!(request.starts_with("POST /wsman HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n<put/>"), "{request}");
    assert_eq!(header(request, "content-length"), Some("6"));
    assert_eq!(header(request, "transfer-encoding"), None);
    assert_eq!(
        header(request, "content-type"),
        Some("application/soap+xml;charset=UTF-8")
    );
    assert_eq!(
        header(request, "authorization"),
        Some("Basic b3BzOmNvcnJlY3QtaG9yc2U=")
    );
    assert_eq!(header(request, "wsmanidentify"), None);
    let agent = concat!("wsman/", env!("CARGO_PKG_VERSION"));
    assert_eq!(header(request, "user-agent"), Some(agent));
}

#[tokio::test]
async fn sends_the_length_of_an_empty_request() {
    let server = Server::start(|stream, _| echo(stream)).await;
    let echoed = exchange_with(options(&server.url), message(""))
        .await
        .unwrap();
    let request = std::str::from_utf8(&echoed.body).unwrap();
    assert_eq!(header(request, "content-length"), Some("0"));
}

#[tokio::test]
async fn sends_an_anonymous_message_without_a_login() {
    let server = Server::start(|stream, _| echo(stream)).await;
    let mut anonymous = message("<identify/>");
    anonymous.anonymous = true;
    let echoed = exchange_with(options(&server.url), anonymous)
        .await
        .unwrap();
    let request = std::str::from_utf8(&echoed.body).unwrap();
    assert_eq!(header(request, "authorization"), None);
    assert_eq!(header(request, "wsmanidentify"), Some("unauthenticated"));
}

#[tokio::test]
async fn messages_share_one_connection() {
    let server = Server::answering(answer("200 OK", "<answer/>")).await;
    let transport = HttpTransport::new(options(&server.url)).unwrap();
    for _ in 0..5 {
        let answer = ask(&transport, message("<s/>")).await.unwrap();
        assert_eq!(answer.body, "<answer/>");
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn replaces_a_connection_closed_between_messages() {
    let server = Server::cutting(answer("200 OK", "<answer/>")).await;
    let transport = HttpTransport::new(options(&server.url)).unwrap();
    for _ in 0..3 {
        assert_eq!(ask(&transport, message("<s/>")).await.unwrap().status, 200);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn returns_every_complete_response() {
    for status in [
        "200 (null)",
        "302 Found",
        "401 Unauthorized",
        "413 Too Large",
        "500 Oh",
    ] {
        let mut text = answer(status, "<why/>");
        let extra = "Location: http://127.0.0.1:9/\r\nWWW-Authenticate: Basic\r\n\
                     WWW-Authenticate: Negotiate\r\nX-Other: 1\r\n";
        text.insert_str(text.find("Content-Type").unwrap(), extra);
        let server = Server::answering(text).await;
        let answer = exchange(&server).await.unwrap();

        assert_eq!(answer.status.to_string(), status[..3]);
        assert_eq!(answer.body, "<why/>");
        assert_eq!(answer.header("server"), Some("test"));
        assert_eq!(
            answer.header("content-type"),
            Some("application/soap+xml;charset=UTF-8")
        );
        assert_eq!(answer.header("location"), Some("http://127.0.0.1:9/"));
        assert_eq!(answer.header("x-other"), None);
        let offered = answer
            .headers
            .iter()
            .filter(|(name, _)| name == "www-authenticate");
        assert_eq!(offered.count(), 2);
        assert_eq!(server.connections(), 1, "{status}");
    }
}

#[tokio::test]
async fn reads_responses_with_chunks_or_without_a_length() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                   3\r\n<a>\r\n2\r\nbc\r\n4\r\n</a>\r\n0\r\n\r\n";
    for text in [
        chunked,
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<a>bc</a>",
    ] {
        let server = Server::cutting(text).await;
        assert_eq!(exchange(&server).await.unwrap().body, "<a>bc</a>");
    }
}

#[tokio::test]
async fn reports_a_closed_port_as_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    drop(listener);
    for body in ["<s/>", ""] {
        let transport = HttpTransport::new(options(&url)).unwrap();
        let error = ask(&transport, message(body)).await.unwrap_err();
        assert_eq!(
            error.kind(),
            TransportErrorKind::Connect(wsman::transport::ConnectProblem::Refused)
        );
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
}

#[tokio::test]
async fn reports_an_unknown_host_as_not_sent() {
    let url = "http://host.invalid/wsman".parse().unwrap();
    let error = exchange_with(options(&url), message("<s/>"))
        .await
        .unwrap_err();
    assert_eq!(
        error.kind(),
        TransportErrorKind::Connect(wsman::transport::ConnectProblem::NameNotResolved)
    );
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test]
async fn the_delivery_after_an_immediate_close_matches_the_flag() {
    let server = Server::start(|stream, _| async { drop(stream) }).await;
    for _ in 0..20 {
        // Every failure asserts that the delivery matches the flag.
        let error = exchange(&server).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Interrupted);
    }
}

#[tokio::test]
async fn reports_a_truncated_request_as_unknown() {
    let server = Server::start(|mut stream, _| async move {
        use tokio::io::AsyncReadExt;
        stream.read_exact(&mut [0; 1_000]).await.unwrap();
    })
    .await;
    let large = message("x".repeat(20_000_000));
    assert_lost(
        exchange_with(options(&server.url), large).await,
        TransportErrorKind::Interrupted,
    );
}

#[tokio::test]
async fn reports_a_truncated_response_as_unknown() {
    let whole = answer("200 OK", "<answer/>");
    for end in [0, 5, 20, whole.len() - 9, whole.len() - 1] {
        let server = Server::cutting(&whole[..end]).await;
        assert_lost(exchange(&server).await, TransportErrorKind::Interrupted);
    }
    let server =
        Server::cutting("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<a>").await;
    assert_lost(exchange(&server).await, TransportErrorKind::Interrupted);
}

#[tokio::test]
async fn rejects_a_response_that_is_not_http() {
    let server = Server::cutting("220 mail.example ESMTP\r\n\r\n").await;
    assert_lost(exchange(&server).await, TransportErrorKind::Interrupted);
}

#[tokio::test]
async fn rejects_an_endless_response() {
    let server = Server::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    assert_lost(exchange(&server).await, TransportErrorKind::AnswerTooLarge);
}

#[tokio::test]
async fn rejects_an_oversized_content_length_without_reading() {
    let server = Server::stalling("HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n").await;
    assert_lost(exchange(&server).await, TransportErrorKind::AnswerTooLarge);
}

#[tokio::test]
async fn reads_a_response_of_exactly_the_limit() {
    let body = "x".repeat(100_000);
    let server = Server::answering(answer("200 OK", &body)).await;
    assert_eq!(exchange(&server).await.unwrap().body, body);
}

#[tokio::test]
async fn times_out_a_silent_server_for_inactivity() {
    for told in ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n<a>"] {
        let server = Server::stalling(told).await;
        let impatient = options(&server.url).inactivity_timeout(Duration::from_millis(100));
        let outcome = exchange_with(impatient, message("<s/>")).await;
        assert_lost(
            outcome,
            TransportErrorKind::Timeout(TimeoutKind::Inactivity),
        );
    }
}

#[tokio::test]
async fn times_out_with_a_zero_inactivity_limit() {
    let server = Server::stalling("").await;
    let impatient = options(&server.url).inactivity_timeout(Duration::ZERO);
    let error = exchange_with(impatient, message("<s/>")).await.unwrap_err();
    assert_eq!(
        error.kind(),
        TransportErrorKind::Timeout(TimeoutKind::Inactivity)
    );
}

#[tokio::test]
async fn times_out_a_slow_server_by_the_total_limit() {
    let server = Server::start(|mut stream, _| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let mut hurried = message("<s/>");
    hurried.time_limit = Duration::from_millis(700);
    let options = options(&server.url).inactivity_timeout(Duration::from_millis(400));
    let outcome = exchange_with(options, hurried).await;
    assert_lost(outcome, TransportErrorKind::Timeout(TimeoutKind::Operation));
}

#[tokio::test]
async fn closes_the_connection_of_a_dropped_exchange() {
    let (seen, mut requests) = mpsc::unbounded_channel();
    let server = Server::start(move |mut stream, number| {
        let seen = seen.clone();
        async move {
            read_request(&mut stream).await;
            seen.send(number).unwrap();
            if number > 1 {
                echo(stream).await;
            }
            // The first connection stays silent until the client closes it.
            else {
                assert_eq!(read_request(&mut stream).await, None);
                seen.send(0).unwrap();
            }
        }
    })
    .await;
    let transport = HttpTransport::new(options(&server.url)).unwrap();
    let given_up = message("<s/>");
    let sent = given_up.sent.clone();
    tokio::select! {
        _ = transport.exchange(given_up) => panic!("the server is silent"),
        first = requests.recv() => assert_eq!(first, Some(1)),
    }
    assert!(sent.is_raised());
    assert_eq!(requests.recv().await, Some(0));
}

#[test]
fn fails_without_a_runtime_instead_of_panicking() {
    let url = "http://127.0.0.1:9/wsman".parse().unwrap();
    let transport = HttpTransport::new(options(&url)).unwrap();
    let mut exchange = transport.exchange(message("<s/>"));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = exchange.as_mut().poll(&mut context) else {
        panic!("it waits for something");
    };
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.kind(), TransportErrorKind::NoRuntime);
}

#[test]
fn rejects_invalid_options() {
    let build = |url: &str, user: &str| {
        let options = HttpOptions::new(url.parse().unwrap());
        HttpTransport::new(options.credentials(Credentials::basic(user, PASSWORD))).unwrap_err()
    };
    assert!(matches!(
        build("ftp://host.example/", "ops"),
        SetupError::Scheme
    ));
    assert!(matches!(
        build("https://ops@host.example/", "ops"),
        SetupError::UserInUrl
    ));
    assert!(matches!(
        build("https://:pw@host.example/", "ops"),
        SetupError::UserInUrl
    ));
    assert!(matches!(
        build("http://host.example/", "ops"),
        SetupError::Unencrypted
    ));
    let colon = build("https://host.example/", "o:ps");
    assert!(matches!(
        colon,
        SetupError::Credentials(CredentialsError::ColonInUser)
    ));
    assert!(!told(&colon).contains(PASSWORD));
}

#[test]
#[cfg(not(feature = "rustls"))]
fn https_is_refused_in_a_build_without_it() {
    let options = HttpOptions::new("https://host.example/".parse().unwrap());
    assert!(matches!(
        HttpTransport::new(options).unwrap_err(),
        SetupError::NoTls
    ));
}

#[test]
fn nothing_shows_the_password() {
    let options = options(&"http://host.example/wsman".parse().unwrap());
    let shown = format!(
        "{options:?} {:?}",
        HttpTransport::new(options.clone()).unwrap()
    );
    assert!(
        shown.contains("host.example") && !shown.contains(PASSWORD),
        "{shown}"
    );
    assert!(!shown.contains("b3BzOmNvcnJlY3QtaG9yc2U="), "{shown}");
}
