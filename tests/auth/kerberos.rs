//! Tests Kerberos: the simulator accepts tickets of a realm of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, UdpSocket};
use wsman::auth::{KerberosEtype, LoginAttempt, LoginCause, LoginProblem, ServicePrincipal};
use wsman::simulator::{
    KerberosScheme, KeyDistributionCentre, LoginScheme, NtlmScheme, PASSWORD, Realm, Refusal,
    Simulator, USER, sample,
};
use wsman::{Credentials, Delivery, Error, PutMode, PutOutcome, Session, SessionBuilder};

use crate::ntlm::stranger;
use crate::share;
use crate::tap::Tap;

const REALM: &str = "EXAMPLE.TEST";
const SERVICE: &str = "HTTP/localhost";

fn realm() -> Realm {
    Realm::new(REALM).user(USER, PASSWORD).service(SERVICE)
}

fn scheme(kdc: &KeyDistributionCentre) -> KerberosScheme {
    KerberosScheme::new(&format!("{SERVICE}@{REALM}"), &kdc.keytab()).unwrap()
}

async fn server(kdc: &KeyDistributionCentre) -> Simulator {
    let schemes = [LoginScheme::Kerberos(scheme(kdc))];
    sample().logins(schemes).start().await.unwrap()
}

fn settings(url: url::Url, kdc: &str, credentials: Credentials) -> SessionBuilder {
    Session::builder(url)
        .credentials(credentials)
        .kdc(kdc)
        .krb5_conf("/dev/null")
        .service_principal(ServicePrincipal::new().host("localhost"))
        .namespace("root/cimv2")
        .operation_timeout(Duration::from_secs(30))
}

fn session(simulator: &Simulator, kdc: &KeyDistributionCentre, user: &str) -> Session {
    let credentials = Credentials::kerberos(user, PASSWORD);
    let settings = settings(simulator.url(), &kdc.address(), credentials);
    settings.build().unwrap()
}

fn user() -> String {
    format!("{USER}@{REALM}")
}

#[tokio::test]
async fn a_ticket_logs_in_and_seals_every_message() {
    let kdc = realm().start().await.unwrap();
    for form in [scheme(&kdc), scheme(&kdc).untabbed()] {
        let simulator = sample().logins([LoginScheme::Kerberos(form)]);
        let simulator = simulator.start().await.unwrap();
        let tap = Tap::on(&simulator).await;
        let credentials = Credentials::kerberos(user(), PASSWORD);
        let session = settings(tap.url(), &kdc.address(), credentials);
        let session = session.build().unwrap();
        let put = session.put_instance(&share("secretname"));
        let put = put.mode(PutMode::CreateOnly).await.unwrap();
        assert_eq!(put.outcome, PutOutcome::Created);
        let sent = tap.requests().concat();
        let text = String::from_utf8_lossy(&sent);
        assert!(!text.contains("secretname") && !text.contains("Envelope"));
        assert!(!text.contains(PASSWORD));
    }
}

#[tokio::test]
async fn accepts_several_forms_of_the_user_name() {
    let kdc = realm().start().await.unwrap();
    let simulator = server(&kdc).await;
    // The KDC does not resolve the name, so the request names the user.
    for (user, asked) in [
        (format!("{REALM}\\{USER}"), 3),
        (format!("example.test\\{USER}"), 3),
        (user(), 4),
        (format!("{USER}@example.test"), 4),
    ] {
        let before = kdc.asked();
        session(&simulator, &kdc, &user).identify().await.unwrap();
        assert_eq!(kdc.asked() - before, asked, "{user}");
    }
}

#[tokio::test]
async fn one_ticket_logs_in_on_every_connection() {
    let kdc = realm().start().await.unwrap();
    let simulator = server(&kdc).await;
    let session = session(&simulator, &kdc, &format!("{REALM}\\{USER}"));
    session.identify().await.unwrap();
    let many = (0..16).map(|_| {
        let session = session.clone();
        tokio::spawn(async move { session.identify().await.map(drop) })
    });
    for one in many.collect::<Vec<_>>() {
        one.await.unwrap().unwrap();
    }
    assert!(simulator.connections() > 1);
    assert_eq!(kdc.asked(), 3);
}

