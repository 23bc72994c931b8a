//! Proxies, gateways and servers that are in the way.

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use wsman::simulator::{LoginScheme, NtlmScheme, PASSWORD, USER, sample};
use wsman::{Credentials, Delivery, Error, Url};

use crate::builder;
use crate::hop::{answering, read};
use crate::scenario::{diagnoses, told};
use crate::table::row;

/// How a hop ends a connection after each answer.
#[derive(Clone, Copy)]
enum Ending {
    Dropped,
    ConnectionClose,
    Http10,
}

/// A hop before a simulator with NTLM that keeps no connection.
async fn without_keeping(ending: Ending) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let logins = [LoginScheme::Ntlm(NtlmScheme::new())];
        let simulator = sample().logins(logins).start().await.unwrap();
        while let Ok((mut client, _)) = listener.accept().await {
            let Some(request) = read(&mut client).await else {
                continue;
            };
            let mut server = TcpStream::connect(simulator.address()).await.unwrap();
            server.write_all(&request).await.unwrap();
            let answer = String::from_utf8(read(&mut server).await.unwrap()).unwrap();
            let answer = match ending {
                Ending::Dropped => answer,
                Ending::ConnectionClose => answer.replacen("\r\n", "\r\nConnection: close\r\n", 1),
                Ending::Http10 => answer.replacen("HTTP/1.1", "HTTP/1.0", 1),
            };
            client.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    url.parse().unwrap()
}

#[tokio::test]
async fn connection_is_not_kept() {
    for ending in [Ending::Dropped, Ending::ConnectionClose, Ending::Http10] {
        let url = without_keeping(ending).await;
        let builder = || builder(url.clone(), Credentials::ntlm(USER, PASSWORD));
        let session = builder().build().unwrap();
        let share = wsman::Instance::new("Win32_Share").with_key("Name", "logs");
        let error = session.put_instance(&share).await.unwrap_err();
        assert!(matches!(error, Error::Auth(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        row("hops::connection_is_not_kept").assert_in(&told(&error));
        diagnoses("hops::connection_is_not_kept", builder()).await;
    }
}

#[tokio::test]
async fn service_is_not_available() {
    for (header, seconds) in [
        ("Retry-After: 120\r\n", Some(120)),
        ("Retry-After: 99999999\r\n", Some(86_400)),
        ("Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", Some(0)),
        ("Retry-After: soon\r\n", None),
        ("", None),
    ] {
        for status in ["503 Service Unavailable", "429 Too Many Requests"] {
            let answer = format!("HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\n\r\n");
            let url = answering(answer.leak()).await;
            let builder = || builder(url.clone(), Credentials::basic(USER, PASSWORD));
            let session = builder().build().unwrap();
            let error = session.identify().await.unwrap_err();
            let pause = error.retry_after().map(|pause| pause.as_secs());
            assert_eq!(pause, seconds, "{error}");
            if status.starts_with("503") {
                row("hops::service_is_not_available").assert_in(&told(&error));
                diagnoses("hops::service_is_not_available", builder()).await;
            }
        }
    }
}
