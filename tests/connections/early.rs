//! A server that answers before it is asked.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use wsman::{Delivery, Session};

const IDENTITY: &str = concat!(
    r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" "#,
    r#"xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body>"#,
    r#"<i:IdentifyResponse><i:ProtocolVersion>"#,
    r#"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</i:ProtocolVersion>"#,
    r#"<i:ProductVendor>VENDOR</i:ProductVendor><i:ProductVersion>1</i:ProductVersion>"#,
    r#"</i:IdentifyResponse></s:Body></s:Envelope>"#
);

fn answer(vendor: &str) -> String {
    let body = IDENTITY.replace("VENDOR", vendor);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml;charset=UTF-8\r\n";
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// Reads one request; returns whether there was one.
fn request(stream: &mut TcpStream) -> bool {
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&read);
        if let Some((_, body)) = text.split_once("\r\n\r\n")
            && body.contains("Envelope>")
        {
            return true;
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return false,
            Ok(length) => read.extend_from_slice(&piece[..length]),
        }
    }
}

/// Sends one more answer after the first one when the test wants it; returns whether the client then
/// sent another request on that connection.
fn server(go: Receiver<()>, sent: Sender<()>) -> (SocketAddr, thread::JoinHandle<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(request(&mut stream));
        stream.write_all(answer("first").as_bytes()).unwrap();
        go.recv().unwrap();
        stream.write_all(answer("early").as_bytes()).unwrap();
        sent.send(()).unwrap();
        let (mut second, _) = listener.accept().unwrap();
        assert!(request(&mut second));
        second.write_all(answer("second").as_bytes()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        request(&mut stream)
    });
    (address, serving)
}

/// The runtime stands still while the early answer arrives, so that only the socket knows of it.
#[tokio::test]
async fn an_answer_that_came_before_its_request_is_not_believed() {
    let (go, told) = channel();
    let (sent, arrived) = channel();
    let (address, serving) = server(told, sent);
    let url: url::Url = format!("http://{address}/wsman").parse().unwrap();
    let session = Session::builder(url).build().unwrap();
    let identity = session.identify().await.unwrap();
    assert_eq!(identity.product_vendor, "first");
    go.send(()).unwrap();
    arrived.recv().unwrap();
    thread::sleep(Duration::from_millis(50));
    let identity = session.identify().await.unwrap();
    assert_eq!(identity.product_vendor, "second");
    drop(session);
    tokio::task::yield_now().await;
    assert!(!serving.join().unwrap(), "the request left nevertheless");
}

/// A server that speaks first is no WS-Management server.
#[tokio::test]
async fn nothing_is_sent_to_a_server_that_speaks_first() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(answer("early").as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        request(&mut stream)
    });
    let session = Session::builder(url.parse::<url::Url>().unwrap())
        .build()
        .unwrap();
    // The first request may leave before the first byte arrives: then that byte counts as the answer.
    if let Err(error) = session.identify().await {
        assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
        assert!(!serving.join().unwrap());
    }
}
