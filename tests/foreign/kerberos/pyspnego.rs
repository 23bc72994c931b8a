//! Tests tickets against pyspnego, which opens and seals messages with MIT's library.

use serde_json::{Value as Json, json};
use wsman::auth::KerberosEtype;
use wsman::simulator::{PASSWORD, USER};
use wsman::{Credentials, Error, Session};

use super::{keys, password, user, within};
use crate::operations::{self, share};
use crate::programs::Program;
use crate::pyspnego::certificate::Certificate;
use crate::pyspnego::{Acceptor, assert_all_was_sealed};
use crate::realm::{REALM, Realm, SERVICE};

/// The server and its realm.
pub(super) async fn acceptor(settings: Json) -> (Acceptor, Realm) {
    let realm = Realm::start().await;
    let python = || realm.command(Program::Python.path());
    let acceptor = Acceptor::start(python, settings).await;
    (acceptor, realm)
}

fn session(acceptor: &Acceptor, realm: &Realm, credentials: Credentials) -> Session {
    let builder = acceptor.session(credentials);
    within(realm, builder).build().unwrap()
}

pub(crate) async fn every_mode_of_put() {
    let (acceptor, realm) = acceptor(json!({})).await;
    let session = session(&acceptor, &realm, password());
    operations::every_mode_of_put(&session, &acceptor.simulator).await;
    let logins = acceptor.events("login");
    assert_eq!(logins.len(), 1, "{logins:?}");
    assert_eq!(logins[0]["who"], user());
    assert_eq!(logins[0]["mechanism"], "kerberos");
    assert_all_was_sealed(&acceptor);
}

pub(crate) async fn rows() {
    let (acceptor, realm) = acceptor(json!({})).await;
    let session = session(&acceptor, &realm, password());
    operations::rows(&session, &acceptor.simulator).await;
    assert_all_was_sealed(&acceptor);
}

pub(crate) async fn sixteen_at_a_time() {
    let (acceptor, realm) = acceptor(json!({})).await;
    let session = session(&acceptor, &realm, password());
    operations::sixteen_at_a_time(&session, &acceptor.simulator).await;
    acceptor.assert_one_login_for_each_connection();
    assert_all_was_sealed(&acceptor);
}

pub(crate) async fn keytab() {
    let (acceptor, realm) = acceptor(json!({})).await;
    let session = session(&acceptor, &realm, keys(&realm));
    operations::every_mode_of_put(&session, &acceptor.simulator).await;
    assert_eq!(acceptor.events("login")[0]["who"], user());
}

/// Without a `krb5.conf` that names the KDC.
pub(crate) async fn given_kdc() {
    let (acceptor, realm) = acceptor(json!({})).await;
    let nothing = realm.krb5_conf().with_file_name("nothing.conf");
    std::fs::write(&nothing, "").unwrap();
    let builder = acceptor.session(password()).krb5_conf(nothing);
    let session = builder.kdc(realm.kdc().to_string()).build().unwrap();
    session.put_instance(&share("logs")).await.unwrap();
    assert_eq!(acceptor.events("login")[0]["who"], user());
}

/// A KDC that says nothing comes first, over both protocols.
pub(crate) async fn silent_kdc_first() {
    let (acceptor, realm) = acceptor(json!({})).await;
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap();
    let _silent = std::net::UdpSocket::bind(silent).unwrap();
    let nothing = realm.krb5_conf().with_file_name("nothing.conf");
    std::fs::write(&nothing, "").unwrap();
    let builder = acceptor.session(password()).krb5_conf(nothing);
    let builder = builder.kdc(silent.to_string()).kdc(realm.kdc().to_string());
    let session = builder.build().unwrap();
    let began = std::time::Instant::now();
    session.put_instance(&share("logs")).await.unwrap();
    // One second for the first request alone, and much for a slow machine.
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    assert_eq!(acceptor.events("login")[0]["who"], user());
}

pub(crate) async fn names_of_the_user() {
    let (acceptor, realm) = acceptor(json!({})).await;
    for name in [USER.to_owned(), format!(r"{REALM}\{USER}"), user()] {
        let session = session(&acceptor, &realm, Credentials::kerberos(&name, PASSWORD));
        session.put_instance(&share("logs")).await.unwrap();
    }
    let logins = acceptor.events("login");
    assert_eq!(logins.len(), 3);
    assert!(logins.iter().all(|login| login["who"] == user()));
}

/// The keys of the user and of the service, of every supported type.
pub(crate) async fn every_kind_of_key() {
    let (acceptor, realm) = acceptor(json!({})).await;
    let keytab = realm.service_keytab();
    for etype in [
        KerberosEtype::Aes256Sha384,
        KerberosEtype::Aes128Sha256,
        KerberosEtype::Aes256Sha1,
        KerberosEtype::Aes128Sha1,
        KerberosEtype::Rc4Hmac,
    ] {
        let keys = format!("-e {etype}:normal");
        realm.change(&format!("cpw {keys} -pw {PASSWORD} {USER}"));
        realm.change(&format!("ktadd {keys} -k {} {SERVICE}", keytab.display()));
        // The realm's own key has another type.
        let etypes = [etype].into_iter().chain(KerberosEtype::DEFAULT);
        let builder = within(&realm, acceptor.session(password())).kerberos_etypes(etypes);
        let put = builder.build().unwrap().put_instance(&share("logs")).await;
        put.unwrap_or_else(|error| panic!("{etype}: {error:?}"));
    }
    assert_all_was_sealed(&acceptor);
}

/// The KDC requires no pre-authentication; its reply is decrypted with the password all the same.
pub(crate) async fn without_preauthentication() {
    let (acceptor, realm) = acceptor(json!({})).await;
    realm.change(&format!("modprinc -requires_preauth {USER}"));
    for credentials in [password(), keys(&realm)] {
        let session = session(&acceptor, &realm, credentials);
        session.put_instance(&share("logs")).await.unwrap();
    }
    assert_eq!(acceptor.events("login").len(), 2);
}

pub(crate) async fn over_https() {
    let certificate = Certificate::new();
    let (acceptor, realm) = acceptor(certificate.settings()).await;
    let builder = acceptor.session(password()).tls(certificate.tls());
    let session = within(&realm, builder).build().unwrap();
    operations::every_mode_of_put(&session, &acceptor.simulator).await;
    assert_eq!(acceptor.events("login").len(), 1);
}

pub(crate) async fn bound_to_another_certificate() {
    let certificate = Certificate::new();
    let (acceptor, realm) = acceptor(certificate.settings_of_another()).await;
    let builder = acceptor.session(password()).tls(certificate.tls());
    let session = within(&realm, builder).build().unwrap();
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert_eq!(acceptor.events("refused").len(), 1);
    assert!(acceptor.simulator.requests().is_empty());
}
