//! Tests Digest from the first challenge to the last nonce.

use wsman::auth::{DigestAlgorithm, DigestQop};
use wsman::simulator::{DigestScheme, LoginScheme, PASSWORD, Simulator, USER, sample};
use wsman::{Credentials, Error, PutMode, PutOutcome};

use crate::tap::{Tap, authorizations};
use crate::{digest, openwsman, server, session, share, statuses, ways};

#[tokio::test]
async fn every_mode_of_put_with_every_form_of_digest() {
    for scheme in ways() {
        let shown = format!("{scheme:?}");
        let simulator = server(scheme).await;
        let session = session(simulator.url(), digest());
        let logs = share("logs");
        let missing = session.put_instance(&logs).mode(PutMode::UpdateOnly).await;
        assert!(
            matches!(missing, Err(Error::NotFound(_))),
            "{shown}: {missing:?}"
        );
        let made = session.put_instance(&logs).mode(PutMode::CreateOnly).await;
        assert_eq!(made.unwrap().outcome, PutOutcome::Created, "{shown}");
        let again = session.put_instance(&logs).mode(PutMode::CreateOnly).await;
        assert!(
            matches!(again, Err(Error::AlreadyExists(_))),
            "{shown}: {again:?}"
        );
        let put = session.put_instance(&logs).await;
        assert_eq!(put.unwrap().outcome, PutOutcome::Updated, "{shown}");
        // One challenge to an empty message serves all of them.
        let requests = simulator.requests();
        assert_eq!(requests[0].body, b"", "{shown}");
        assert_eq!(statuses(&simulator)[0], 401, "{shown}");
        assert!(!statuses(&simulator)[1..].contains(&401), "{shown}");
    }
}

#[tokio::test]
async fn counts_nonces_and_protects_the_body_without_tls() {
    let both = DigestScheme::new().qops([DigestQop::Auth, DigestQop::AuthInt]);
    let simulator = server(both).await;
    let tap = Tap::on(&simulator).await;
    let session = session(tap.url(), digest());
    for _ in 0..3 {
        session.identify().await.unwrap();
    }
    let logins = authorizations(&tap.requests());
    assert_eq!(logins.len(), 3);
    for (number, login) in logins.iter().enumerate() {
        assert!(
            login.contains(&format!("nc=0000000{}", number + 1)),
            "{login}"
        );
        assert!(login.contains("qop=auth-int") && login.contains("uri=\"/wsman\""));
    }
}

#[tokio::test]
async fn replaces_a_stale_nonce_and_performs_the_message_once() {
    for uses in [1, 2] {
        let simulator = server(DigestScheme::new().nonce_uses(uses)).await;
        let session = session(simulator.url(), digest());
        for _ in 0..4 {
            session.identify().await.unwrap();
        }
        let refused = statuses(&simulator);
        let refused = refused.iter().filter(|status| **status == 401).count();
        // The opening, and each nonce that was used once too often.
        assert_eq!(refused, 1 + (4 - 1) / uses as usize, "{uses}");
    }
}

/// The client checks a used nonce with an Identify before it sends a write, because a write is not sent
/// again.
#[tokio::test]
async fn writes_continue_when_nonces_expire() {
    for (uses, checks) in [(1, 0), (3, 1)] {
        let simulator = server(DigestScheme::new().nonce_uses(uses)).await;
        let session = session(simulator.url(), digest());
        for number in 0..3 {
            let logs = share(&format!("logs{number}"));
            let made = session.put_instance(&logs).mode(PutMode::CreateOnly).await;
            made.unwrap();
        }
        let requests = simulator.requests();
        let writes = requests.iter().filter(|seen| {
            let text = String::from_utf8_lossy(&seen.body).into_owned();
            text.contains("/Create<")
        });
        let writes: Vec<_> = writes.map(|seen| seen.status).collect();
        assert_eq!(writes, [Some(200); 3], "{uses}");
        let identified = requests.iter().filter(|seen| {
            let text = String::from_utf8_lossy(&seen.body).into_owned();
            text.contains("Identify") && seen.status == Some(200)
        });
        assert_eq!(identified.count(), checks, "{uses}");
    }
}

