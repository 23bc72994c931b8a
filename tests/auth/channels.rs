//! Tests the connections of a session with connection-oriented logins.

use std::time::Duration;

use wsman::simulator::{
    Knob, LoginScheme, NtlmScheme, PASSWORD, RawAnswer, Simulator, USER, sample,
};
use wsman::{Credentials, Delivery, Error, PutMode, PutOutcome, Session, SessionBuilder};

use crate::share;
use crate::tap::{Tap, authorizations};

async fn server() -> Simulator {
    let schemes = [LoginScheme::Ntlm(NtlmScheme::new())];
    sample().logins(schemes).start().await.unwrap()
}

fn builder(url: url::Url) -> SessionBuilder {
    Session::builder(url)
        .credentials(Credentials::ntlm(USER, PASSWORD))
        .namespace("root/cimv2")
}

/// Creates this many shares concurrently.
async fn create_many(session: &Session, count: usize) {
    let puts = (0..count).map(|number| {
        let share = share(&format!("share{number}"));
        let put = session.put_instance(&share).mode(PutMode::CreateOnly);
        tokio::spawn(async move { put.await.unwrap().outcome })
    });
    for put in puts.collect::<Vec<_>>() {
        assert_eq!(put.await.unwrap(), PutOutcome::Created);
    }
}

/// The simulator fails the test if messages overlap on a connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_operations_share_eight_connections() {
    let simulator = server().await;
    let session = builder(simulator.url()).build().unwrap();
    create_many(&session, 64).await;
    assert!(simulator.most_open_connections() <= 8, "{simulator:?}");
    assert!(simulator.connections() <= 8, "{}", simulator.connections());
}

/// Servers lock accounts after repeated failures.
#[tokio::test]
async fn tries_a_wrong_password_once_for_all_waiting_messages() {
    let simulator = server().await;
    let tap = Tap::on(&simulator).await;
    let credentials = Credentials::ntlm(USER, "wrong");
    let session = builder(tap.url()).credentials(credentials).build().unwrap();
    let create = |number| {
        let put = session.put_instance(&share(&format!("share{number}")));
        tokio::spawn(async move { put.await.unwrap_err() })
    };
    let mut answered = 0;
    for error in (0..24).map(create).collect::<Vec<_>>() {
        let error = error.await.unwrap();
        assert!(matches!(error, Error::Auth(_)), "{error:?}");
        match error.delivery() {
            Delivery::Answered => answered += 1,
            delivery => assert_eq!(delivery, Delivery::NotSent),
        }
    }
    assert_eq!(answered, 1);
    assert_eq!(authorizations(&tap.requests()).len(), 2);
    // A later message may try again: the password may have been set by then.
    tokio::time::sleep(Duration::from_millis(300)).await;
    create(24).await.unwrap();
    assert_eq!(authorizations(&tap.requests()).len(), 4);
}

#[tokio::test]
async fn limits_the_number_of_connections() {
    for (most, there_are) in [(0, 1), (1, 1), (3, 3)] {
        let simulator = server().await;
        let session = builder(simulator.url()).connections(most).build().unwrap();
        create_many(&session, 12).await;
        assert_eq!(simulator.connections(), there_are);
    }
}

/// Whether the server has opened the message is unknown, so the sequence numbers may be out of step.
#[tokio::test]
async fn closes_the_connection_after_an_unsealed_response() {
    let simulator = server().await;
    let session = builder(simulator.url()).build().unwrap();
    session.put_instance(&share("one")).await.unwrap();
    simulator.next(Knob::Answer(RawAnswer::new(503)));
    let error = session.put_instance(&share("two")).await.unwrap_err();
    assert!(matches!(error, Error::ShuttingDown(_)), "{error:?}");
    assert_eq!(simulator.connections(), 1);
    session.put_instance(&share("three")).await.unwrap();
    assert_eq!(simulator.connections(), 2);
}

#[tokio::test]
async fn learns_nothing_from_a_rejected_probe() {
    let simulator = server().await;
    let tap = Tap::on(&simulator).await;
    let session = builder(tap.url()).build().unwrap();
    // The probe follows the two messages of a login.
    simulator
        .next(Knob::Pass)
        .next(Knob::Pass)
        .next(Knob::Answer(RawAnswer::new(503)));
    let create = |name| {
        let put = session.put_instance(&share(name));
        put.mode(PutMode::CreateOnly).into_future()
    };
    let error = create("one").await.unwrap_err();
    assert!(matches!(error, Error::ShuttingDown(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!(create("one").await.unwrap().outcome, PutOutcome::Created);
    let probes = tap.requests();
    let probes = probes.iter().filter(|request| is_probe(request));
    assert_eq!(probes.count(), 2);
}

#[tokio::test]
async fn closes_the_connection_of_a_cancelled_message() {
    let simulator = server().await;
    let session = builder(simulator.url()).build().unwrap();
    session.put_instance(&share("one")).await.unwrap();
    simulator.next(Knob::Delay(Duration::from_secs(30)));
    let mut operation = session.put_instance(&share("two")).start();
    let waited = operation.wait(Duration::from_millis(200)).await;
    assert!(waited.is_none());
    let error = operation.cancel().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown, "{error:?}");
    session.put_instance(&share("three")).await.unwrap();
    assert_eq!(simulator.connections(), 2);
}

/// Identify is the shortest message.
fn is_probe(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let (_, length) = text.split_once("Length=").unwrap_or_default();
    let length = length.split("\r\n").next().unwrap_or_default();
    length.parse().is_ok_and(|length: usize| length < 500)
}
