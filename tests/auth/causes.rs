//! Provokes every likely cause of a failed login.

use wsman::auth::LoginCause::{self, *};
use wsman::simulator::{
    DigestScheme, LoginScheme, PASSWORD, Refusal, Simulator, SimulatorBuilder, USER, sample,
};
use wsman::{Credentials, Delivery, Error};

use crate::{session, share};

fn basic(password: &str) -> Credentials {
    Credentials::basic(USER, password)
}

/// Returns the outcome of an Identify with these credentials.
async fn refused(server: SimulatorBuilder, credentials: Credentials) -> Error {
    let simulator = server.start().await.unwrap();
    let error = session(simulator.url(), credentials).identify().await;
    let error = error.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    error
}

/// The error value holds the causes, and its text names each with its next step.
fn assert_causes(error: &Error, causes: &[LoginCause]) {
    assert_eq!(error.login().unwrap().causes, causes, "{error}");
    let text = error.to_string();
    for cause in causes {
        assert!(text.contains(&cause.to_string()), "{text}");
    }
}

#[tokio::test]
async fn reports_missing_credentials() {
    let error = refused(sample(), Credentials::none()).await;
    assert_causes(&error, &[NoCredentials]);
    assert_eq!(error.login().unwrap().offered, ["Negotiate", "Basic"]);
}

#[tokio::test]
async fn reports_a_wrong_password_or_a_denied_account() {
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

/// Over plain HTTP, Windows gives the same response if it does not allow unencrypted Basic.
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
async fn reports_that_the_server_rejects_unencrypted_messages() {
    let server = sample().refusing(Refusal::Unencrypted);
    let error = refused(server, basic(PASSWORD)).await;
    assert_causes(&error, &[UnencryptedRefused]);
    assert_eq!(error.http_status(), Some(500));
}

#[tokio::test]
async fn reports_that_basic_is_disabled() {
    let server = sample().logins([LoginScheme::Digest(DigestScheme::new())]);
    let error = refused(server, basic(PASSWORD)).await;
    assert_causes(&error, &[BasicDisabled]);
    assert!(error.to_string().contains("the server offers Digest"));
}

#[tokio::test]
async fn reports_a_scheme_that_is_not_offered() {
    let server = sample().logins([LoginScheme::Basic]);
    let error = refused(server, Credentials::digest(USER, PASSWORD)).await;
    assert_causes(&error, &[NotOffered]);
}

#[tokio::test]
async fn reports_a_user_without_access() {
    let simulator = sample().refusing(Refusal::Service).start().await.unwrap();
    let session = session(simulator.url(), basic(PASSWORD));
    let error = session.identify().await.unwrap_err();
    assert!(matches!(error, Error::AccessDenied(_)), "{error:?}");
    assert_causes(&error, &[MayNotUse]);
}

#[tokio::test]
async fn reports_a_user_without_write_access() {
    for dialect in wsman::simulator::Dialect::ALL {
        let builder = sample().dialect(dialect).refusing(Refusal::Writes);
        let simulator = builder.start().await.unwrap();
        may_only_read(&simulator).await;
    }
}

async fn may_only_read(simulator: &Simulator) {
    let session = session(simulator.url(), basic(PASSWORD));
    let put = || async { session.put_instance(&share("public")).await.unwrap_err() };
    // Any client may send Identify.
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
    async fn reports_a_wrong_password_or_a_denied_account() {
        for (server, password) in [
            (server(), "wrong"),
            (server().refusing(Refusal::Account), PASSWORD),
        ] {
            let error = refused(server, Credentials::ntlm(USER, password)).await;
            assert_causes(&error, &[WrongPassword, AccountDenied]);
        }
    }

    #[tokio::test]
    async fn reports_a_server_without_ntlm() {
        // The server offers Negotiate but fails after that.
        let error = refused(sample(), Credentials::ntlm(USER, PASSWORD)).await;
        assert_causes(&error, &[NtlmDisabled]);
        let server = sample().logins([LoginScheme::Basic]);
        let error = refused(server, Credentials::ntlm(USER, PASSWORD)).await;
        assert_causes(&error, &[NotOffered]);
    }

    #[tokio::test]
    async fn accepts_sealed_messages_without_allow_unencrypted() {
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

    /// Returns the error of a session with a reachable KDC; nothing of it reached the server.
    async fn without_a_ticket(kdc: String) -> Error {
        let simulator = sample().start().await.unwrap();
        // Service names need a host name.
        let url = format!("http://localhost:{}/wsman", simulator.address().port());
        let session = wsman::Session::builder(url)
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
    async fn reports_the_errors_of_a_kdc() {
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
    async fn reports_the_clock_skew() {
        let error = without_a_ticket(kdc::refusing(37, 421).await).await;
        let [ClockSkew { seconds }] = error.login().unwrap().causes[..] else {
            panic!("{error}");
        };
        assert!((419..=423).contains(&seconds), "{seconds}");
        assert!(error.to_string().contains("s ahead of"), "{error}");
    }

    #[tokio::test]
    async fn reports_an_unreachable_kdc() {
        let error = without_a_ticket("127.0.0.1:1".to_owned()).await;
        assert_causes(&error, &[KdcUnreachable]);
    }
}

#[cfg(feature = "rustls")]
mod tls {
    use super::*;
    use wsman::{Session, TlsConfig};

    #[tokio::test]
    async fn reports_an_unmapped_certificate() {
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
