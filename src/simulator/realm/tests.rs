//! The client's handling of wrong answers from a realm or a server.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::auth::negotiate::kerberos::{
    KerberosUser, NameKind, PrincipalName, Realms, TargetService, Tickets,
};
use crate::auth::negotiate::{ConnectionLogin, Kdc, KdcFuture, KdcRequest, LoginError};
use crate::auth::{KerberosEtype, LoginLimits, LoginProblem};
use crate::simulator::KerberosScheme;
use crate::simulator::environment::environment;
use crate::simulator::realm::Realm;
use crate::simulator::realm::centre::Centre;

pub(super) const REALM: &str = "EXAMPLE.TEST";
pub(super) const SERVICE: &str = "HTTP/localhost";

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
    user_of(centre, &realms())
}

pub(super) fn user_of(centre: &Centre, realms: &Realms) -> KerberosUser {
    // Uses keys, because deriving them from a password takes time.
    let tickets = Tickets::default();
    KerberosUser::with_keytab("ops@EXAMPLE.TEST", &centre.keytab(), realms, &tickets).unwrap()
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
        kdcs: String::new(),
        most_messages: LoginLimits::default().ticket_messages,
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
    let user = KerberosUser::with_password(
        "ops@example.test",
        "hunter2".into(),
        &realms(),
        &Tickets::default(),
    );
    let silent = Silent::default();
    let error = user.unwrap().login().step(None, &silent).await.unwrap_err();
    assert_eq!(error.problem(), Some(LoginProblem::KdcUnreachable));
    assert_eq!(silent.0.into_inner(), 1);
}

#[tokio::test]
async fn only_the_server_of_the_ticket_proves_itself() {
    let centre = centre();
    let scheme = KerberosScheme::new("HTTP/localhost@EXAMPLE.TEST", &centre.keytab()).unwrap();
    let kdc = Renaming {
        centre: &centre,
        from: SERVICE.as_bytes(),
        to: SERVICE.as_bytes(),
    };
    let mut login = user(&centre).login();
    let token = login.step(None, &kdc).await.unwrap().unwrap();
    let (_, proof) = scheme.accept(&token, "ops").unwrap();
    assert!(login.step(Some(&proof), &kdc).await.unwrap().is_none());
    assert!(login.is_complete());
    // The proof of one login does not fit another.
    let mut other = user(&centre).login();
    other.step(None, &kdc).await.unwrap();
    other.step(Some(&proof), &kdc).await.unwrap_err();
}
