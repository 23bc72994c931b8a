//! HTTP/1.1: passes requests to the provider, and returns its answers.

pub(super) mod answering;
pub(super) mod body;
pub(super) mod connection;
pub(super) mod inject;
pub(super) mod interactive;
pub(super) mod knobs;
pub(super) mod listen;
pub(super) mod stream;
#[cfg(feature = "rustls")]
pub(super) mod tls;
pub(super) mod wire;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{
    CONNECTION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, SERVER, TRANSFER_ENCODING,
    WWW_AUTHENTICATE,
};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, ext::ReasonPhrase};

use crate::cim::CimStatus;
use crate::simulator::dialect::Dialect;
use crate::simulator::faults::{ProtocolFailure, RequestFailure};
use crate::simulator::http::answering::Answering;
use crate::simulator::http::body::{AnswerBody, Dropped};
use crate::simulator::http::connection::Connection;
use crate::simulator::http::knobs::{Knob, RawAnswer};
use crate::simulator::login::{Login, Opened, Refusal};
use crate::simulator::model::semantics::CimFailure;
use crate::simulator::provider::Answer;
use crate::simulator::state::State;

/// The content type of SOAP 1.2.
pub(super) const SOAP: &str = "application/soap+xml;charset=UTF-8";

/// The `Server` header of every Windows server.
const HTTP_SYS: HeaderValue = HeaderValue::from_static("Microsoft-HTTPAPI/2.0");

const AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("authentication-info");

/// Serves one request.
pub(super) async fn serve(
    state: Arc<State>,
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Result<Response<Answering>, Dropped> {
    let response = answer(&state, &connection, request).await?;
    Ok(response.map(|body| Answering::new(body, connection)))
}

async fn answer(
    state: &Arc<State>,
    connection: &Connection,
    request: Request<Incoming>,
) -> Result<Response<AnswerBody>, Dropped> {
    connection.begin_request();
    let (head, body) = request.into_parts();
    let dialect = state.provider.dialect;
    if is_chunked(&head.headers) {
        match dialect {
            Dialect::Omi => return Err(Dropped),
            Dialect::Openwsman => return Ok(closing(empty(StatusCode::LENGTH_REQUIRED))),
            Dialect::Windows => {}
        }
    }
    if connection.undrained.load(Ordering::Acquire) {
        return Err(Dropped);
    }
    let bytes = body.collect().await.map_err(|_| Dropped)?.to_bytes();
    let knob = connection.end_request().unwrap_or(Knob::Pass);
    if matches!(knob, Knob::Restart) {
        state.restart();
        return Err(Dropped);
    }
    let login = state.gate.check(connection, &head, &bytes);
    let opened = state.gate.open(connection, &head, &bytes);
    let message = match &opened {
        Opened::Sealed(message) => message,
        Opened::Plain | Opened::Refused => &bytes,
    };
    let seen = state.log.read(message);
    let visit = Visit {
        state,
        head: &head,
        message,
        seen,
        login: &login,
        opened: &opened,
    };
    let mut response = visit.response(&knob).await;
    if !matches!(knob, Knob::Answer(_)) {
        sign(&mut response, state);
    }
    if matches!(opened, Opened::Sealed(_)) {
        response = sealed(connection, response);
    }
    let (name, value) = match login {
        Login::Accepted(info) => (AUTHENTICATION_INFO, info),
        Login::Established(token) => (WWW_AUTHENTICATE, token),
        Login::Continued(_) | Login::Refused { .. } => (WWW_AUTHENTICATE, None),
    };
    if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
        // A refusal sets the header itself.
        response.headers_mut().entry(name).or_insert(value);
    }
    let response = inject::inject(&knob, connection, response).await?;
    state.log.answered(seen, response.status().as_u16());
    Ok(match dialect {
        Dialect::Openwsman if response.status() == StatusCode::UNAUTHORIZED => {
            // The server does not read the message, and takes its rest for the next one.
            connection
                .undrained
                .store(!bytes.is_empty(), Ordering::Release);
            response
        }
        _ if dialect.closes() => closing(response),
        _ => response,
    })
}

