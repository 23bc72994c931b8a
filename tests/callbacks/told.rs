//! Tests which callbacks are delivered, and when.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use wsman::callback::{ErrorMode, MessageChannel};
use wsman::request::OperationFlags;
use wsman::simulator::{Dialect, Knob, Script, sample};
use wsman::transport::{
    Body, ExchangeFuture, IncomingMessage, OutgoingMessage, Transport, TransportError,
};
use wsman::{Callbacks, Error, Session, SessionBuilder};

use super::*;

fn talkative() -> Script {
    Script::new()
        .warning("w")
        .verbose("v")
        .message(MessageChannel::Debug, "d")
        .progress("copying", 50)
        .keep_alive()
        .parameter("Copied", vec![1u32, 2])
        .error("one file is locked")
}

const TALK: [&str; 6] = [
    "Warning w",
    "Verbose v",
    "Debug d",
    "copying Some(50)",
    "Copied=[Uint32(1), Uint32(2)]",
    "one file is locked",
];

fn report() -> Callbacks {
    Callbacks::all().errors(ErrorMode::Report)
}

#[tokio::test]
async fn delivers_all_requested_callbacks_in_order() {
    let (simulator, session) = stage().await;
    let mut operation = creating(&simulator, &session, talkative(), report());
    let callbacks = all(&mut operation).await;
    let told: Vec<String> = callbacks.iter().map(said).collect();
    assert_eq!(told, TALK);
    assert!(
        matches!(&callbacks[5], Callback::Error(error) if !error.is_asked()),
        "no response is awaited"
    );
    assert_eq!(
        operation.await.unwrap(),
        share()
            .path()
            .unwrap()
            .in_namespace("root/cimv2".parse().unwrap())
    );
    assert!(is_created(&simulator));
    assert_eq!(simulator.requests().len(), 1, "nothing was to be answered");
    assert_eq!(simulator.open_conversations(), 0);
}

#[tokio::test]
async fn reads_callbacks_from_any_split_of_the_response() {
    for piece in [1, 7, 300, 5000, 1_000_000] {
        let (simulator, session) = stage().await;
        let script = talkative().in_pieces(piece);
        let mut operation = creating(&simulator, &session, script, report());
        let told: Vec<String> = all(&mut operation).await.iter().map(said).collect();
        assert_eq!(told, TALK, "in pieces of {piece}");
        operation.await.unwrap();
    }
}

#[tokio::test]
async fn delivers_only_requested_callbacks() {
    let (simulator, session) = stage().await;
    let wanted = Callbacks::new().channel(MessageChannel::Verbose).progress();
    let mut operation = creating(&simulator, &session, talkative(), wanted);
    let told: Vec<String> = all(&mut operation).await.iter().map(said).collect();
    assert_eq!(told, ["Verbose v", "copying Some(50)"]);
    operation.await.unwrap();
}