#[tokio::test]
async fn uses_the_next_nonce_of_the_server() {
    let simulator = server(DigestScheme::new().next_nonces()).await;
    let session = session(simulator.url(), digest());
    for _ in 0..3 {
        session.identify().await.unwrap();
    }
    assert_eq!(statuses(&simulator), [401, 200, 200, 200]);
}

#[tokio::test]
async fn requests_a_new_nonce_after_the_server_forgets_it() {
    let first = server(DigestScheme::new()).await;
    let tap = Tap::on(&first).await;
    let session = session(tap.url(), digest());
    session.identify().await.unwrap();
    let second = server(DigestScheme::new()).await;
    tap.point_to(&second);
    session.put_instance(&share("logs")).await.unwrap();
    assert_eq!(statuses(&second)[0], 401);
    assert_eq!(
        second.instances("Win32_Share").len(),
        first.instances("Win32_Share").len() + 1
    );
}

#[tokio::test]
async fn supports_userhash_non_ascii_names_and_two_challenges() {
    let hashed = DigestScheme::new().hashed_users();
    let simulator = server(hashed).await;
    session(simulator.url(), digest()).identify().await.unwrap();

    let name = "M\u{fc}ller \"x\"";
    let schemes = [DigestAlgorithm::Md5, DigestAlgorithm::Sha512_256]
        .map(|algorithm| LoginScheme::Digest(DigestScheme::new().algorithm(algorithm)));
    let builder = sample().logins(schemes).login(name, "p\u{e4}ss:\u{1f511}");
    let simulator = builder.start().await.unwrap();
    let tap = Tap::on(&simulator).await;
    let credentials = Credentials::digest(name, "p\u{e4}ss:\u{1f511}");
    session(tap.url(), credentials).identify().await.unwrap();
    let logins = authorizations(&tap.requests());
    assert!(logins[0].contains("algorithm=SHA-512-256"), "{logins:?}");
}

#[tokio::test]
async fn sixteen_concurrent_messages_keep_the_nonce_count() {
    let simulator = server(DigestScheme::new()).await;
    let session = session(simulator.url(), digest());
    for round in 0..3 {
        let puts = (0..16).map(|number| {
            let session = session.clone();
            tokio::spawn(async move {
                let logs = share(&format!("logs{round}-{number}"));
                session.put_instance(&logs).mode(PutMode::CreateOnly).await
            })
        });
        for put in puts.collect::<Vec<_>>() {
            put.await.unwrap().unwrap();
        }
    }
    // Every 401 answered an empty message: no nonce was ever rejected.
    let requests = simulator.requests();
    let mut refused = requests.iter().filter(|seen| seen.status == Some(401));
    assert!(refused.all(|seen| seen.body.is_empty()));
}

#[tokio::test]
async fn openwsman_accepts_writes_with_single_use_nonces() {
    let digest_scheme = LoginScheme::Digest(DigestScheme::new().nonce_uses(1));
    let simulator = openwsman([digest_scheme]).await;
    let session = session(simulator.url(), digest());
    for number in 0..3 {
        let name = format!("logs{number}");
        session.put_instance(&share(&name)).await.unwrap();
    }
    assert_eq!(created(&simulator), 3);
}

fn created(simulator: &Simulator) -> usize {
    let shares = simulator.instances("Win32_Share");
    let is_ours = |share: &&wsman::Instance| {
        let name = share.get::<String>("Name");
        name.is_ok_and(|name| name.contains("logs"))
    };
    shares.iter().filter(is_ours).count()
}

#[tokio::test]
async fn every_form_rejects_a_wrong_password_or_name() {
    for scheme in ways() {
        for (user, password) in [(USER, "wrong"), ("unknown", PASSWORD), (USER, "")] {
            let simulator = server(scheme.clone()).await;
            let session = session(simulator.url(), Credentials::digest(user, password));
            let error = session.put_instance(&share("logs")).await.unwrap_err();
            assert!(matches!(error, Error::Auth(_)), "{error:?}");
            assert_eq!(statuses(&simulator), [401, 401], "{scheme:?}");
            assert_eq!(created(&simulator), 0);
        }
    }
}
