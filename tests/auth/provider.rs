//! Tests credentials that change: a provider gives them, and the simulator changes its password.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};

use wsman::auth::{CredentialsFuture, CredentialsProvider};
use wsman::simulator::{DigestScheme, LoginScheme, PASSWORD, Simulator, USER, sample};
use wsman::{Credentials, Error, PutMode, Session};

use crate::{session, share, statuses};

const CHANGED: &str = "a changed password";

/// Gives credentials with the password that it holds now, and counts how often it was asked.
#[derive(Clone)]
pub(crate) struct Vault(Arc<Content>);

struct Content {
    of: Box<dyn Fn(&str) -> Credentials + Send + Sync>,
    password: Mutex<Option<&'static str>>,
    asked: AtomicUsize,
}

impl Vault {
    pub(crate) fn new(of: impl Fn(&str) -> Credentials + Send + Sync + 'static) -> Self {
        Self(Arc::new(Content {
            of: Box::new(of),
            password: Mutex::new(Some(PASSWORD)),
            asked: AtomicUsize::new(0),
        }))
    }

    pub(crate) fn hold(&self, password: Option<&'static str>) {
        let held = self.0.password.lock();
        *held.unwrap_or_else(PoisonError::into_inner) = password;
    }

    pub(crate) fn asked(&self) -> usize {
        self.0.asked.load(Ordering::Acquire)
    }
}

impl CredentialsProvider for Vault {
    fn credentials(&self) -> CredentialsFuture<'_> {
        self.0.asked.fetch_add(1, Ordering::AcqRel);
        let held = *self.0.password.lock().unwrap();
        Box::pin(async move {
            tokio::task::yield_now().await;
            Ok((self.0.of)(held.ok_or("the vault is closed")?))
        })
    }
}

fn provided(simulator: &Simulator, vault: &Vault) -> Session {
    session(simulator.url(), Credentials::provider(vault.clone()))
}

/// Makes credentials with a password.
type WithPassword = fn(&str) -> Credentials;

/// Each password scheme of the simulator, with every kind of credentials for it.
fn schemes() -> Vec<(LoginScheme, WithPassword)> {
    let digest = || LoginScheme::Digest(DigestScheme::new());
    let by_digest: WithPassword = |password| Credentials::digest(USER, password);
    let by_either: WithPassword = |password| Credentials::digest_or_basic(USER, password);
    #[cfg_attr(not(feature = "negotiate"), allow(unused_mut))]
    let mut schemes: Vec<(LoginScheme, WithPassword)> = vec![
        (LoginScheme::Basic, |password| {
            Credentials::basic(USER, password)
        }),
        (digest(), by_digest),
        (LoginScheme::Basic, by_either),
        (digest(), by_either),
    ];
    #[cfg(feature = "negotiate")]
    {
        let ntlm = || LoginScheme::Ntlm(wsman::simulator::NtlmScheme::new());
        let best: WithPassword = |password| Credentials::password(USER, password);
        schemes.push((ntlm(), |password| Credentials::ntlm(USER, password)));
        schemes.push((ntlm(), |password| Credentials::negotiate(USER, password)));
        schemes.extend([LoginScheme::Basic, digest(), ntlm()].map(|scheme| (scheme, best)));
    }
    schemes
}

/// Ends the logged-in connections, as a server does that changes the password.
async fn change(simulator: &Simulator) {
    assert!(simulator.change_password(CHANGED));
    restart(simulator).await;
}

/// Closes all connections, and gives the client time to see it.
async fn restart(simulator: &Simulator) {
    simulator.restart();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
}

