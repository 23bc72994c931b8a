//! The Kerberos tickets that the hosts of an account share.

use wsman::auth::ServicePrincipal;
use wsman::error::{Delivery, Error};
use wsman::hosts::Hosts;
use wsman::simulator::{
    KerberosScheme, KeyDistributionCentre, LoginScheme, PASSWORD, Realm, Simulator, USER, sample,
};
use wsman::{Credentials, Session, SessionBuilder};

use super::hosts::all;

const REALM: &str = "EXAMPLE.TEST";

/// The messages for the ticket of the user: one without and one with pre-authentication.
const BY_KEYS: usize = 2;

/// One more, for the name as an enterprise name, which the KDC does not know.
const FIRST: usize = 3;

fn user() -> String {
    format!("{USER}@{REALM}")
}

/// A realm, and servers for the services `HTTP/0` and so on.
async fn stage(servers: usize) -> (KeyDistributionCentre, Vec<Simulator>) {
    let realm = Realm::new(REALM).user(USER, PASSWORD);
    let realm = (0..servers).fold(realm, |realm, n| realm.service(format!("HTTP/{n}")));
    let kdc = realm.start().await.unwrap();
    let mut simulators = Vec::new();
    for n in 0..servers {
        let service = format!("HTTP/{n}@{REALM}");
        let scheme = KerberosScheme::new(&service, &kdc.keytab()).unwrap();
        let builder = sample().logins([LoginScheme::Kerberos(scheme)]);
        simulators.push(builder.start().await.unwrap());
    }
    (kdc, simulators)
}

fn host(kdc: &KeyDistributionCentre, url: &wsman::Url, service: usize) -> SessionBuilder {
    Session::builder(url)
        .kdc(kdc.address())
        .krb5_conf("/dev/null")
        .service_principal(ServicePrincipal::new().host(service.to_string()))
}

async fn identify(session: Session) -> Result<(), Error> {
    session.identify().await.map(drop)
}

fn by_password() -> Credentials {
    Credentials::kerberos(user(), PASSWORD)
}

#[tokio::test]
async fn a_thousand_hosts_ask_once_for_the_user_and_once_for_each_service() {
    let (kdc, servers) = stage(3).await;
    let hosts = (0..1000).map(|n| {
        let service = n % servers.len();
        // Each host has credentials of its own, which are equal.
        host(&kdc, &servers[service].url(), service).credentials(by_password())
    });
    let results = all(Hosts::new(hosts).concurrency(50).run(identify)).await;
    assert_eq!(results.len(), 1000);
    for result in results {
        result.result.unwrap();
    }
    assert_eq!(kdc.asked(), FIRST + servers.len());
}

/// Keys have no gate, so all logins start at once and wait for one answer of the KDC.
#[tokio::test]
async fn logins_that_start_together_ask_once() {
    let (kdc, servers) = stage(2).await;
    let hosts = (0..40).map(|n| {
        let login = Credentials::keytab(user(), kdc.keytab());
        host(&kdc, &servers[n % 2].url(), n % 2).credentials(login)
    });
    let results = all(Hosts::new(hosts).concurrency(40).run(identify)).await;
    assert!(results.iter().all(|host| host.result.is_ok()));
    assert_eq!(kdc.asked(), BY_KEYS + 2);
}

#[tokio::test]
async fn sessions_with_clones_of_credentials_share_their_tickets() {
    let (kdc, servers) = stage(2).await;
    let login = by_password();
    for _ in 0..3 {
        for (n, server) in servers.iter().enumerate() {
            let builder = host(&kdc, &server.url(), n).credentials(login.clone());
            let session = builder.build().unwrap();
            session.identify().await.unwrap();
            assert!(session.login().unwrap().tickets_end.is_some());
        }
    }
    assert_eq!(kdc.asked(), FIRST + 2);
    // Other credentials of the same account ask for themselves.
    let builder = host(&kdc, &servers[0].url(), 0).credentials(by_password());
    identify(builder.build().unwrap()).await.unwrap();
    assert_eq!(kdc.asked(), 2 * FIRST + 3);
}

/// Two realms of one name: the ticket of one means nothing to the other.
#[tokio::test]
async fn tickets_are_of_the_kdcs_that_gave_them() {
    let login = by_password();
    for _ in 0..2 {
        let (kdc, servers) = stage(1).await;
        let builder = host(&kdc, &servers[0].url(), 0).credentials(login.clone());
        identify(builder.build().unwrap()).await.unwrap();
        assert_eq!(kdc.asked(), FIRST + 1);
    }
}

/// Waiting logins share the refusal of the KDC, which counts against the account.
#[tokio::test]
async fn a_wrong_password_is_asked_once_by_logins_that_wait() {
    let (kdc, servers) = stage(1).await;
    let hosts = (0..20).map(|_| {
        let login = Credentials::kerberos(user(), "mistyped");
        host(&kdc, &servers[0].url(), 0).credentials(login)
    });
    let hosts = Hosts::new(hosts).concurrency(20).independent_logins();
    for host in all(hosts.run(identify)).await {
        let error = host.result.unwrap_err();
        let seen = (error.name(), error.delivery());
        assert_eq!(seen, ("Auth", Delivery::NotSent), "{error}");
    }
    assert_eq!(kdc.asked(), FIRST);
    assert_eq!(servers[0].requests().len(), 0);
}

/// A server that got a new key refuses the ticket that is kept. The next login asks for another ticket of
/// the service, but for none of the user.
#[tokio::test]
async fn a_ticket_that_a_server_refuses_is_replaced() {
    let (kdc, servers) = stage(2).await;
    let login = by_password();
    // The server of service 1 knows no ticket of service 0.
    let wrong = host(&kdc, &servers[1].url(), 0).credentials(login.clone());
    let error = identify(wrong.build().unwrap()).await.unwrap_err();
    assert_eq!(error.name(), "Auth", "{error}");
    assert_eq!(kdc.asked(), FIRST + 1);
    let right = host(&kdc, &servers[0].url(), 0).credentials(login);
    identify(right.build().unwrap()).await.unwrap();
    assert_eq!(kdc.asked(), FIRST + 2);
}

/// A provider that gives equal credentials to many sessions gives them one set of tickets.
#[tokio::test]
async fn equal_credentials_of_a_provider_share_their_tickets() {
    let (kdc, servers) = stage(1).await;
    let login = Credentials::provider(|| async { Ok(by_password()) });
    for _ in 0..3 {
        let builder = host(&kdc, &servers[0].url(), 0).credentials(login.clone());
        identify(builder.build().unwrap()).await.unwrap();
    }
    assert_eq!(kdc.asked(), FIRST + 1);
}
