//! An embedded CIM server for tests: real HTTP on the loopback interface, which behaves like
//! Windows, OMI or openwsman, with knobs to inject faults (feature `simulator`).
//!
//! | what | type |
//! |---|---|
//! | a server with some classes, or with classes of your own | [`sample`], [`SimulatorBuilder`] |
//! | the server that it behaves like | [`Dialect`] |
//! | faults, delays and broken connections for the next requests | [`Knob`], [`RawAnswer`] |
//! | messages, progress and prompts of an operation | [`Script`] |
//! | a method of a class, as a closure | [`MethodCall`], [`MethodReply`], [`MethodFailure`] |
//! | the logins that it takes, and why it refuses one | [`LoginScheme`], [`Refusal`] |
//! | what it received | [`Simulator::requests`] |
//!
//! It is modelled on recordings of the real servers. Behaviour without a recording is a guess, and
//! a test against it proves nothing about the real servers.
//!
//! ```
//! use wsman::simulator::{Dialect, Knob, sample};
//! # use wsman::InstancePath;
//! # wsman::doc_examples::block_on(async || {
//! let simulator = sample().dialect(Dialect::Omi).start().await?;
//! assert!(simulator.url().as_str().starts_with("http://127.0.0.1:"));
//! simulator.next(Knob::DropAnswer);
//! // … a write through a session: its delivery is unknown, and the simulator knows better:
//! assert!(simulator.instance(&InstancePath::new("Win32_Share").with_key("Name", "public")).is_some());
//! # Ok(()) });
//! ```

mod builder;
mod dialect;
#[cfg(feature = "negotiate")]
mod environment;
mod faults;
mod http;
mod login;
mod model;
mod panics;
mod provider;
#[cfg(feature = "negotiate")]
mod realm;
mod sample;
mod state;

pub use builder::SimulatorBuilder;
pub use dialect::Dialect;
pub use http::knobs::{Knob, RawAnswer};
#[cfg(feature = "negotiate")]
pub use login::{CbtHardening, KerberosScheme, NtlmScheme};
pub use login::{DigestScheme, LoginScheme, Refusal};
pub use model::method::{MethodCall, MethodFailure, MethodReply};
pub use provider::script::Script;
#[cfg(feature = "negotiate")]
pub use realm::{KeyDistributionCentre, Realm};
pub use sample::sample;
pub use state::SeenRequest;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;
use url::Url;

use crate::cim::{Instance, InstancePath, Name, Namespace};
use model::repository::Space;
use model::semantics::Found;
use state::State;

/// Returns the class of a query, its selected properties, and its comparisons, as the server of a dialect
/// reads them.
#[cfg(fuzzing)]
pub(crate) fn query_parts(text: &str, dialect: Dialect) -> Result<[Vec<String>; 3], String> {
    use model::wql::{Query, Syntax};
    let syntax = match dialect {
        Dialect::Omi => Syntax::Omi,
        Dialect::Openwsman => Syntax::Sfcb,
        _ => Syntax::Wmi,
    };
    let query = Query::parse(text, syntax).map_err(|error| error.to_string())?;
    Ok(query.parts())
}

/// The default user.
pub const USER: &str = "tester";

/// The password of [`USER`].
pub const PASSWORD: &str = "simulated";

/// A running server. Dropping it stops it, and fails the test if one of its tasks panicked.
///
/// Requests on a connection must not overlap: a request that starts before the previous answer was
/// sent completely causes such a panic.
pub struct Simulator {
    state: Arc<State>,
    address: SocketAddr,
    url: Url,
    listener: Mutex<Option<JoinHandle<()>>>,
    default_namespace: Option<Namespace>,
}

