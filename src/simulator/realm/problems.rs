//! What the client makes of the errors of a KDC, of its clock, and of the realm of a service.

use std::task::{Context, Poll, Waker};

use super::Realm;
use super::issue::{error, etype_info};
use super::tests::{REALM, SERVICE, centre, realms, user, user_of};
use crate::auth::damage::Specimen;
use crate::auth::der::{
    OCTET_STRING, SEQUENCE, application, context, integer, sequence, tagged, written,
};
use crate::auth::negotiate::kerberos::message::PaData;
use crate::auth::negotiate::kerberos::name::text;
use crate::auth::negotiate::kerberos::time::Stamp;
use crate::auth::negotiate::kerberos::{KerberosUser, Realms, Tickets};
use crate::auth::negotiate::{ConnectionLogin, Kdc, KdcFuture, KdcRequest, LoginError};
use crate::auth::{KerberosEtype, LoginProblem, PreauthKind};

/// KDCs that answer as a function says.
struct Scripted<F>(F);

impl<F: Fn(&KdcRequest) -> Vec<u8> + Send + Sync> Kdc for Scripted<F> {
    fn ask(&self, request: KdcRequest) -> KdcFuture<'_> {
        Box::pin(std::future::ready(Ok((self.0)(&request))))
    }
}

/// Returns the error of a login with KDCs that refuse it.
async fn refused(
    user: &KerberosUser,
    answer: impl Fn(&KdcRequest) -> Vec<u8> + Send + Sync,
) -> LoginError {
    user.login()
        .step(None, &Scripted(answer))
        .await
        .unwrap_err()
}

/// Encodes an error of a KDC whose clock is ahead.
fn refusal(realm: &str, code: u32, ahead: i64, data: &[u8]) -> Vec<u8> {
    let now = Stamp::of(std::time::SystemTime::now())
        .shifted(ahead)
        .unwrap();
    error(realm, now, code, data)
}

#[tokio::test]
async fn names_the_kinds_of_pre_authentication_that_are_not_supported() {
    use PreauthKind::{Fast, Other, Otp, Pkinit, Spake};
    let user = user(&centre());
    for (kinds, expected) in [
        (&[136, 19, 151, 133][..], Some(vec![Fast, Spake])),
        (&[16, 15, 17], Some(vec![Pkinit])),
        (&[141, 200], Some(vec![Otp, Other(200)])),
        (&[136, 19, 133], Some(vec![Fast])),
        (&[136], Some(vec![Fast])),
        (&[136, 19, 2, 133], None),
        (&[19, 133], None),
        (&[], None),
    ] {
        let data: Vec<u8> = kinds
            .iter()
            .flat_map(|kind| {
                PaData {
                    kind: *kind,
                    value: Vec::new(),
                }
                .write()
            })
            .collect();
        let data = sequence(&[&data]);
        for code in [25, 16, 91] {
            let error = refused(&user, |_| refusal(REALM, code, 0, &data)).await;
            let found = match error.problem() {
                Some(LoginProblem::PreauthNotSupported(kinds)) => Some(kinds.iter().collect()),
                _ => None,
            };
            // Two of the codes say it whatever the kinds are.
            assert!(code != 25 || found == expected, "{kinds:?}: {error}");
            assert!(
                expected.is_none() || found == expected,
                "{kinds:?}: {error}"
            );
        }
    }
}

#[tokio::test]
async fn a_key_that_is_not_the_accounts_is_no_wrong_password() {
    let old = Realm::new(REALM)
        .user("ops", "old")
        .service(SERVICE)
        .open()
        .unwrap();
    let user = user(&old);
    for preauthentication in [true, false] {
        let mut centre = centre();
        centre.preauthentication = preauthentication;
        let error = refused(&user, |request| centre.answer(&request.message)).await;
        let version = 1;
        assert_eq!(error.problem(), Some(LoginProblem::WrongKey { version }));
        let shown = error.to_string();
        assert!(
            shown.contains("the key in the keytab (kvno 1) is not the account's"),
            "{shown}"
        );
        assert!(!shown.contains("password"), "{shown}");
    }
}

