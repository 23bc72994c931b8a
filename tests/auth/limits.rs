//! Tests that each limit of a login can be set on the session, and is reached by a real login.

use std::time::Duration;

use wsman::auth::{LoginLimits, ServicePrincipal};
use wsman::simulator::{
    DigestScheme, KerberosScheme, LoginScheme, NtlmScheme, PASSWORD, Realm, USER, sample,
};
use wsman::{Credentials, Error, Session};

/// Returns the limits with one of them changed.
fn with(change: fn(&mut LoginLimits)) -> LoginLimits {
    let mut limits = LoginLimits::default();
    change(&mut limits);
    limits
}

#[tokio::test]
async fn a_login_ends_at_each_limit_of_the_session() {
    let realm = Realm::new("EXAMPLE.TEST").user(USER, PASSWORD);
    let kdc = realm.service("HTTP/localhost").start().await.unwrap();
    let tickets = KerberosScheme::new("HTTP/localhost@EXAMPLE.TEST", &kdc.keytab()).unwrap();
    let kerberos = LoginScheme::Kerberos(tickets);
    let ntlm = LoginScheme::Ntlm(NtlmScheme::new());
    let digest = LoginScheme::Digest(DigestScheme::new());
    // Clones would share their tickets.
    let by_kerberos = || Credentials::kerberos(format!("{USER}@EXAMPLE.TEST"), PASSWORD);
    let by_ntlm = || Credentials::ntlm(USER, PASSWORD);
    let by_digest = || Credentials::digest(USER, PASSWORD);
    type Row<'a> = (
        LoginScheme,
        fn() -> Credentials,
        fn(&mut LoginLimits),
        &'a str,
    );
    let rows: [Row<'_>; 7] = [
        (
            ntlm.clone(),
            by_ntlm,
            |it| it.steps = 1,
            "LoginLimits::steps",
        ),
        (
            ntlm.clone(),
            by_ntlm,
            |it| it.token_bytes = 10,
            "LoginLimits::token_bytes",
        ),
        (
            ntlm,
            by_ntlm,
            |it| it.header_bytes = 20,
            "LoginLimits::header_bytes",
        ),
        // The client ignores what is beyond these, so the server offers no Digest that it can answer.
        (digest.clone(), by_digest, |it| it.challenges = 1, ""),
        (digest, by_digest, |it| it.digest_bytes = 1, ""),
        (
            kerberos.clone(),
            by_kerberos,
            |it| it.ticket_messages = 1,
            "LoginLimits::ticket_messages",
        ),
        (
            kerberos,
            by_kerberos,
            |it| it.kdc_answer_bytes = 10,
            "LoginLimits::kdc_answer_bytes",
        ),
    ];
    for (scheme, credentials, change, named) in rows {
        let simulator = sample().logins([scheme]).start().await.unwrap();
        let session = |limits| {
            Session::builder(simulator.url())
                .credentials(credentials())
                .kdc(kdc.address())
                .krb5_conf("/dev/null")
                .service_principal(ServicePrincipal::new().host("localhost"))
                .connect_timeout(Duration::from_secs(2))
                .allow_unencrypted()
                .login_limits(limits)
                .build()
                .unwrap()
        };
        let error = session(with(change)).identify().await.unwrap_err();
        assert!(matches!(error, Error::Auth(_)), "{named}: {error:?}");
        let text = error.to_string();
        assert!(text.contains(named), "{named}: {text}");
        // Any limit but zero can be set, and the same login passes within the largest.
        let largest = with(|it| {
            (it.steps, it.token_bytes, it.header_bytes) = (usize::MAX, usize::MAX, usize::MAX);
            (it.challenges, it.digest_bytes) = (usize::MAX, usize::MAX);
            (it.kdc_answer_bytes, it.ticket_messages) = (usize::MAX, usize::MAX);
        });
        session(largest).identify().await.unwrap();
    }
}
