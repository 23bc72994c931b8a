//! The builder of a session.

mod connection;
#[cfg(test)]
#[cfg(feature = "negotiate")]
mod documented;
#[cfg(feature = "negotiate")]
mod kerberos;
mod limits;
mod shared;

use std::fmt;
#[cfg(feature = "record")]
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::message_id::new_id;
use super::retry::RetryPolicy;
use super::{Session, Settings};
use crate::cim::{Namespace, ValueError};
use crate::error::{Error, Failure};
use crate::protocol::{ResourceUriPrefix, WireForm, WsmanOption};
#[cfg(feature = "record")]
use crate::record::Recorder;
use crate::transport::http::{HttpOptions, HttpTransport, SetupError, check_url};
use crate::transport::{EndpointError, Gated, LoginGate, Transport};
use crate::xml::Limits;

/// Builds a [`Session`].
///
/// | time limit | default | what it limits |
/// |---|---|---|
/// | [`connect_timeout`](Self::connect_timeout) | 10 s | name, connection and TLS handshake |
/// | [`operation_timeout`](Self::operation_timeout) | not sent; the client waits for 60 s | one message and its whole answer, plus the [`network_delay`](Self::network_delay) of 5 s |
/// | [`inactivity_timeout`](Self::inactivity_timeout) | none | a pause of the server before or within an answer |
///
/// [`Error::timeout_kind`] says which limit expired. A server whose own limit expires answers with a
/// fault, and the kind is `None`.
#[must_use]
pub struct SessionBuilder {
    http: HttpOptions,
    namespace: Option<Result<Namespace, ValueError>>,
    settings: Settings,
    transport: Option<Arc<dyn Transport>>,
    gate: Option<LoginGate>,
    #[cfg(feature = "record")]
    record: Option<(PathBuf, String)>,
}

/// The value that a Windows client sends, and the maximum of a Windows server (MS-WSMV 2.2.4.10).
const MAX_ENVELOPE_SIZE: u32 = 512_000;

/// The network delay of a Windows client (MS-WSMV 3.2.2, `NetworkDelayms`).
const NETWORK_DELAY: Duration = Duration::from_secs(5);

/// The default capacity of the class cache: more than most programs use, and a few megabytes at most.
const CLASSES: usize = 128;

/// The default limit of the answers whose classes the cache holds.
const CLASS_BYTES: usize = 64 << 20;

/// The default deadline of an operation: longer than any that works, and shorter than for ever.
const DEADLINE: Duration = Duration::from_secs(60 * 60);

/// The default limit of pages without a row, which a server that answers at once reaches after some
/// twelve seconds.
const EMPTY_PAGES: u32 = 128;

/// The default limit of unread callbacks.
const CALLBACKS_AHEAD: usize = 4;

/// The default limit of envelopes without content. Servers send one in some seconds.
const EMPTY_ENVELOPES: u32 = 1_000;

/// The default row limit: more than most classes have, and few enough for a small machine.
const ROW_LIMIT: u64 = 1_000_000;

/// The default byte limit of the answers with these rows: 256 MiB.
const BYTE_LIMIT: u64 = 256 * 1024 * 1024;

/// Returns the default limit of an answer. Some servers count its body alone, or its characters, so that
/// it may be larger than what the session asks for.
pub(super) fn answer_limit(max_envelope_size: u32) -> usize {
    let asked = usize::try_from(max_envelope_size).unwrap_or(usize::MAX);
    asked.saturating_mul(4).max(2 << 20)
}

impl SessionBuilder {
    pub(super) fn new(url: Result<Url, EndpointError>) -> Self {
        let settings = Settings {
            to: url.as_ref().map(Url::to_string).unwrap_or_default(),
            session_id: new_id(),
            namespace: None,
            prefix: ResourceUriPrefix::default(),
            form: None,
            operation_timeout: None,
            network_delay: NETWORK_DELAY,
            max_envelope_size: MAX_ENVELOPE_SIZE,
            locale: Some("en-US".to_owned()),
            data_locale: Some("en-US".to_owned()),
            options: Vec::new(),
            precise_arrays: false,
            keep_xml: false,
            limits: Limits::default(),
            has_limits: false,
            deadline: Some(DEADLINE),
            empty_pages: EMPTY_PAGES,
            callbacks_ahead: CALLBACKS_AHEAD,
            empty_envelopes: EMPTY_ENVELOPES,
            typed: false,
            checked: false,
            class_cache: CLASSES,
            class_cache_bytes: CLASS_BYTES,
            until: None,
            retry: None,
            row_limit: ROW_LIMIT,
            byte_limit: BYTE_LIMIT,
            #[cfg(feature = "record")]
            recorder: None,
        };
        Self {
            http: HttpOptions::to(url),
            namespace: None,
            settings,
            transport: None,
            gate: None,
            #[cfg(feature = "record")]
            record: None,
        }
    }