/// MIT's KDC announces FAST and nothing else if it has no key of the requested types.
#[tokio::test]
async fn an_announced_fast_is_no_requirement() {
    let user = user(&centre());
    let kinds = [136, 133].map(|kind| {
        PaData {
            kind,
            value: Vec::new(),
        }
        .write()
    });
    let data = sequence(&[&kinds.concat()]);
    let error = refused(&user, |_| refusal(REALM, 25, 0, &data)).await;
    let problem = LoginProblem::NoSupportedEncryption;
    assert_eq!(error.problem(), Some(problem));
    let shown = error.to_string();
    assert!(
        shown.contains("the keys in the keytab, of ops (aes256-cts-hmac-sha1-96)"),
        "{shown}"
    );
}

/// The domain of the name is the user's realm. The default realm is only a guess.
#[tokio::test]
async fn keeps_the_error_of_the_users_own_realm() {
    let realms = Realms {
        default: Some("CORP.TEST".to_owned()),
        ..realms()
    };
    let user = KerberosUser::with_password(
        "ops@example.test",
        "hunter2".into(),
        &realms,
        &Tickets::default(),
    );
    let user = user.unwrap();
    for (code, realm, problem) in [
        (6, REALM, LoginProblem::UnknownUser),
        (60, REALM, LoginProblem::UnknownUser),
        (14, REALM, LoginProblem::UnknownUser),
        (68, REALM, LoginProblem::UnknownUser),
        // This realm knows the user.
        (24, "CORP.TEST", LoginProblem::WrongPassword),
        (18, "CORP.TEST", LoginProblem::AccountRestricted),
    ] {
        let answer = |request: &KdcRequest| {
            let code = if request.realm == REALM { 6 } else { code };
            refusal(&request.realm, code, 0, &[])
        };
        let error = refused(&user, answer).await;
        assert_eq!(error.problem(), Some(problem), "{code}");
        assert!(error.to_string().contains(realm), "{code}: {error}");
    }
}

#[tokio::test]
async fn an_error_names_a_clock_that_differs() {
    let user = user(&centre());
    for (ahead, named) in [(0, false), (-290, false), (-900, true), (900, true)] {
        let error = refused(&user, |_| refusal(REALM, 24, ahead, &[])).await;
        assert_eq!(error.to_string().contains("local clock"), named, "{error}");
        assert_eq!(error.problem(), Some(LoginProblem::WrongKey { version: 1 }));
    }
}

/// Without pre-authentication, the ticket is the first to show the clock of the KDC.
#[tokio::test]
async fn uses_the_clock_of_the_kdc_that_issued_the_ticket() {
    for ahead in [0, -900, 900] {
        let mut centre = centre();
        centre.preauthentication = false;
        centre.ahead = ahead;
        let mut login = user(&centre).login();
        let kdc = Scripted(|request: &KdcRequest| centre.answer(&request.message));
        login.step(None, &kdc).await.unwrap();
        let known = login.kdc_clock_ahead().unwrap();
        assert!((known - ahead).abs() < 30, "{known}");
    }
}

#[tokio::test]
async fn the_realm_of_the_service_comes_first() {
    let own = || Realm::new(REALM).user("ops", "hunter2").service(SERVICE);
    let mut other = Realm::new("OTHER.TEST").service(SERVICE).open().unwrap();
    let linked = own().service("krbtgt/OTHER.TEST").open().unwrap();
    other.own_key = linked.services.read().unwrap()["krbtgt/OTHER.TEST"].clone();
    let alone = own().open().unwrap();
    let mut realms = realms();
    realms.target.realm = Some("OTHER.TEST".to_owned());
    for (home, expected) in [
        (&linked, &[REALM, REALM, REALM, "OTHER.TEST"][..]),
        // Without a path to that realm, the own realm may have the service.
        (&alone, &[REALM, REALM, REALM, REALM]),
    ] {
        let asked = std::sync::Mutex::new(Vec::new());
        let kdc = Scripted(|request: &KdcRequest| {
            asked.lock().unwrap().push(request.realm.clone());
            let centre = if request.realm == REALM { home } else { &other };
            centre.answer(&request.message)
        });
        let keytab = home.keytab();
        let user =
            KerberosUser::with_keytab("ops@EXAMPLE.TEST", &keytab, &realms, &Tickets::default())
                .unwrap();
        user.login().step(None, &kdc).await.unwrap();
        assert_eq!(*asked.lock().unwrap(), expected);
    }
}

