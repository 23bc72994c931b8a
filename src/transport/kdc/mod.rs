//! Sends requests to KDCs (RFC 4120 7.2).
//!
//! The KDCs of a realm are asked one beside the other, over UDP and TCP, until one answers.

#[cfg(feature = "dns-srv")]
mod dns;
mod exchange;
mod keytab;
mod krb5_conf;
pub(crate) mod limits;
mod log;
mod race;
mod server;
mod settings;
mod staggered;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

pub(crate) use krb5_conf::Krb5Conf;
pub use krb5_conf::Krb5ConfError;
pub(crate) use settings::{KerberosSettings, environment};

use self::log::{Log, Protocol};
use self::race::{Race, Winner};
use self::server::{PORT, Server};
use crate::auth::negotiate::{Kdc, KdcFuture, KdcRequest, LoginError};
use crate::auth::{LoginLimits, LoginProblem};

/// The known KDCs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kdcs {
    /// The KDCs of the user's realm that the caller set, as `host:port` or `host`.
    pub(crate) given: Vec<String>,
    /// The KDCs of other realms, and of the user's realm if the caller set none.
    pub(crate) conf: Krb5Conf,
    /// The time limit of each request.
    pub(crate) patience: Duration,
    /// The most bytes of an answer.
    answer_bytes: usize,
    /// The KDC of each realm that answered last.
    answered: Arc<Mutex<BTreeMap<String, Winner>>>,
    #[cfg(feature = "dns-srv")]
    dns: dns::Dns,
}

/// The KDCs, and the end of the operation that needs them.
#[derive(Debug)]
pub(crate) struct KdcsUntil<'a> {
    kdcs: &'a Kdcs,
    end: Instant,
}

/// Returns the end of an operation that has this much time.
pub(crate) fn deadline(time: Duration) -> Instant {
    let now = Instant::now();
    // Without a limit, a year is as good.
    let most = Duration::from_secs(365 * 24 * 60 * 60);
    now + time.min(most)
}

/// The time until the next KDC is asked beside the last one.
const PAUSE: Duration = Duration::from_secs(1);

impl Kdc for KdcsUntil<'_> {
    fn ask(&self, request: KdcRequest) -> KdcFuture<'_> {
        Box::pin(self.kdcs.ask_within(request, self.time()))
    }
}

impl KdcsUntil<'_> {
    /// Returns the time limit of the next request: half of the time that is left, so that enough
    /// remains for another realm or another login.
    fn time(&self) -> Duration {
        let left = self.end.saturating_duration_since(Instant::now());
        self.kdcs.patience.min(left / 2)
    }
}

impl Kdcs {
    pub(crate) fn new(given: Vec<String>, conf: Krb5Conf, patience: Duration) -> Self {
        Self {
            given,
            conf,
            patience,
            answer_bytes: LoginLimits::DEFAULT.kdc_answer_bytes,
            ..Self::default()
        }
    }

    /// Returns the KDCs for an operation that ends then.
    pub(crate) fn until(&self, end: Instant) -> KdcsUntil<'_> {
        KdcsUntil { kdcs: self, end }
    }

    async fn ask_within(&self, request: KdcRequest, time: Duration) -> Result<Vec<u8>, LoginError> {
        let log = Log::default();
        let asking = self.ask_each(&request, time, &log);
        let answered = timeout(time, asking).await.unwrap_or_default();
        let realm = request.realm;
        match answered {
            Some((winner, answer)) => {
                let mut known = self.answered();
                if known.len() < limits::REALMS || known.contains_key(&realm) {
                    known.insert(realm, winner);
                }
                Ok(answer)
            }
            None => {
                self.answered().remove(&realm);
                let tried = format!("the realm {realm} ({log})");
                Err(LoginError::of(LoginProblem::KdcUnreachable, tried))
            }
        }
    }

    async fn ask_each(&self, request: &KdcRequest, time: Duration, log: &Log) -> race::Answered {
        let servers = self.of_realm(request, log).await;
        let last = self.answered().get(&request.realm).cloned();
        let count = u32::try_from(servers.len()).unwrap_or(u32::MAX);
        let race = Race {
            message: &request.message,
            answer_bytes: self.answer_bytes,
            first: if request.message.len() <= self.conf.udp_limit() {
                Protocol::Udp
            } else {
                Protocol::Tcp
            },
            // Each gets its turn before the end.
            pause: PAUSE.min(time / count.saturating_add(1)),
            log,
        };
        race.run(last, &servers).await
    }

    /// Returns the KDCs of a realm, in order.
    #[cfg_attr(
        not(feature = "dns-srv"),
        allow(clippy::unused_async, unused_variables, reason = "for the DNS")
    )]
    async fn of_realm(&self, request: &KdcRequest, log: &Log) -> Vec<Server> {
        let realm = request.realm.as_str();
        let named = self.named(request);
        if !named.is_empty() {
            return named;
        }
        #[cfg(feature = "dns-srv")]
        if self.conf.looks_up_kdcs() {
            let question = format!("the DNS at _kerberos._udp.{realm} and _kerberos._tcp.{realm}");
            match self.dns.kdcs(realm).await {
                dns::Found::Kdcs(kdcs) => return kdcs,
                dns::Found::Nothing(why) => log.note(question, why),
                dns::Found::NoService => {
                    log.note(question, "the realm has no KDC".to_owned());
                    return Vec::new();
                }
            }
        }
        // The controllers of a Windows domain answer to the name of the domain. The name may come
        // from a KDC, which must not choose the port.
        vec![Server::new(&realm.to_lowercase(), PORT)]
    }

    /// Returns the KDCs that the caller or `krb5.conf` names, each once.
    fn named(&self, request: &KdcRequest) -> Vec<Server> {
        let addresses: Vec<&str> = if request.is_home && !self.given.is_empty() {
            self.given.iter().map(String::as_str).collect()
        } else {
            self.conf.addresses(&request.realm)
        };
        let mut servers: Vec<Server> = Vec::new();
        for server in addresses.into_iter().map(Server::of) {
            if !servers.contains(&server) {
                servers.push(server);
            }
        }
        servers.truncate(limits::SERVERS);
        servers
    }

    fn answered(&self) -> MutexGuard<'_, BTreeMap<String, Winner>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