/// An attacker who has recorded a login and answers in place of the server cannot prove the server's
/// identity.
#[tokio::test]
async fn rejects_a_replayed_server_proof() {
    let kdc = realm().start().await.unwrap();
    let simulator = server(&kdc).await;
    let tap = Tap::on(&simulator).await;
    let session = || {
        let credentials = Credentials::kerberos(user(), PASSWORD);
        let settings = settings(tap.url(), &kdc.address(), credentials);
        settings.build().unwrap()
    };
    session().identify().await.unwrap();
    let answers = tap.answers();
    let has_proof = |answer: &&Vec<u8>| {
        let text = String::from_utf8_lossy(answer).to_lowercase();
        text.starts_with("http/1.1 200") && text.contains("www-authenticate: negotiate ")
    };
    tap.lie(answers.iter().find(has_proof).unwrap());
    let error = session().put_instance(&share("logs")).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.login().unwrap().causes, [LoginCause::ServerNotProven]);
    let next_step = LoginCause::ServerNotProven.to_string();
    assert!(error.to_string().contains(&next_step), "{error}");
}

/// An attacker who has recorded the token of a login cannot log in with it.
#[tokio::test]
async fn a_server_accepts_each_token_once() {
    let kdc = realm().start().await.unwrap();
    let simulator = server(&kdc).await;
    let tap = Tap::on(&simulator).await;
    let credentials = Credentials::kerberos(user(), PASSWORD);
    let session = settings(tap.url(), &kdc.address(), credentials);
    session.build().unwrap().identify().await.unwrap();
    let requests = tap.requests();
    let shows_ticket =
        |request: &&Vec<u8>| String::from_utf8_lossy(request).contains("authorization: Negotiate ");
    let token = requests.iter().find(shows_ticket).unwrap();
    let again = crate::tap::send(simulator.address(), token).await;
    assert!(again.starts_with(b"HTTP/1.1 401 "));
    assert_eq!(simulator.failed_logins(), 1);
    // Another server with this key does not know it, and its clock is right.
    let other = server(&kdc).await;
    for status in ["200", "401"] {
        let answer = crate::tap::send(other.address(), token).await;
        let head = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(head.as_bytes()));
    }
}

#[tokio::test]
async fn logs_in_with_a_keytab() {
    let kdc = realm().start().await.unwrap();
    let simulator = server(&kdc).await;
    let credentials = Credentials::keytab(user(), kdc.keytab());
    let session = settings(simulator.url(), &kdc.address(), credentials);
    session.build().unwrap().identify().await.unwrap();

    let other = Credentials::keytab("unknown@EXAMPLE.TEST", kdc.keytab());
    let error = settings(simulator.url(), &kdc.address(), other).build();
    let error = error.err().unwrap();
    assert!(matches!(error, Error::Config(_)), "{error:?}");
}

#[tokio::test]
async fn accepts_tickets_without_pre_authentication() {
    let kdc = realm().without_preauthentication().start().await.unwrap();
    let simulator = server(&kdc).await;
    let session = session(&simulator, &kdc, &format!("{REALM}\\{USER}"));
    session.identify().await.unwrap();
    assert_eq!(kdc.asked(), 2);
}

/// The known causes of a failed login to a realm.
async fn cause(realm: Realm, credentials: Credentials) -> Vec<LoginCause> {
    let kdc = realm.start().await.unwrap();
    let known = self::realm().start().await.unwrap();
    let simulator = server(&known).await;
    let session = settings(simulator.url(), &kdc.address(), credentials);
    let error = session.build().unwrap().identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert!(!error.to_string().contains(PASSWORD));
    error.login().unwrap().causes.clone()
}

#[tokio::test]
async fn reports_the_error_of_the_kdc() {
    use LoginCause::*;
    let right = || Credentials::kerberos(user(), PASSWORD);
    let wrong = || Credentials::kerberos(user(), "wrong");
    let unknown = Credentials::kerberos("unknown@EXAMPLE.TEST", PASSWORD);
    let nowhere = Realm::new(REALM).user(USER, PASSWORD);
    for (realm, credentials, expected) in [
        (realm(), wrong(), WrongPassword),
        (realm().without_preauthentication(), wrong(), WrongPassword),
        (realm(), unknown, UserUnknown),
        (nowhere, right(), ServiceUnknown),
        (realm().refusing(18), right(), AccountDenied),
        (realm().refusing(23), right(), PasswordExpired),
        (realm().refusing(14), right(), NoCommonEncryption),
    ] {
        assert_eq!(cause(realm, credentials).await, [expected]);
    }
}

