//! Kerberos that was given up for NTLM is tried again after its term.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use wsman::auth::ServicePrincipal;
use wsman::simulator::{
    KerberosScheme, KeyDistributionCentre, LoginScheme, NtlmScheme, PASSWORD, Realm, Simulator,
    USER, sample,
};
use wsman::{Credentials, Session};

const MINUTE: Duration = Duration::from_secs(60);

/// A line to a KDC that can be cut.
struct Line {
    address: String,
    is_up: Arc<AtomicBool>,
    calls: Arc<AtomicUsize>,
}

impl Line {
    async fn to(kdc: &KeyDistributionCentre) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Self {
            address: listener.local_addr().unwrap().to_string(),
            is_up: Arc::default(),
            calls: Arc::default(),
        };
        let (kdc, is_up, calls) = (
            kdc.address(),
            Arc::clone(&line.is_up),
            Arc::clone(&line.calls),
        );
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                calls.fetch_add(1, Ordering::AcqRel);
                if is_up.load(Ordering::Acquire) {
                    let mut server = TcpStream::connect(&kdc).await.unwrap();
                    tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
                }
            }
        });
        line
    }

    fn mend(&self) {
        self.is_up.store(true, Ordering::Release);
    }

    /// How often the client called since the last question.
    fn calls(&self) -> usize {
        self.calls.swap(0, Ordering::AcqRel)
    }
}

/// A server that takes tickets and NTLM.
async fn server(kdc: &KeyDistributionCentre) -> Simulator {
    let scheme = KerberosScheme::new("HTTP/localhost@EXAMPLE.TEST", &kdc.keytab()).unwrap();
    let schemes = [
        LoginScheme::Kerberos(scheme),
        LoginScheme::Ntlm(NtlmScheme::new()),
    ];
    sample().logins(schemes).start().await.unwrap()
}

fn session(simulator: &Simulator, kdc: &str, credentials: Credentials) -> Session {
    Session::builder(simulator.url())
        .credentials(credentials)
        .kdc(kdc)
        .krb5_conf("/dev/null")
        .service_principal(ServicePrincipal::new().host("localhost"))
        .build()
        .unwrap()
}

/// Lets this time pass.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// Logs in on a new connection; returns the scheme.
async fn log_in(session: &Session, simulator: &Simulator) -> &'static str {
    simulator.restart();
    while simulator.open_connections() > 0 {
        tokio::task::yield_now().await;
    }
    session.identify().await.unwrap();
    session.login().unwrap().scheme
}

#[tokio::test]
async fn a_kdc_that_is_back_is_used_after_five_minutes() {
    let user = format!("EXAMPLE.TEST\\{USER}");
    for credentials in [
        Credentials::negotiate(&user, PASSWORD),
        Credentials::password(&user, PASSWORD),
    ] {
        let realm = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD);
        let kdc = realm.service("HTTP/localhost").start().await.unwrap();
        let simulator = server(&kdc).await;
        let line = Line::to(&kdc).await;
        let session = session(&simulator, &line.address, credentials);
        assert_eq!(log_in(&session, &simulator).await, "NTLM");
        assert!(line.calls() > 0);
        // The KDC is not asked before the end of the term, although it is back.
        line.mend();
        pass(5 * MINUTE - Duration::from_secs(10)).await;
        assert_eq!(log_in(&session, &simulator).await, "NTLM");
        assert_eq!((line.calls(), kdc.asked()), (0, 0));
        pass(Duration::from_secs(10)).await;
        assert_eq!(log_in(&session, &simulator).await, "Kerberos");
        assert_eq!(kdc.asked(), 3);
        // There is no term any more, and the ticket is kept.
        assert_eq!(log_in(&session, &simulator).await, "Kerberos");
        assert_eq!(kdc.asked(), 3);
        assert_eq!(simulator.failed_logins(), 0);
    }
}

#[tokio::test]
async fn a_kdc_that_is_still_down_starts_a_new_term() {
    let realm = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD);
    let kdc = realm.service("HTTP/localhost").start().await.unwrap();
    let simulator = server(&kdc).await;
    let line = Line::to(&kdc).await;
    let credentials = Credentials::negotiate(format!("EXAMPLE.TEST\\{USER}"), PASSWORD);
    let session = session(&simulator, &line.address, credentials);
    for _ in 0..3 {
        assert_eq!(log_in(&session, &simulator).await, "NTLM");
        assert!(line.calls() > 0);
        assert_eq!(log_in(&session, &simulator).await, "NTLM");
        pass(4 * MINUTE).await;
        assert_eq!(log_in(&session, &simulator).await, "NTLM");
        assert_eq!(line.calls(), 0);
        pass(MINUTE).await;
    }
}

/// The realm answers, and does not know the service: only a change of the realm can end that.
#[tokio::test]
async fn an_unknown_service_is_requested_again_after_fifteen_minutes() {
    let realm = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD);
    let kdc = realm.service("HTTP/localhost").start().await.unwrap();
    let other = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD);
    let other = other.service("HTTP/elsewhere").start().await.unwrap();
    let simulator = server(&kdc).await;
    let credentials = Credentials::negotiate(format!("EXAMPLE.TEST\\{USER}"), PASSWORD);
    let session = session(&simulator, &other.address(), credentials);
    assert_eq!(log_in(&session, &simulator).await, "NTLM");
    let asked = other.asked();
    assert!(asked > 0);
    pass(14 * MINUTE).await;
    assert_eq!(log_in(&session, &simulator).await, "NTLM");
    assert_eq!(other.asked(), asked);
    pass(MINUTE).await;
    assert_eq!(log_in(&session, &simulator).await, "NTLM");
    // The ticket of the user is kept.
    assert_eq!(other.asked(), asked + 1);
}
