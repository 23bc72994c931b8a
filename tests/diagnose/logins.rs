//! Tests diagnoses of servers that reject the login, or authorise only a part.

use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use wsman::diagnose::CheckKind;
use wsman::simulator::{DigestScheme, LoginScheme, PASSWORD, Refusal, USER, sample};
use wsman::{Credentials, Error};

use crate::{assert_failed, basic, bodies, builder, diagnosed, outcomes};

#[tokio::test]
async fn tries_a_wrong_password_once() {
    let simulator = sample().start().await.unwrap();
    let credentials = Credentials::basic(USER, "wrong");
    let diagnosis = diagnosed(builder(simulator.url(), credentials)).await;
    assert_failed(&diagnosis, CheckKind::Login, "the password is wrong");
    // Two messages were not empty: Identify without a login, and with one.
    assert_eq!(bodies(&simulator), 2);
}

#[tokio::test]
async fn reports_that_basic_is_disabled() {
    let digest = LoginScheme::Digest(DigestScheme::new());
    let simulator = sample().logins([digest]).start().await.unwrap();
    let diagnosis = diagnosed(builder(simulator.url(), basic())).await;
    assert_failed(&diagnosis, CheckKind::Login, "does not accept Basic");
    assert_eq!(diagnosis.offered, ["Digest"]);
}

#[tokio::test]
async fn reports_that_unsealed_messages_are_rejected() {
    let server = sample().refusing(Refusal::Unencrypted);
    let simulator = server.start().await.unwrap();
    let diagnosis = diagnosed(builder(simulator.url(), basic())).await;
    assert_failed(&diagnosis, CheckKind::Login, "AllowUnencrypted");
}

#[tokio::test]
async fn reports_a_user_without_access() {
    let simulator = sample().refusing(Refusal::Service).start().await.unwrap();
    let diagnosis = diagnosed(builder(simulator.url(), basic())).await;
    assert_failed(&diagnosis, CheckKind::Login, "Remote Management Users");
    let error = diagnosis.failed().unwrap().error.as_ref();
    assert!(matches!(error, Some(Error::AccessDenied(_))), "{error:?}");
}

/// OMI without a login; then it does not respond even with one.
#[tokio::test]
async fn reports_an_unresponsive_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap());
    let (sender, mut heard) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let sender = sender.clone();
            tokio::spawn(async move {
                let mut heard = Vec::new();
                let _ended = stream.read_to_end(&mut heard).await;
                sender.send(String::from_utf8_lossy(&heard).to_ascii_lowercase())
            });
        }
    });
    let began = Instant::now();
    let limit = Duration::from_millis(300);
    let builder = builder(url.parse().unwrap(), basic()).operation_timeout(limit);
    let diagnosis = diagnosed(builder).await;
    assert_eq!(
        outcomes(&diagnosis),
        "- ok - - note note - FAILED - -",
        "{diagnosis}"
    );
    assert_failed(&diagnosis, CheckKind::Login, "operation timeout");
    assert!(began.elapsed() < Duration::from_secs(4));
    // The client waits for one message without a login, and no more.
    let mut anonymous = 0;
    for _connection in 0..3 {
        let heard = heard.recv().await.unwrap();
        let is_message = heard.starts_with("post ");
        anonymous += usize::from(is_message && !heard.contains("authorization: "));
    }
    assert_eq!(anonymous, 1);
}

#[cfg(feature = "negotiate")]
#[tokio::test]
async fn tries_a_wrong_ntlm_password_once() {
    use wsman::simulator::NtlmScheme;
    let logins = [LoginScheme::Ntlm(NtlmScheme::new())];
    let simulator = sample().logins(logins).start().await.unwrap();
    let credentials = Credentials::ntlm(USER, "wrong");
    let diagnosis = diagnosed(builder(simulator.url(), credentials)).await;
    assert_failed(&diagnosis, CheckKind::Login, "the password is wrong");
    let requests = simulator.requests();
    let refused = requests.iter().filter(|seen| seen.status == Some(401));
    // The request for the offered schemes, and the two messages of one login.
    assert_eq!(refused.count(), 3);
}

#[tokio::test]
async fn tries_a_wrong_digest_password_once() {
    let logins = [LoginScheme::Digest(DigestScheme::new())];
    let simulator = sample().logins(logins).start().await.unwrap();
    let credentials = Credentials::digest(USER, [PASSWORD, "!"].concat());
    let diagnosis = diagnosed(builder(simulator.url(), credentials)).await;
    assert_failed(&diagnosis, CheckKind::Login, "the password is wrong");
    let requests = simulator.requests();
    let refused = requests.iter().filter(|seen| seen.status == Some(401));
    // The request for the offered schemes, the challenge, and the one response to it.
    assert_eq!(refused.count(), 3);
}

/// What a KDC did is not in the log of the server.
#[cfg(feature = "negotiate")]
#[tokio::test]
async fn an_error_of_a_kdc_points_at_the_kdc() {
    use wsman::auth::ServicePrincipal;

    for code in [12, 18, 60] {
        let ntlm = wsman::simulator::NtlmScheme::new();
        let server = sample().logins([LoginScheme::Ntlm(ntlm)]);
        let simulator = server.start().await.unwrap();
        let credentials = Credentials::kerberos("ops@EXAMPLE.TEST", PASSWORD);
        let builder = builder(simulator.url(), credentials)
            .kdc(crate::kdc::refusing(code, 0).await)
            .krb5_conf("/dev/null")
            .service_principal(ServicePrincipal::new().host("localhost"));
        let diagnosis = diagnosed(builder).await;
        let failed = diagnosis.failed().unwrap();
        assert_eq!(failed.kind, CheckKind::Login, "{diagnosis}");
        let text = diagnosis.to_string();
        assert!(!text.contains("event log"), "{text}");
        assert!(text.contains("the KDC of EXAMPLE.TEST"), "{text}");
        for line in text.lines() {
            assert!(!line.trim_end().ends_with(';'), "{text}");
        }
    }
}
