//! A Kerberos realm with its own KDC (RFC 4120), for tests.

mod centre;
mod issue;
#[cfg(test)]
mod problems;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tickets;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::auth::negotiate::LoginError;
use crate::auth::negotiate::kerberos::Key;
use crate::auth::{KerberosEtype, Keytab, Secret};
use crate::simulator::environment::environment;
use centre::Centre;
pub(super) use issue::TicketPart;

/// Builds a Kerberos realm with its users and services; [`start`](Realm::start) runs its KDC.
///
/// It issues tickets as MIT Kerberos does, and requires pre-authentication.
///
/// ```
/// use wsman::auth::ServicePrincipal;
/// use wsman::simulator::{KerberosScheme, LoginScheme, PASSWORD, Realm, USER, sample};
/// use wsman::{Credentials, Session};
///
/// # wsman::doc_examples::block_on(async || {
/// let realm = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD).service("HTTP/localhost");
/// let kdc = realm.start().await?;
/// let scheme = KerberosScheme::new("HTTP/localhost@EXAMPLE.TEST", &kdc.keytab())?;
/// let simulator = sample().logins([LoginScheme::Kerberos(scheme)]).start().await?;
///
/// let session = Session::builder(simulator.url())
///     .credentials(Credentials::kerberos(format!("{USER}@EXAMPLE.TEST"), PASSWORD))
///     .kdc(kdc.address())
///     .service_principal(ServicePrincipal::new().host("localhost"))
///     .build()?;
/// session.identify().await?;
/// # Ok(()) });
/// ```
#[derive(Debug)]
#[must_use]
pub struct Realm {
    name: String,
    users: BTreeMap<String, Secret>,
    services: Vec<String>,
    ahead: i64,
    preauthentication: bool,
    refusal: Option<u32>,
    etype: KerberosEtype,
    life: Duration,
}

/// A KDC that runs until this is dropped.
pub struct KeyDistributionCentre {
    address: SocketAddr,
    centre: Arc<Centre>,
    asked: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

/// The limit of a request, in bytes.
const LARGEST: u32 = 1 << 16;

impl Realm {
    /// Creates a realm without users and services.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            users: BTreeMap::new(),
            services: Vec::new(),
            ahead: 0,
            preauthentication: true,
            refusal: None,
            etype: KerberosEtype::Aes256Sha1,
            life: Duration::from_secs(10 * 60 * 60),
        }
    }

    /// Adds a user.
    pub fn user(mut self, name: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.users.insert(name.into(), password.into());
        self
    }

    /// Adds a service with its own key, such as `HTTP/localhost`.
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.services.push(name.into());
        self
    }

    /// Sets its clock ahead by this many seconds; negative for behind.
    pub fn clock_ahead(mut self, seconds: i64) -> Self {
        self.ahead = seconds;
        self
    }

    /// Issues the first ticket without pre-authentication, encrypted with the key of the user, as
    /// old realms do.
    pub fn without_preauthentication(mut self) -> Self {
        self.preauthentication = false;
        self
    }

    /// Sets the encryption type of the keys of its users and services. Defaults to
    /// [`KerberosEtype::Aes256Sha1`].
    pub fn etype(mut self, etype: KerberosEtype) -> Self {
        self.etype = etype;
        self
    }

    /// Sets the lifetime of tickets, in whole seconds. Defaults to ten hours.
    ///
    /// A client stops using a ticket five minutes before its end, because clocks may differ by that
    /// much.
    pub fn ticket_life(mut self, life: Duration) -> Self {
        self.life = life;
        self
    }

    /// Refuses every login with this error code (RFC 4120 7.5.9).
    pub fn refusing(mut self, code: u32) -> Self {
        self.refusal = Some(code);
        self
    }

    /// Starts the KDC on a free TCP port of the loopback interface.
    ///
    /// # Errors
    ///
    /// Fails if there is no free port.
    pub async fn start(self) -> io::Result<KeyDistributionCentre> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let centre = Arc::new(self.open().map_err(io::Error::other)?);
        let asked = Arc::new(AtomicUsize::new(0));
        let task = tokio::spawn(serve(listener, Arc::clone(&centre), Arc::clone(&asked)));
        Ok(KeyDistributionCentre {
            address,
            centre,
            asked,
            task,
        })
    }

    /// Returns the keys of all users and services, and the KDC as a function.
    #[cfg(any(test, fuzzing))]
    #[allow(clippy::unwrap_used, reason = "not in the library that is shipped")]
    pub(crate) fn without_network(self) -> (Keytab, impl Fn(&[u8]) -> Vec<u8>) {
        let centre = self.open().unwrap();
        (centre.keytab(), move |request| centre.answer(request))
    }

    fn open(self) -> Result<Centre, LoginError> {
        let mut keys = BTreeMap::new();
        for (user, password) in &self.users {
            let key = Centre::user_key(self.etype, &self.name, user, password)?;
            keys.insert(user.clone(), key);
        }
        let services: Result<BTreeMap<_, _>, LoginError> = self
            .services
            .into_iter()
            .map(|service| Ok((service, Key::random(self.etype, environment())?)))
            .collect();
        Ok(Centre {
            own_key: Key::random(self.etype, environment())?,
            etype: self.etype,
            realm: self.name,
            users: RwLock::new(keys),
            services: RwLock::new(services?),
            life: self.life.as_secs(),
            failed: AtomicUsize::new(0),
            ahead: self.ahead,
            preauthentication: self.preauthentication,
            refusal: self.refusal,
        })
    }
}

