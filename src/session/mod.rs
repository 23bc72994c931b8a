//! The session: one file for each operation, from the request to its result.
//!
//! A method such as [`Session::put_instance`] makes a [`Request`]. Awaiting it makes a `Call`, which the
//! operation's `perform` uses to send its messages one after the other. A `Target` names the instance,
//! the codec writes and reads the envelopes, the transport exchanges them, and the error tables turn an
//! answer into an [`Error`](crate::Error).

mod backoff;
mod builder;
mod call;
pub mod callback;
mod context;
mod create;
mod deadline;
mod delete;
pub mod diagnose;
mod ending;
pub mod enumerate;
mod flags;
mod form;
mod get;
mod identify;
mod instance_source;
pub mod invoke;
mod message_id;
mod modify;
pub mod operation;
mod optional;
mod options;
mod origin;
mod progress;
pub mod put;
pub mod request;
pub mod retry;
mod schema;
pub mod subscribe;
mod target;
mod target_path;
mod trace;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use builder::SessionBuilder;

use crate::auth::LoginState;
use crate::cim::{Namespace, ValueError};
use crate::error::Error;
use crate::meter;
use crate::protocol::{FixedHeader, ResourceUriPrefix, SessionHeaders, WireForm, WsmanOption};
#[cfg(feature = "record")]
use crate::record::Recorder;
use crate::transport::{
    Endpoint, EndpointError, OutgoingMessage, ServerCertificate, Transport, TransportError,
    TransportErrorKind, WholeAnswer,
};
use crate::xml::Limits;

/// The operations on one server.
///
/// A clone shares the connections and settings of the session. Any number of operations may run
/// concurrently. The session sends nothing before an operation is awaited or started.
///
/// ```no_run
/// # async fn example(password: String) -> Result<(), Box<dyn std::error::Error>> {
/// use wsman::{Credentials, Session};
/// let session = Session::builder("https://host:5986/wsman")
///     .credentials(Credentials::basic("ops", password))
///     .namespace("root/cimv2")
///     .build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Session(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    transport: Arc<dyn Transport>,
    /// The headers of every message, or why they cannot be written.
    fixed_header: Result<Arc<FixedHeader>, ValueError>,
    settings: Settings,
    classes: schema::ClassCache,
    /// How the server reads queries, once Identify has shown it.
    learned_form: tokio::sync::OnceCell<WireForm>,
    /// Whether the server has answered a read, which shows that the user has read permission.
    reads: AtomicBool,
    /// Whether an answer has named its request (`a:RelatesTo`); all answers of such a server must.
    relates: AtomicBool,
}

/// The settings of a session: the content of its messages and how it reads the answers.
#[derive(Debug)]
struct Settings {
    to: String,
    session_id: String,
    namespace: Option<Namespace>,
    prefix: ResourceUriPrefix,
    /// How values and queries are written, if the caller set it.
    form: Option<WireForm>,
    operation_timeout: Option<Duration>,
    network_delay: Duration,
    max_envelope_size: u32,
    locale: Option<String>,
    data_locale: Option<String>,
    options: Vec<WsmanOption>,
    precise_arrays: bool,
    keep_xml: bool,
    limits: Limits,
    /// Whether the caller set the limits.
    has_limits: bool,
    /// The time limit of an operation of several messages, if its request has none.
    deadline: Option<std::time::Duration>,
    /// The most pages without a row, one after the other.
    empty_pages: u32,
    /// The most unread callbacks of an operation.
    callbacks_ahead: usize,
    /// The most envelopes without content, one after the other.
    empty_envelopes: u32,
    /// Whether values that are read are converted to the types of their class.
    typed: bool,
    /// Whether every instance is validated against its class before it is sent.
    checked: bool,
    /// The capacity of the class cache.
    class_cache: usize,
    /// The most bytes of the answers with these classes.
    class_cache_bytes: usize,
    /// The moment at which every operation ends, if many hosts have a deadline each.
    until: Option<tokio::time::Instant>,
    /// Which messages are sent again; none by default.
    retry: Option<retry::RetryPolicy>,
    /// The most rows that an awaited request collects.
    row_limit: u64,
    /// The most bytes that the answers with these rows may have together.
    byte_limit: u64,
    /// The recorder of [`SessionBuilder::record`].
    #[cfg(feature = "record")]
    recorder: Option<Arc<Recorder>>,
}

