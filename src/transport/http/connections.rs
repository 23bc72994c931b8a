//! The connections to the server, on which the logins send their messages.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT,
};
use http::{Method, Request, Uri};
use url::{Position, Url};

use super::answer::{Answer, Begun, Deadline};
use super::body::OutgoingBody;
use super::channel::{Channel, Dialler, Kind, Permit, Pool};
use super::failure::{self, Told};
use super::incoming::Borrowed;
use super::{AGENT, SetupError};
use crate::auth::{LoginEvidence, Protection};
use crate::transport::{Delivery, SentFlag, TransportError, WholeAnswer};

/// Exactly this: openwsman does not answer a message with an `action` parameter.
const SOAP: HeaderValue = HeaderValue::from_static("application/soap+xml;charset=UTF-8");

const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");

/// More than a request has.
const HEADERS: usize = 8;

/// The connections to one server.
pub(super) struct Connections {
    pub(super) url: Url,
    pub(super) dialler: Dialler,
    pub(super) pool: Arc<Pool>,
    target: Uri,
    host: HeaderValue,
    inactivity: Duration,
}

/// A request before its conversion to the HTTP client's type.
#[derive(Clone, Default)]
pub(super) struct Outgoing {
    pub(super) body: Bytes,
    pub(super) sent: SentFlag,
    pub(super) identity: Option<(HeaderName, HeaderValue)>,
    /// Defaults to [`SOAP`].
    pub(super) content_type: Option<HeaderValue>,
}

impl Connections {
    pub(super) fn new(
        url: Url,
        dialler: Dialler,
        pool: Arc<Pool>,
        inactivity: Duration,
    ) -> Result<Self, SetupError> {
        // A proxy that forwards requests needs the whole address (RFC 9112 3.2.2).
        let target = if dialler.path().is_forwarded() {
            &url[..Position::AfterQuery]
        } else {
            &url[Position::BeforePath..Position::AfterQuery]
        };
        let host = &url[Position::BeforeHost..Position::AfterPort];
        Ok(Self {
            target: Uri::try_from(target).map_err(|error| SetupError::Client(error.into()))?,
            host: HeaderValue::try_from(host).map_err(|error| SetupError::Client(error.into()))?,
            url,
            dialler,
            pool,
            inactivity: inactivity.max(Duration::from_millis(1)),
        })
    }

    /// Sends a request on a connection without a login of its own, and waits for the start of its
    /// answer. Reads a refused login to its end.
    pub(super) async fn begin(
        &self,
        outgoing: Outgoing,
        answer_limit: usize,
    ) -> Result<Begun, TransportError> {
        let permit = self.pool.permit().await;
        while let Some(channel) = self.pool.take(Kind::Plain) {
            let begun = self.begin_on(channel, outgoing.clone(), answer_limit);
            match begun.await {
                // The server had closed the connection. Nothing was sent.
                Err(error) if error.delivery() == Delivery::NotSent => {}
                Err(error) => return Err(error),
                Ok((answer, channel)) => {
                    return self.begun(answer, channel, permit, &outgoing).await;
                }
            }
        }
        // Boxed, because most messages find an idle channel and all would reserve room for it.
        let channel = Box::pin(self.dialler.open(&self.pool)).await?;
        let (answer, channel) = self
            .begin_on(channel, outgoing.clone(), answer_limit)
            .await?;
        self.begun(answer, channel, permit, &outgoing).await
    }

    async fn begun(
        &self,
        answer: Answer,
        channel: Channel,
        permit: Permit,
        outgoing: &Outgoing,
    ) -> Result<Begun, TransportError> {
        let borrowed = Borrowed {
            channel,
            pool: Arc::clone(&self.pool),
            permit: Some(permit),
        };
        if !answer.is_refusal() {
            return Ok(Begun::Answer(answer, borrowed));
        }
        let answer = answer.whole().await?;
        // Servers do not always read a message that they refuse, and then take its rest for the next
        // one.
        if outgoing.body.is_empty() {
            borrowed.pool.keep(borrowed.channel);
        }
        Ok(Begun::Whole(answer))
    }

    /// Sends a request on this channel and reads the whole answer.
    pub(super) async fn post(
        &self,
        channel: &mut Channel,
        outgoing: Outgoing,
        answer_limit: usize,
    ) -> Result<WholeAnswer, TransportError> {
        let answer = self.send(channel, outgoing, answer_limit).await?;
        let answer = answer.whole().await?;
        channel.rest();
        Ok(answer)
    }

    async fn begin_on(
        &self,
        mut channel: Channel,
        outgoing: Outgoing,
        answer_limit: usize,
    ) -> Result<(Answer, Channel), TransportError> {
        let answer = self.send(&mut channel, outgoing, answer_limit).await?;
        Ok((answer, channel))
    }

    /// Sends a request on this channel and waits for the head of its answer.
    async fn send(
        &self,
        channel: &mut Channel,
        outgoing: Outgoing,
        answer_limit: usize,
    ) -> Result<Answer, TransportError> {
        if !channel.returns().await {
            return Err(failure::closed());
        }
        let sent = outgoing.sent.clone();
        let deadline = Deadline {
            inactivity: self.inactivity,
            answer_limit,
            told: Told {
                sent: sent.clone(),
                is_certificate_requested: self.dialler.shown.is_requested(),
                head_limit: self.dialler.head_limit,
            },
            traffic: channel.traffic(),
            evidence: LoginEvidence {
                protection: Some(self.protection()),
                certificate_unrequested: self.dialler.certificate_is_unrequested(),
                forwarded_by: self.dialler.path().forwarder().map(ToString::to_string),
                ..LoginEvidence::default()
            },
        };
        let sending = channel.send(self.request(outgoing), sent);
        deadline.head(sending).await
    }

    /// The protection of unsealed messages.
    fn protection(&self) -> Protection {
        if self.dialler.encrypted {
            Protection::Tls
        } else {
            Protection::Nothing
        }
    }

    fn request(&self, outgoing: Outgoing) -> Request<OutgoingBody> {
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(HOST, self.host.clone());
        headers.insert(USER_AGENT, AGENT);
        headers.insert(ACCEPT, ANYTHING);
        headers.insert(CONTENT_TYPE, outgoing.content_type.unwrap_or(SOAP));
        if let Some((name, value)) = outgoing.identity {
            headers.insert(name, value);
        }
        if let Some(login) = self.dialler.path().proxy_authorization() {
            headers.insert(PROXY_AUTHORIZATION, login);
        }
        let mut request = Request::new(OutgoingBody::new(outgoing.body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.target.clone();
        *request.headers_mut() = headers;
        request
    }
}
