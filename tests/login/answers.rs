//! Addresses at which no service answers, and what answers there instead.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wsman::simulator::{PASSWORD, USER, sample};
use wsman::{Credentials, Url};

use crate::builder;
use crate::hop::answering;
use crate::scenario::{diagnoses, shows};

fn basic() -> Credentials {
    Credentials::basic(USER, PASSWORD)
}

/// Asserts what a session tells of a server that gives each request this answer.
async fn answered(test: &str, head: &str, page: &str) {
    let length = page.len();
    let answer = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\n\r\n{page}");
    let url = answering(answer.leak()).await;
    shows(test, || builder(url.clone(), basic())).await;
}

#[tokio::test]
async fn no_service_at_the_path() {
    let head = "404 Not Found\r\nContent-Type: text/html\r\nServer: Microsoft-IIS/10.0";
    let page = "<html><head><title>404 - File or directory not found.</title></head></html>";
    answered("answers::no_service_at_the_path", head, page).await;
}

#[tokio::test]
async fn redirected() {
    let head = "302 Found\r\nLocation: https://portal.example/login?from=wsman";
    answered("answers::redirected", head, "").await;
}

#[tokio::test]
async fn web_page() {
    let head = "200 OK\r\nContent-Type: text/html; charset=utf-8";
    let page = "<!DOCTYPE html><html><title>Sign in to the network</title></html>";
    answered("answers::web_page", head, page).await;
}

/// HTTP.sys has no listener for the name in `Host`.
#[tokio::test]
async fn host_name_is_refused() {
    let head = "400 Bad Request\r\nContent-Type: text/html; charset=us-ascii\r\nServer: Microsoft-HTTPAPI/2.0";
    let page = "<HTML><HEAD><TITLE>Bad Request</TITLE></HEAD>\
        <BODY><h2>Bad Request - Invalid Hostname</h2></BODY></HTML>";
    answered("answers::host_name_is_refused", head, page).await;
}

#[tokio::test]
async fn gateway_forbids() {
    let head = "403 Forbidden\r\nContent-Type: text/html\r\nServer: nginx/1.24.0";
    let page = "<html><head><title>403 Forbidden</title></head></html>";
    answered("answers::gateway_forbids", head, page).await;
}

#[tokio::test]
async fn gateway_without_a_server() {
    let head = "502 Bad Gateway\r\nContent-Type: text/html\r\nServer: nginx/1.24.0";
    let page = "<html><head><title>502 Bad Gateway</title></head></html>";
    answered("answers::gateway_without_a_server", head, page).await;
}

#[tokio::test]
async fn too_many_requests() {
    let head = "429 Too Many Requests\r\nRetry-After: 30";
    answered("answers::too_many_requests", head, "").await;
}

#[tokio::test]
async fn another_protocol() {
    let url = answering("SSH-2.0-OpenSSH_9.2\r\n").await;
    let test = "answers::another_protocol";
    shows(test, || builder(url.clone(), basic())).await;
}

/// A port with TLS answers a request without TLS with an alert.
#[tokio::test]
async fn http_to_a_port_with_tls() {
    let issued = crate::authority::Authority::new().localhost();
    let server = sample().tls(&issued.chain, &issued.key);
    let simulator = server.start().await.unwrap();
    let mut url = simulator.url();
    url.set_scheme("http").unwrap();
    let test = "answers::http_to_a_port_with_tls";
    shows(test, || builder(url.clone(), basic())).await;
}

/// The server closes the connection instead of an answer, as Windows does on a port with TLS.
#[tokio::test]
async fn closed_without_an_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap());
    let url: Url = url.parse().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut piece = [0; 4096];
                let _read = stream.read(&mut piece).await;
                let _closed = stream.shutdown().await;
            });
        }
    });
    diagnoses("answers::closed_without_an_answer", builder(url, basic())).await;
}

#[tokio::test]
async fn closed_port() {
    let simulator = sample().start().await.unwrap();
    simulator.refuse().await;
    let url = simulator.url();
    shows("answers::closed_port", || builder(url.clone(), basic())).await;
}

#[tokio::test]
async fn unknown_name() {
    let url: Url = "http://missing.invalid:5985/wsman".parse().unwrap();
    shows("answers::unknown_name", || builder(url.clone(), basic())).await;
}
