//! Many hosts at once: the same work on each, a bounded number at a time.
//!
//! [`Hosts`] takes a builder for each host and an async function, and returns [`HostResults`]: a stream
//! of results in the order in which they come.

mod results;

pub use results::{HostResult, HostResults};

use std::future::Future;
use std::time::Duration;

use crate::error::Error;
use crate::session::{Session, SessionBuilder};
use crate::transport::LoginGate;

/// The work on many hosts.
///
/// * A bounded number of hosts is worked on at a time; each has its own deadline, so none holds up the
///   rest.
/// * Hosts with the same credentials share their Kerberos tickets: a KDC is asked once for the ticket of
///   the user, and once for each service.
/// * Hosts without a TLS configuration of their own share one.
/// * Hosts with the same user and password share a [`LoginGate`]: the first login goes alone, and once a
///   host rejects the password, nothing more is sent with it. The others end as
///   [`Error::Auth`] with [`Delivery::NotSent`](crate::Delivery::NotSent). So a mistyped password is one
///   bad logon, which locks no account.
///
/// ```
/// # wsman::doc_examples::run(async |_, simulator| {
/// use std::time::Duration;
/// use wsman::hosts::Hosts;
/// use wsman::{Credentials, Session};
///
/// let login = Credentials::basic(simulator.user(), simulator.password());
/// let urls = vec![simulator.url(); 5];
/// let builders = urls.iter().map(|url| {
///     Session::builder(url).credentials(login.clone()).allow_unencrypted().namespace("root/cimv2")
/// });
/// let mut results = Hosts::new(builders)
///     .concurrency(2)
///     .deadline(Duration::from_secs(30))
///     .run(async |session| session.enumerate_instances("Win32_Share").await);
/// while let Some(host) = results.next().await {
///     println!("{}: {} shares", host.endpoint, host.result?.len());
/// }
/// # Ok(()) });
/// ```
#[must_use = "hosts do nothing until `run` is called"]
#[derive(Debug)]
pub struct Hosts {
    builders: Vec<SessionBuilder>,
    concurrency: usize,
    deadline: Option<Duration>,
    has_gates: bool,
}

/// The default number of hosts at a time.
const CONCURRENCY: usize = 16;

impl Hosts {
    /// Prepares the work on hosts, each with the settings of its session.
    pub fn new(builders: impl IntoIterator<Item = SessionBuilder>) -> Self {
        Self {
            builders: builders.into_iter().collect(),
            concurrency: CONCURRENCY,
            deadline: None,
            has_gates: true,
        }
    }

    /// Sets how many hosts are worked on at a time. Defaults to 16, and is at least one.
    pub fn concurrency(mut self, hosts: usize) -> Self {
        self.concurrency = hosts.max(1);
        self
    }

    /// Limits the whole work on each host, from its start. An operation that is late ends with
    /// [`Error::Timeout`] and its delivery, and so does any later one. Defaults to no limit.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = Some(limit);
        self
    }

    /// Tries every login, even after a host rejected the same account and password. Each rejection counts
    /// against the account.
    pub fn independent_logins(mut self) -> Self {
        self.has_gates = false;
        self
    }

    /// Starts the work: one call of the function for each host, with its session.
    ///
    /// The work begins when the results are polled, in a tokio runtime, and ends when they are dropped.
    /// A host whose session cannot be built ends with that error.
    pub fn run<T, F, W>(self, work: F) -> HostResults<T>
    where
        F: Fn(Session) -> W + Send + Sync + 'static,
        W: Future<Output = Result<T, Error>> + Send + 'static,
        T: Send + 'static,
    {
        self.run_indexed(move |_, session| work(session))
    }

    /// Starts the work as [`run`](Self::run) does. The function also receives the number of the host, which
    /// is [`HostResult::index`].
    ///
    /// ```
    /// # wsman::doc_examples::run(async |_, simulator| {
    /// use wsman::{Credentials, Session};
    /// let login = Credentials::basic(simulator.user(), simulator.password());
    /// let builder = Session::builder(simulator.url()).credentials(login).allow_unencrypted();
    /// let mut results = wsman::hosts::Hosts::new([builder]).run_indexed(async |index, session| {
    ///     session.identify().await?;
    ///     Ok(index)
    /// });
    /// assert_eq!(results.next().await.unwrap().result?, 0);
    /// # Ok(()) });
    /// ```
    pub fn run_indexed<T, F, W>(self, work: F) -> HostResults<T>
    where
        F: Fn(usize, Session) -> W + Send + Sync + 'static,
        W: Future<Output = Result<T, Error>> + Send + 'static,
        T: Send + 'static,
    {
        let Self {
            builders,
            concurrency,
            deadline,
            has_gates,
        } = self;
        let mut known = Vec::new();
        let builders = builders.into_iter();
        let builders = builders
            .map(|builder| builder.share_tickets(&mut known))
            .collect();
        let builders = if has_gates { gated(builders) } else { builders };
        HostResults::new(builders, concurrency, deadline, work)
    }
}

/// Puts the hosts of each account behind a gate of their own.
fn gated(builders: Vec<SessionBuilder>) -> Vec<SessionBuilder> {
    let mut gates = Vec::new();
    let gated = builders.into_iter().map(|builder| {
        let Some((user, password)) = builder.ungated_account() else {
            return builder;
        };
        let account = (user.to_owned(), password.clone());
        let known = gates.iter().find(|(known, _)| *known == account);
        let gate = match known {
            Some((_, gate)) => LoginGate::clone(gate),
            None => {
                let gate = LoginGate::new();
                gates.push((account, gate.clone()));
                gate
            }
        };
        builder.login_gate(&gate)
    });
    gated.collect()
}