impl Session {
    /// Returns a builder for a session with a server: the [`Endpoint`] is a URL such as
    /// `https://host:5986/wsman`, or a host, which stands for `http://HOST:5985/wsman`. An invalid one
    /// fails [`build`](SessionBuilder::build).
    ///
    /// ```
    /// use wsman::{Credentials, Error, Session};
    /// let session = Session::builder("win01").credentials(Credentials::basic("ops", "hunter2")).build();
    /// assert!(matches!(session, Err(Error::Config(_))), "Basic over http:// is refused");
    /// ```
    pub fn builder<E: TryInto<Endpoint>>(endpoint: E) -> SessionBuilder
    where
        E::Error: Into<EndpointError>,
    {
        let endpoint = endpoint.try_into().map_err(Into::into);
        SessionBuilder::new(endpoint.map(Endpoint::into_url))
    }

    fn new(transport: Arc<dyn Transport>, settings: Settings) -> Self {
        meter::describe();
        Self(Arc::new(Inner {
            transport,
            classes: schema::ClassCache::new(settings.class_cache, settings.class_cache_bytes),
            fixed_header: FixedHeader::of(settings.headers()).map(Arc::new),
            settings,
            learned_form: tokio::sync::OnceCell::new(),
            reads: AtomicBool::new(false),
            relates: AtomicBool::new(false),
        }))
    }

    /// Returns the certificate that the server presented on the latest connection; `None` before the
    /// first connection and without HTTPS.
    pub fn server_certificate(&self) -> Option<ServerCertificate> {
        self.transport().http()?.server_certificate()
    }

    /// Returns the login that the server accepted last: the scheme, the account, and whether messages
    /// are sealed. `None` before the first accepted login, and without credentials.
    ///
    /// The scheme can change: where `Credentials::negotiate` got no Kerberos ticket and used NTLM, a
    /// login on a new connection tries Kerberos again after 15 minutes; after 5, if no KDC answered
    /// or the clocks differ.
    pub fn login(&self) -> Option<LoginState> {
        self.transport().http()?.login()
    }

    /// Returns why exchanges could not be recorded (`SessionBuilder::record`), for example because the disk
    /// is full; empty if all were. An exchange goes on without its record.
    pub fn recording_failures(&self) -> Vec<String> {
        #[cfg(feature = "record")]
        if let Some(recorder) = &self.settings().recorder {
            return recorder.failures();
        }
        Vec::new()
    }

    /// Sends a message and reads its answer to the end.
    async fn exchange(&self, message: OutgoingMessage) -> Result<WholeAnswer, Error> {
        let limit = self.settings().limits.bytes;
        let read = async { self.transport().exchange(message).await?.whole(limit).await };
        read.await.map_err(|error| self.unread(error))
    }

    /// The error of an answer that was not read. One that is too large names what the session asks for.
    #[cold]
    fn unread(&self, error: TransportError) -> Error {
        let is_too_large = error.kind() == TransportErrorKind::AnswerTooLarge;
        let error = Error::from(error);
        if !is_too_large {
            return error;
        }
        let asked = self.settings().max_envelope_size;
        error.with_step(&format!(
            "the session asks for at most {asked}: raise SessionBuilder::max_envelope_size or SessionBuilder::limits"
        ))
    }

    fn transport(&self) -> &dyn Transport {
        self.0.transport.as_ref()
    }

    fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Returns the limits and the encoding for reading an answer.
    fn limits_of(&self, answer: &WholeAnswer) -> Limits {
        let content_type = answer.header("content-type");
        self.settings().limits.of_answer(content_type)
    }

    /// Returns the most rows, and bytes of them, that an awaited request collects.
    fn collect_limits(&self) -> (u64, u64) {
        let settings = self.settings();
        (settings.row_limit, settings.byte_limit)
    }

    fn note_read(&self) {
        self.0.reads.store(true, Ordering::Relaxed);
    }

    fn could_read(&self) -> bool {
        self.0.reads.load(Ordering::Relaxed)
    }

    /// Returns the headers of every message.
    fn fixed_header(&self) -> Result<Arc<FixedHeader>, ValueError> {
        self.0.fixed_header.clone()
    }

    fn learned_form(&self) -> &tokio::sync::OnceCell<WireForm> {
        &self.0.learned_form
    }

    fn note_relation(&self) {
        self.0.relates.store(true, Ordering::Relaxed);
    }

    fn relates(&self) -> bool {
        self.0.relates.load(Ordering::Relaxed)
    }

    fn classes(&self) -> &schema::ClassCache {
        &self.0.classes
    }
}

impl Settings {
    fn headers(&self) -> SessionHeaders<'_> {
        SessionHeaders {
            to: &self.to,
            max_envelope_size: self.max_envelope_size,
            locale: self.locale.as_deref(),
            data_locale: self.data_locale.as_deref(),
            session_id: &self.session_id,
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("to", &self.0.settings.to)
            .finish_non_exhaustive()
    }
}