impl Simulator {
    /// Returns the builder of a server without namespaces; [`sample`] has some.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::new()
    }

    fn new(
        state: Arc<State>,
        address: SocketAddr,
        listener: JoinHandle<()>,
        default_namespace: Option<Namespace>,
    ) -> io::Result<Self> {
        let scheme = if state.is_encrypted() {
            "https"
        } else {
            "http"
        };
        let url = Url::parse(&format!("{scheme}://{address}/wsman")).map_err(io::Error::other)?;
        Ok(Self {
            state,
            address,
            url,
            listener: Mutex::new(Some(listener)),
            default_namespace,
        })
    }

    /// Returns the URL, such as `http://127.0.0.1:40123/wsman`.
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Returns the address and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the server that it behaves like.
    pub fn dialect(&self) -> Dialect {
        self.state.provider.dialect
    }

    /// Returns the user who may log in.
    pub fn user(&self) -> &str {
        &self.state.gate.user
    }

    /// Returns the password of that user.
    pub fn password(&self) -> &str {
        self.state.gate.password()
    }

    /// Changes the password of that user, as an administrator does. Connections that are logged in
    /// stay so. A server changes it once: later calls do nothing and return false.
    pub fn change_password(&self, password: impl Into<String>) -> bool {
        self.state.gate.change_password(password.into())
    }

    /// Adds a knob for a coming request. Knobs wait in a queue: each request takes the first one.
    ///
    /// ```
    /// # use wsman::simulator::{Knob, sample};
    /// # wsman::doc_examples::block_on(async || {
    /// let simulator = sample().start().await?;
    /// // A create-or-update whose Put is served, and whose Create is lost after it was done:
    /// simulator.next(Knob::Pass).next(Knob::DropAnswer);
    /// # Ok(()) });
    /// ```
    pub fn next(&self, knob: Knob) -> &Self {
        self.state.knobs.push(knob);
        self
    }

    /// Removes all waiting knobs.
    pub fn clear_knobs(&self) {
        self.state.knobs.clear();
    }

    /// Closes all connections, as a server restart does: their logins end, and a request in
    /// progress gets no answer. The simulator continues to listen.
    ///
    /// ```
    /// # use wsman::simulator::sample;
    /// # wsman::doc_examples::block_on(async || {
    /// let simulator = sample().start().await?;
    /// # let session = wsman::Session::builder(simulator.url()).build()?;
    /// session.identify().anonymous().await?;
    /// simulator.restart();
    /// while simulator.open_connections() > 0 {
    ///     tokio::task::yield_now().await;
    /// }
    /// session.identify().anonymous().await?;
    /// assert_eq!(simulator.connections(), 2);
    /// # Ok(()) });
    /// ```
    pub fn restart(&self) {
        self.state.restart();
    }

    /// Stops listening and drops all connections; the port stays reserved, and connections to it
    /// are refused.
    pub async fn refuse(&self) {
        let listener = self
            .listener
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(listener) = listener {
            listener.abort();
            // An aborted task returns an error, which is expected.
            let _ = listener.await;
        }
    }

    /// Returns the current state of an instance, by its exact class and its keys; in the first
    /// namespace if the path names none.
    pub fn instance(&self, path: &InstancePath) -> Option<Instance> {
        self.within(path.namespace(), |space| {
            space.get(&space.id_at(path)?).cloned()
        })?
    }

    /// Returns all instances of a class in the first namespace, without those of its subclasses.
    pub fn instances(&self, class: &str) -> Vec<Instance> {
        self.within(None, |space| space.instances_of(&Name::new(class)))
            .unwrap_or_default()
    }

    /// Inserts an instance into the namespace of its path, or into the first one, and replaces one
    /// with the same keys; no rule of its class is checked.
    ///
    /// # Errors
    /// Fails if the namespace or class does not exist (`InvalidInput`).
    pub fn insert(&self, instance: Instance) -> io::Result<()> {
        let namespace = instance.namespace().cloned();
        let class = instance.class().clone();
        self.within(namespace.as_ref(), |space| space.insert(instance))
            .ok_or_else(|| builder::invalid_input("there is no such namespace".to_owned()))?
            .ok_or_else(|| builder::no_class(&class))
    }

    /// Removes an instance, as if another client had deleted it.
    pub fn remove(&self, path: &InstancePath) -> Option<Instance> {
        self.within(path.namespace(), |space| {
            let id = space.id_at(path)?;
            space.remove(&id)
        })?
    }

    /// Returns the requests that were read completely, in order, including those without an answer
    /// yet.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.state.log.all()
    }

    /// Returns the number of enumerations that wait for a Pull or a Release.
    pub fn open_enumerations(&self) -> usize {
        self.state.provider.enumerations.count()
    }

    /// Returns the number of requests that are being answered with several envelopes
    /// ([`Knob::Callbacks`]).
    pub fn open_conversations(&self) -> usize {
        self.state.provider.conversations.count()
    }

    /// Emits an event in the namespace of an instance of an event class, or in the first one: every
    /// subscription with a matching query delivers it. An event class has the qualifier
    /// `Indication`, or derives from one that has. The last 1,000 events are kept for bookmarks.
    ///
    /// ```
    /// # use wsman::{Instance, simulator::sample};
    /// # wsman::doc_examples::block_on(async || {
    /// let simulator = sample().start().await?;
    /// simulator.emit(Instance::new("Demo_Tick").with("Number", 1u32))?;
    /// assert!(simulator.emit(Instance::new("Demo_Share")).is_err());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    /// Fails if the namespace or event class does not exist (`InvalidInput`).
    pub fn emit(&self, event: Instance) -> io::Result<()> {
        let provider = &self.state.provider;
        let namespace = event.namespace().or(self.default_namespace.as_ref());
        let schema = self
            .within(namespace, |space| space.event_class(event.class()))
            .flatten();
        let (Some(namespace), Some(schema)) = (namespace.cloned(), schema) else {
            let text = format!("there is no event class {}", event.class());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        };
        let found = Found {
            schema: Arc::new(schema),
            instance: event,
        };
        provider.subscriptions.emit(namespace, found);
        Ok(())
    }

    /// Returns the number of open subscriptions.
    pub fn open_subscriptions(&self) -> usize {
        self.state.provider.subscriptions.count()
    }

    /// Forgets all subscriptions without notice, as a server restart does.
    pub fn forget_subscriptions(&self) {
        self.state.provider.subscriptions.forget();
    }

    /// Ends all subscriptions with a SubscriptionEnd and this status, such as
    /// `http://schemas.xmlsoap.org/ws/2004/08/eventing/SourceShuttingDown`.
    pub fn end_subscriptions(&self, status: &str) {
        self.state.provider.subscriptions.end(status);
    }

    /// Returns the number of accepted connections.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Acquire)
    }

    /// Returns the number of refused logins with a wrong password or another wrong proof, which a real
    /// server counts against the account. A nonce of Digest that has expired does not count.
    pub fn failed_logins(&self) -> usize {
        self.state.gate.failed.load(Ordering::Acquire)
    }

    /// Returns the number of open connections.
    pub fn open_connections(&self) -> usize {
        self.state.open_connections.load(Ordering::Acquire)
    }

    /// Returns the largest number of connections that were open at one time.
    pub fn most_open_connections(&self) -> usize {
        self.state.most_open_connections.load(Ordering::Acquire)
    }

    fn within<T>(
        &self,
        namespace: Option<&Namespace>,
        work: impl FnOnce(&mut Space) -> T,
    ) -> Option<T> {
        let namespace = namespace.or(self.default_namespace.as_ref())?;
        self.state.provider.repository.within(namespace, work)
    }
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator")
            .field("url", &self.url.as_str())
            .field("dialect", &self.dialect())
            .finish_non_exhaustive()
    }
}

impl Drop for Simulator {
    /// Stops the server. Repeats a panic of one of its tasks, so that the test that caused it
    /// fails, unless the test is panicking already.
    fn drop(&mut self) {
        let listener = self
            .listener
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(listener) = listener {
            listener.abort();
        }
        if let Some(payload) = self
            .state
            .panics
            .take()
            .filter(|_| !std::thread::panicking())
        {
            std::panic::resume_unwind(payload);
        }
    }
}
