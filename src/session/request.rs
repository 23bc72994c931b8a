//! A request: an operation and its options, before it is sent.
//!
//! Each method of a [`Session`](crate::Session) returns a [`Request`] of one operation. The operations on
//! one instance or class are here; those of rows, methods, events and puts have a module of their own.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use super::create::CreateInstance;
pub use super::delete::DeleteInstance;
pub use super::flags::{OperationFlags, ProviderArchitecture};
pub use super::get::{GetInstance, GetProperty};
pub use super::identify::Identify;
pub use super::instance_source::InstanceSource;
pub use super::optional::Optional;
pub use super::schema::{AsksForClasses, GetClass};
pub use super::target_path::TargetPath;

use super::Session;
use super::call::Call;
use super::context;
use super::deadline::{limit, within};
use super::operation::{Operation, until_cancelled};
use super::options::CallOptions;
use super::origin::Origin;
use super::progress::Progress;
use super::retry::RetryPolicy;
use super::trace::Trace;
use crate::cim::{Name, Value};
use crate::error::{Error, OperationKind, Subject};
use crate::protocol::{Callbacks, ResourceUriPrefix, WsmanOption};

/// An operation that is ready to be sent: `.await` it for the result, or [`start`](Request::start) it
/// in the background.
///
/// These methods exist for every operation; those of one operation are listed with its name, such as
/// [`Request<PutInstance>`](crate::put::PutInstance).
///
/// HTTP needs a tokio runtime: on another executor a request fails with [`Error::Config`] before it is
/// sent.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited or started"]
pub struct Request<O> {
    pub(super) session: Session,
    pub(super) options: CallOptions,
    pub(super) operation: O,
}

/// An operation of a session. Sealed: the operations are those of MI and WMI.
#[expect(private_bounds, reason = "seals the trait")]
pub trait Perform: Run<<Self as Perform>::Output> + Send + 'static {
    /// The result of the operation.
    type Output: Send + 'static;
}

/// The messages of an operation.
pub(super) trait Run<T> {
    /// Sends the messages of the operation.
    fn perform(&mut self, call: &mut Call) -> impl Future<Output = Result<T, Error>> + Send;

    /// Returns which operation it is, for its errors.
    fn kind(&self) -> OperationKind;

    /// Returns what the operation concerns, for its errors; also after it was performed.
    fn subject(&self) -> Subject {
        Subject::of(self.kind())
    }
}

impl<O> Request<O> {
    pub(super) fn new(session: &Session, operation: O) -> Self {
        Self {
            session: session.clone(),
            options: CallOptions::default(),
            operation,
        }
    }

    /// Returns the same request for another operation.
    pub(super) fn map<P>(self, to: impl FnOnce(O) -> P) -> Request<P> {
        Request {
            session: self.session,
            options: self.options,
            operation: to(self.operation),
        }
    }

    /// Sets the namespace of this operation, instead of the session's. A backslash is read as a slash.
    /// An invalid namespace, or one that names a computer, fails the operation before it is sent.
    pub fn namespace(mut self, namespace: impl AsRef<str>) -> Self {
        self.options.namespace = Some(namespace.as_ref().parse());
        self
    }

    /// Sets the part of the resource URI before the class, instead of the session's.
    pub fn resource_uri_prefix(mut self, prefix: ResourceUriPrefix) -> Self {
        self.options.prefix = Some(prefix);
        self
    }

