//! Tests NTLM: connection-oriented logins and sealed messages.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wsman::simulator::{Knob, LoginScheme, NtlmScheme, PASSWORD, Simulator, USER, sample};
use wsman::transport::http::MimeForm;
use wsman::{Credentials, Delivery, Error, PutMode, PutOutcome, Session};

use crate::tap::Tap;
use crate::{share, statuses};

async fn server() -> Simulator {
    let schemes = [LoginScheme::Ntlm(NtlmScheme::new())];
    sample().logins(schemes).start().await.unwrap()
}

/// Creates a session that may not send unsealed messages.
fn session(url: url::Url, password: &str) -> Session {
    Session::builder(url)
        .credentials(Credentials::ntlm(USER, password))
        .namespace("root/cimv2")
        .build()
        .unwrap()
}

fn shares(simulator: &Simulator) -> usize {
    simulator.instances("Win32_Share").len()
}

#[tokio::test]
async fn every_mode_of_a_put_over_one_login() {
    let simulator = server().await;
    let session = session(simulator.url(), PASSWORD);
    let share = share("logs");
    let put = |mode| session.put_instance(&share).mode(mode);
    let missing = put(PutMode::UpdateOnly).await.unwrap_err();
    assert!(matches!(missing, Error::NotFound(_)), "{missing:?}");
    let created = put(PutMode::CreateOnly).await.unwrap();
    assert_eq!(created.outcome, PutOutcome::Created);
    let there = put(PutMode::CreateOnly).await.unwrap_err();
    assert!(matches!(there, Error::AlreadyExists(_)), "{there:?}");
    let updated = put(PutMode::CreateOrUpdate).await.unwrap();
    assert_eq!(updated.outcome, PutOutcome::Updated);
    assert_eq!(simulator.connections(), 1);
}

#[tokio::test]
async fn reports_the_step_at_which_a_wrong_password_failed() {
    let simulator = server().await;
    let session = session(simulator.url(), "wrong");
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    assert!(error.to_string().contains("step 2"), "{error}");
    assert!(!format!("{error:?} {session:?}").contains("wrong"));
    assert_eq!(error.delivery(), Delivery::Answered);
    assert!(simulator.requests().iter().all(|seen| seen.body.is_empty()));
    // The password was tried once: servers count each attempt and lock accounts.
    assert_eq!(statuses(&simulator), [401, 401]);
}

/// Servers also close connections for other reasons. Only a response teaches the form of sealed
/// messages.
#[tokio::test]
async fn learns_nothing_from_a_lost_probe() {
    let simulator = server().await;
    let tap = Tap::on(&simulator).await;
    let session = session(tap.url(), PASSWORD);
    // A probe of each form: the first message after the two of a login.
    for _form in 0..2 {
        simulator
            .next(Knob::Pass)
            .next(Knob::Pass)
            .next(Knob::DropAnswer);
    }
    let error = session.put_instance(&share("one")).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
    simulator.clear_knobs();
    session.put_instance(&share("two")).await.unwrap();
    let requests = tap.requests();
    let last = String::from_utf8_lossy(requests.last().unwrap()).into_owned();
    assert!(
        last.contains("\r\n\tContent-Type: application/HTTP-SPNEGO"),
        "{last}"
    );
}

#[tokio::test]
async fn distinguishes_a_server_without_ntlm() {
    let simulator = sample().start().await.unwrap();
    let session = session(simulator.url(), PASSWORD);
    let error = session.put_instance(&share("logs")).await.unwrap_err();
    assert!(matches!(error, Error::Auth(_)), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("Basic") && text.contains("step 1"), "{text}");
}

#[tokio::test]
async fn logs_in_again_after_the_server_forgets_the_login() {
    let simulator = server().await;
    let session = session(simulator.url(), PASSWORD);
    let put = session.put_instance(&share("one")).await.unwrap();
    simulator.next(Knob::Unauthorized);
    session.get_instance(&put.path).await.unwrap();
    assert!(statuses(&simulator).contains(&401));
    assert_eq!(simulator.connections(), 2);
}

