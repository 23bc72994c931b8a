//! A Kerberos realm with a key distribution centre of its own (RFC 4120), for tests.

mod centre;
mod issue;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::auth::negotiate::LoginError;
use crate::auth::negotiate::kerberos::Key;
use crate::auth::{KerberosEtype, Keytab, Secret};
use crate::simulator::environment::environment;
use centre::Centre;
pub(super) use issue::TicketPart;

/// A Kerberos realm whose users and services are known, before its key distribution centre runs.
///
/// It gives tickets as MIT Kerberos does, and asks for the proof of the password first.
///
/// ```
/// use wsman::auth::ServicePrincipal;
/// use wsman::simulator::{KerberosScheme, LoginScheme, PASSWORD, Realm, USER, sample};
/// use wsman::{Credentials, Session};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
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
/// # Ok(())
/// # }
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
}

/// A key distribution centre that runs as long as this is there.
pub struct KeyDistributionCentre {
    address: SocketAddr,
    centre: Arc<Centre>,
    asked: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

/// The longest request that is read, in bytes.
const LARGEST: u32 = 1 << 16;

impl Realm {
    /// A realm with nobody in it.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            users: BTreeMap::new(),
            services: Vec::new(),
            ahead: 0,
            preauthentication: true,
            refusal: None,
            etype: KerberosEtype::Aes256Sha1,
        }
    }

    /// Adds a user.
    pub fn user(mut self, name: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.users.insert(name.into(), password.into());
        self
    }

    /// Adds a service with a key of its own, such as `HTTP/localhost`.
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.services.push(name.into());
        self
    }

    /// Sets its clock ahead by so many seconds, or back.
    pub fn clock_ahead(mut self, seconds: i64) -> Self {
        self.ahead = seconds;
        self
    }

    /// Gives the first ticket to whoever asks, sealed with the key of the user, as old realms do.
    pub fn without_preauthentication(mut self) -> Self {
        self.preauthentication = false;
        self
    }

    /// Sets how the keys of its users and services encrypt. Defaults to [`KerberosEtype::Aes256Sha1`].
    pub fn etype(mut self, etype: KerberosEtype) -> Self {
        self.etype = etype;
        self
    }

    /// Refuses every login with an error of this code (RFC 4120 7.5.9).
    pub fn refusing(mut self, code: u32) -> Self {
        self.refusal = Some(code);
        self
    }

    /// Starts the centre on a free port of the loopback interface, over TCP.
    ///
    /// # Errors
    ///
    /// No port can be listened on.
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

    fn open(self) -> Result<Centre, LoginError> {
        let mut keys = BTreeMap::new();
        for (user, password) in &self.users {
            let salt = [&self.name, user.as_str()].concat();
            let key = Key::of_password(self.etype, password.expose(), salt.as_bytes())?;
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
            users: keys,
            services: services?,
            ahead: self.ahead,
            preauthentication: self.preauthentication,
            refusal: self.refusal,
        })
    }
}

impl KeyDistributionCentre {
    /// Where it listens, for [`SessionBuilder::kdc`](crate::SessionBuilder::kdc).
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// The keys of everybody in the realm.
    pub fn keytab(&self) -> Keytab {
        self.centre.keytab()
    }

    /// How many requests it has answered.
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
                    // That it was cut is nothing to report.
                    let _ = answer(stream, &centre, &asked).await;
                });
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
}

/// One request and its answer, each with its length before it (RFC 4120 7.2.2).
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
