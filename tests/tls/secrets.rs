//! Tests that secrets are never shown.

use wsman::transport::{CertificatePin, Proxy};
use wsman::{Credentials, Session, TlsConfig};

use crate::authority::Authority;
use crate::{encrypted, told};

#[tokio::test]
async fn debug_output_shows_no_keys_or_passwords() {
    let authority = Authority::new();
    let client = authority.client();
    // A line of the key's Base64.
    let secret = client.key.lines().nth(1).unwrap();
    let builder = TlsConfig::builder()
        .roots(authority.der())
        .pin(CertificatePin::certificate([1; 32]))
        .client_certificate(client.chain.as_bytes(), client.key.as_bytes());
    let mut shown = format!("{builder:?}");
    let tls = builder.build().unwrap();
    let proxy = Proxy::new("http://proxy.example:3128".parse().unwrap());
    let proxy = proxy.credentials("me", "hunter2");
    shown += &format!("{tls:?} {proxy:?} {:?}", Credentials::certificate());
    let session = Session::builder("https://host.example/wsman")
        .credentials(Credentials::certificate())
        .tls(tls)
        .proxy(proxy);
    shown += &format!("{session:?} {:?}", session.http().unwrap());
    let simulator = encrypted(&client).client_authority(authority.pem());
    shown += &format!("{simulator:?}");
    assert!(
        !shown.contains(secret) && !shown.contains("hunter2"),
        "{shown}"
    );
    assert!(shown.contains("proxy.example"), "{shown}");

    let [first, second] = [authority.client(), authority.client()];
    let error = TlsConfig::builder()
        .client_certificate(first.chain.as_bytes(), second.key.as_bytes())
        .build()
        .unwrap_err();
    let secret = second.key.lines().nth(1).unwrap();
    assert!(!told(&error).contains(secret), "{}", told(&error));
}