    /// Sets the namespace of operations that name none, such as `root/cimv2`. A backslash is read as a
    /// slash.
    ///
    /// If neither the session nor the request sets one, none is sent and the server uses its default:
    /// `root/hardware` on Windows (MS-WSMV 3.1.4.1.1), `interop` on OMI.
    pub fn namespace(mut self, namespace: impl AsRef<str>) -> Self {
        self.namespace = Some(namespace.as_ref().parse());
        self
    }

    /// Sets the part of resource URIs before the class.
    pub fn resource_uri_prefix(mut self, prefix: ResourceUriPrefix) -> Self {
        self.settings.prefix = prefix;
        self
    }

    /// Sets the form of values and of the conditions of queries. Values default to the form of Windows.
    /// For a query that servers read differently, the session sends one Identify to find the form.
    pub fn wire_form(mut self, form: WireForm) -> Self {
        self.settings.form = Some(form);
        self
    }

    /// Sets the time limit of the server for each message (`w:OperationTimeout`, DSP0226 6.1). Windows
    /// caps it at its `MaxTimeoutms`.
    pub fn operation_timeout(mut self, limit: Duration) -> Self {
        self.settings.operation_timeout = Some(limit);
        self
    }

    /// Sets how much longer than the operation timeout the session waits for the answer. Defaults to 5
    /// seconds.
    pub fn network_delay(mut self, delay: Duration) -> Self {
        self.settings.network_delay = delay;
        self
    }

    /// Sets the largest answer that the server may send, in bytes (`w:MaxEnvelopeSize`, DSP0226 6.2).
    /// Defaults to 512,000; servers refuse less than 8,192.
    pub fn max_envelope_size(mut self, bytes: u32) -> Self {
        self.settings.max_envelope_size = bytes;
        self
    }

