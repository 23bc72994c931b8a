//! Tests the client's certificate.

use wsman::auth::LoginCause;
use wsman::simulator::Dialect;
use wsman::transport::http::SetupError;
use wsman::transport::{TlsConfigBuilder, TransportErrorKind};
use wsman::{Credentials, Delivery, Error, Instance, PutMode, Session, TlsConfig};

use crate::authority::{Authority, Issued};
use crate::{builder, encrypted, on_the_way, public, told, works};

fn showing(authority: &Authority, client: &Issued) -> TlsConfigBuilder {
    TlsConfig::builder()
        .roots(authority.pem().as_bytes())
        .client_certificate(client.chain.as_bytes(), client.key.as_bytes())
}

#[tokio::test]
async fn logs_in_with_a_certificate() {
    let authority = Authority::new();
    let clients = Authority::new();
    let tls = showing(&authority, &clients.client()).build().unwrap();
    for dialect in Dialect::ALL {
        let simulator = encrypted(&authority.localhost()).client_authority(clients.pem());
        let simulator = simulator.dialect(dialect).start().await.unwrap();
        let builder = builder(&simulator).credentials(Credentials::certificate());
        let session = builder.tls(tls.clone()).build().unwrap();
        works(&session).await;
        let share = Instance::new("Win32_Share")
            .with_key("Name", "of-the-client")
            .with("Path", "/tmp");
        let put = session.put_instance(&share).mode(PutMode::CreateOnly);
        put.await.unwrap();
        session.identify().anonymous().await.unwrap();
    }
}

#[tokio::test]
async fn combines_a_certificate_with_a_password() {
    let authority = Authority::new();
    let simulator = encrypted(&authority.localhost()).client_authority(authority.pem());
    let simulator = simulator.start().await.unwrap();
    let tls = showing(&authority, &authority.client()).build().unwrap();
    works(&builder(&simulator).tls(tls).build().unwrap()).await;
}

/// A client that the server rejects. The message may be on its way by then, but the server does not
/// read it.
async fn shut_out(tls: TlsConfigBuilder, authority: &Authority) {
    let simulator = encrypted(&authority.localhost()).client_authority(authority.pem());
    let simulator = simulator.start().await.unwrap();
    let session = builder(&simulator)
        .tls(tls.build().unwrap())
        .build()
        .unwrap();
    let error = session.delete_instance(public()).await;
    let (kind, error) = on_the_way(error.unwrap_err());
    assert_eq!(
        kind,
        TransportErrorKind::ClientCertificate,
        "{}",
        told(&error)
    );
    assert_ne!(error.delivery(), Delivery::Unknown);
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn reports_a_missing_client_certificate() {
    let authority = Authority::new();
    shut_out(
        TlsConfig::builder().roots(authority.pem().as_bytes()),
        &authority,
    )
    .await;
}

#[tokio::test]
async fn rejects_a_certificate_of_another_authority() {
    let authority = Authority::new();
    let stranger = Authority::new().client();
    shut_out(showing(&authority, &stranger), &authority).await;
}

#[tokio::test]
async fn an_unrequested_certificate_is_not_a_login() {
    let authority = Authority::new();
    let simulator = encrypted(&authority.localhost()).start().await.unwrap();
    let tls = showing(&authority, &authority.client()).build().unwrap();
    let session = builder(&simulator).credentials(Credentials::certificate());
    let error = session.tls(tls).build().unwrap().identify().await;
    let error = error.unwrap_err();
    assert_eq!(
        (error.name(), error.delivery()),
        ("Auth", Delivery::Answered)
    );
    let login = error.login().unwrap();
    assert_eq!(login.causes, [LoginCause::CertificateNotRequested]);
    let text = error.to_string();
    assert!(text.contains("clientcertnegotiation=enable"), "{text}");
}

/// Returns the error of building a session.
fn setup_error(error: Error) -> String {
    assert_eq!(
        (error.name(), error.delivery()),
        ("Config", Delivery::NotSent)
    );
    assert!(error.caused_by::<SetupError>().is_some());
    error.to_string()
}

#[test]
fn logs_in_with_a_certificate_over_https_alone_and_must_be_there() {
    let authority = Authority::new();
    let with = |url: &str, tls: TlsConfigBuilder| {
        Session::builder(url)
            .credentials(Credentials::certificate())
            .allow_unencrypted()
            .tls(tls.build().unwrap())
            .build()
    };
    let shown = showing(&authority, &authority.client());
    let error = with("http://host.example/wsman", shown).unwrap_err();
    assert!(setup_error(error).contains("https://"));
    let nothing = TlsConfig::builder().roots(authority.der());
    let error = with("https://host.example/wsman", nothing).unwrap_err();
    assert!(setup_error(error).contains("client_certificate"));
}