/// A request and its state.
struct Visit<'a> {
    state: &'a Arc<State>,
    head: &'a Parts,
    message: &'a [u8],
    /// Its number in the log.
    seen: usize,
    login: &'a Login,
    opened: &'a Opened,
}

impl Visit<'_> {
    async fn response(&self, knob: &Knob) -> Response<AnswerBody> {
        let (gate, dialect) = (&self.state.gate, self.state.provider.dialect);
        let head = self.head;
        if let Some(refusal) = refusal(dialect, &head.method, head.uri.path(), &head.headers) {
            return refusal;
        }
        if matches!(knob, Knob::Unauthorized) {
            return unauthorized(&gate.challenges(false), dialect);
        }
        match self.login {
            Login::Continued(challenge) => {
                return unauthorized(std::slice::from_ref(challenge), dialect);
            }
            Login::Refused { stale } if !self.is_anonymous() => {
                return unauthorized(&gate.challenges(*stale), dialect);
            }
            // The last step of a login has no message.
            Login::Established(_) if self.message.is_empty() => return empty(StatusCode::OK),
            _ => {}
        }
        if let Some(refusal) = self.refusal() {
            return refusal;
        }
        if matches!(self.opened, Opened::Refused) {
            return empty(StatusCode::INTERNAL_SERVER_ERROR);
        }
        let knob = match (knob, self.opened) {
            // No source documents how an answer in pieces is sealed.
            (Knob::Callbacks(_), Opened::Sealed(_)) => &Knob::Pass,
            (knob, _) => knob,
        };
        let meeting = Meeting {
            state: self.state,
            bytes: self.message,
            seen: self.seen,
        };
        meeting.answer(knob, self.login.is_accepted()).await
    }

    /// Returns the refusal of a user who is logged in.
    fn refusal(&self) -> Option<Response<AnswerBody>> {
        let State { gate, provider, .. } = self.state.as_ref();
        if !self.login.is_accepted() || self.message.is_empty() {
            return None;
        }
        let refuses = |refusal| gate.refusals.contains(refusal);
        let is_clear = matches!(self.opened, Opened::Plain) && !self.state.is_encrypted();
        if is_clear && refuses(Refusal::Unencrypted) {
            return Some(empty(StatusCode::INTERNAL_SERVER_ERROR));
        }
        if refuses(Refusal::Service) {
            return Some(empty(StatusCode::FORBIDDEN));
        }
        if refuses(Refusal::Writes) && provider.is_write(self.message) {
            let denied = CimFailure::Status(CimStatus::AccessDenied);
            let fault = provider.fail(self.message, denied);
            return Some(soap(provider.dialect, fault));
        }
        None
    }

    fn is_anonymous(&self) -> bool {
        let asked = self.head.headers.get("WSMANIDENTIFY");
        asked.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"unauthenticated"))
            && is_identify(self.message)
    }
}

/// Adds the headers that identify the server.
fn sign(response: &mut Response<AnswerBody>, state: &State) {
    let headers = response.headers_mut();
    if state.provider.dialect == Dialect::Windows {
        headers.insert(SERVER, HTTP_SYS);
    }
    let date = state.gate.refusals.date();
    if let Some(date) = date.and_then(|date| HeaderValue::try_from(date).ok()) {
        headers.insert(DATE, date);
    }
}