#[tokio::test]
async fn sends_no_registration_without_callbacks() {
    let (simulator, session) = stage().await;
    let mut operation = creating(&simulator, &session, talkative(), Callbacks::new());
    assert!(operation.callbacks().next().await.is_none());
    operation.await.unwrap();
    // The caller does not read callbacks.
    simulator.next(Knob::Callbacks(talkative()));
    let path = InstancePath::new("Win32_Share").with_key("Name", "logs");
    session
        .get_instance(&path)
        .callbacks(Callbacks::all())
        .await
        .unwrap();
    for request in simulator.requests() {
        let text = String::from_utf8(request.body).unwrap();
        assert!(
            !text.contains("OperationID") && !text.contains("__MI_"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn registers_like_a_windows_client() {
    let (simulator, session) = stage().await;
    let mut operation = creating(&simulator, &session, Script::new(), Callbacks::all());
    assert!(all(&mut operation).await.is_empty());
    operation.await.unwrap();
    let request = requests(&simulator, "/Create").remove(0);
    let after = |first: &str, then: &str| {
        let (first, then) = (request.find(first).unwrap(), request.find(then).unwrap());
        assert!(first < then, "{request}");
    };
    after("p:SessionId", "p:OperationID s:mustUnderstand=\"false\"");
    after(
        "p:OperationID",
        "<p:SequenceId s:mustUnderstand=\"false\">1</",
    );
    after("p:SequenceId", "w:SelectorSet");
    after(
        "w:SelectorSet",
        "Name=\"__MI_CallbackRegistration\" Type=\"xs:int\">31</",
    );
    after("Registration", "CHANNELVALUE\" Type=\"xs:unsignedInt\">0</");
    after(
        "CHANNELVALUE",
        "wmi:__MI_OPERATIONOPTIONS_WRITEERRORMODE\" Type=\"xs:unsignedInt\">1</",
    );
}

#[tokio::test]
async fn receives_callbacks_for_each_message_of_an_operation() {
    let (simulator, session) = stage().await;
    simulator
        .next(Knob::Callbacks(Script::new().verbose("put")))
        .next(Knob::Callbacks(Script::new().verbose("create")));
    let put = session.put_instance(&share()).callbacks(Callbacks::all());
    let mut operation = put.start();
    let told: Vec<String> = all(&mut operation).await.iter().map(said).collect();
    assert_eq!(told, ["Verbose put", "Verbose create"]);
    assert_eq!(operation.await.unwrap().messages, 2);
    let put = requests(&simulator, "/Put").remove(0);
    let create = requests(&simulator, "/Create").remove(0);
    assert_ne!(
        element(&put, "OperationID"),
        element(&create, "OperationID")
    );
}

#[tokio::test]
async fn receives_callbacks_of_an_enumeration_and_a_method() {
    let (simulator, session) = stage().await;
    simulator.next(Knob::Callbacks(Script::new().verbose("looking")));
    let request = session.enumerate_instances("Win32_Share");
    let mut operation = request.callbacks(Callbacks::all()).start();
    let told: Vec<String> = all(&mut operation).await.iter().map(said).collect();
    assert_eq!(told, ["Verbose looking"]);
    assert!(!operation.await.unwrap().is_empty());

    simulator.next(Knob::Callbacks(
        Script::new().parameter("Line", "a").parameter("Line", "b"),
    ));
    let service = InstancePath::new("Win32_Service").with_key("Name", "Spooler");
    let request = session.invoke_method(&service, "StopService");
    let mut operation = request.callbacks(Callbacks::new().parameters()).start();
    let told: Vec<String> = all(&mut operation).await.iter().map(said).collect();
    assert_eq!(told, [r#"Line=[String("a")]"#, r#"Line=[String("b")]"#]);
    operation.await.unwrap();
}

#[tokio::test]
async fn a_server_without_callbacks_sends_none() {
    for dialect in [Dialect::Omi, Dialect::Openwsman] {
        let simulator = sample().dialect(dialect).start().await.unwrap();
        let session = builder(&simulator)
            .wire_form(dialect.wire_form())
            .build()
            .unwrap();
        let mut operation = creating(&simulator, &session, talkative(), Callbacks::all());
        assert!(all(&mut operation).await.is_empty(), "{dialect:?}");
        operation.await.unwrap();
        assert!(is_created(&simulator));
    }
}

#[tokio::test]
async fn the_start_is_reported_once_and_needs_no_callbacks() {
    let (simulator, session) = stage().await;
    let request = session.put_instance(&share());
    let flag = OperationFlags::REPORT_OPERATION_STARTED;
    let mut operation = request.operation_flags(flag).start();
    let told: Vec<String> = all(&mut operation).await.iter().map(said).collect();
    assert_eq!(told, ["started"]);
    assert_eq!(operation.await.unwrap().messages, 2);
    assert!(!requests(&simulator, "/Put")[0].contains("OperationID"));
}

#[tokio::test]
async fn sends_a_requested_acknowledgement() {
    let (simulator, session) = stage().await;
    let script = Script::new()
        .verbose("1")
        .verbose("2")
        .repeat()
        .ask_for_acknowledgement()
        .verbose("3");
    let mut operation = creating(&simulator, &session, script, Callbacks::all());
    let told: Vec<String> = all(&mut operation).await.iter().map(said).collect();
    assert_eq!(told, ["Verbose 1", "Verbose 2", "Verbose 3"]);
    operation.await.unwrap();
    let acknowledged = requests(&simulator, "/Acknowledge").remove(0);
    assert_eq!(element(&acknowledged, "LastSequenceIdReceived"), "2");
    let create = requests(&simulator, "/Create").remove(0);
    assert_eq!(
        element(&acknowledged, "OperationID"),
        element(&create, "OperationID")
    );
    assert_eq!(requests(&simulator, "/End").len(), 1);
}

/// Answers with an endless response and counts the parts that the client read.
#[derive(Clone, Debug)]
struct Endless {
    taken: Arc<AtomicUsize>,
    piece: fn(usize) -> String,
}

impl Endless {
    fn operation(&self) -> Operation<InstancePath> {
        self.operation_with(|builder| builder)
    }

    fn operation_with(
        &self,
        set: impl FnOnce(SessionBuilder) -> SessionBuilder,
    ) -> Operation<InstancePath> {
        let builder = Session::builder("http://host.example:5985/wsman");
        let session = set(builder)
            .transport(Arc::new(self.clone()))
            .build()
            .unwrap();
        let request = session.create_instance(&share());
        request.callbacks(Callbacks::all()).start()
    }

    fn taken(&self) -> usize {
        self.taken.load(Ordering::Acquire)
    }
}

impl Transport for Endless {
    fn exchange(&self, message: OutgoingMessage) -> ExchangeFuture<'_> {
        if !message.is_conversation {
            return Box::pin(std::future::pending());
        }
        message.sent.raise();
        let answer = IncomingMessage::new(200, Body::stream(self.clone()));
        Box::pin(std::future::ready(Ok(answer)))
    }
}

impl Stream for Endless {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let number = self.taken.fetch_add(1, Ordering::AcqRel);
        Poll::Ready(Some(Ok(Bytes::from((self.piece)(number)))))
    }
}

#[tokio::test]
async fn applies_backpressure_until_callbacks_are_read() {
    let server = Endless {
        taken: Arc::default(),
        piece: |number| {
            let text = format!("<i:Description>{number}</i:Description>");
            super::windows::event("Verbose", &text)
        },
    };
    let mut operation = server.operation();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = server.taken();
    assert!(
        (1..10).contains(&before),
        "{before} read without a listening caller"
    );
    let mut callbacks = operation.callbacks();
    for number in 0..1000 {
        let callback = callbacks.next().await.unwrap();
        assert_eq!(said(&callback), format!("Verbose {number}"));
    }
    let ahead = server.taken() - 1000;
    assert!(ahead < 10, "{ahead} were taken ahead");
    // A caller that waits for the result receives no callbacks. It is neither delayed nor kept from
    // cancelling.
    assert!(operation.wait(Duration::from_millis(50)).await.is_none());
    assert!(server.taken() > 1100);
    assert!(operation.cancel().await.is_err());
}

/// Zero is one, because a callback that nothing holds cannot be read.
#[tokio::test]
async fn the_limit_of_unread_callbacks_can_be_set() {
    for (set, most) in [(0, 1), (1, 1), (20, 20)] {
        let server = Endless {
            taken: Arc::default(),
            piece: |_| super::windows::event("Verbose", "<i:Description>x</i:Description>"),
        };
        let mut operation = server.operation_with(|builder| builder.callbacks_ahead(set));
        tokio::time::sleep(Duration::from_millis(100)).await;
        // One more waits for its place.
        assert_eq!(server.taken(), most + 1, "{set}");
        for _ in 0..10 {
            operation.callbacks().next().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(server.taken(), most + 11, "{set}");
        assert!(operation.cancel().await.is_err());
    }
    let server = Endless {
        taken: Arc::default(),
        piece: |_| super::windows::event("Verbose", "<i:Description>x</i:Description>"),
    };
    let mut operation = server.operation_with(|builder| builder.callbacks_ahead(usize::MAX));
    assert!(operation.callbacks().next().await.is_some());
    drop(operation);
}

#[tokio::test]
async fn rejects_an_endless_envelope() {
    let server = Endless {
        taken: Arc::default(),
        piece: |_| format!("<a>{}", "x".repeat(1 << 20)),
    };
    let error = server.operation().await.unwrap_err();
    assert!(matches!(error, Error::Decode(_)), "{error:?}");
    assert!(error.to_string().contains("larger than"), "{error}");
    assert_eq!(server.taken(), 2, "as many megabytes as the limit");
}

/// A server that is never silent sends signs of life, repetitions, or requests for an acknowledgement.
#[tokio::test]
async fn ends_a_flood_of_envelopes_without_content() {
    let pieces: [fn(usize) -> String; 2] = [
        |_| {
            let get = "http://schemas.xmlsoap.org/ws/2004/09/transfer/GetResponse";
            let alive = "http://schemas.microsoft.com/wbem/wsman/1/wsman/Keepalive";
            super::windows::envelope("").replace(get, alive)
        },
        |_| {
            let event = super::windows::event("Verbose", "<i:Description>x</i:Description>");
            event.replace("</s:Header>", "<p:SequenceId>1</p:SequenceId></s:Header>")
        },
    ];
    for piece in pieces {
        let server = Endless {
            taken: Arc::default(),
            piece,
        };
        let error = server.operation().await.unwrap_err();
        assert!(matches!(error, Error::Decode(_)), "{error:?}");
        let expected = "more than 1000 envelopes without content";
        assert!(error.to_string().contains(expected), "{error}");
        assert!((1001..1010).contains(&server.taken()), "{}", server.taken());

        for most in [0, 3, 2_000] {
            let server = Endless {
                taken: Arc::default(),
                piece,
            };
            let operation = server.operation_with(|builder| builder.empty_envelopes(most));
            let error = operation.await.unwrap_err();
            assert!(matches!(error, Error::Decode(_)), "{error:?}");
            let expected = format!(
                "more than {most} envelopes without content (SessionBuilder::empty_envelopes)"
            );
            assert!(error.to_string().contains(&expected), "{error}");
        }
    }
}
