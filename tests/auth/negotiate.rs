//! Tests Negotiate: the strongest mechanism that both sides support.

use wsman::simulator::{LoginScheme, NtlmScheme, PASSWORD, Simulator, USER, sample};
use wsman::{Credentials, Error, PutMode, PutOutcome, Session};

use crate::tap::Tap;
use crate::{share, statuses};

async fn server(scheme: NtlmScheme) -> Simulator {
    let schemes = [LoginScheme::Ntlm(scheme)];
    sample().logins(schemes).start().await.unwrap()
}

/// Creates a session that may not send unsealed messages.
fn session(url: url::Url, password: &str) -> Session {
    Session::builder(url)
        .credentials(Credentials::negotiate(USER, password))
        .namespace("root/cimv2")
        .build()
        .unwrap()
}

#[tokio::test]
async fn ntlm_inside_spnego_seals_every_message() {
    for scheme in [NtlmScheme::new(), NtlmScheme::new().untabbed()] {
        let simulator = server(scheme).await;
        let tap = Tap::on(&simulator).await;
        let session = session(tap.url(), PASSWORD);
        let put = session.put_instance(&share("secretname"));
        let put = put.mode(PutMode::CreateOnly).await.unwrap();
        assert_eq!(put.outcome, PutOutcome::Created);
        assert_eq!(simulator.connections(), 1);
        let sent = tap.requests().concat();
        let text = String::from_utf8_lossy(&sent);
        // The token begins with the GSS-API header, not with NTLM itself.
        assert!(text.to_lowercase().contains("authorization: negotiate y"));
        assert!(!text.contains("secretname") && !text.contains("Envelope"));
    }
}

#[tokio::test]
async fn tries_a_wrong_password_once() {
    let simulator = server(NtlmScheme::new()).await;
    let session = session(simulator.url(), "wrong");
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert!(error.to_string().contains("NTLM"), "{error}");
    assert_eq!(statuses(&simulator), [401, 401]);
}

/// The KDC is unreachable: the client falls back to NTLM, and the error states why.
#[tokio::test]
async fn falls_back_to_ntlm_without_a_ticket() {
    let simulator = server(NtlmScheme::new()).await;
    let port = simulator.address().port();
    for (host, user, why) in [
        ("localhost", r"EXAMPLE.TEST\", "no Kerberos (no ticket: "),
        ("localhost", "", "no Kerberos (the user has no realm)"),
        // Service names need a host name.
        (
            "127.0.0.1",
            r"EXAMPLE.TEST\",
            "no Kerberos (the URL has no host name of the server)",
        ),
    ] {
        let session = |password: &str| {
            let user = [user, USER].concat();
            let url = format!("http://{host}:{port}/wsman");
            Session::builder(url)
                .credentials(Credentials::negotiate(user, password))
                .kdc("127.0.0.1:1")
                .build()
                .unwrap()
        };
        session(PASSWORD).identify().await.unwrap();
        let error = session("wrong").identify().await.unwrap_err();
        assert!(matches!(error, Error::Auth(_)), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(why), "{text}");
        assert!(
            text.contains("then NTLM (refused at step 2 of 2)"),
            "{text}"
        );
    }
}
