//! The client's handling of wrong answers from a realm or a server.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::auth::der::{Der, SEQUENCE, application, context};
use crate::auth::negotiate::kerberos::{
    KerberosUser, NameKind, PrincipalName, Realms, TargetService,
};
use crate::auth::negotiate::{ConnectionLogin, Kdc, KdcFuture, KdcRequest, LoginError};
use crate::auth::{KerberosEtype, LoginProblem};
use crate::simulator::KerberosScheme;
use crate::simulator::environment::environment;
use crate::simulator::realm::Realm;
use crate::simulator::realm::centre::Centre;

pub(super) const REALM: &str = "EXAMPLE.TEST";
pub(super) const SERVICE: &str = "HTTP/localhost";

/// A realm that changes one byte of one of its answers, or of the requests.
struct Changing<'a> {
    centre: &'a Centre,
    change: Change,
    asked: AtomicUsize,
}

#[derive(Clone, Copy)]
struct Change {
    message: usize,
    position: usize,
    value: u8,
    of_request: bool,
}

impl Change {
    fn nothing() -> Self {
        Self {
            message: usize::MAX,
            position: 0,
            value: 0,
            of_request: false,
        }
    }

    fn make(self, bytes: &mut [u8]) {
        if let Some(byte) = bytes.get_mut(self.position) {
            *byte ^= self.value;
        }
    }
}

impl Kdc for Changing<'_> {
    fn ask(&self, mut request: KdcRequest) -> KdcFuture<'_> {
        let number = self.asked.fetch_add(1, Ordering::AcqRel);
        let is_it = number == self.change.message;
        if is_it && self.change.of_request {
            self.change.make(&mut request.message);
        }
        let mut answer = self.centre.answer(&request.message);
        if is_it && !self.change.of_request {
            self.change.make(&mut answer);
        }
        Box::pin(std::future::ready(Ok(answer)))
    }
}

/// A realm that puts another name into the unprotected part of its tickets.
struct Renaming<'a> {
    centre: &'a Centre,
    from: &'a [u8],
    to: &'a [u8],
}

impl Kdc for Renaming<'_> {
    fn ask(&self, request: KdcRequest) -> KdcFuture<'_> {
        let mut answer = self.centre.answer(&request.message);
        let name = answer
            .windows(self.from.len())
            .rposition(|window| window == self.from);
        if let Some(name) = name {
            answer[name..name + self.to.len()].copy_from_slice(self.to);
        }
        Box::pin(std::future::ready(Ok(answer)))
    }
}

/// A realm that does not answer.
#[derive(Default)]
struct Silent(AtomicUsize);

impl Kdc for Silent {
    fn ask(&self, _: KdcRequest) -> KdcFuture<'_> {
        self.0.fetch_add(1, Ordering::AcqRel);
        let error = LoginError::of(LoginProblem::KdcUnreachable, "no KDC answered");
        Box::pin(std::future::ready(Err(error)))
    }
}

pub(super) fn centre() -> Centre {
    let realm = Realm::new(REALM).user("ops", "hunter2").service(SERVICE);
    realm.open().unwrap()
}

pub(super) fn user(centre: &Centre) -> KerberosUser {
    // Uses keys, because deriving them from a password takes time.
    KerberosUser::with_keytab("ops@EXAMPLE.TEST", &centre.keytab(), &realms()).unwrap()
}

pub(super) fn realms() -> Realms {
    Realms {
        default: None,
        target: TargetService {
            service: PrincipalName::new(NameKind::Service, &["HTTP", "localhost"]),
            realm: None,
        },
        environment: environment(),
        etypes: KerberosEtype::DEFAULT.to_vec(),
    }
}

async fn ticket(centre: &Centre, change: Change) -> Result<Vec<u8>, LoginError> {
    let changing = Changing {
        centre,
        change,
        asked: AtomicUsize::new(0),
    };
    let mut login = user(centre).login();
    let token = login.step(None, &changing).await?;
    Ok(token.unwrap())
}

#[tokio::test]
async fn a_changed_byte_of_a_realm_never_panics() {
    let centre = centre();
    let (mut refused, mut passed) = (0, 0);
    for message in 0..3 {
        for of_request in [false, true] {
            for position in (0..900).step_by(11) {
                for value in [0x01, 0xFF] {
                    let change = Change {
                        message,
                        position,
                        value,
                        of_request,
                    };
                    match ticket(&centre, change).await {
                        Ok(_) => passed += 1,
                        Err(_) => refused += 1,
                    }
                }
            }
        }
    }
    // Some bytes have no meaning, such as those after the end.
    assert!(refused > 100 && passed > 100, "{refused} {passed}");
}

/// The change that an attacker makes to one message of a login.
#[derive(Clone, Copy, Debug)]
enum Harm {
    Nothing,
    CutAt(usize),
    ChangeAt(usize),
}

impl Harm {
    /// Changes the message; a position behind its end means the last byte, because encoded numbers
    /// vary in length.
    fn does(self, message: &mut Vec<u8>) {
        let last = message.len() - 1;
        match self {
            Self::Nothing => {}
            Self::CutAt(end) => message.truncate(end.min(last)),
            Self::ChangeAt(position) => message[position.min(last)] ^= 1 << (position % 8),
        }
    }
}

/// A realm that changes one of its answers.
struct Harmful<'a> {
    centre: &'a Centre,
    /// The number of the answer, and its change.
    harm: (usize, Harm),
    answers: std::sync::Mutex<Vec<Vec<u8>>>,
}

