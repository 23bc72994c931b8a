//! Every likely cause of a failed login, provoked.

use wsman::auth::LoginCause::{self, *};
use wsman::simulator::{
    DigestScheme, LoginScheme, PASSWORD, Refusal, Simulator, SimulatorBuilder, USER, sample,
};
use wsman::{Credentials, Delivery, Error};

use crate::{session, share};

fn basic(password: &str) -> Credentials {
    Credentials::basic(USER, password)
}

/// What a server makes of an Identify with these credentials.
async fn refused(server: SimulatorBuilder, credentials: Credentials) -> Error {
    let simulator = server.start().await.unwrap();
    let error = session(simulator.url(), credentials).identify().await;
    let error = error.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    error
}

/// The causes are in the value, and each of them with its next step in the text.
fn assert_causes(error: &Error, causes: &[LoginCause]) {
    assert_eq!(error.login().unwrap().causes, causes, "{error}");
    let text = error.to_string();
    for cause in causes {
        assert!(text.contains(&cause.to_string()), "{text}");
    }
}

#[tokio::test]
async fn no_credentials() {
    let error = refused(sample(), Credentials::none()).await;
    assert_causes(&error, &[NoCredentials]);
    assert_eq!(error.login().unwrap().offered, ["Negotiate", "Basic"]);
}

#[tokio::test]
async fn a_wrong_password_looks_like_an_account_that_is_denied() {
    let digest = || sample().logins([LoginScheme::Digest(DigestScheme::new())]);
    for (server, password) in [
        (digest(), "wrong"),
        (digest().refusing(Refusal::Account), PASSWORD),
    ] {
        let error = refused(server, Credentials::digest(USER, password)).await;
        assert_causes(&error, &[WrongPassword, AccountDenied]);
        assert_eq!(error.delivery(), Delivery::Answered);
    }
}

/// Over plain HTTP, Windows says the same where it does not want Basic in the clear.
#[tokio::test]
async fn basic_in_the_clear_has_one_more_reason() {
    for (server, password) in [
        (sample(), "wrong"),
        (sample().refusing(Refusal::Account), PASSWORD),
    ] {
        let error = refused(server, basic(password)).await;
        assert_causes(&error, &[WrongPassword, AccountDenied, UnencryptedRefused]);
    }
    let openwsman = sample().dialect(wsman::simulator::Dialect::Openwsman);
    let error = refused(openwsman, basic("wrong")).await;
    assert_causes(&error, &[WrongPassword, AccountDenied]);
}

#[tokio::test]
async fn messages_in_the_clear_are_refused() {
    let server = sample().refusing(Refusal::Unencrypted);
    let error = refused(server, basic(PASSWORD)).await;
    assert_causes(&error, &[UnencryptedRefused]);
    assert_eq!(error.http_status(), Some(500));
}

#[tokio::test]
async fn basic_is_off() {
    let server = sample().logins([LoginScheme::Digest(DigestScheme::new())]);
    let error = refused(server, basic(PASSWORD)).await;
    assert_causes(&error, &[BasicDisabled]);
    assert!(error.to_string().contains("the server offers Digest"));
}

#[tokio::test]
async fn the_scheme_is_not_offered() {
    let server = sample().logins([LoginScheme::Basic]);
    let error = refused(server, Credentials::digest(USER, PASSWORD)).await;
    assert_causes(&error, &[NotOffered]);
}

#[tokio::test]
async fn the_user_may_not_use_the_service() {
    let simulator = sample().refusing(Refusal::Service).start().await.unwrap();
    let session = session(simulator.url(), basic(PASSWORD));
    let error = session.identify().await.unwrap_err();
    assert!(matches!(error, Error::AccessDenied(_)), "{error:?}");
    assert_causes(&error, &[MayNotUse]);
}

#[tokio::test]
async fn the_user_may_read_and_not_write() {
    for dialect in wsman::simulator::Dialect::ALL {
        let builder = sample().dialect(dialect).refusing(Refusal::Writes);
        let simulator = builder.start().await.unwrap();
        may_only_read(&simulator).await;
    }
}

async fn may_only_read(simulator: &Simulator) {
    let session = session(simulator.url(), basic(PASSWORD));
    let put = || async { session.put_instance(&share("public")).await.unwrap_err() };
    // Anybody may ask who answers.
    session.identify().await.unwrap();
    let error = put().await;
    assert!(matches!(error, Error::AccessDenied(_)), "{error:?}");
    assert_eq!(error.login(), None, "{error}");
    let path = wsman::InstancePath::new("Win32_Share").with_key("Name", "public");
    session.get_instance(&path).await.unwrap();
    let error = put().await;
    assert!(matches!(error, Error::AccessDenied(_)), "{error:?}");
    assert_causes(&error, &[MayNotWrite]);
    assert_eq!(error.delivery(), Delivery::Answered);
}

