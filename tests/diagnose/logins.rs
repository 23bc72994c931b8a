//! Servers that do not let the session in, or not everywhere.

use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use wsman::simulator::{DigestScheme, LoginScheme, PASSWORD, Refusal, USER, sample};
use wsman::{CheckKind, Credentials, Error};

use crate::{assert_failed, basic, bodies, builder, diagnosed, outcomes};

#[tokio::test]
async fn a_wrong_password_is_tried_once() {
    let simulator = sample().start().await.unwrap();
    let credentials = Credentials::basic(USER, "wrong");
    let diagnosis = diagnosed(builder(simulator.url(), credentials)).await;
    assert_failed(&diagnosis, CheckKind::Login, "the password is wrong");
    // Two messages were not empty: who are you without login, and with it.
    assert_eq!(bodies(&simulator), 2);
}

#[tokio::test]
async fn basic_is_off() {
    let digest = LoginScheme::Digest(DigestScheme::new());
    let simulator = sample().logins([digest]).start().await.unwrap();
    let diagnosis = diagnosed(builder(simulator.url(), basic())).await;
    assert_failed(&diagnosis, CheckKind::Login, "does not take Basic");
    assert_eq!(diagnosis.offered, ["Digest"]);
}

#[tokio::test]
async fn what_is_in_the_clear_is_refused() {
    let server = sample().refusing(Refusal::Unencrypted);
    let simulator = server.start().await.unwrap();
    let diagnosis = diagnosed(builder(simulator.url(), basic())).await;
    assert_failed(&diagnosis, CheckKind::Login, "AllowUnencrypted");
}

#[tokio::test]
async fn the_service_is_not_for_this_user() {
    let simulator = sample().refusing(Refusal::Service).start().await.unwrap();
    let diagnosis = diagnosed(builder(simulator.url(), basic())).await;
    assert_failed(&diagnosis, CheckKind::Login, "Remote Management Users");
    let error = diagnosis.failed().unwrap().error.as_ref();
    assert!(matches!(error, Some(Error::AccessDenied(_))), "{error:?}");
}

/// As OMI without login, and then not even with it.
#[tokio::test]
async fn a_server_that_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wsman", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut heard = Vec::new();
                stream.read_to_end(&mut heard).await
            });
        }
    });
    let began = Instant::now();
    let limit = Duration::from_millis(300);
    let builder = builder(url.parse().unwrap(), basic()).operation_timeout(limit);
    let diagnosis = diagnosed(builder).await;
    assert_eq!(
        outcomes(&diagnosis),
        "- ok - note note - FAILED - -",
        "{diagnosis}"
    );
    assert_failed(&diagnosis, CheckKind::Login, "operation timeout");
    assert!(began.elapsed() < Duration::from_secs(4));
}

#[cfg(feature = "negotiate")]
#[tokio::test]
async fn a_wrong_password_of_ntlm_is_tried_once() {
    use wsman::simulator::NtlmScheme;
    let logins = [LoginScheme::Ntlm(NtlmScheme::new())];
    let simulator = sample().logins(logins).start().await.unwrap();
    let credentials = Credentials::ntlm(USER, "wrong");
    let diagnosis = diagnosed(builder(simulator.url(), credentials)).await;
    assert_failed(&diagnosis, CheckKind::Login, "the password is wrong");
    let requests = simulator.requests();
    let refused = requests.iter().filter(|seen| seen.status == Some(401));
    // The question what is offered, and the two messages of one login.
    assert_eq!(refused.count(), 3);
}

#[tokio::test]
async fn a_wrong_password_of_digest_is_tried_once() {
    let logins = [LoginScheme::Digest(DigestScheme::new())];
    let simulator = sample().logins(logins).start().await.unwrap();
    let credentials = Credentials::digest(USER, [PASSWORD, "!"].concat());
    let diagnosis = diagnosed(builder(simulator.url(), credentials)).await;
    assert_failed(&diagnosis, CheckKind::Login, "the password is wrong");
    let requests = simulator.requests();
    let refused = requests.iter().filter(|seen| seen.status == Some(401));
    // The question what is offered, the challenge, and the one answer to it.
    assert_eq!(refused.count(), 3);
}
