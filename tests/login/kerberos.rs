//! KDCs, keytabs and tickets.

use wsman::auth::{Keytab, ServicePrincipal};
use wsman::simulator::{KerberosScheme, LoginScheme, PASSWORD, Realm, Refusal, USER, sample};
use wsman::{Credentials, SessionBuilder};

use crate::table::row;
use crate::{builder, kdc, told};

const REALM: &str = "EXAMPLE.TEST";
const SERVICE: &str = "HTTP/localhost";

fn realm() -> Realm {
    Realm::new(REALM).user(USER, PASSWORD).service(SERVICE)
}

fn user() -> String {
    format!("{REALM}\\{USER}")
}

fn password() -> Credentials {
    Credentials::kerberos(user(), PASSWORD)
}

/// Returns the settings for a server that no login reaches.
fn settings(kdc: &str, credentials: Credentials) -> SessionBuilder {
    builder("http://localhost:1/wsman".parse().unwrap(), credentials)
        .kdc(kdc)
        .krb5_conf("/dev/null")
}

/// Asserts what an Identify and a diagnosis tell.
async fn identify(test: &str, builder: SessionBuilder) {
    let session = builder.build().unwrap();
    let error = session.identify().await.unwrap_err();
    row(test).assert_in(&told(&error));
}

/// Asserts what an Identify tells with a KDC that refuses every login.
async fn refused_by(test: &str, realm: Realm, credentials: Credentials) {
    let kdc = realm.start().await.unwrap();
    identify(test, settings(&kdc.address(), credentials)).await;
}

#[tokio::test]
async fn no_kdc_answers() {
    let builder = settings("127.0.0.1:1", password());
    identify("kerberos::no_kdc_answers", builder).await;
}

#[tokio::test]
async fn unknown_user() {
    let unknown = Credentials::kerberos("unknown@EXAMPLE.TEST", PASSWORD);
    refused_by("kerberos::unknown_user", realm(), unknown).await;
}

#[tokio::test]
async fn wrong_password() {
    let wrong = Credentials::kerberos(user(), "wrong");
    refused_by("kerberos::wrong_password", realm(), wrong).await;
}

#[tokio::test]
async fn denied_account() {
    refused_by("kerberos::denied_account", realm().refusing(18), password()).await;
}

#[tokio::test]
async fn expired_password() {
    refused_by(
        "kerberos::expired_password",
        realm().refusing(23),
        password(),
    )
    .await;
}

/// The account got another password after the keytab was written.
#[tokio::test]
async fn old_keytab() {
    let before = Realm::new(REALM)
        .user(USER, "before")
        .start()
        .await
        .unwrap();
    let credentials = Credentials::keytab(format!("{USER}@{REALM}"), before.keytab());
    refused_by("kerberos::old_keytab", realm(), credentials).await;
}

#[tokio::test]
async fn keytab_with_rc4_alone() {
    let mut file = b"\x05\x02\0\0\0\x36\0\x01\0\x0cEXAMPLE.TEST\0\x03ops".to_vec();
    file.extend(b"\0\0\0\x01\x65\0\0\0\x02\0\x17\0\x10");
    file.extend([7; 16]);
    file.extend(2_u32.to_be_bytes());
    let credentials = Credentials::keytab("ops@EXAMPLE.TEST", Keytab::read(&file).unwrap());
    let error = settings("127.0.0.1:1", credentials).build().unwrap_err();
    row("kerberos::keytab_with_rc4_alone").assert_in(&told(&error));
}

#[tokio::test]
async fn no_known_pre_authentication() {
    // FAST, the cookie, SPAKE.
    let address = kdc::refusing_with(25, 0, &[136, 133, 151]).await;
    let builder = settings(&address, password());
    identify("kerberos::no_known_pre_authentication", builder).await;
}

#[tokio::test]
async fn no_common_encryption() {
    refused_by(
        "kerberos::no_common_encryption",
        realm().refusing(14),
        password(),
    )
    .await;
}

#[tokio::test]
async fn clock_of_the_kdc() {
    let address = kdc::refusing(37, 900).await;
    identify("kerberos::clock_of_the_kdc", settings(&address, password())).await;
}

#[tokio::test]
async fn unknown_service() {
    let realm = Realm::new(REALM).user(USER, PASSWORD);
    refused_by("kerberos::unknown_service", realm, password()).await;
}

/// The server rejects a ticket that the KDC has issued, without a reason.
#[tokio::test]
async fn rejected_ticket() {
    let kdc = realm().start().await.unwrap();
    let scheme = KerberosScheme::new(&format!("{SERVICE}@{REALM}"), &kdc.keytab()).unwrap();
    let server = sample().logins([LoginScheme::Kerberos(scheme)]);
    let simulator = server.refusing(Refusal::Account).start().await.unwrap();
    let builder = builder(simulator.url(), password())
        .kdc(kdc.address())
        .krb5_conf("/dev/null")
        .service_principal(ServicePrincipal::new().host("localhost"));
    identify("kerberos::rejected_ticket", builder).await;
}

#[tokio::test]
async fn invalid_krb5_conf() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "[realms]\nEXAMPLE.TEST = {\n[libdefaults]\n").unwrap();
    let builder = settings("127.0.0.1:1", password()).krb5_conf(file.path());
    let error = builder.build().unwrap_err();
    row("kerberos::invalid_krb5_conf").assert_in(&told(&error));
}
