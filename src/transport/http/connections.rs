//! The connections to the server, on which the logins send their messages.

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use url::Url;

use super::answer::{Begun, Deadline};
use super::body::{BodySentFlag, OutgoingBody};
use super::dialler::Dialler;
use super::{SetupError, locked};
use crate::auth::{LoginEvidence, Protection};
use crate::transport::{IncomingMessage, SentFlag, TransportError};

/// Exactly this: openwsman does not answer a message with an `action` parameter.
const SOAP: HeaderValue = HeaderValue::from_static("application/soap+xml;charset=UTF-8");

/// The connections to one server.
pub(super) struct Connections {
    client: Mutex<Client>,
    pub(super) url: Url,
    pub(super) dialler: Dialler,
    inactivity: Duration,
}

/// A request before its conversion to the HTTP client's type.
#[derive(Default)]
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
        inactivity: Duration,
    ) -> Result<Self, SetupError> {
        Ok(Self {
            client: Mutex::new(dialler.client()?),
            url,
            dialler,
            inactivity: inactivity.max(Duration::from_millis(1)),
        })
    }

    /// Sends a request on any connection and waits for the start of its answer. Reads a refused
    /// login to its end.
    pub(super) async fn begin(
        &self,
        outgoing: Outgoing,
        answer_limit: usize,
    ) -> Result<Begun, TransportError> {
        let has_body = !outgoing.body.is_empty();
        let client = locked(&self.client).clone();
        let (deadline, response) = self.send_with(&client, outgoing, answer_limit).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(Begun::Answer(deadline, response));
        }
        let answer = deadline.whole(response).await?;
        if has_body {
            self.leave();
        }
        Ok(Begun::Whole(answer))
    }

    /// Sends a request with this client and waits for the start of its answer.
    async fn send_with(
        &self,
        client: &Client,
        outgoing: Outgoing,
        answer_limit: usize,
    ) -> Result<(Deadline, Response), TransportError> {
        let deadline = self.deadline(answer_limit, outgoing.sent.clone());
        let request = self.request(client, outgoing, deadline.body_sent.clone());
        let response = deadline.head(request.send()).await?;
        Ok((deadline, response))
    }

    /// Sends a request with this client and reads the whole answer.
    pub(super) async fn post(
        &self,
        client: &Client,
        outgoing: Outgoing,
        answer_limit: usize,
    ) -> Result<IncomingMessage, TransportError> {
        let (deadline, response) = self.send_with(client, outgoing, answer_limit).await?;
        deadline.whole(response).await
    }

    /// Retires the open connections: servers do not always read a message that they refuse, and
    /// then take its rest for the next one.
    fn leave(&self) {
        if let Ok(client) = self.dialler.client() {
            *locked(&self.client) = client;
        }
    }

    fn deadline(&self, answer_limit: usize, sent: SentFlag) -> Deadline {
        Deadline {
            inactivity: self.inactivity,
            answer_limit,
            sent,
            body_sent: BodySentFlag::default(),
            evidence: LoginEvidence {
                protection: Some(self.protection()),
                ..LoginEvidence::default()
            },
        }
    }

    /// The protection of unsealed messages.
    fn protection(&self) -> Protection {
        if self.dialler.encrypted {
            Protection::Tls
        } else {
            Protection::Nothing
        }
    }

    fn request(
        &self,
        client: &Client,
        outgoing: Outgoing,
        body_sent: BodySentFlag,
    ) -> RequestBuilder {
        let body = OutgoingBody::new(outgoing.body, outgoing.sent, body_sent);
        let request = client
            .post(self.url.clone())
            .header(CONTENT_TYPE, outgoing.content_type.unwrap_or(SOAP))
            .body(reqwest::Body::wrap(body));
        match outgoing.identity {
            Some((name, value)) => request.header(name, value),
            None => request,
        }
    }
}