    /// Sends messages again that failed: those of reads, and those that were not sent. Off by default.
    /// [`Request::retry`](crate::Request::retry) sets it for one request.
    ///
    /// ```
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use wsman::{Error, Session, retry::RetryPolicy};
    /// let session = Session::builder("https://host:5986/wsman").retry(RetryPolicy::new(4)).build()?;
    /// let invalid = Session::builder("https://host:5986/wsman").retry(RetryPolicy::new(0)).build();
    /// assert!(matches!(invalid, Err(Error::Config(_))));
    /// # Ok(()) }
    /// ```
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = Some(policy);
        self
    }

    /// Sets the language of messages (`w:Locale`, DSP0226 6.3). Defaults to `en-US`.
    pub fn locale(mut self, tag: impl Into<String>) -> Self {
        self.settings.locale = Some(tag.into());
        self
    }

    /// Sets the language of numbers and dates in texts (`p:DataLocale`, MS-WSMV 2.2.3). Defaults to
    /// `en-US`.
    pub fn data_locale(mut self, tag: impl Into<String>) -> Self {
        self.settings.data_locale = Some(tag.into());
        self
    }

    /// Adds an option that every operation sends.
    pub fn option(mut self, option: WsmanOption) -> Self {
        self.settings.options.push(option);
        self
    }

    /// Requires the server to distinguish empty arrays from NULL and from missing ones, so that they can
    /// be sent (`msftwinrm:UsePreciseArrays`).
    pub fn precise_arrays(mut self) -> Self {
        self.settings.precise_arrays = true;
        self
    }

    /// Reads on where an answer holds bytes that are not of its encoding, or characters that XML does
    /// not have, as some firmware sends them: U+FFFD stands in their place, and the value is
    /// [`Value::Lossy`](crate::Value::Lossy). Without this such an answer is an [`Error::Decode`] that
    /// says where they stand.
    ///
    /// Such a value is never sent: in a key, or in a full Put, it is an [`Error::Value`].
    ///
    /// ```
    /// # wsman::doc_examples::block_on(async || {
    /// let session = wsman::Session::builder("https://idrac.example.net/wsman").lossy_text().build()?;
    /// # Ok(()) });
    /// ```
    pub fn lossy_text(mut self) -> Self {
        self.settings.limits.lossy = true;
        self
    }

    /// Converts the values of every instance that is read to the types of its class, as
    /// [`typed`](crate::Request::<crate::request::GetInstance>::typed) does for one request. Each class costs one
    /// more message.
    pub fn typed(mut self) -> Self {
        self.settings.typed = true;
        self
    }

    /// Keeps the XML element of every instance as it was received, as
    /// [`keep_xml`](crate::Request::keep_xml) does for one request.
    pub fn keep_xml(mut self) -> Self {
        self.settings.keep_xml = true;
        self
    }

    /// Validates every instance before it is sent, as
    /// [`checked`](crate::Request::<crate::put::PutInstance>::checked) does for one request. Each class costs
    /// one more message.
    pub fn checked(mut self) -> Self {
        self.settings.checked = true;
        self
    }

    /// Replaces HTTP by another transport, such as a replay of recorded exchanges. The settings of the
    /// connection then have no effect.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Writes each exchange into a folder below `dir`, without the login and the host; `server` names the
    /// kind of server, such as `omi`. To scrub more, build a [`Recorder`](crate::record::Recorder) around
    /// [`http`](Self::http) and pass it to [`transport`](Self::transport).
    ///
    /// ```
    /// # wsman::doc_examples::block_on(async || {
    /// # let dir = std::env::temp_dir().join(format!("wsman-record-{}", std::process::id()));
    /// # let simulator = wsman::simulator::sample().start().await?;
    /// let session = wsman::Session::builder(simulator.url()).record(&dir, "simulator").build()?;
    /// session.identify().anonymous().await?;
    /// assert!(dir.join("0001-Identify/case.toml").exists());
    /// # std::fs::remove_dir_all(dir)?;
    /// # Ok(()) });
    /// ```
    #[cfg(feature = "record")]
    pub fn record(mut self, dir: impl Into<PathBuf>, server: impl Into<String>) -> Self {
        self.record = Some((dir.into(), server.into()));
        self
    }

    /// Builds the session, which connects on its first message. A connection belongs to the tokio runtime
    /// in which it is opened, which needs I/O and time enabled (`enable_all`).
    ///
    /// # Errors
    /// [`Error::Config`] if the endpoint is invalid, is not `http` or `https` or contains a password, if credentials would
    /// be sent over plain HTTP, if TLS cannot be set up, if the [`RetryPolicy`] is invalid, or if the recording folder cannot be written;
    /// [`Error::InvalidParameter`] if the namespace is invalid.
    pub fn build(mut self) -> Result<Session, Error> {
        self.settings.namespace = self
            .namespace
            .take()
            .transpose()
            .map_err(super::call::invalid_parameter)?;
        self.http.url().and_then(check_url).map_err(config)?;
        if !self.settings.has_limits {
            self.settings.limits.bytes = answer_limit(self.settings.max_envelope_size);
        }
        let retry = self.settings.retry.as_ref().map(RetryPolicy::check);
        retry.transpose().map_err(Error::Config)?;
        let transport = match self.transport.take() {
            Some(transport) => transport,
            None => self.http()?,
        };
        #[cfg(feature = "record")]
        let transport = match self.record.take() {
            Some((dir, server)) => {
                let recorder = Arc::new(self.recorder(transport, dir, &server)?);
                self.settings.recorder = Some(Arc::clone(&recorder));
                recorder
            }
            None => transport,
        };
        let transport = match self.gate.take() {
            Some(gate) => Arc::new(Gated::new(transport, gate)),
            None => transport,
        };
        Ok(Session::new(transport, self.settings))
    }

    /// Builds the HTTP transport of these settings. Wrap it, for example in a recorder, and pass it to
    /// [`transport`](Self::transport).
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn http(&self) -> Result<Arc<dyn Transport>, Error> {
        let probe = crate::protocol::write_identify()?.into();
        let options = self.http.clone().probe(probe);
        match HttpTransport::new(options) {
            Ok(transport) => Ok(Arc::new(transport)),
            Err(error) => Err(config(error)),
        }
    }

    /// Wraps a transport in a recorder.
    #[cfg(feature = "record")]
    fn recorder(
        &self,
        transport: Arc<dyn Transport>,
        dir: PathBuf,
        server: &str,
    ) -> Result<Recorder, Error> {
        crate::record::create_folders(&dir).map_err(|error| {
            let text = format!("cannot record into {}", dir.display());
            Error::Config(Failure::new(text).source(error))
        })?;
        let url = self.http.url().map_err(config)?.clone();
        let recorder = Recorder::new(transport, dir, server).endpoint(url);
        Ok(match self.http.account().secret() {
            Some(password) => recorder.scrub(password.clone()),
            None => recorder,
        })
    }
}

fn config(error: SetupError) -> Error {
    Error::Config(Failure::of(error))
}

/// Shows only the host of the URL, which may contain a password that [`SessionBuilder::build`] rejects.
impl fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("http", &self.http)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}