/// An attacker forwards the sealed message and claims that the server did not read it.
#[tokio::test]
async fn does_not_retry_a_write_after_an_unsigned_rejection() {
    let simulator = server().await;
    let tap = Tap::on(&simulator).await;
    let session = session(tap.url(), PASSWORD);
    session.put_instance(&share("one")).await.unwrap();
    let before = tap.requests().len();
    tap.lie(
        b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n",
    );
    let put = session.put_instance(&share("two"));
    let error = put.mode(PutMode::CreateOnly).await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert_eq!(tap.requests().len(), before + 1);
    // An unsealed response does not prove that the server did nothing.
    session.identify().await.unwrap();
    tap.lie(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    let put = session.put_instance(&share("three"));
    let error = put.mode(PutMode::CreateOnly).await.unwrap_err();
    assert!(matches!(error, Error::ShuttingDown(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Unknown);
}

#[tokio::test]
async fn reports_a_lost_response_as_unknown_without_a_retry() {
    let simulator = server().await;
    let session = session(simulator.url(), PASSWORD);
    session.put_instance(&share("one")).await.unwrap();
    let before = shares(&simulator);
    simulator.next(Knob::DropAnswer);
    let put = session
        .put_instance(&share("two"))
        .mode(PutMode::CreateOnly);
    let error = put.await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown, "{error:?}");
    assert_eq!(shares(&simulator), before + 1);
    // The connection is gone, and another one takes over.
    session.put_instance(&share("three")).await.unwrap();
    assert_eq!(shares(&simulator), before + 2);
}

#[tokio::test]
async fn rejects_an_unsealed_response() {
    let simulator = server().await;
    let tap = Tap::on(&simulator).await;
    let session = session(tap.url(), PASSWORD);
    session.put_instance(&share("one")).await.unwrap();
    tap.lie(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 6\r\n\r\n<lie/>");
    let error = session.put_instance(&share("two")).await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
    assert!(error.to_string().contains("unsealed"), "{error}");
    assert_eq!(error.delivery(), Delivery::Unknown);
}

/// A form set by the caller is not probed.
#[tokio::test]
async fn the_form_of_sealed_messages_can_be_set() {
    for (form, statuses_seen, tabbed) in [
        (MimeForm::Learn, &[401, 200, 200, 200][..], true),
        (MimeForm::Tabbed, &[401, 200, 200], true),
        (MimeForm::Untabbed, &[401, 200, 200], false),
    ] {
        let simulator = server().await;
        let tap = Tap::on(&simulator).await;
        let session = Session::builder(tap.url())
            .credentials(Credentials::ntlm(USER, PASSWORD))
            .mime_form(form)
            .build()
            .unwrap();
        session.identify().await.unwrap();
        assert_eq!(statuses(&simulator), statuses_seen, "{form:?}");
        let sent = tap.requests().concat();
        let text = String::from_utf8_lossy(&sent);
        assert_eq!(text.contains("\r\n\tContent-Type"), tabbed, "{form:?}");
    }
}

/// Delivery as reported by a server that gives no detail, and by a server that cannot have performed
/// the operation.
const DONE: [&str; 2] = [
    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body/></s:Envelope>",
    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><s:Fault>\
     <s:Code><s:Value>s:Receiver</s:Value></s:Code>\
     <s:Reason><s:Text xml:lang=\"en\">done</s:Text></s:Reason>\
     <s:Detail><w:FaultDetail xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\">\
     http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/UnreportableSuccess\
     </w:FaultDetail></s:Detail></s:Fault></s:Body></s:Envelope>",
];

/// A server that gives every message this response and does not know the password.
pub(crate) async fn stranger(status: u16, body: &'static str) -> url::Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} So\r\nContent-Type: application/soap+xml\r\n\
                     Content-Length: {length}\r\n\r\n{body}"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    format!("http://{address}/wsman").parse().unwrap()
}

/// A server that answers a login with a result has not received the message.
#[tokio::test]
async fn rejects_a_result_in_response_to_a_login() {
    for body in DONE {
        for status in [200, 401, 404, 500] {
            for form in [MimeForm::Learn, MimeForm::Untabbed] {
                let session = Session::builder(stranger(status, body).await)
                    .credentials(Credentials::ntlm(USER, PASSWORD))
                    .namespace("root/cimv2")
                    .mime_form(form)
                    .build()
                    .unwrap();
                let share = share("logs");
                let put = session.put_instance(&share).mode(PutMode::UpdateOnly).await;
                let error = put.expect_err(&format!("{status}: {body}"));
                let is_known = error.delivery() != Delivery::Unknown;
                assert!(is_known, "{status}: {error:?}");
            }
        }
    }
}

/// Other programs take such a password for the NT hash of another password.
#[tokio::test]
async fn accepts_a_password_that_looks_like_a_hash() {
    let password = "$NTLM$:a4f49c406510bdcab6824ee7c30fd852";
    let schemes = [LoginScheme::Ntlm(NtlmScheme::new())];
    for (expected, logs_in) in [(password, true), ("Password", false)] {
        let builder = sample().logins(schemes.clone()).login(USER, expected);
        let simulator = builder.start().await.unwrap();
        let identified = session(simulator.url(), password).identify().await;
        assert_eq!(identified.is_ok(), logs_in, "{identified:?}");
    }
}

#[tokio::test]
async fn each_form_of_a_user_name_logs_in() {
    let simulator = server().await;
    for name in [
        USER.to_owned(),
        format!(r".\{USER}"),
        format!(r"DOM\{USER}"),
    ] {
        let session = Session::builder(simulator.url())
            .credentials(Credentials::ntlm(name, PASSWORD))
            .build()
            .unwrap();
        session.identify().await.unwrap();
    }
}

#[tokio::test]
async fn rejects_a_login_without_a_user_name() {
    let schemes = [
        Credentials::ntlm,
        Credentials::negotiate,
        Credentials::password,
    ];
    let url: url::Url = "http://host.example:5985/wsman".parse().unwrap();
    for name in [
        "",
        r".\",
        r"DOM\",
        r"\",
        "@",
        "@host.example",
        "tester@",
        r"A\B\c",
    ] {
        for credentials in schemes {
            let builder = Session::builder(url.clone()).credentials(credentials(name, PASSWORD));
            let error = builder.build().unwrap_err();
            assert!(matches!(error, Error::Config(_)), "{name:?}: {error:?}");
            let first: &dyn std::error::Error = &error;
            let causes = std::iter::successors(Some(first), |cause| cause.source());
            let texts: Vec<String> = causes.map(ToString::to_string).collect();
            assert!(texts.concat().contains("invalid user name"), "{texts:?}");
        }
    }
}