impl KeyDistributionCentre {
    /// Returns its address, for [`SessionBuilder::kdc`](crate::SessionBuilder::kdc).
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Returns the keys of all users and services.
    pub fn keytab(&self) -> Keytab {
        self.centre.keytab()
    }

    /// Changes the password of a user, or adds the user. Tickets that were issued before stay valid.
    ///
    /// # Errors
    ///
    /// Fails if the machine cannot derive the key.
    pub fn change_password(&self, user: &str, password: impl Into<Secret>) -> io::Result<()> {
        let Centre { etype, realm, .. } = &*self.centre;
        let key = Centre::user_key(*etype, realm, user, &password.into());
        let key = key.map_err(io::Error::other)?;
        let users = &self.centre.users;
        let mut users = users.write().unwrap_or_else(PoisonError::into_inner);
        users.insert(user.to_owned(), key);
        Ok(())
    }

    /// Gives a service another random key, or adds the service. Servers with the old key refuse the
    /// tickets that are issued from then on.
    ///
    /// # Errors
    ///
    /// Fails if the random source of the operating system fails.
    pub fn change_service_key(&self, service: &str) -> io::Result<()> {
        let key = Key::random(self.centre.etype, environment()).map_err(io::Error::other)?;
        let services = &self.centre.services;
        let mut services = services.write().unwrap_or_else(PoisonError::into_inner);
        services.insert(service.to_owned(), key);
        Ok(())
    }

    /// Returns the number of refused proofs of a password. A real KDC counts them against the account.
    pub fn failed_logins(&self) -> usize {
        self.centre.failed.load(Ordering::Acquire)
    }

    /// Returns the number of answered requests.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Acquire)
    }
}

impl Drop for KeyDistributionCentre {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for KeyDistributionCentre {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyDistributionCentre")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

async fn serve(listener: TcpListener, centre: Arc<Centre>, asked: Arc<AtomicUsize>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let (centre, asked) = (Arc::clone(&centre), Arc::clone(&asked));
                connections.spawn(async move {
                    // An interrupted connection is not reported.
                    let _ = answer(stream, &centre, &asked).await;
                });
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
}

/// Answers one request; each message has its length before it (RFC 4120 7.2.2).
async fn answer(mut stream: TcpStream, centre: &Centre, asked: &AtomicUsize) -> io::Result<()> {
    let length = stream.read_u32().await?;
    if length > LARGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut request = Vec::new();
    let mut limited = (&mut stream).take(length.into());
    limited.read_to_end(&mut request).await?;
    let answer = centre.answer(&request);
    asked.fetch_add(1, Ordering::AcqRel);
    let length = u32::try_from(answer.len()).map_err(io::Error::other)?;
    stream.write_u32(length).await?;
    stream.write_all(&answer).await?;
    stream.flush().await
}