#[tokio::test]
async fn reports_clock_skew() {
    let right = || Credentials::kerberos(user(), PASSWORD);
    let causes = cause(realm().clock_ahead(-900).refusing(37), right()).await;
    let [LoginCause::ClockSkew { seconds }] = causes[..] else {
        panic!("{causes:?}");
    };
    assert!((-910..=-890).contains(&seconds), "{seconds}");

    // A KDC with another clock sends its own time, and issues a ticket for it.
    let kdc = realm().clock_ahead(900).start().await.unwrap();
    let simulator = server(&kdc).await;
    let session = session(&simulator, &kdc, &format!("{REALM}\\{USER}"));
    let error = session.identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(kdc.asked(), 4);
}

#[tokio::test]
async fn names_a_kdc_that_does_not_answer() {
    let kdc = realm().start().await.unwrap();
    let simulator = server(&kdc).await;
    let credentials = Credentials::kerberos(user(), PASSWORD);
    let session = settings(simulator.url(), "127.0.0.1:1", credentials);
    let error = session.build().unwrap().identify().await.unwrap_err();
    assert_eq!(error.login().unwrap().causes, [LoginCause::KdcUnreachable]);
    let problem = LoginProblem::KdcUnreachable.to_string();
    assert!(error.to_string().contains(&problem), "{error}");
    assert_eq!(kdc.asked(), 0);
}

#[tokio::test]
async fn drops_a_ticket_that_the_server_rejects() {
    let kdc = realm().user("other", PASSWORD).start().await.unwrap();
    let simulator = server(&kdc).await;
    let session = session(&simulator, &kdc, &format!("{REALM}\\other"));
    // The ticket of the user is kept.
    for asked in [3, 4] {
        let error = session.identify().await.unwrap_err();
        assert!(matches!(error, Error::Auth(_)), "{error:?}");
        assert!(error.to_string().contains("Kerberos"), "{error}");
        assert_eq!(kdc.asked(), asked);
        // Messages that start together share a refusal.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

#[tokio::test]
async fn rejects_an_address_as_a_service_name() {
    let error = Session::builder("http://127.0.0.1:5985/wsman")
        .credentials(Credentials::kerberos(user(), PASSWORD))
        .build()
        .err()
        .unwrap();
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("ServicePrincipal"), "{text}");
}

#[tokio::test]
async fn negotiate_prefers_kerberos_and_falls_back_to_ntlm() {
    let kdc = realm().start().await.unwrap();
    let schemes = [
        LoginScheme::Kerberos(scheme(&kdc)),
        LoginScheme::Ntlm(NtlmScheme::new()),
    ];
    let simulator = sample().logins(schemes).start().await.unwrap();
    let credentials = || Credentials::negotiate(format!("{REALM}\\{USER}"), PASSWORD);
    let by_ticket = settings(simulator.url(), &kdc.address(), credentials());
    by_ticket.build().unwrap().identify().await.unwrap();
    assert_eq!(kdc.asked(), 3);
    let by_ntlm = settings(simulator.url(), "127.0.0.1:1", credentials());
    by_ntlm.build().unwrap().identify().await.unwrap();
    assert_eq!(kdc.asked(), 3);
}

/// A server rejects a ticket because of a wrong clock, or without a reason.
#[tokio::test]
async fn compares_clocks_after_a_rejected_ticket() {
    let kdc = realm().start().await.unwrap();
    for (seconds, skewed) in [(0, false), (-400, true)] {
        let server = sample().logins([LoginScheme::Kerberos(scheme(&kdc))]);
        let server = server.clock_ahead(seconds).refusing(Refusal::Account);
        let simulator = server.start().await.unwrap();
        let error = session(&simulator, &kdc, &user()).identify().await;
        let error = error.unwrap_err();
        let causes = &error.login().unwrap().causes;
        let first = causes.first().unwrap();
        assert_eq!(
            matches!(first, LoginCause::ServerClockSkew { .. }),
            skewed,
            "{error}"
        );
        assert_eq!(*first == LoginCause::WrongServiceKey, !skewed, "{error}");
    }
}

/// OMI gives no reason for rejecting a ticket if it has no keytab.
#[tokio::test]
async fn reports_a_bad_request_to_a_ticket_as_a_rejected_login() {
    let kdc = realm().start().await.unwrap();
    for credentials in [
        Credentials::kerberos(user(), PASSWORD),
        Credentials::negotiate(user(), PASSWORD),
    ] {
        let session = settings(stranger(400, "").await, &kdc.address(), credentials);
        let put = session.build().unwrap().put_instance(&share("any")).await;
        let error = put.unwrap_err();
        assert!(matches!(error, Error::Auth(_)), "{error:?}");
        let delivery = error.delivery();
        assert_eq!(
            (error.http_status(), delivery),
            (Some(400), Delivery::Answered)
        );
        let login = error.login().unwrap();
        assert_eq!(login.tried, [LoginAttempt::Kerberos], "{error}");
        let causes = [LoginCause::NoServiceKey, LoginCause::NotOffered];
        assert_eq!(login.causes, causes, "{error}");
    }
}

#[tokio::test]
async fn a_diagnosis_reports_a_login_with_a_ticket() {
    let kdc = realm().start().await.unwrap();
    let simulator = server(&kdc).await;
    let diagnosis = session(&simulator, &kdc, &user()).diagnose().await;
    assert!(diagnosis.is_healthy(), "{diagnosis}");
    assert_eq!(diagnosis.logged_in_by, Some("Kerberos"), "{diagnosis}");
    let sealing = diagnosis
        .check(wsman::diagnose::CheckKind::Sealing)
        .unwrap();
    assert!(
        matches!(sealing.outcome, wsman::diagnose::CheckOutcome::Passed(_)),
        "{diagnosis}"
    );
}

/// Each encryption type gives keys that seal, and RC4 only where the caller names it.
#[tokio::test]
async fn a_ticket_of_each_encryption_type_logs_in() {
    for etype in [
        KerberosEtype::Aes256Sha384,
        KerberosEtype::Aes128Sha256,
        KerberosEtype::Aes256Sha1,
        KerberosEtype::Aes128Sha1,
        KerberosEtype::Rc4Hmac,
    ] {
        let kdc = realm().etype(etype).start().await.unwrap();
        let simulator = server(&kdc).await;
        let builder = || {
            let credentials = Credentials::kerberos(user(), PASSWORD);
            settings(simulator.url(), &kdc.address(), credentials)
        };
        let by_default = builder().build().unwrap().identify().await;
        let is_strong = etype != KerberosEtype::Rc4Hmac;
        assert_eq!(by_default.is_ok(), is_strong, "{etype}");
        if let Err(error) = by_default {
            let text = error.to_string();
            assert!(text.contains("share no encryption type"), "{text}");
            assert!(text.contains("aes256-cts-hmac-sha384-192"), "{text}");
        }
        let named = builder().kerberos_etypes([etype]).build().unwrap();
        named.put_instance(&share("logs")).await.unwrap();
    }
}

/// Binds one port for UDP and TCP that never answers, and counts its requests.
async fn silent_kdc() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let socket = UdpSocket::bind(address).await.unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    tokio::spawn(async move {
        let (mut held, mut request) = (Vec::new(), [0; 2048]);
        loop {
            tokio::select! {
                accepted = listener.accept() => held.push(accepted.unwrap()),
                received = socket.recv_from(&mut request) => drop(received.unwrap()),
            }
            counter.fetch_add(1, Ordering::AcqRel);
        }
    });
    (address.to_string(), asked)
}

