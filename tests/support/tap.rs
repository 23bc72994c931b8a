//! An intercepting proxy between a session and a simulator.
#![allow(dead_code, reason = "no test uses all of this file")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use wsman::simulator::Simulator;

/// Forwards requests, keeps them, and may change them.
pub(crate) struct Tap {
    url: Url,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    target: SocketAddr,
    requests: Vec<Vec<u8>>,
    answers: Vec<Vec<u8>>,
    replace: Option<(&'static str, &'static str)>,
    lie: Option<Vec<u8>>,
    change: Option<Change>,
    meddler: Option<Meddler>,
}

/// How to change a response.
type Change = Arc<dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync>;

/// How an answer reaches the client.
pub(crate) enum Sending {
    Whole(Vec<u8>),
    /// The connection is closed after these bytes.
    Cut(Vec<u8>),
    /// Nothing follows these bytes.
    Stalled(Vec<u8>),
    /// The bytes come one by one, each after this pause.
    Dripping(Vec<u8>, Duration),
}

/// Decides how a request is answered, by its number from 0: first without the answer of the server, in
/// whose place it may answer, then with it.
type Meddler = Arc<dyn Fn(usize, Option<Vec<u8>>) -> Option<Sending> + Send + Sync>;

impl Tap {
    pub(crate) async fn on(simulator: &Simulator) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/wsman", listener.local_addr().unwrap());
        let shared = Arc::new(Mutex::new(Shared {
            target: simulator.address(),
            requests: Vec::new(),
            answers: Vec::new(),
            replace: None,
            lie: None,
            change: None,
            meddler: None,
        }));
        let of_task = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(carry(stream, Arc::clone(&of_task)));
            }
        });
        Self {
            url: url.parse().unwrap(),
            shared,
        }
    }

    pub(crate) fn url(&self) -> Url {
        self.url.clone()
    }

    pub(crate) fn point_to(&self, simulator: &Simulator) {
        self.shared.lock().unwrap().target = simulator.address();
    }

    /// Replaces a text in all bodies with one of the same length.
    pub(crate) fn replace(&self, text: &'static str, by: &'static str) {
        assert_eq!(text.len(), by.len());
        self.shared.lock().unwrap().replace = Some((text, by));
    }

    /// Answers the next request in place of the server, which still receives it.
    #[cfg(feature = "negotiate")]
    pub(crate) fn lie(&self, answer: &[u8]) {
        self.shared.lock().unwrap().lie = Some(answer.to_vec());
    }

    /// Changes every response.
    #[cfg(feature = "negotiate")]
    pub(crate) fn change(&self, change: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static) {
        self.shared.lock().unwrap().change = Some(Arc::new(change));
    }

    /// Sets how each request is answered.
    pub(crate) fn meddle(
        &self,
        meddler: impl Fn(usize, Option<Vec<u8>>) -> Option<Sending> + Send + Sync + 'static,
    ) {
        self.shared.lock().unwrap().meddler = Some(Arc::new(meddler));
    }

    /// Returns the responses so far, as the server sent them.
    pub(crate) fn answers(&self) -> Vec<Vec<u8>> {
        self.shared.lock().unwrap().answers.clone()
    }

    /// Returns the requests so far, as the client sent them.
    pub(crate) fn requests(&self) -> Vec<Vec<u8>> {
        self.shared.lock().unwrap().requests.clone()
    }
}

/// Returns the `Authorization` headers of these requests.
pub(crate) fn authorizations(requests: &[Vec<u8>]) -> Vec<String> {
    let login = |request: &Vec<u8>| {
        let text = String::from_utf8_lossy(request).into_owned();
        let line = text
            .lines()
            .find(|line| line.starts_with("authorization: "));
        line.map(str::to_owned)
    };
    requests.iter().filter_map(login).collect()
}

/// Sends a request on a connection of its own; returns the response.
pub(crate) async fn send(target: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(target).await.unwrap();
    stream.write_all(request).await.unwrap();
    read_message(&mut stream).await.unwrap()
}

/// Gives each connection of the client its own connection to the server, as connection-oriented logins
/// need. If one closes, so does the other.
async fn carry(mut client: TcpStream, shared: Arc<Mutex<Shared>>) {
    let mut server: Option<(SocketAddr, TcpStream)> = None;
    while let Some(request) = read_message(&mut client).await {
        let (number, meddler, (target, sent, lie)) = {
            let mut shared = shared.lock().unwrap();
            let number = shared.requests.len();
            (number, shared.meddler.clone(), shared.heard(request))
        };
        let in_place = meddler.as_ref().and_then(|meddle| meddle(number, None));
        if let Some(sending) = in_place {
            if !send_as(&mut client, sending).await {
                return;
            }
            continue;
        }
        let mut stream = match server.take() {
            Some((kept, stream)) if kept == target => stream,
            _ => TcpStream::connect(target).await.unwrap(),
        };
        if stream.write_all(&sent).await.is_err() {
            return;
        }
        // A server may hold an answer until the client is gone.
        let mut next = [0];
        let answer = tokio::select! {
            answer = read_message(&mut stream) => answer,
            _gone = client.peek(&mut next) => None,
        };
        let Some(answer) = answer else {
            return;
        };
        let change = {
            let mut shared = shared.lock().unwrap();
            shared.answers.push(answer.clone());
            shared.change.clone()
        };
        let answer = lie.unwrap_or(answer);
        let answer = change.map_or(answer.clone(), |change| change(answer));
        let sending = meddler.map_or_else(
            || Sending::Whole(answer.clone()),
            |meddle| meddle(number, Some(answer.clone())).unwrap(),
        );
        if !send_as(&mut client, sending).await {
            return;
        }
        server = Some((target, stream));
    }
}

/// Sends an answer; returns whether the connection is still usable.
async fn send_as(client: &mut TcpStream, sending: Sending) -> bool {
    match sending {
        Sending::Whole(bytes) => client.write_all(&bytes).await.is_ok(),
        Sending::Cut(bytes) => {
            let _sent = client.write_all(&bytes).await;
            false
        }
        Sending::Stalled(bytes) => {
            let _sent = client.write_all(&bytes).await;
            // Until the client gives up.
            let _closed = client.read_u8().await;
            false
        }
        Sending::Dripping(bytes, pause) => {
            let _nodelay = client.set_nodelay(true);
            for byte in bytes {
                tokio::time::sleep(pause).await;
                if client.write_u8(byte).await.is_err() {
                    return false;
                }
            }
            true
        }
    }
}

impl Shared {
    /// Keeps a request: its target, its form, and the response given in place of the server.
    fn heard(&mut self, request: Vec<u8>) -> (SocketAddr, Vec<u8>, Option<Vec<u8>>) {
        self.requests.push(request.clone());
        let sent = match self.replace {
            Some((before, after)) => {
                let text = String::from_utf8(request).unwrap();
                text.replace(before, after).into_bytes()
            }
            None => request,
        };
        (self.target, sent, self.lie.take())
    }
}

/// Reads a head and a body of its length.
async fn read_message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    while !message.ends_with(b"\r\n\r\n") {
        message.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&message).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length = length.map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    message.extend(body);
    Some(message)
}
