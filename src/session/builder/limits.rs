//! The limits of what a server may send, and how long; `docs/limits.md` lists them all.

use std::time::Duration;

use super::SessionBuilder;
use crate::auth::LoginLimits;
use crate::xml::Limits;

impl SessionBuilder {
    /// Sets the limits of an answer, beyond which the client rejects it. `Limits::bytes` defaults to the
    /// larger of 2 MiB and four times [`max_envelope_size`](Self::max_envelope_size).
    ///
    /// ```
    /// # wsman::doc_examples::block_on(async || {
    /// let mut limits = wsman::xml::Limits::default();
    /// limits.bytes = 8 << 20;
    /// let session = wsman::Session::builder("https://host.example/wsman").limits(limits).build()?;
    /// # Ok(()) });
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        let lossy = self.settings.limits.lossy;
        self.settings.limits = Limits { lossy, ..limits };
        self.settings.has_limits = true;
        self
    }

    /// Limits the head of an answer in bytes, and all interim answers (1xx) before it to four times as
    /// many. Defaults to 65,536, and is at least 8,192.
    pub fn head_limit(mut self, bytes: usize) -> Self {
        self.http = self.http.head_limit(bytes);
        self
    }

    /// Sets the limits of what a server or a KDC may send during a login. One of 0 is an
    /// [`Error::Config`](crate::Error::Config).
    ///
    /// ```
    /// # wsman::doc_examples::block_on(async || {
    /// # let simulator = wsman::simulator::sample().start().await?;
    /// let mut limits = wsman::auth::LoginLimits::default();
    /// limits.challenges = 4;
    /// let session = wsman::Session::builder(simulator.url())
    ///     .credentials(wsman::Credentials::basic(simulator.user(), simulator.password()))
    ///     .allow_unencrypted()
    ///     .login_limits(limits)
    ///     .build()?;
    /// session.identify().await?;
    /// # Ok(()) });
    /// ```
    pub fn login_limits(mut self, limits: LoginLimits) -> Self {
        self.http = self.http.login_limits(limits);
        self
    }

    /// Sets how many [callbacks](crate::Operation::callbacks) of an operation wait for their reader.
    /// Defaults to 4, and is at least one. The server waits before it sends another.
    pub fn callbacks_ahead(mut self, callbacks: usize) -> Self {
        self.settings.callbacks_ahead = callbacks;
        self
    }

    /// Sets how many envelopes without content an answer with callbacks may have, one after the other: signs
    /// of life, repetitions and requests for an acknowledgement. One more ends the operation with
    /// [`Error::Decode`](crate::Error::Decode). Defaults to 1,000; 0 allows none.
    pub fn empty_envelopes(mut self, envelopes: u32) -> Self {
        self.settings.empty_envelopes = envelopes;
        self
    }

    /// Sets how many pages without a row an enumeration may have, one after the other, before it ends
    /// with [`Error::Timeout`](crate::Error::Timeout). Defaults to 128.
    pub fn empty_pages(mut self, pages: u32) -> Self {
        self.settings.empty_pages = pages;
        self
    }

    /// Sets the deadline of every operation that is awaited or started, over all its messages. Defaults
    /// to an hour; `None` is no deadline. [`Request::deadline`](crate::Request::deadline) replaces it for one request.
    ///
    /// It ends an operation between two messages, each of which has a time limit of its own
    /// ([`operation_timeout`](Self::operation_timeout) and [`network_delay`](Self::network_delay)). Streamed
    /// rows, subscriptions and operations with callbacks have no default deadline, because they go on
    /// as long as their caller wants.
    ///
    /// ```
    /// # wsman::doc_examples::block_on(async || {
    /// use std::time::Duration;
    /// let session = wsman::Session::builder("https://host.example/wsman")
    ///     .deadline(Duration::from_secs(300))
    ///     .build()?;
    /// # Ok(()) });
    /// ```
    pub fn deadline(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.settings.deadline = limit.into();
        self
    }

    /// Sets the most rows that an awaited enumeration, query or association collects. One more row fails
    /// it with [`Error::CollectLimit`](crate::Error::CollectLimit). Defaults to 1,000,000. A
    /// [stream](crate::Request::stream) has no limit.
    ///
    /// ```no_run
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let session = wsman::Session::builder("https://host:5986/wsman")
    ///     .row_limit(10_000)
    ///     .byte_limit(16 * 1024 * 1024)
    ///     .build()?;
    /// # Ok(()) }
    /// ```
    pub fn row_limit(mut self, rows: u64) -> Self {
        self.settings.row_limit = rows;
        self
    }

    /// Sets the most bytes that the answers with such rows may have together. One more byte fails the
    /// operation with [`Error::CollectLimit`](crate::Error::CollectLimit). Defaults to 256 MiB. Decoded
    /// rows take several times as much memory.
    pub fn byte_limit(mut self, bytes: u64) -> Self {
        self.settings.byte_limit = bytes;
        self
    }

    /// Sets the capacity of the class cache, from which the session types and validates instances.
    /// Defaults to 128 classes. [`Session::forget_classes`](crate::Session::forget_classes) empties it.
    pub fn class_cache(mut self, classes: usize) -> Self {
        self.settings.class_cache = classes;
        self
    }

    /// Sets the most bytes that the answers with the cached classes may have together. Defaults to 64 MiB.
    /// The cache evicts the least recently used classes; a larger class is not kept.
    pub fn class_cache_bytes(mut self, bytes: usize) -> Self {
        self.settings.class_cache_bytes = bytes;
        self
    }
}