    /// Sets the time limit of the server for each message (`w:OperationTimeout`), instead of the
    /// session's. The session waits for this limit plus the network delay.
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.options.operation_timeout = Some(timeout);
        self
    }

    /// Sets the language of messages (`w:Locale`), such as `de-DE`.
    pub fn locale(mut self, tag: impl Into<String>) -> Self {
        self.options.locale = Some(tag.into());
        self
    }

    /// Sets the language of numbers and dates in texts (`p:DataLocale`).
    pub fn data_locale(mut self, tag: impl Into<String>) -> Self {
        self.options.data_locale = Some(tag.into());
        self
    }

    /// Adds an option for the provider. Repeating a name adds another option, as `wmiarray:` options
    /// require.
    pub fn option(mut self, option: WsmanOption) -> Self {
        self.options.options.push(option);
        self
    }

    /// Adds a value to the provider's context (`IWbemContext`; MS-WSMV 3.1.4.1.10), as a `wmi:` option,
    /// or for an array as `wmiarray:` options. Windows passes them to the provider; OMI and openwsman
    /// ignore them.
    ///
    /// NULL, a reference, an instance and an empty name fail the operation before it is sent
    /// ([`Error::InvalidParameter`]).
    ///
    /// ```
    /// # async fn example(session: wsman::Session) -> Result<(), wsman::Error> {
    /// let share = session.get_instance(r#"Win32_Share.Name="logs""#).context("__CorrelationId", "7d1c").await?;
    /// # Ok(()) }
    /// ```
    pub fn context(mut self, name: impl Into<Name>, value: impl Into<Value>) -> Self {
        match context::options(&name.into(), &value.into()) {
            Ok(options) => self.options.options.extend(options),
            Err(error) => {
                self.options.invalid_context.get_or_insert(error);
            }
        }
        self
    }

    /// Limits the whole operation, from its start to its result, over all its messages. An operation that
    /// is late ends with [`Error::Timeout`] of the kind
    /// [`Deadline`](crate::error::TimeoutKind::Deadline), whose [`delivery`](Error::delivery) says
    /// whether the server may have performed it. Defaults to
    /// [`SessionBuilder::deadline`](crate::SessionBuilder::deadline), which has no effect on rows that are
    /// streamed, subscriptions and callbacks.
    ///
    /// The limit of rows and of a subscription covers the whole stream, from its first poll.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, simulator| {
    /// # use std::time::Duration;
    /// # use wsman::{Delivery, Error, Instance, simulator::Knob};
    /// # simulator.next(Knob::Delay(Duration::from_secs(60)));
    /// let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Path", r"C:\logs");
    /// let late = session.put_instance(&share).deadline(Duration::from_millis(200)).await;
    /// assert!(matches!(&late, Err(Error::Timeout(_))));
    /// assert_eq!(late.unwrap_err().delivery(), Delivery::Unknown);
    /// # Ok(()) });
    /// ```
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.options.deadline = Some(limit);
        self
    }

    /// Sends the messages of the operation again that failed, instead of the session's policy: those of
    /// reads, and those that were not sent. [`RetryPolicy::never`] turns it off.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, simulator| {
    /// use wsman::retry::RetryPolicy;
    /// # use wsman::{Delivery, Error, Instance, simulator::Knob};
    /// let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Path", r"C:\logs");
    /// // A write whose answer is lost may have been performed: it is not sent again.
    /// simulator.next(Knob::DropAnswer);
    /// let lost = session.create_instance(&share).retry(RetryPolicy::new(5)).await.unwrap_err();
    /// assert_eq!((lost.delivery(), lost.attempts()), (Delivery::Unknown, 1));
    /// let invalid = session.create_instance(&share).retry(RetryPolicy::new(0)).await;
    /// assert!(matches!(invalid, Err(Error::InvalidParameter(_))));
    /// # Ok(()) });
    /// ```
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Sets the flags that MI takes for every operation.
    pub fn operation_flags(mut self, flags: OperationFlags) -> Self {
        self.options.flags = flags;
        self
    }

    /// Prefers one of two providers of a class; a single provider answers whatever its architecture
    /// (`__ProviderArchitecture`, MS-WMI 2.2.13).
    pub fn provider_architecture(self, architecture: ProviderArchitecture) -> Self {
        self.option(architecture.preferred())
    }

    /// Requires this provider: the server fails rather than let another one answer
    /// (`__RequiredArchitecture`).
    pub fn required_architecture(self, architecture: ProviderArchitecture) -> Self {
        self.provider_architecture(architecture)
            .option(ProviderArchitecture::required())
    }

    /// Requests callbacks of the server while the operation runs (MS-WSMV 2.2.10). An operation that is
    /// [started](Request::start) returns them from [`callbacks`](Operation::callbacks). A request that
    /// is awaited or streamed has no listener, and does not request them.
    ///
    /// The time limit of such an operation restarts with each callback, and pauses while the caller
    /// handles one.
    pub fn callbacks(mut self, wanted: Callbacks) -> Self {
        self.options.callbacks = wanted;
        self
    }

    /// Keeps the XML element of each instance as it was received: [`Instance::xml`].
    ///
    /// [`Instance::xml`]: crate::Instance::xml
    pub fn keep_xml(mut self) -> Self {
        self.options.keep_xml = true;
        self
    }

    /// Requires the server to distinguish empty arrays from NULL and from missing ones, so that they can
    /// be sent (`msftwinrm:UsePreciseArrays`). Windows and OMI support it.
    pub fn precise_arrays(mut self) -> Self {
        self.options.precise_arrays = Some(true);
        self
    }
}

