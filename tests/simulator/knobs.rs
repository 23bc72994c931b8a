//! Tests the knobs, and the repository after each.

use std::time::Duration;

use crate::client::{Request, connect, exchange, http, send, share, try_send};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wsman::cim::{CimStatus, WbemStatus};
use wsman::protocol::Message;
use wsman::simulator::{Knob, RawAnswer, SeenRequest, Simulator, sample};
use wsman::{Instance, InstancePath};

fn change() -> Request {
    share("Put").properties("<p:Type>9</p:Type>")
}

fn is_changed(simulator: &Simulator) -> bool {
    simulator.instances("Win32_Share")[0]
        .get::<u32>("Type")
        .unwrap()
        == 9
}

#[tokio::test]
async fn a_truncated_request_is_not_carried_out() {
    let simulator = sample().start().await.unwrap();
    let length = http(&simulator, "", &change().write()).len();
    let knobs = [
        Knob::CloseBeforeReading,
        Knob::CutRequestAt(0),
        Knob::CutRequestAt(20),
        Knob::CutRequestAt(length / 2),
        Knob::CutRequestAt(length - 1),
    ];
    for knob in knobs {
        simulator.next(knob.clone());
        assert!(try_send(&simulator, &change()).await.is_none(), "{knob:?}");
        assert!(!is_changed(&simulator), "{knob:?}");
        assert!(simulator.requests().is_empty(), "{knob:?}");
    }
    assert_eq!(send(&simulator, &change()).await.status, 200);
    assert!(is_changed(&simulator));
}

#[tokio::test]
async fn closes_a_kept_connection_on_the_next_request() {
    let simulator = sample().start().await.unwrap();
    let mut stream = connect(&simulator).await;
    let request = http(&simulator, "", &change().write());
    let get = http(&simulator, "", &share("Get").write());
    assert!(exchange(&mut stream, &get).await.is_some());
    simulator.next(Knob::CloseBeforeReading);
    assert!(exchange(&mut stream, &request).await.is_none());
    assert!(!is_changed(&simulator));
}

#[tokio::test]
async fn a_request_with_a_lost_response_is_carried_out() {
    for knob in [
        Knob::DropAnswer,
        Knob::CutAnswerAt(0),
        Knob::CutAnswerAt(10),
    ] {
        let simulator = sample().start().await.unwrap();
        simulator.next(knob.clone());
        assert!(try_send(&simulator, &change()).await.is_none(), "{knob:?}");
        assert!(is_changed(&simulator), "{knob:?}");
    }
    let simulator = sample().start().await.unwrap();
    simulator.next(Knob::CutAnswerAt(400));
    let reply = send(&simulator, &change()).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.head.len() + 4 + reply.body.len(), 400);
    assert!(Message::read(&reply.body).is_err());
    assert!(is_changed(&simulator));
}

#[tokio::test]
async fn knobs_apply_in_order() {
    let simulator = sample().start().await.unwrap();
    simulator
        .next(Knob::Pass)
        .next(Knob::Unauthorized)
        .next(Knob::Fault(CimStatus::AccessDenied));
    simulator.next(Knob::WbemFault(WbemStatus::OUT_OF_MEMORY));
    assert_eq!(send(&simulator, &share("Get")).await.status, 200);
    assert_eq!(send(&simulator, &change()).await.status, 401);
    let denied = send(&simulator, &change()).await.message();
    assert_eq!(denied.relates_to.as_deref(), Some("uuid:1"));
    assert_eq!(
        denied.fault.unwrap().cim_status(),
        Some(CimStatus::AccessDenied)
    );
    let full = send(&simulator, &change()).await.message().fault.unwrap();
    assert_eq!(full.wbem(), Some(WbemStatus::OUT_OF_MEMORY));
    assert!(!is_changed(&simulator));
    simulator.next(Knob::Unauthorized).clear_knobs();
    assert_eq!(send(&simulator, &change()).await.status, 200);
}

#[tokio::test]
async fn sends_a_given_response() {
    let simulator = sample().start().await.unwrap();
    let page = RawAnswer::new(200)
        .with_header("Content-Type", "text/html")
        .with_body("<html/>");
    simulator.next(Knob::Answer(page));
    let reply = send(&simulator, &change()).await;
    assert_eq!((reply.status, reply.text().as_str()), (200, "<html/>"));
    assert!(reply.head.contains("text/html"));
    let moved = RawAnswer::new(302).with_header("Location", "http://127.0.0.1:9/");
    simulator.next(Knob::Answer(moved));
    let reply = send(&simulator, &change()).await;
    assert_eq!((reply.status, reply.body.len()), (302, 0));
    simulator.next(Knob::Answer(RawAnswer::soap_fault("<x/>")));
    assert_eq!(send(&simulator, &change()).await.status, 500);
    assert!(!is_changed(&simulator));
}

#[tokio::test]
async fn sends_slow_and_endless_responses() {
    let simulator = sample().start().await.unwrap();
    let started = std::time::Instant::now();
    simulator.next(Knob::Delay(Duration::from_millis(60)));
    assert_eq!(send(&simulator, &share("Get")).await.status, 200);
    assert!(started.elapsed() >= Duration::from_millis(60));
    simulator.next(Knob::EndlessAnswer);
    let mut stream = connect(&simulator).await;
    stream
        .write_all(&http(&simulator, "", &share("Get").write()))
        .await
        .unwrap();
    let mut read = 0;
    let mut piece = vec![0; 64 * 1024];
    while read < 4 << 20 {
        let count = stream.read(&mut piece).await.unwrap();
        assert_ne!(count, 0, "ended after {read} bytes");
        read += count;
    }
    drop(stream);
    while simulator.open_connections() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn refuses_a_connection() {
    let simulator = sample().start().await.unwrap();
    let mut kept = connect(&simulator).await;
    let get = http(&simulator, "", &share("Get").write());
    assert!(exchange(&mut kept, &get).await.is_some());
    simulator.refuse().await;
    let error = TcpStream::connect(simulator.address()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    assert!(exchange(&mut kept, &get).await.is_none());
    assert_eq!(simulator.open_connections(), 0);
}

#[tokio::test]
async fn tests_can_change_the_repository() {
    let simulator = sample().start().await.unwrap();
    let path = InstancePath::new("Demo_Pair")
        .with_key("Name", "x")
        .with_key("Number", "7");
    let pair = Instance::new("Demo_Pair")
        .with_key("Name", "x")
        .with_key("Number", 7u32)
        .with("Value", "v");
    simulator.insert(pair.clone()).unwrap();
    assert_eq!(simulator.instance(&path), Some(pair));
    let get = Request::of_class("Get", "Demo_Pair")
        .with_key("Name", "x")
        .with_key("Number", 7);
    assert_eq!(send(&simulator, &get).await.status, 200);
    assert!(simulator.remove(&path).is_some());
    assert_eq!(send(&simulator, &get).await.status, 500);
    let other = path.in_namespace("root/other".parse().unwrap());
    assert_eq!(simulator.instance(&other), None);
}

#[tokio::test]
async fn limits_the_length_of_the_log() {
    let simulator = sample().remembered_requests(2).start().await.unwrap();
    for action in ["Get", "Delete", "Get"] {
        send(&simulator, &share(action)).await;
    }
    let seen = simulator.requests();
    let status = |request: &SeenRequest| request.status.unwrap();
    assert_eq!(seen.iter().map(status).collect::<Vec<_>>(), [200, 500]);
    assert!(seen[0].action.as_ref().unwrap().ends_with("/Delete"));
}