#[tokio::test]
async fn a_changed_password_costs_one_new_login() {
    for (scheme, of) in schemes() {
        let name = format!("{scheme:?}");
        let simulator = sample().logins([scheme]).start().await.unwrap();
        let vault = Vault::new(of);
        let session = provided(&simulator, &vault);
        session.identify().await.unwrap();
        session.identify().await.unwrap();
        assert_eq!(vault.asked(), 1, "{name}");
        change(&simulator).await;
        vault.hold(Some(CHANGED));
        session.identify().await.unwrap();
        session.identify().await.unwrap();
        assert_eq!(vault.asked(), 2, "{name}");
        assert_eq!(simulator.failed_logins(), 1, "{name}");
        assert_eq!(session.login().unwrap().account.as_deref(), Some(USER));
    }
}

#[tokio::test]
async fn a_refusal_of_what_the_provider_gives_is_final() {
    for (scheme, of) in schemes() {
        let name = format!("{scheme:?}");
        let simulator = sample().logins([scheme]).start().await.unwrap();
        let vault = Vault::new(of);
        let session = provided(&simulator, &vault);
        // Refused at once: credentials that were never accepted are not replaced in one operation.
        vault.hold(Some("wrong"));
        let error = session.identify().await.unwrap_err();
        assert!(matches!(error, Error::Auth(_)), "{name}: {error:?}");
        assert_eq!((vault.asked(), simulator.failed_logins()), (1, 1), "{name}");
        // The next operation asks again.
        vault.hold(Some(PASSWORD));
        session.identify().await.unwrap();
        assert_eq!((vault.asked(), simulator.failed_logins()), (2, 1), "{name}");
        // The provider gives the same credentials: they are not tried twice.
        change(&simulator).await;
        let error = session.identify().await.unwrap_err();
        assert!(matches!(error, Error::Auth(_)), "{name}: {error:?}");
        assert_eq!((vault.asked(), simulator.failed_logins()), (3, 2), "{name}");
        // A wrong change is refused as well, once.
        vault.hold(Some("also wrong"));
        let error = session.identify().await.unwrap_err();
        assert!(matches!(error, Error::Auth(_)), "{name}: {error:?}");
        assert_eq!((vault.asked(), simulator.failed_logins()), (4, 3), "{name}");
        let text = format!("{error} {error:?} {session:?}");
        assert!(!text.contains("also wrong") && !text.contains(PASSWORD));
    }
}

/// A scheme that accepted the password before is the one that refuses it: no other tries it again.
#[tokio::test]
async fn an_old_password_is_tried_by_one_of_two_schemes() {
    let credentials: [WithPassword; 2] = [
        |password| Credentials::digest_or_basic(USER, password),
        #[cfg(feature = "negotiate")]
        |password| Credentials::password(USER, password),
        #[cfg(not(feature = "negotiate"))]
        |password| Credentials::digest_or_basic(USER, password),
    ];
    for of in credentials {
        let digest = LoginScheme::Digest(DigestScheme::new());
        let simulator = sample().logins([LoginScheme::Basic, digest]);
        let simulator = simulator.start().await.unwrap();
        let session = session(simulator.url(), of(PASSWORD));
        session.identify().await.unwrap();
        assert_eq!(session.login().unwrap().scheme, "Digest");
        change(&simulator).await;
        for failed in 1..3 {
            let error = session.identify().await.unwrap_err();
            assert!(matches!(error, Error::Auth(_)), "{error:?}");
            assert_eq!(simulator.failed_logins(), failed);
        }
    }
}

#[tokio::test]
async fn concurrent_operations_share_one_answer_of_the_provider() {
    for (scheme, of) in schemes() {
        let name = format!("{scheme:?}");
        let simulator = sample().logins([scheme]).start().await.unwrap();
        let vault = Vault::new(of);
        let session = provided(&simulator, &vault);
        vault.hold(Some("wrong"));
        let many: Vec<_> = (0..16)
            .map(|_| {
                let session = session.clone();
                tokio::spawn(async move { session.identify().await.map(drop) })
            })
            .collect();
        for one in many {
            let error = one.await.unwrap().unwrap_err();
            assert!(matches!(error, Error::Auth(_)), "{name}: {error:?}");
        }
        assert_eq!(simulator.failed_logins(), 1, "{name}");
    }
}

