//! KDCs, keytabs and tickets.

use std::time::{Duration, Instant};

use tokio::net::{TcpListener, UdpSocket};
use wsman::auth::{Keytab, ServicePrincipal};
use wsman::simulator::{
    KerberosScheme, LoginScheme, NtlmScheme, PASSWORD, Realm, Refusal, Simulator, USER, sample,
};
use wsman::{Credentials, SessionBuilder};

use crate::hop::refusing_tokens;
use crate::scenario::{diagnoses, rejects, shows, succeeds, told};
use crate::{builder, kdc};

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

/// Starts a server whose logins no ticket reaches.
async fn server() -> Simulator {
    let logins = [LoginScheme::Ntlm(NtlmScheme::new())];
    sample().logins(logins).start().await.unwrap()
}

/// Returns the settings for a server and a KDC.
fn settings(server: &Simulator, kdc: &str, credentials: Credentials) -> SessionBuilder {
    builder(server.url(), credentials)
        .kdc(kdc)
        .krb5_conf("/dev/null")
        .service_principal(ServicePrincipal::new().host("localhost"))
}

/// Asserts what a session with this KDC tells.
async fn with_kdc(test: &str, kdc: &str, credentials: Credentials) {
    let server = server().await;
    shows(test, || settings(&server, kdc, credentials.clone())).await;
}

/// Asserts what a session tells with a KDC that refuses every login.
async fn refused_by(test: &str, realm: Realm, credentials: Credentials) {
    let kdc = realm.start().await.unwrap();
    with_kdc(test, &kdc.address(), credentials).await;
}

#[tokio::test]
async fn no_kdc_answers() {
    with_kdc("kerberos::no_kdc_answers", "127.0.0.1:1", password()).await;
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
    let settings = settings(&server().await, "127.0.0.1:1", credentials);
    rejects("kerberos::keytab_with_rc4_alone", settings, "no file");
}

#[tokio::test]
async fn no_known_pre_authentication() {
    // FAST, the cookie, SPAKE.
    let address = kdc::refusing_with(25, 0, &[136, 133, 151]).await;
    with_kdc(
        "kerberos::no_known_pre_authentication",
        &address,
        password(),
    )
    .await;
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
    with_kdc("kerberos::clock_of_the_kdc", &address, password()).await;
}

/// The KDC fails for a reason of its own (`KRB_ERR_GENERIC`).
#[tokio::test]
async fn other_error_of_the_kdc() {
    let address = kdc::refusing(60, 0).await;
    let server = server().await;
    let settings = settings(&server, &address, password());
    diagnoses("kerberos::other_error_of_the_kdc", settings).await;
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
    let builder = || settings(&simulator, &kdc.address(), password());
    shows("kerberos::rejected_ticket", builder).await;
}

#[tokio::test]
async fn invalid_krb5_conf() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "[realms]\nEXAMPLE.TEST = {\n[libdefaults]\n").unwrap();
    let settings = settings(&server().await, "127.0.0.1:1", password());
    let path = file.path().to_str().unwrap();
    rejects(
        "kerberos::invalid_krb5_conf",
        settings.krb5_conf(path),
        path,
    );
}

/// A ticket is larger than the server, or a proxy before it, takes in a header.
#[tokio::test]
async fn large_ticket() {
    // Both are in the ticket and beside it.
    let (name, realm) = ("u".repeat(900), "R".repeat(900));
    let kdc = Realm::new(&realm).user(&name, PASSWORD).service(SERVICE);
    let kdc = kdc.start().await.unwrap();
    let offers = "HTTP/1.1 401 \r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n";
    let too_large = "HTTP/1.1 431 \r\nContent-Length: 0\r\n\r\n";
    let url = refusing_tokens(Some(offers), too_large).await;
    let credentials = Credentials::kerberos(format!("{realm}\\{name}"), PASSWORD);
    let builder = || {
        builder(url.clone(), credentials.clone())
            .kdc(kdc.address())
            .krb5_conf("/dev/null")
            .service_principal(ServicePrincipal::new().host("localhost"))
    };
    let error = shows("kerberos::large_ticket", builder).await;
    let told = told(&error);
    let (_, size) = told.split_once("the ticket is ").unwrap();
    let (size, _) = size.split_once(" bytes").unwrap();
    assert!((5_040..5_080).contains(&size.parse().unwrap()), "{told}");
}