impl<O: Perform> Request<O> {
    /// Starts the operation in the background and returns at once: the semisynchronous form.
    ///
    /// Outside a tokio runtime the operation fails with [`Error::Config`], which waiting for it returns.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// # use std::time::Duration;
    /// # use wsman::Instance;
    /// let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Path", r"C:\logs");
    /// let mut operation = session.put_instance(&share).start();
    /// match operation.wait(Duration::from_secs(5)).await {
    ///     Some(put) => println!("{:?}", put?.outcome),
    ///     None => { let _finished_after_all = operation.cancel().await; }
    /// }
    /// # Ok(()) });
    /// ```
    pub fn start(mut self) -> Operation<O::Output> {
        let progress = Arc::new(Progress::default());
        let callbacks = self.options.listen(self.session.settings().callbacks_ahead);
        let origin = Origin::new(&self.session, None, Subject::of(self.operation.kind()));
        let work = self.run_until_cancelled(Arc::clone(&progress));
        Operation::start(origin, progress, callbacks, work)
    }

    async fn run(mut self) -> Result<O::Output, Error> {
        let trace = Trace::of::<O>(&self.session);
        let performed = self.perform_in_time(Arc::default(), &trace).await;
        trace.end(&performed);
        performed.map_err(|error| self.explain(error))
    }

    async fn run_until_cancelled(mut self, progress: Arc<Progress>) -> Result<O::Output, Error> {
        let trace = Trace::of::<O>(&self.session);
        let performing = self.perform_in_time(Arc::clone(&progress), &trace);
        let performed = until_cancelled(performing, progress).await;
        trace.end(&performed);
        performed.map_err(|error| self.explain(error))
    }

    async fn perform_in_time(
        &mut self,
        progress: Arc<Progress>,
        trace: &Trace,
    ) -> Result<O::Output, Error> {
        match limit(&self.session, &self.options) {
            None => self.perform(progress, trace).await,
            // Boxed, because few operations have a deadline and all would reserve room for it.
            Some(limit) => {
                let work = Box::pin(self.perform(Arc::clone(&progress), trace));
                within(limit, progress, work).await
            }
        }
    }

    async fn perform(
        &mut self,
        progress: Arc<Progress>,
        trace: &Trace,
    ) -> Result<O::Output, Error> {
        let own = CallOptions {
            namespace: self.options.namespace.clone(),
            ..CallOptions::default()
        };
        let options = std::mem::replace(&mut self.options, own);
        let call = Call::new(self.session.clone(), options, progress)?;
        self.operation
            .perform(&mut call.within_session().traced(trace.clone()))
            .await
    }

    /// Adds the operation and the endpoint to its error, in the one place where an operation ends.
    #[cold]
    pub(super) fn explain(&self, error: Error) -> Error {
        Origin::new(
            &self.session,
            self.options.own_namespace(),
            self.operation.subject(),
        )
        .explain(error)
    }
}

impl<O: Perform> IntoFuture for Request<O> {
    type Output = Result<O::Output, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
