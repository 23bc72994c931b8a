//! A request: what to do, with which options, before it is sent.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Session;
use super::call::Call;
use super::flags::{OperationFlags, ProviderArchitecture};
use super::operation::Operation;
use super::options::CallOptions;
use super::progress::Progress;
use crate::error::Error;
use crate::protocol::{Callbacks, ResourceUriPrefix, WsmanOption};

/// An operation that is ready to be sent: `.await` it for the result, or [`start`](Request::start) it
/// and go on with something else.
///
/// The methods here are for every operation; those of one operation are listed with its name, such as
/// [`Request<PutInstance>`](crate::PutInstance).
///
/// HTTP needs a tokio runtime: polled by another executor, a request fails with [`Error::Config`]
/// before anything is sent.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited or started"]
pub struct Request<O> {
    pub(super) session: Session,
    pub(super) options: CallOptions,
    pub(super) operation: O,
}

/// An operation of a session. Sealed: the operations are those of MI and WMI.
pub trait Perform: Send + 'static {
    /// What the operation gives.
    type Output: Send + 'static;

    /// Sends the messages of the operation.
    #[doc(hidden)]
    fn perform(self, call: &mut Call) -> impl Future<Output = Result<Self::Output, Error>> + Send;
}

impl<O> Request<O> {
    pub(super) fn new(session: &Session, operation: O) -> Self {
        Self {
            session: session.clone(),
            options: CallOptions::default(),
            operation,
        }
    }

    /// The same request of another operation.
    pub(super) fn map<P>(self, to: impl FnOnce(O) -> P) -> Request<P> {
        Request {
            session: self.session,
            options: self.options,
            operation: to(self.operation),
        }
    }

    /// The namespace of this operation instead of the session's; a backslash is read as a slash. One
    /// that is no namespace, or names a computer, makes the operation fail before it is sent.
    pub fn namespace(mut self, namespace: impl AsRef<str>) -> Self {
        self.options.namespace = Some(namespace.as_ref().parse());
        self
    }

    /// What stands before the class in the resource URI, instead of the session's.
    pub fn resource_uri_prefix(mut self, prefix: ResourceUriPrefix) -> Self {
        self.options.prefix = Some(prefix);
        self
    }

    /// How long the server may take for each message (`w:OperationTimeout`), instead of the session's.
    /// The session waits this long and the network delay.
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.options.operation_timeout = Some(timeout);
        self
    }

    /// The language of messages (`w:Locale`), such as `de-DE`.
    pub fn locale(mut self, tag: impl Into<String>) -> Self {
        self.options.locale = Some(tag.into());
        self
    }

    /// The language in which numbers and dates in texts are written (`p:DataLocale`).
    pub fn data_locale(mut self, tag: impl Into<String>) -> Self {
        self.options.data_locale = Some(tag.into());
        self
    }

    /// Adds an option for the provider; the same name again adds another, as `wmiarray:` options need.
    pub fn option(mut self, option: WsmanOption) -> Self {
        self.options.options.push(option);
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

    /// What the server is to tell and ask while the operation runs (MS-WSMV 2.2.10): an operation that
    /// is [started](Request::start) hands it out with
    /// [`callbacks`](Operation::callbacks). Where nobody could hear it, because the request is awaited
    /// or its rows are streamed, the server is not asked.
    ///
    /// For each message of such an operation the time limit is for what the server says next. It
    /// stands still while the caller thinks.
    pub fn callbacks(mut self, wanted: Callbacks) -> Self {
        self.options.callbacks = wanted;
        self
    }

    /// Keeps with each instance that is read its element as it was received: [`Instance::xml`].
    ///
    /// [`Instance::xml`]: crate::Instance::xml
    pub fn keep_xml(mut self) -> Self {
        self.options.keep_xml = true;
        self
    }

    /// Asks the server to tell empty arrays from NULL and from missing ones, so that they can be sent
    /// (`msftwinrm:UsePreciseArrays`). Windows and OMI know it.
    pub fn precise_arrays(mut self) -> Self {
        self.options.precise_arrays = Some(true);
        self
    }
}

impl<O: Perform> Request<O> {
    /// Starts the operation and returns at once: the semisynchronous form.
    ///
    /// Outside a tokio runtime the operation fails with [`Error::Config`], which waiting for it gives.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use std::time::Duration;
    /// # use wsman::{Instance, Session};
    /// # let simulator = wsman::simulator::sample().start().await?;
    /// # let session = simulator_session(&simulator)?;
    /// # fn simulator_session(s: &wsman::simulator::Simulator) -> Result<Session, wsman::Error> {
    /// #     Session::builder(s.url()).credentials(wsman::Credentials::basic(s.user(), s.password()))
    /// #         .allow_unencrypted().namespace("root/cimv2").build() }
    /// let share = Instance::new("Win32_Share").key("Name", "logs").with("Path", r"C:\logs");
    /// let mut operation = session.put_instance(&share).start();
    /// match operation.wait(Duration::from_secs(5)).await {
    ///     Some(put) => println!("{:?}", put?.outcome),
    ///     None => { let _finished_after_all = operation.cancel().await; }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn start(mut self) -> Operation<O::Output> {
        let progress = Arc::new(Progress::default());
        let callbacks = self.options.listen();
        Operation::start(Arc::clone(&progress), callbacks, self.run(progress))
    }

    pub(super) async fn run(self, progress: Arc<Progress>) -> Result<O::Output, Error> {
        let mut call = Call::new(self.session, self.options, progress)?;
        self.operation.perform(&mut call).await
    }
}

impl<O: Perform> IntoFuture for Request<O> {
    type Output = Result<O::Output, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run(Arc::default()))
    }
}
