//! Tests invalid configurations.

use wsman::TlsConfig;
use wsman::transport::TlsConfigBuilder;

use crate::authority::Authority;
use crate::told;

fn refused(builder: TlsConfigBuilder) -> String {
    told(&builder.build().unwrap_err())
}

#[test]
fn rejects_an_invalid_or_mismatched_key() {
    let authority = Authority::new();
    let [one, other] = [authority.client(), authority.client()];
    let with = |chain: &str, key: &str| {
        refused(
            TlsConfig::builder()
                .roots(authority.der())
                .client_certificate(chain.as_bytes(), key.as_bytes()),
        )
    };
    assert!(with(&one.chain, &other.key).contains("cannot be used with its key"));
    assert!(with(&one.chain, "hello").contains("no private key"));
    assert!(with(&one.chain, &one.chain).contains("no private key"));
    assert!(with("hello", &one.key).contains("no certificate"));
    let encrypted = one.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    assert!(with(&one.chain, &encrypted).contains("encrypted"));
}

#[test]
fn rejects_invalid_names_roots_and_pins() {
    let authority = Authority::new();
    let roots = || TlsConfig::builder().roots(authority.der());
    assert!(refused(roots().server_name("not a name")).contains("neither a DNS name"));
    roots().server_name("::1").build().unwrap();
    assert!(refused(TlsConfig::builder().trust_pins_alone()).contains("requires a pin"));
    assert!(refused(TlsConfig::builder().roots(b"hello")).contains("no certificate"));
    assert!(
        refused(TlsConfig::builder().roots(&[0x30, 1, 2]))
            .contains("cannot be used as an authority")
    );
}