/// One silent KDC costs a second once, and then nothing.
#[tokio::test]
async fn a_silent_kdc_delays_only_the_first_login() {
    let kdc = realm().start().await.unwrap();
    let simulator = server(&kdc).await;
    let (silent, asked) = silent_kdc().await;
    let user = Credentials::kerberos(format!("{REALM}\\{USER}"), PASSWORD);
    let session = settings(simulator.url(), &silent, user).kdc(kdc.address());
    let session = session.build().unwrap();
    let began = Instant::now();
    session.identify().await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    // UDP and perhaps TCP, for the first of three requests.
    let before = asked.load(Ordering::Acquire);
    assert!((1..=2).contains(&before), "{before}");
    assert_eq!(kdc.asked(), 3);
    // A rejected ticket would be forgotten: each login would ask again.
    session.identify().await.unwrap();
    assert_eq!(asked.load(Ordering::Acquire), before);
}

/// With two silent KDCs of three, the login neither takes long nor blames the server.
#[tokio::test]
async fn silent_kdcs_alone_end_before_the_operation() {
    let (first, _) = silent_kdc().await;
    let (second, _) = silent_kdc().await;
    let kdc = realm().start().await.unwrap();
    let simulator = server(&kdc).await;
    let user = Credentials::kerberos(user(), PASSWORD);
    let session = settings(simulator.url(), &first, user).kdc(&second);
    let session = session.operation_timeout(Duration::from_secs(4));
    let session = session.network_delay(Duration::ZERO).build().unwrap();
    let error = session.identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(error.login().unwrap().causes, [LoginCause::KdcUnreachable]);
    let text = error.to_string();
    for address in [first, second] {
        let did = format!("{address}: no answer in time over UDP");
        assert!(text.contains(&did), "{text}");
    }
}