/// An attacker on the path can forge the 401 to a write.
#[tokio::test]
async fn does_not_send_a_write_again_over_plain_http() {
    let simulator = sample().logins([LoginScheme::Basic]).start().await.unwrap();
    let vault = Vault::new(|password| Credentials::basic(USER, password));
    let session = provided(&simulator, &vault);
    session.identify().await.unwrap();
    assert!(simulator.change_password(CHANGED));
    vault.hold(Some(CHANGED));
    let put = || {
        session
            .put_instance(&share("one"))
            .mode(PutMode::CreateOnly)
    };
    let error = put().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(statuses(&simulator), [200, 401]);
    put().await.unwrap();
    assert_eq!(vault.asked(), 2);
}

#[tokio::test]
async fn a_provider_without_credentials_fails_the_operation() {
    let simulator = sample().start().await.unwrap();
    let vault = Vault::new(|password| Credentials::basic(USER, password));
    let session = provided(&simulator, &vault);
    vault.hold(None);
    let error = session.identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(error.delivery(), wsman::Delivery::NotSent);
    let first: &dyn std::error::Error = &error;
    let causes = std::iter::successors(Some(first), |error| error.source());
    let last = causes.last().map(ToString::to_string);
    assert_eq!(last.as_deref(), Some("the vault is closed"));
    assert_eq!(statuses(&simulator), [0_u16; 0]);
    vault.hold(Some(PASSWORD));
    session.identify().await.unwrap();
    // A provider of providers would be a loop.
    let nested = Vault::new(|_| Credentials::provider(|| async { Ok(Credentials::none()) }));
    let error = provided(&simulator, &nested).identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
}

#[tokio::test]
async fn refuses_given_credentials_over_plain_http() {
    let simulator = sample().start().await.unwrap();
    let vault = Vault::new(|password| Credentials::basic(USER, password));
    let session = Session::builder(simulator.url())
        .credentials(Credentials::provider(vault))
        .build()
        .unwrap();
    let error = session.identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(simulator.connections(), 0);
}

#[cfg(feature = "negotiate")]
#[tokio::test]
async fn a_changed_password_of_a_realm_costs_one_new_login() {
    use wsman::auth::ServicePrincipal;
    use wsman::simulator::{KerberosScheme, Realm};

    let realm = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD);
    let kdc = realm.service("HTTP/localhost").start().await.unwrap();
    let of: [fn(&str) -> Credentials; 2] = [
        |password| Credentials::kerberos(format!("EXAMPLE.TEST\\{USER}"), password),
        |password| Credentials::negotiate(format!("EXAMPLE.TEST\\{USER}"), password),
    ];
    for of in of {
        kdc.change_password(USER, PASSWORD).unwrap();
        let scheme = KerberosScheme::new("HTTP/localhost@EXAMPLE.TEST", &kdc.keytab()).unwrap();
        let simulator = sample().logins([LoginScheme::Kerberos(scheme)]);
        let simulator = simulator.start().await.unwrap();
        let vault = Vault::new(of);
        let session = Session::builder(simulator.url())
            .credentials(Credentials::provider(vault.clone()))
            .kdc(kdc.address())
            .krb5_conf("/dev/null")
            .service_principal(ServicePrincipal::new().host("localhost"))
            .build()
            .unwrap();
        vault.hold(Some("wrong"));
        let error = session.identify().await.unwrap_err();
        assert!(matches!(error, Error::Auth(_)), "{error:?}");
        vault.hold(Some(PASSWORD));
        session.identify().await.unwrap();
        assert_eq!(vault.asked(), 2);
        kdc.change_password(USER, CHANGED).unwrap();
        restart(&simulator).await;
        // The ticket is still valid, so the client needs no other credentials.
        session.identify().await.unwrap();
        assert_eq!(vault.asked(), 2);
        assert_eq!(session.login().unwrap().scheme, "Kerberos");
    }
}