/// The reader does not recurse, so that depth costs nothing.
#[tokio::test]
async fn an_answer_of_any_depth_is_rejected() {
    let user = user(&centre());
    for tag in [SEQUENCE, application(11), application(30), context(0)] {
        let mut nested = Vec::new();
        for _ in 0..5000 {
            nested = written(tag, &[&nested]);
        }
        let error = refused(&user, |_| nested.clone()).await;
        assert!(error.to_string().contains("invalid answer"), "{error}");
    }
}

/// Two KDCs that name each other for the user are asked only so often.
#[tokio::test]
async fn referrals_without_end_are_given_up() {
    for most in [realms().most_messages, 2, 20] {
        let realms = Realms {
            most_messages: most,
            ..realms()
        };
        let user = user_of(&centre(), &realms);
        let asked = std::sync::atomic::AtomicUsize::new(0);
        let error = refused(&user, |request| {
            asked.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
            let other = if request.realm == REALM {
                "OTHER.TEST"
            } else {
                REALM
            };
            wrong_realm(other)
        })
        .await;
        let expected = format!(
            "the KDCs refer to each other, beyond the limit of {most} messages (LoginLimits::ticket_messages)"
        );
        assert_eq!(error.to_string(), expected);
        assert_eq!(asked.into_inner(), most);
    }
}

/// Encodes `KDC_ERR_WRONG_REALM`, which names the realm of the user (RFC 6806 7).
fn wrong_realm(realm: &str) -> Vec<u8> {
    let fields = [
        tagged(0, &integer(5)),
        tagged(1, &integer(30)),
        tagged(6, &integer(68)),
        tagged(7, &text(realm)),
    ];
    written(application(30), &[&sequence(&[&fields.concat()])])
}

/// The error of a KDC is not signed. Damaged in any way, it is an error or another question, and never
/// a ticket.
#[tokio::test]
async fn a_damaged_error_is_no_login() {
    let user = user(&centre());
    let revoked = {
        // The account is locked (MS-KILE 2.2.2).
        let status = [&0xC000_0234_u32.to_le_bytes()[..], &[0; 8]].concat();
        sequence(&[
            &tagged(1, &integer(3)),
            &tagged(2, &written(OCTET_STRING, &[&status])),
        ])
    };
    let preauth = etype_info(KerberosEtype::Aes256Sha1, "EXAMPLE.TESTops");
    for (code, data) in [
        (6, &[][..]),
        (18, &revoked),
        (24, &preauth),
        (25, &preauth),
        (16, &preauth),
        (37, &[]),
    ] {
        let error = refusal(REALM, code, 900, data);
        let errors = &["the KDC of EXAMPLE.TEST", "the KDCs refer to each other"];
        let specimen = Specimen::new("KRB-ERROR", &error, errors);
        specimen.check_rejected(|edit| {
            let answer = Scripted(|_: &KdcRequest| edit.apply(&error));
            let mut login = user.login();
            let mut context = Context::from_waker(Waker::noop());
            // Not within the budget of one task, which many steps would use up.
            let mut step = std::pin::pin!(tokio::task::unconstrained(login.step(None, &answer)));
            match step.as_mut().poll(&mut context) {
                Poll::Ready(token) => token.map_err(|error| error.to_string()),
                Poll::Pending => unreachable!("the answers are ready"),
            }
        });
    }
}