#[cfg(feature = "negotiate")]
mod ntlm {
    use super::*;
    use wsman::simulator::NtlmScheme;

    fn server() -> SimulatorBuilder {
        sample().logins([LoginScheme::Ntlm(NtlmScheme::new())])
    }

    #[tokio::test]
    async fn a_wrong_password_looks_like_an_account_that_is_denied() {
        for (server, password) in [
            (server(), "wrong"),
            (server().refusing(Refusal::Account), PASSWORD),
        ] {
            let error = refused(server, Credentials::ntlm(USER, password)).await;
            assert_causes(&error, &[WrongPassword, AccountDenied]);
        }
    }

    #[tokio::test]
    async fn a_server_without_ntlm() {
        // It offers Negotiate, and goes no further.
        let error = refused(sample(), Credentials::ntlm(USER, PASSWORD)).await;
        assert_causes(&error, &[NtlmDisabled]);
        let server = sample().logins([LoginScheme::Basic]);
        let error = refused(server, Credentials::ntlm(USER, PASSWORD)).await;
        assert_causes(&error, &[NotOffered]);
    }

    #[tokio::test]
    async fn a_sealed_message_is_not_in_the_clear() {
        let server = server().refusing(Refusal::Unencrypted);
        let simulator = server.start().await.unwrap();
        let credentials = Credentials::ntlm(USER, PASSWORD);
        let session = session(simulator.url(), credentials);
        session.identify().await.unwrap();
    }
}

#[cfg(feature = "negotiate")]
mod kerberos {
    use super::*;
    use crate::kdc;

    /// The error of a session whose KDC is there; nothing of it reached the server.
    async fn without_a_ticket(kdc: String) -> Error {
        let simulator = sample().start().await.unwrap();
        // Services go by names.
        let url = format!("http://localhost:{}/wsman", simulator.address().port());
        let session = wsman::Session::builder(url.parse().unwrap())
            .credentials(Credentials::kerberos("tester@EXAMPLE.TEST", PASSWORD))
            .namespace("root/cimv2")
            .kdc(kdc)
            .build()
            .unwrap();
        let error = session.put_instance(&share("logs")).await.unwrap_err();
        assert!(matches!(error, Error::Auth(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(simulator.requests().is_empty());
        error
    }

    #[tokio::test]
    async fn what_a_kdc_refuses() {
        for (code, cause) in [
            (6, UserUnknown),
            (7, ServiceUnknown),
            (12, AccountDenied),
            (14, NoCommonEncryption),
            (18, AccountDenied),
            (23, PasswordExpired),
            (24, WrongPassword),
        ] {
            let error = without_a_ticket(kdc::refusing(code, 0).await).await;
            assert_causes(&error, &[cause]);
        }
    }

    #[tokio::test]
    async fn a_clock_that_is_wrong_is_measured() {
        let error = without_a_ticket(kdc::refusing(37, 421).await).await;
        let [ClockSkew { seconds }] = error.login().unwrap().causes[..] else {
            panic!("{error}");
        };
        assert!((419..=423).contains(&seconds), "{seconds}");
        assert!(error.to_string().contains("s ahead of"), "{error}");
    }

    #[tokio::test]
    async fn a_kdc_that_is_not_there() {
        let error = without_a_ticket("127.0.0.1:1".to_owned()).await;
        assert_causes(&error, &[KdcUnreachable]);
    }
}

#[cfg(feature = "rustls")]
mod tls {
    use super::*;
    use wsman::{Session, TlsConfig};

    #[tokio::test]
    async fn a_certificate_that_is_mapped_to_nobody() {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let (pem, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let server = sample().tls(&pem, &key).client_authority(&pem);
        let simulator = server.refusing(Refusal::Account).start().await.unwrap();
        let tls = TlsConfig::builder()
            .roots(pem.as_bytes())
            .client_certificate(pem.as_bytes(), key.as_bytes());
        let session = Session::builder(simulator.url())
            .credentials(Credentials::certificate())
            .tls(tls.build().unwrap())
            .build()
            .unwrap();
        let error = session.identify().await.unwrap_err();
        assert_causes(&error, &[CertificateNotMapped]);
    }
}
