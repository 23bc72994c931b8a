//! Damages each message of a login, in both directions: the login fails, or has the same outcome.

mod digest;
mod kerberos;
mod ntlm;
mod sealed;

use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::channel::{Channel, NtlmAcceptor, NtlmScheme};
use super::kerberos::TicketAcceptor;
use super::replays::Replays;
use super::{CbtHardening, KerberosScheme, Login, Opened};
use crate::auth::damage::{Edit, Specimen};
use crate::auth::negotiate::{ConnectionLogin, Environment, Kdc, KdcFuture, KdcRequest};
use crate::auth::seal::{self, MimeForm};

const USER: &str = "ops";
const PASSWORD: &str = "hunter2";
const BINDING: &[u8] = b"tls-server-end-point:abc";

/// The scheme of a login that both sides completed, or why they did not.
type Outcome = Result<&'static str, String>;

/// Carries the messages of a login, and damages one of them.
struct Wire {
    number: usize,
    edit: Edit,
    sent: Mutex<Vec<Vec<u8>>>,
}

impl Wire {
    fn new(number: usize, edit: Edit) -> Self {
        Self {
            number,
            edit,
            sent: Mutex::default(),
        }
    }

    fn carry(&self, message: Vec<u8>) -> Vec<u8> {
        let mut sent = self.sent.lock().unwrap();
        let arrived = if sent.len() == self.number {
            self.edit.apply(&message)
        } else {
            message.clone()
        };
        sent.push(message);
        arrived
    }

    /// Returns the message as it was sent.
    fn damaged(self) -> Vec<u8> {
        self.sent.into_inner().unwrap().swap_remove(self.number)
    }
}

/// Runs a login with one message damaged. A login whose random numbers make that message longer or
/// shorter than the recorded one is repeated.
fn run<T>(
    (number, whole, edit): (usize, &[u8], Edit),
    log_in: impl Fn(&Wire) -> Result<T, String>,
) -> Result<T, String> {
    loop {
        let wire = Wire::new(number, edit);
        let outcome = log_in(&wire);
        if wire.damaged().len() == whole.len() {
            return outcome;
        }
    }
}

/// Returns a message of a login.
fn message<T>(number: usize, log_in: impl Fn(&Wire) -> Result<T, String>) -> Vec<u8> {
    let wire = Wire::new(number, Edit::Nothing);
    let _outcome = log_in(&wire);
    wire.damaged()
}

/// The server of a login.
#[derive(Default)]
struct Server {
    channel: Channel,
    ntlm: Option<NtlmScheme>,
    kerberos: Option<KerberosScheme>,
    replays: Replays,
}

impl Server {
    fn ntlm() -> Self {
        Self {
            ntlm: Some(NtlmScheme::new().cbt(CbtHardening::Strict)),
            ..Self::default()
        }
    }

    fn ticket<'a>(&'a self, scheme: &'a KerberosScheme) -> TicketAcceptor<'a> {
        TicketAcceptor {
            scheme,
            user: USER,
            channel: Some(BINDING),
            replays: &self.replays,
        }
    }

    fn take(&self, scheme: &str, token: &[u8]) -> Option<Login> {
        let given = format!("{scheme} {}", BASE64.encode(token));
        if let Some(kerberos) = &self.kerberos
            && let Some(login) = self.channel.take_ticket(self.ticket(kerberos), &given)
        {
            return Some(login);
        }
        let acceptor = NtlmAcceptor {
            scheme: self.ntlm.as_ref()?,
            user: [USER, PASSWORD],
            channel: Some(BINDING),
        };
        self.channel.log_in(acceptor, &given)
    }
}

/// Logs in as the transport does, and exchanges a sealed message and its answer.
fn log_in(
    mut client: Box<dyn ConnectionLogin>,
    server: &Server,
    (kdc, wire): (&dyn Kdc, &Wire),
) -> Outcome {
    client.bind(BINDING);
    let mut answer: Option<Vec<u8>> = None;
    for _ in 0..8 {
        let token =
            ready(client.step(answer.as_deref(), kdc)).map_err(|error| error.to_string())?;
        let token = wire.carry(token.ok_or("the login has no next token")?);
        let login = server.take(client.scheme(), &token);
        match login.ok_or("the server rejected the login")? {
            Login::Continued(challenge) => {
                let token = wire.carry(token_of(&challenge));
                if token.is_empty() || client.is_complete() {
                    return Err("the server rejected the login".to_owned());
                }
                answer = Some(token);
            }
            Login::Established(last) => {
                let last = last.map(|last| wire.carry(token_of(&last)));
                // A header without a token names the scheme alone.
                if let Some(last) = last.filter(|last| !last.is_empty()) {
                    let more = ready(client.step(Some(&last), kdc));
                    if more.map_err(|error| error.to_string())?.is_some() {
                        return Err("the server accepted the login before its last step".to_owned());
                    }
                }
                if !client.is_complete() {
                    return Err("the login is not complete".to_owned());
                }
                return exchange(client, server);
            }
            Login::Accepted(_) | Login::Refused { .. } => {
                return Err("the server rejected the login".to_owned());
            }
        }
    }
    Err("the login has too many steps".to_owned())
}

/// Sends a sealed message and unseals its answer, which proves that both sides have the same keys.
fn exchange(mut client: Box<dyn ConnectionLogin>, server: &Server) -> Outcome {
    let protocol = client.protocol();
    let body = seal::seal(client.as_mut(), protocol, MimeForm::Tabbed, b"<request/>");
    let body = body.map_err(|error| error.to_string())?;
    match server.channel.open(protocol.content_type(), &body) {
        Opened::Sealed(message) if *message == *b"<request/>" => {}
        other => return Err(format!("the keys differ: {other:?}")),
    }
    let (answer, _) = server.channel.seal(b"<answer/>").ok_or("no keys")?;
    let answer = seal::unseal(client.as_mut(), &answer, 1000).map_err(|error| error.to_string())?;
    assert_eq!(answer, b"<answer/>");
    let attempts = client.attempts();
    Ok(attempts.last().unwrap().scheme())
}

fn token_of(challenge: &str) -> Vec<u8> {
    let (_, token) = challenge.split_once(' ').unwrap();
    BASE64.decode(token).unwrap()
}

/// Returns the result of a future that waits for nothing.
fn ready<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the future is always ready"),
    }
}

/// A clock in whole seconds, and constant random bytes: the messages of a client have one length.
fn constant() -> Environment {
    Environment {
        now: || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            UNIX_EPOCH + Duration::new(since.as_secs(), 123_456_000)
        },
        monotonic: Instant::now,
        fill: |bytes| {
            bytes.fill(0x35);
            true
        },
    }
}
