//! Tests an attacker who changes the status line and the headers of a sealed response: only the sealed
//! body counts.

use wsman::simulator::{LoginScheme, NtlmScheme, PASSWORD, Simulator, USER, sample};
use wsman::transport::http::MimeForm;
use wsman::{Credentials, Delivery, Error, PutMode, Session};

use crate::share;
use crate::tap::Tap;

async fn stage() -> (Simulator, Tap) {
    let schemes = [LoginScheme::Ntlm(NtlmScheme::new())];
    let simulator = sample().logins(schemes).start().await.unwrap();
    let tap = Tap::on(&simulator).await;
    (simulator, tap)
}

/// Creates a session whose first message uses a new connection.
fn session(tap: &Tap) -> Session {
    Session::builder(tap.url())
        .credentials(Credentials::ntlm(USER, PASSWORD))
        .mime_form(MimeForm::Tabbed)
        .namespace("root/cimv2")
        .build()
        .unwrap()
}

fn is_sealed(answer: &[u8]) -> bool {
    String::from_utf8_lossy(answer).contains("Encrypted Boundary--")
}

/// Puts another status line and these lines before the headers of the response.
fn under(answer: &[u8], status: &str, head: &str) -> Vec<u8> {
    let end = answer.iter().position(|byte| *byte == b'\n').unwrap();
    let line = format!("HTTP/1.1 {status}\r\n{head}");
    [line.as_bytes(), &answer[end + 1..]].concat()
}

const STATUSES: [&str; 15] = [
    "200 OK",
    "302 Found",
    "303 See Other",
    "400 Bad Request",
    "401 Unauthorized",
    "403 Forbidden",
    "404 Not Found",
    "407 Proxy Authentication Required",
    "408 Request Timeout",
    "413 Content Too Large",
    "429 Too Many Requests",
    "500 Internal Server Error",
    "502 Bad Gateway",
    "503 Service Unavailable",
    "504 Gateway Timeout",
];

#[tokio::test]
async fn accepts_a_sealed_success_under_every_status() {
    for status in STATUSES {
        let (simulator, tap) = stage().await;
        tap.change(move |answer| {
            if is_sealed(&answer) {
                under(&answer, status, "WWW-Authenticate: Negotiate\r\n")
            } else {
                answer
            }
        });
        // The first message uses a new connection, the next ones a kept one.
        let session = session(&tap);
        for name in ["fresh", "kept"] {
            let share = share(name);
            let before = tap.requests().len();
            let put = session.put_instance(&share).mode(PutMode::CreateOnly).await;
            let put = put.unwrap_or_else(|error| panic!("{status}, {name}: {error:?}"));
            let login = if name == "fresh" { 2 } else { 0 };
            assert_eq!(tap.requests().len(), before + login + 1, "{status}");
            assert!(simulator.instance(&put.path).is_some());
            session.get_instance(&put.path).await.unwrap();
            session.invoke_method(&put.path, "Delete").await.unwrap();
            assert!(simulator.instance(&put.path).is_none());
            let again = session.delete_instance(&put.path).await.unwrap_err();
            assert!(matches!(again, Error::NotFound(_)), "{status}: {again:?}");
            assert_eq!(again.delivery(), Delivery::Answered);
            let rows = session.enumerate_instances("Win32_Share").await.unwrap();
            assert_eq!(rows.len(), simulator.instances("Win32_Share").len());
        }
        assert_eq!(simulator.connections(), 1, "{status}");
    }
}

#[tokio::test]
async fn ignores_headers_around_a_sealed_response() {
    for head in [
        "Content-Type: text/html\r\n",
        "Connection: close\r\n",
        "Location: http://other.example/\r\n",
        "Server: nginx\r\nRetry-After: 1\r\n",
        "WWW-Authenticate: Basic realm=\"r\"\r\n",
    ] {
        for is_labelled in [true, false] {
            let (simulator, tap) = stage().await;
            tap.change(move |answer| match is_sealed(&answer) {
                true if is_labelled => under(&answer, "200 OK", head),
                true => {
                    let mut answer = under(&answer, "200 OK", head);
                    let at = find(&answer, b"content-type: multipart");
                    answer[at] = b'x';
                    answer
                }
                false => answer,
            });
            let share = share("logs");
            let put = session(&tap)
                .put_instance(&share)
                .mode(PutMode::CreateOnly)
                .await;
            let put = put.unwrap_or_else(|error| panic!("{head}: {error:?}"));
            assert!(simulator.instance(&put.path).is_some());
        }
    }
}

/// If the sealed response cannot be read, the outcome is unknown, and nothing is sent again.
#[tokio::test]
async fn reports_a_broken_sealed_response_as_unknown() {
    for status in STATUSES {
        for is_cut in [true, false] {
            let (simulator, tap) = stage().await;
            tap.change(move |mut answer| {
                if !is_sealed(&answer) {
                    return answer;
                }
                let head = if is_cut {
                    "Content-Length: 0\r\nConnection: close\r\nX-"
                } else {
                    ""
                };
                let at = find(&answer, b"content-length");
                let tail = answer.split_off(at);
                let answer = [&answer[..], head.as_bytes(), &tail].concat();
                let mut answer = under(&answer, status, "");
                let middle = answer.len() - 60;
                answer[middle] ^= 1;
                answer
            });
            let before = simulator.instances("Win32_Share").len();
            let share = share("logs");
            let put = session(&tap)
                .put_instance(&share)
                .mode(PutMode::CreateOnly)
                .await;
            let error = put.unwrap_err();
            assert_eq!(
                error.delivery(),
                Delivery::Unknown,
                "{status} {is_cut}: {error:?}"
            );
            // The two messages of the login, and the request.
            assert_eq!(tap.requests().len(), 3, "{status} {is_cut}");
            assert_eq!(simulator.instances("Win32_Share").len(), before + 1);
        }
    }
}

/// Finds the start of a text.
fn find(answer: &[u8], text: &[u8]) -> usize {
    let mut windows = answer.windows(text.len());
    windows.position(|window| window == text).unwrap()
}
