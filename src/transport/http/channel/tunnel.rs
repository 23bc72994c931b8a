//! The tunnel of an HTTP proxy (CONNECT, RFC 9110 9.3.6).

use bytes::Bytes;
use http::header::{
    HOST, HeaderMap, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, USER_AGENT,
};
use http::uri::Authority;
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1::Builder;
use hyper_util::rt::TokioIo;

use super::dial_error::ProxyFailure;
use super::stream::ByteStream;
use crate::auth::challenge::Challenge;
use crate::transport::ProxyProblem;
use crate::transport::http::AGENT;

/// The limit of the head of the answer in bytes, the smallest of the HTTP client.
const HEAD: usize = 8 << 10;

/// The most schemes of a proxy that an error names.
const SCHEMES: usize = 8;

/// Asks the proxy for a tunnel to the server.
pub(super) async fn open(
    stream: Box<dyn ByteStream>,
    server: &Authority,
    login: Option<HeaderValue>,
) -> Result<Box<dyn ByteStream>, ProxyFailure> {
    let (mut sender, connection) = Builder::new()
        .max_buf_size(HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(failure)?;
    let request = request(server, login)?;
    let asking = async {
        let answer = sender.send_request(request).await.map_err(failure)?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(refusal(&answer))
        }
    };
    let carrying = async { connection.without_shutdown().await.map_err(failure) };
    let ((), parts) = tokio::try_join!(asking, carrying)?;
    if parts.read_buf.is_empty() {
        Ok(parts.io.into_inner())
    } else {
        Err(ProxyFailure::not_a_proxy(
            "it sent something before it was asked",
        ))
    }
}

fn request(
    server: &Authority,
    login: Option<HeaderValue>,
) -> Result<Request<Empty<Bytes>>, ProxyFailure> {
    let invalid = |_| ProxyFailure::new(ProxyProblem::ServerUnreachable, "invalid host");
    let mut request = Request::new(Empty::new());
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = Uri::from(server.clone());
    let headers = request.headers_mut();
    headers.insert(
        HOST,
        HeaderValue::try_from(server.as_str()).map_err(invalid)?,
    );
    headers.insert(USER_AGENT, AGENT);
    if let Some(login) = login {
        headers.insert(PROXY_AUTHORIZATION, login);
    }
    Ok(request)
}

/// Tells the answers of a proxy apart that gives no tunnel.
fn refusal(answer: &Response<Incoming>) -> ProxyFailure {
    let status = answer.status();
    let problem = match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => ProxyProblem::LoginRequired,
        StatusCode::FORBIDDEN => ProxyProblem::Forbidden,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => {
            ProxyProblem::ServerUnreachable
        }
        StatusCode::GATEWAY_TIMEOUT => ProxyProblem::ServerSilent,
        other => ProxyProblem::Refused(other.as_u16()),
    };
    let offers = if problem == ProxyProblem::LoginRequired {
        offered(answer.headers())
    } else {
        String::new()
    };
    ProxyFailure::new(problem, format!("HTTP {}{offers}", status.as_u16()))
}

/// Names the schemes that a proxy offers: this client has only Basic for it.
fn offered(headers: &HeaderMap) -> String {
    let headers = headers.get_all(PROXY_AUTHENTICATE).iter();
    let values = headers.filter_map(|value| value.to_str().ok());
    let offers = Challenge::read_all(values);
    let schemes: Vec<&str> = offers.iter().map(Challenge::scheme).take(SCHEMES).collect();
    if schemes.is_empty() {
        String::new()
    } else {
        format!(
            "; it offers {}, and the client has Basic",
            schemes.join(", ")
        )
    }
}

/// Maps an error of the HTTP client.
fn failure(error: hyper::Error) -> ProxyFailure {
    if error.is_parse() {
        ProxyFailure {
            source: Some(error.into()),
            ..ProxyFailure::not_a_proxy("it does not answer in HTTP")
        }
    } else {
        ProxyFailure::closed(error)
    }
}
