//! Tests the faults of connections and responses, independent of their content.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wsman::simulator::{Knob, Simulator, sample};

use crate::client::{Request, connect, exchange, find, http, send, share};

fn change() -> Request {
    share("Put").properties("<p:Type>9</p:Type>")
}

fn get(simulator: &Simulator) -> Vec<u8> {
    http(simulator, "", &share("Get").write())
}

fn is_changed(simulator: &Simulator) -> bool {
    simulator.instances("Win32_Share")[0].get("Type") == Ok(9u32)
}

#[tokio::test]
async fn pipelined_requests_fail_the_test() {
    let simulator = sample().start().await.unwrap();
    let mut stream = connect(&simulator).await;
    let twice = get(&simulator).repeat(2);
    stream.write_all(&twice).await.unwrap();
    assert_out_of_turn(stream, simulator).await;
}

#[tokio::test]
async fn overlapping_requests_fail_the_test() {
    let simulator = sample().start().await.unwrap();
    let mut stream = connect(&simulator).await;
    simulator.next(Knob::Delay(Duration::from_secs(60)));
    stream.write_all(&get(&simulator)).await.unwrap();
    while simulator.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    stream.write_all(b"P").await.unwrap();
    assert_out_of_turn(stream, simulator).await;
}

/// The panic drops the connection, and is raised again with the simulator.
async fn assert_out_of_turn(mut stream: TcpStream, simulator: Simulator) {
    let _broken = stream.read_to_end(&mut Vec::new()).await;
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(simulator)));
    let payload = dropped.unwrap_err();
    let text = payload.downcast_ref::<String>().unwrap();
    assert!(text.contains("a request started before"), "{text}");
}

#[tokio::test]
async fn serves_many_sequential_requests_on_one_connection() {
    let simulator = sample().start().await.unwrap();
    let mut stream = connect(&simulator).await;
    for _request in 0..20 {
        let answer = exchange(&mut stream, &get(&simulator)).await.unwrap();
        assert_eq!(answer.status, 200);
    }
    assert_eq!(simulator.connections(), 1);
    let _other = exchange(&mut connect(&simulator).await, &get(&simulator)).await;
    assert_eq!(simulator.most_open_connections(), 2);
}

#[tokio::test]
async fn closes_a_connection_after_its_response() {
    let simulator = sample().start().await.unwrap();
    let mut stream = connect(&simulator).await;
    simulator.next(Knob::CloseAfterAnswer);
    let answer = exchange(&mut stream, &http(&simulator, "", &change().write())).await;
    let answer = answer.unwrap();
    assert_eq!(answer.status, 200);
    assert!(!answer.head.to_lowercase().contains("connection:"));
    assert!(is_changed(&simulator));
    assert_eq!(stream.read_u8().await.ok(), None);
}

#[tokio::test]
async fn sends_a_response_twice() {
    let simulator = sample().start().await.unwrap();
    let mut stream = connect(&simulator).await;
    simulator.next(Knob::RepeatAnswer);
    stream.write_all(&get(&simulator)).await.unwrap();
    let mut answers = Vec::new();
    while !halves_agree(&answers) {
        assert_ne!(stream.read_buf(&mut answers).await.unwrap(), 0);
    }
    assert_eq!(simulator.requests().len(), 1);
    // The connection stays open.
    let next = exchange(&mut stream, &get(&simulator)).await;
    assert_eq!(next.unwrap().status, 200);
}

fn halves_agree(bytes: &[u8]) -> bool {
    let (first, second) = bytes.split_at(bytes.len() / 2);
    !first.is_empty() && first == second
}

#[tokio::test]
async fn sends_an_old_response_in_place_of_the_new_one() {
    let simulator = sample().start().await.unwrap();
    let mut stream = connect(&simulator).await;
    let first = exchange(&mut stream, &get(&simulator)).await.unwrap();
    simulator.next(Knob::OldAnswer);
    let put = http(&simulator, "", &change().write());
    let old = exchange(&mut stream, &put).await.unwrap();
    assert_eq!(old.body, first.body);
    assert!(is_changed(&simulator));
    let next = exchange(&mut stream, &get(&simulator)).await.unwrap();
    assert_ne!(next.body, first.body);
    // Without an earlier response, it sends the new one.
    simulator.next(Knob::OldAnswer);
    assert_eq!(send(&simulator, &share("Get")).await.status, 200);
}

#[tokio::test]
async fn changes_one_byte_of_a_response() {
    let simulator = sample().start().await.unwrap();
    let mut stream = connect(&simulator).await;
    simulator.next(Knob::AlterAnswer(1));
    let answer = exchange(&mut stream, &get(&simulator)).await.unwrap();
    assert_eq!(answer.body[..2], [b'<', b's' ^ 1]);
    let length = answer.body.len();
    simulator.next(Knob::AlterAnswer(length + 1));
    let again = exchange(&mut stream, &get(&simulator)).await.unwrap();
    assert_eq!(again.body[1], b's' ^ 1);
    assert!(find(&again.body[2..], b"Envelope").is_some());
}

#[tokio::test]
async fn a_restart_closes_all_connections() {
    let simulator = sample().start().await.unwrap();
    let mut idle = connect(&simulator).await;
    exchange(&mut idle, &get(&simulator)).await.unwrap();
    let mut busy = connect(&simulator).await;
    simulator.next(Knob::Restart);
    let put = http(&simulator, "", &change().write());
    assert!(exchange(&mut busy, &put).await.is_none());
    assert!(exchange(&mut idle, &put).await.is_none());
    assert!(!is_changed(&simulator));
    // The server continues to listen.
    assert_eq!(send(&simulator, &change()).await.status, 200);
    assert!(is_changed(&simulator));
}

/// The log reports whether work was begun, also by the identifier of a message.
#[tokio::test]
async fn the_log_lists_the_performed_operations() {
    let simulator = sample().start().await.unwrap();
    simulator.next(Knob::Unauthorized).next(Knob::DropAnswer);
    let mut stream = connect(&simulator).await;
    let put = http(&simulator, "", &change().write());
    assert_eq!(exchange(&mut stream, &put).await.unwrap().status, 401);
    assert!(exchange(&mut stream, &put).await.is_none());
    let seen = simulator.requests();
    let told: Vec<_> = seen
        .iter()
        .map(|request| (request.performed, request.status))
        .collect();
    assert_eq!(told, [(false, Some(401)), (true, None)]);
    assert!(
        seen.iter()
            .all(|request| request.message_id.as_deref() == Some("uuid:1"))
    );
}
