//! Kerberos tickets that end, and services that no longer take them.

use std::time::Duration;

use wsman::auth::ServicePrincipal;
use wsman::simulator::{
    KerberosScheme, KeyDistributionCentre, LoginScheme, PASSWORD, Realm, Refusal, Simulator, USER,
    sample,
};
use wsman::{Credentials, Error, Session};

use crate::provider::Vault;
use crate::tap::Tap;

const SERVICE: &str = "HTTP/localhost";
const CHANGED: &str = "a changed password";

/// The time before its end in which the client does not use a ticket: this one has ended for it.
const NO_TIME: Duration = Duration::from_secs(300);

fn realm() -> Realm {
    let realm = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD);
    realm.service(SERVICE)
}

fn scheme(kdc: &KeyDistributionCentre) -> LoginScheme {
    let name = format!("{SERVICE}@EXAMPLE.TEST");
    LoginScheme::Kerberos(KerberosScheme::new(&name, &kdc.keytab()).unwrap())
}

async fn server(kdc: &KeyDistributionCentre) -> Simulator {
    sample().logins([scheme(kdc)]).start().await.unwrap()
}

/// A vault with a password of the realm.
fn vault() -> Vault {
    Vault::new(|password| Credentials::kerberos(format!("EXAMPLE.TEST\\{USER}"), password))
}

fn session(url: url::Url, kdc: &KeyDistributionCentre, vault: &Vault) -> Session {
    Session::builder(url)
        .credentials(Credentials::provider(vault.clone()))
        .kdc(kdc.address())
        .krb5_conf("/dev/null")
        .service_principal(ServicePrincipal::new().host("localhost"))
        .build()
        .unwrap()
}

/// Closes all connections, and gives the client time to see it.
async fn restart(simulator: &Simulator) {
    simulator.restart();
    tokio::time::sleep(Duration::from_millis(100)).await;
}

#[tokio::test]
async fn a_ticket_that_ends_costs_one_new_login() {
    let kdc = realm().ticket_life(NO_TIME).start().await.unwrap();
    let simulator = server(&kdc).await;
    let vault = vault();
    let session = session(simulator.url(), &kdc, &vault);
    for logins in 1..4 {
        session.identify().await.unwrap();
        // The ticket logs in the connection, which stays logged in.
        session.identify().await.unwrap();
        assert_eq!(kdc.asked(), 3 * logins);
        restart(&simulator).await;
    }
    // The password is still right: the provider is not asked again.
    assert_eq!((vault.asked(), kdc.failed_logins()), (1, 0));
    assert_eq!(simulator.failed_logins(), 0);
}

#[tokio::test]
async fn a_ticket_that_ends_after_a_change_of_the_password_asks_the_provider() {
    let kdc = realm().ticket_life(NO_TIME).start().await.unwrap();
    let simulator = server(&kdc).await;
    let vault = vault();
    let session = session(simulator.url(), &kdc, &vault);
    session.identify().await.unwrap();
    kdc.change_password(USER, CHANGED).unwrap();
    restart(&simulator).await;
    // The provider does not have the new password yet. The old one is tried once.
    let error = session.identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!((vault.asked(), kdc.failed_logins()), (2, 1));
    vault.hold(Some(CHANGED));
    session.identify().await.unwrap();
    assert_eq!((vault.asked(), kdc.failed_logins()), (3, 1));
    // The provider has the new password before the old one is refused.
    kdc.change_password(USER, PASSWORD).unwrap();
    vault.hold(Some(PASSWORD));
    restart(&simulator).await;
    session.identify().await.unwrap();
    assert_eq!((vault.asked(), kdc.failed_logins()), (4, 2));
}

/// The service got another key, and the server restarted with it. Its refusal of the kept ticket costs
/// another ticket, within the operation.
#[tokio::test]
async fn a_kept_ticket_that_the_server_refuses_is_replaced_once() {
    let kdc = realm().start().await.unwrap();
    let before = server(&kdc).await;
    let tap = Tap::on(&before).await;
    let vault = vault();
    let session = session(tap.url(), &kdc, &vault);
    session.identify().await.unwrap();
    assert_eq!(kdc.asked(), 3);
    kdc.change_service_key(SERVICE).unwrap();
    let after = server(&kdc).await;
    tap.point_to(&after);
    restart(&before).await;
    session.identify().await.unwrap();
    assert_eq!((kdc.asked(), vault.asked()), (4, 1));
    assert_eq!(after.failed_logins(), 1);
}

#[tokio::test]
async fn a_server_that_refuses_every_ticket_makes_no_loop() {
    let kdc = realm().start().await.unwrap();
    let before = server(&kdc).await;
    let tap = Tap::on(&before).await;
    let vault = vault();
    let session = session(tap.url(), &kdc, &vault);
    session.identify().await.unwrap();
    let refusing = sample().logins([scheme(&kdc)]).refusing(Refusal::Account);
    let refusing = refusing.start().await.unwrap();
    tap.point_to(&refusing);
    restart(&before).await;
    // The kept ticket and another one; the provider gives the same password, which is not tried again.
    let error = session.identify().await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(refusing.failed_logins(), 2);
    assert_eq!((kdc.asked(), vault.asked()), (4, 2));
    session.identify().await.unwrap_err();
    assert_eq!(refusing.failed_logins(), 3);
    assert_eq!((kdc.asked(), vault.asked()), (5, 3));
}