/// OMI without a keytab answers every ticket with HTTP 400, and says nothing without a login.
#[tokio::test]
async fn server_without_a_key() {
    let kdc = realm().start().await.unwrap();
    let refusal = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    let url = refusing_tokens(None, refusal).await;
    let builder = || {
        builder(url.clone(), password())
            .operation_timeout(Duration::from_secs(1))
            .kdc(kdc.address())
            .krb5_conf("/dev/null")
            .service_principal(ServicePrincipal::new().host("localhost"))
    };
    shows("kerberos::server_without_a_key", builder).await;
}

/// The server rejects a ticket, and its clock differs.
#[tokio::test]
async fn clock_of_the_server() {
    let kdc = realm().start().await.unwrap();
    let scheme = KerberosScheme::new(&format!("{SERVICE}@{REALM}"), &kdc.keytab()).unwrap();
    let server = sample().logins([LoginScheme::Kerberos(scheme)]);
    let server = server.refusing(Refusal::Account).clock_ahead(-900);
    let simulator = server.start().await.unwrap();
    let builder = || settings(&simulator, &kdc.address(), password());
    shows("kerberos::clock_of_the_server", builder).await;
}

/// The realm of the name does not know the user. The default realm, which has no KDC, is only a
/// guess, and must not hide that.
#[tokio::test]
async fn unknown_user_and_another_default_realm() {
    let kdc = realm().start().await.unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let address = kdc.address();
    let text = format!(
        "[libdefaults]\ndefault_realm = OTHER.TEST\n[realms]\n\
         EXAMPLE.TEST = {{\nkdc = {address}\n}}\nOTHER.TEST = {{\nkdc = 127.0.0.1:1\n}}\n"
    );
    std::fs::write(file.path(), text).unwrap();
    let server = server().await;
    let unknown = Credentials::kerberos("unknown@EXAMPLE.TEST", PASSWORD);
    let builder = || {
        builder(server.url(), unknown.clone())
            .krb5_conf(file.path())
            .service_principal(ServicePrincipal::new().host("localhost"))
    };
    let test = "kerberos::unknown_user_and_another_default_realm";
    shows(test, builder).await;
}

/// There is no ticket, and NTLM is refused instead.
#[tokio::test]
async fn ntlm_in_place_of_kerberos() {
    let server = server().await;
    let credentials = Credentials::negotiate(user(), "wrong");
    let builder = || settings(&server, "127.0.0.1:1", credentials.clone());
    shows("kerberos::ntlm_in_place_of_kerberos", builder).await;
}

/// The first login waits a second for the silent KDC, and the next ones do not.
#[tokio::test]
async fn first_kdc_is_silent() {
    let kdc = realm().start().await.unwrap();
    let scheme = KerberosScheme::new(&format!("{SERVICE}@{REALM}"), &kdc.keytab()).unwrap();
    let server = sample().logins([LoginScheme::Kerberos(scheme)]);
    let simulator = server.start().await.unwrap();
    // Bound, and never read.
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = tcp.local_addr().unwrap();
    let _udp = UdpSocket::bind(silent).await.unwrap();
    let builder = || settings(&simulator, &silent.to_string(), password()).kdc(kdc.address());
    let session = builder().build().unwrap();
    let began = Instant::now();
    session.identify().await.unwrap();
    let first = began.elapsed();
    let began = Instant::now();
    session.identify().await.unwrap();
    let second = began.elapsed();
    assert!(first < Duration::from_secs(3), "{first:?}");
    assert!(second < Duration::from_millis(500), "{second:?}");
    println!("{first:?}, then {second:?}");
    succeeds("kerberos::first_kdc_is_silent", builder).await;
}

/// A trailing dot of the host is no part of the service's name (RFC 4120 6.2.1), nor are its capitals.
#[tokio::test]
async fn trailing_dot_of_the_host() {
    let kdc = realm().start().await.unwrap();
    let scheme = KerberosScheme::new("HTTP/localhost@EXAMPLE.TEST", &kdc.keytab()).unwrap();
    let simulator = sample().logins([LoginScheme::Kerberos(scheme)]);
    let simulator = simulator.start().await.unwrap();
    let port = simulator.address().port();
    for host in ["LocalHost", "localhost."] {
        let builder = || {
            builder(
                format!("http://{host}:{port}/wsman").parse().unwrap(),
                password(),
            )
            .kdc(kdc.address())
            .krb5_conf("/dev/null")
            .address(simulator.address())
        };
        builder().build().unwrap().identify().await.unwrap();
        if host.ends_with('.') {
            succeeds("kerberos::trailing_dot_of_the_host", builder).await;
        }
    }
}
