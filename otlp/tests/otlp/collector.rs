//! A collector that keeps what it receives by OTLP over HTTP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

pub(crate) struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let kept = Arc::clone(&received);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || serve(connection.unwrap(), &kept));
            }
        });
        Self { address, received }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the bodies of all requests.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.received.lock().unwrap().concat()
    }

    pub(crate) fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        let received = self.received.lock().unwrap();
        let requests = received.iter();
        requests
            .map(|body| ExportTraceServiceRequest::decode(body.as_slice()).unwrap())
            .collect()
    }

    /// Returns all spans, in the order of their start.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let resources = self.requests().into_iter();
        let resources = resources.flat_map(|request| request.resource_spans);
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        let mut spans: Vec<Span> = scopes.flat_map(|scope| scope.spans).collect();
        spans.sort_by_key(|span| span.start_time_unix_nano);
        spans
    }
}

/// Answers the requests of one connection.
fn serve(connection: TcpStream, kept: &Mutex<Vec<Vec<u8>>>) {
    let mut answers = connection.try_clone().unwrap();
    let mut requests = BufReader::new(connection);
    loop {
        let mut length = 0;
        let mut line = String::new();
        let mut is_traces = false;
        while requests.read_line(&mut line).unwrap_or(0) > 2 {
            let head = line.to_ascii_lowercase();
            is_traces |= head.starts_with("post /v1/traces ");
            if let Some(value) = head.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        if line.is_empty() {
            return;
        }
        assert!(is_traces);
        let mut body = vec![0; length];
        requests.read_exact(&mut body).unwrap();
        kept.lock().unwrap().push(body);
        let answer =
            b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
        answers.write_all(answer).unwrap();
    }
}
