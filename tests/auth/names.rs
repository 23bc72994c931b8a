//! Tests that one host has one service principal in each spelling of its name.

use wsman::auth::ServicePrincipal;
use wsman::simulator::{KerberosScheme, LoginScheme, PASSWORD, Realm, USER, sample};
use wsman::{Credentials, Session};

/// Logs in by Kerberos with this URL and service, where the realm knows one service.
async fn logs_in(url: &str, given: ServicePrincipal, known: &str) {
    let realm = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD);
    let kdc = realm.service(known).start().await.unwrap();
    let scheme = KerberosScheme::new(&format!("{known}@EXAMPLE.TEST"), &kdc.keytab()).unwrap();
    let logins = [LoginScheme::Kerberos(scheme)];
    let simulator = sample().logins(logins).start().await.unwrap();
    let user = format!("{USER}@EXAMPLE.TEST");
    let session = Session::builder(url)
        .credentials(Credentials::kerberos(user, PASSWORD))
        .kdc(kdc.address())
        .krb5_conf("/dev/null")
        .service_principal(given)
        .address(simulator.address())
        .build()
        .unwrap();
    session.identify().await.unwrap();
}

#[tokio::test]
async fn one_host_has_one_principal_in_each_spelling() {
    for (host, known) in [
        ("host.example", "HTTP/host.example"),
        ("host.example.", "HTTP/host.example"),
        ("HOST.Example.", "HTTP/host.example"),
        ("B\u{fc}cher.example.", "HTTP/xn--bcher-kva.example"),
    ] {
        let url = format!("http://{host}:5985/wsman");
        logs_in(&url, ServicePrincipal::new(), known).await;
    }
}

/// A host that the caller gives folds in the same way, but its letters are those of the realm.
#[tokio::test]
async fn a_given_host_folds_as_that_of_the_url() {
    for (host, known) in [
        ("Other.EXAMPLE.", "HTTP/other.example"),
        ("B\u{dc}CHER.example", "HTTP/b\u{fc}cher.example"),
    ] {
        let service = ServicePrincipal::new().host(host);
        logs_in("http://192.0.2.7:5985/wsman", service, known).await;
    }
}