/// Seals the answer to a sealed message. An endless answer cannot be sealed and is unchanged.
fn sealed(connection: &Connection, mut response: Response<AnswerBody>) -> Response<AnswerBody> {
    let AnswerBody::Whole(body) = response.body_mut() else {
        return response;
    };
    let Some(plain) = body.take() else {
        return response;
    };
    if let Some((bytes, content_type)) = connection.seal(&plain) {
        *body = Some(bytes.into());
        let content_type = HeaderValue::from_static(content_type);
        response.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    response
}

fn is_chunked(headers: &HeaderMap) -> bool {
    headers
        .get(TRANSFER_ENCODING)
        .is_some_and(|value| value.as_bytes().ends_with(b"chunked"))
}

fn is_identify(bytes: &[u8]) -> bool {
    use crate::simulator::provider::request::{Request, RequestBody};
    Request::read(bytes).is_ok_and(|request| matches!(request.body, RequestBody::Identify))
}

/// Returns the refusal of a request before its message is read.
fn refusal(
    dialect: Dialect,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Option<Response<AnswerBody>> {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let status = match dialect {
        _ if method != Method::POST => StatusCode::METHOD_NOT_ALLOWED,
        Dialect::Openwsman if path != "/wsman" => StatusCode::FORBIDDEN,
        Dialect::Openwsman if content_type.starts_with("text/xml") => {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        }
        // openwsman does not answer a message with a parameter that it does not know.
        Dialect::Openwsman if content_type.contains("action=") => StatusCode::OK,
        Dialect::Windows if !path.starts_with("/wsman") => StatusCode::NOT_FOUND,
        _ => return None,
    };
    Some(empty(status))
}

/// Returns the answer to a request without a valid login.
fn unauthorized(challenges: &[String], dialect: Dialect) -> Response<AnswerBody> {
    let mut response = empty(StatusCode::UNAUTHORIZED);
    if dialect == Dialect::Openwsman {
        *response.body_mut() = AnswerBody::whole(b"Error: 401\r\n".to_vec());
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    }
    for challenge in challenges {
        if let Ok(challenge) = HeaderValue::try_from(challenge) {
            response.headers_mut().append(WWW_AUTHENTICATE, challenge);
        }
    }
    response
}

/// A request and its knob.
struct Meeting<'a> {
    state: &'a Arc<State>,
    bytes: &'a [u8],
    seen: usize,
}

impl Meeting<'_> {
    async fn answer(&self, knob: &Knob, logged_in: bool) -> Response<AnswerBody> {
        match knob {
            Knob::Answer(raw) => return raw_response(raw),
            Knob::Fault(status) => return self.fail(CimFailure::Status(*status)),
            Knob::WbemFault(status) => return self.fail(CimFailure::Wbem(*status)),
            Knob::TimedOut => return self.fail(ProtocolFailure::TimedOut),
            Knob::EmptyPage => self.state.provider.enumerations.give_empty_page(),
            Knob::ExpireEnumerations => self.state.provider.enumerations.expire(),
            Knob::Callbacks(script) => {
                let body = interactive::start(self.state, self.bytes, logged_in, script);
                if let Some(body) = body {
                    self.state.log.performed(self.seen);
                    return soap_of(StatusCode::OK, body);
                }
            }
            _ => {}
        }
        self.state.provider.wait_for_content(self.bytes).await;
        self.state.log.performed(self.seen);
        let answer = self.state.provider.answer(self.bytes, logged_in);
        match knob {
            Knob::EndlessAnswer => endless(&answer),
            _ => soap(self.state.provider.dialect, answer),
        }
    }

    fn fail(&self, failure: impl Into<RequestFailure>) -> Response<AnswerBody> {
        soap(
            self.state.provider.dialect,
            self.state.provider.fail(self.bytes, failure),
        )
    }
}

/// Converts an answer into the server's HTTP; openwsman sends no reason phrases.
fn soap(dialect: Dialect, answer: Answer) -> Response<AnswerBody> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = soap_of(status, AnswerBody::whole(answer.body));
    if dialect == Dialect::Openwsman {
        response
            .extensions_mut()
            .insert(ReasonPhrase::from_static(b"(null)"));
    }
    response
}

fn endless(answer: &Answer) -> Response<AnswerBody> {
    let without_end = answer.body.get(..answer.body.len() / 2).unwrap_or_default();
    soap_of(StatusCode::OK, AnswerBody::endless(without_end))
}

fn soap_of(status: StatusCode, body: AnswerBody) -> Response<AnswerBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(SOAP));
    response
}

fn raw_response(raw: &RawAnswer) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::whole(raw.body.clone()));
    *response.status_mut() =
        StatusCode::from_u16(raw.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &raw.headers {
        let header = (HeaderName::try_from(name), HeaderValue::try_from(value));
        if let (Ok(name), Ok(value)) = header {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn empty(status: StatusCode) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::whole(Vec::new()));
    *response.status_mut() = status;
    response
}

fn closing(mut response: Response<AnswerBody>) -> Response<AnswerBody> {
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("Close"));
    response
}