impl Kdc for Harmful<'_> {
    fn ask(&self, request: KdcRequest) -> KdcFuture<'_> {
        let mut answer = self.centre.answer(&request.message);
        let mut answers = self.answers.lock().unwrap();
        if answers.len() == self.harm.0 {
            self.harm.1.does(&mut answer);
        }
        answers.push(answer.clone());
        Box::pin(std::future::ready(Ok(answer)))
    }
}

/// Logs in with one of the five messages changed: three answers of the KDC, the token with the
/// ticket, and the service's proof. Returns the messages.
async fn log_in(centre: &Centre, harm: (usize, Harm)) -> Result<Vec<Vec<u8>>, LoginError> {
    let name = format!("{SERVICE}@{REALM}");
    let scheme = KerberosScheme::new(&name, &centre.keytab()).unwrap();
    let kdc = Harmful {
        centre,
        harm,
        answers: std::sync::Mutex::default(),
    };
    let mut login = user(centre).login();
    let mut token = login.step(None, &kdc).await?.unwrap();
    if harm.0 == 3 {
        harm.1.does(&mut token);
    }
    let (_, mut proof) = scheme.accept(&token, "ops")?;
    if harm.0 == 4 {
        harm.1.does(&mut proof);
    }
    assert!(login.step(Some(&proof), &kdc).await?.is_none());
    assert!(login.is_complete());
    let mut messages = kdc.answers.into_inner().unwrap();
    messages.extend([token, proof]);
    Ok(messages)
}

/// Returns the range of a reply's pre-authentication data, which is unprotected (RFC 4120 5.4.2).
fn unprotected(reply: &[u8]) -> std::ops::Range<usize> {
    let mut fields = Der(reply).only(application(11)).unwrap();
    let mut fields = fields.inside(SEQUENCE).unwrap();
    let element = std::iter::from_fn(|| fields.next()).find(|field| field.tag == context(2));
    let whole = element.unwrap().whole;
    let start = whole.as_ptr().addr() - reply.as_ptr().addr();
    start..start + whole.len()
}

/// Whether a byte is the type of a name, which is only a hint (RFC 4120 6.2).
fn is_name_type(message: &[u8], position: usize) -> bool {
    let before = position
        .checked_sub(4)
        .map(|start| &message[start..position]);
    let after = message.get(position + 1..position + 4);
    before == Some(&[0xA0, 3, 2, 1])
        && after.is_some_and(|after| after[0] == 0xA1 && after[2] == 0x30)
}

#[tokio::test]
async fn a_message_that_is_cut_or_changed_anywhere_never_logs_in() {
    let centre = centre();
    let messages = log_in(&centre, (9, Harm::Nothing)).await.unwrap();
    let free = unprotected(&messages[1]);
    for (number, message) in messages.iter().enumerate() {
        for position in 0..message.len() {
            let cut = log_in(&centre, (number, Harm::CutAt(position))).await;
            assert!(cut.is_err(), "message {number} cut at {position}");
            let changed = log_in(&centre, (number, Harm::ChangeAt(position))).await;
            // The request for pre-authentication is not signed, and carries no key.
            let is_free = number == 0
                || number == 1 && free.contains(&position)
                || is_name_type(message, position);
            assert!(
                changed.is_err() || is_free,
                "message {number} at {position}"
            );
        }
    }
}

/// Otherwise a server with the key of one service could impersonate every other, and the realm
/// itself.
#[tokio::test]
async fn trusts_only_the_protected_part_of_a_reply() {
    let centre = centre();
    for (from, to, passes) in [
        (b"localhost", b"localhost", true),
        (b"localhost", b"otherhost", false),
        (b"AMPLE.TES", b"AMPLE.TEX", false),
    ] {
        let renaming = Renaming {
            centre: &centre,
            from,
            to,
        };
        let token = user(&centre).login().step(None, &renaming).await;
        assert_eq!(token.is_ok(), passes, "{}", to.escape_ascii());
    }
}

/// Each attempt takes the time limit of a KDC.
#[tokio::test]
async fn asks_a_silent_realm_for_one_name_only() {
    let user = KerberosUser::with_password("ops@example.test", "hunter2".into(), &realms());
    let silent = Silent::default();
    let error = user.unwrap().login().step(None, &silent).await.unwrap_err();
    assert_eq!(error.problem(), Some(LoginProblem::KdcUnreachable));
    assert_eq!(silent.0.into_inner(), 1);
}

#[tokio::test]
async fn only_the_server_of_the_ticket_proves_itself() {
    let centre = centre();
    let scheme = KerberosScheme::new("HTTP/localhost@EXAMPLE.TEST", &centre.keytab()).unwrap();
    let changing = Changing {
        centre: &centre,
        change: Change::nothing(),
        asked: AtomicUsize::new(0),
    };
    let mut login = user(&centre).login();
    let token = login.step(None, &changing).await.unwrap().unwrap();
    let (_, proof) = scheme.accept(&token, "ops").unwrap();
    assert!(login.step(Some(&proof), &changing).await.unwrap().is_none());
    assert!(login.is_complete());
    // The proof of one login does not fit another.
    let mut other = user(&centre).login();
    other.step(None, &changing).await.unwrap();
    other.step(Some(&proof), &changing).await.unwrap_err();
    for position in 0..proof.len() {
        let mut changed = proof.clone();
        changed[position] ^= 0x40;
        let mut login = user(&centre).login();
        login.step(None, &changing).await.unwrap();
        login.step(Some(&changed), &changing).await.unwrap_err();
        assert!(!login.is_complete());
    }
}
