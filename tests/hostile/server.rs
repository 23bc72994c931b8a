//! A scripted server over a raw socket.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use wsman::{Credentials, Session};

/// A request as received.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: String,
    /// The number of earlier requests on its connection.
    pub(crate) before: usize,
}

impl Seen {
    /// Returns the text of a SOAP header; empty if missing.
    pub(crate) fn soap(&self, name: &str) -> &str {
        let tag = format!("<a:{name}");
        let text = self.body.split_once(&tag).map(|(_, rest)| rest);
        let text = text.and_then(|rest| rest.split_once('>'));
        let text = text.and_then(|(_, rest)| rest.split_once('<'));
        text.map_or("", |(text, _)| text)
    }

    /// Returns the last segment of the action.
    pub(crate) fn operation(&self) -> &str {
        self.soap("Action").rsplit('/').next().unwrap()
    }

    /// Returns the value of an HTTP header.
    pub(crate) fn http(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| {
            let found = line.split_once(':').map(|(found, _)| found);
            found.is_some_and(|found| found.eq_ignore_ascii_case(name))
        };
        let line = self.head.lines().find(named)?;
        line.split_once(':').map(|(_, value)| value.trim())
    }
}

/// A server on its own port.
pub(crate) struct Server {
    url: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

type Answer = dyn Fn(&Seen) -> Vec<u8> + Send + Sync;

impl Server {
    /// Starts a server with these responses; after an empty response, or one with `Connection: close`,
    /// it hangs up.
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::greeting(Vec::new(), answer).await
    }

    /// Starts a server that sends something on each connection before it reads.
    pub(crate) async fn greeting(
        greeting: Vec<u8>,
        answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/wsman", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answer, of_task): (Arc<Answer>, _) = (Arc::new(answer), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&of_task));
                let greeting = greeting.clone();
                tokio::spawn(async move {
                    stream.write_all(&greeting).await.unwrap();
                    serve(stream, answer.as_ref(), &seen).await;
                });
            }
        });
        Self {
            url: url.parse().unwrap(),
            seen,
        }
    }

    /// Creates a session without a login.
    pub(crate) fn session(&self) -> Session {
        self.session_of(Credentials::none())
    }

    pub(crate) fn session_of(&self, credentials: Credentials) -> Session {
        let builder = Session::builder(self.url.clone()).credentials(credentials);
        let builder = builder.namespace("root/cimv2").allow_unencrypted();
        builder.build().unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Returns the number of requests for an operation.
    pub(crate) fn count(&self, operation: &str) -> usize {
        let seen = self.seen();
        seen.iter()
            .filter(|seen| seen.operation() == operation)
            .count()
    }
}

async fn serve(mut stream: TcpStream, answer: &Answer, all: &Mutex<Vec<Seen>>) {
    let mut before = 0;
    while let Some(mut seen) = read(&mut stream).await {
        seen.before = before;
        before += 1;
        let answer = answer(&seen);
        all.lock().unwrap().push(seen);
        let hangs_up = answer.is_empty() || contains(&answer, b"Connection: close");
        if stream.write_all(&answer).await.is_err() || hangs_up {
            return;
        }
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let mut seen = Seen {
        head: String::from_utf8(head).unwrap(),
        ..Seen::default()
    };
    let length = seen.http("content-length").unwrap_or("0").parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    seen.body = String::from_utf8(body).unwrap();
    Some(seen)
}

/// Creates an HTTP response, with these header lines.
pub(crate) fn http(status: u16, head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Text\r\n{head}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// Creates a SOAP response.
pub(crate) fn soap(status: u16, envelope: &str) -> Vec<u8> {
    http(
        status,
        "Content-Type: application/soap+xml;charset=UTF-8\r\n",
        envelope,
    )
}

/// Creates an envelope with this header and these bodies.
pub(crate) fn envelope(header: &str, bodies: &[&str]) -> String {
    let bodies = bodies.iter().map(|body| format!("<s:Body>{body}</s:Body>"));
    let bodies: String = bodies.collect();
    format!(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" \
         xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" \
         xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\" \
         xmlns:n=\"http://schemas.xmlsoap.org/ws/2004/09/enumeration\" \
         xmlns:e=\"http://schemas.xmlsoap.org/ws/2004/08/eventing\" \
         xmlns:x=\"http://schemas.xmlsoap.org/ws/2004/09/transfer\" \
         xmlns:p=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Win32_Share\">\
         <s:Header>{header}</s:Header>{bodies}</s:Envelope>"
    )
}

/// Returns the headers of the correct response to a request.
pub(crate) fn header(seen: &Seen) -> String {
    let (action, id) = (seen.soap("Action"), seen.soap("MessageID"));
    format!("<a:Action>{action}Response</a:Action><a:RelatesTo>{id}</a:RelatesTo>")
}
