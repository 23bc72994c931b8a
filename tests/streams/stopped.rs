//! Tests streams that the caller stops after the first rows.

use std::time::Duration;

use wsman::simulator::{Dialect, Knob, RawAnswer};

use crate::{LONG, SERVICES, assert_cancelled, at_the_pull, leaves_nothing, seen, services, until};

#[test]
fn dropped_after_a_row() {
    leaves_nothing(async |session, simulator| {
        for ahead in [0, 1, 3] {
            // Of one row each: pages of three that are read ahead could be all.
            let request = services(&session).max_elements(1);
            let mut rows = request.pages_ahead(ahead).stream();
            rows.next().await.unwrap().unwrap();
            drop(rows);
            until("it is released", || simulator.open_enumerations() == 0).await;
        }
        assert_eq!(seen(simulator, "Release"), 3);
    });
}

/// openwsman sends the context for the next Pull only after the rows.
#[test]
fn dropped_with_unread_pages() {
    leaves_nothing(async |session, simulator| {
        let mut rows = services(&session).stream();
        let first = tokio::time::timeout(Duration::ZERO, rows.next()).await;
        assert!(first.is_err(), "there cannot be a row yet");
        until("it is open", || simulator.open_enumerations() == 1).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(rows);
    });
}

#[test]
fn released() {
    leaves_nothing(async |session, simulator| {
        for ahead in [0, 1, 3] {
            let mut rows = services(&session).pages_ahead(ahead).stream();
            rows.next().await.unwrap().unwrap();
            rows.release().await.unwrap();
            assert_eq!(simulator.open_enumerations(), 0);
        }
        services(&session).stream().release().await.unwrap();
        assert_eq!(seen(simulator, "Enumerate"), 3, "nothing was asked for");
    });
}

#[test]
fn released_after_the_last_row() {
    leaves_nothing(async |session, simulator| {
        let mut rows = services(&session).stream();
        let mut count = 0;
        while let Some(row) = rows.next().await {
            row.unwrap();
            count += 1;
        }
        rows.release().await.unwrap();
        assert_eq!((count, seen(simulator, "Release")), (SERVICES, 0));
    });
}

#[test]
fn cancelled_during_a_pull() {
    leaves_nothing(async |session, simulator| {
        at_the_pull(simulator, Knob::Delay(LONG));
        let mut rows = services(&session).stream();
        rows.next().await.unwrap().unwrap();
        for _ in 1..3 {
            rows.next().await.unwrap().unwrap();
        }
        let canceller = rows.canceller();
        let waiting = async { rows.next().await.unwrap().unwrap_err() };
        let (error, ()) = tokio::join!(waiting, async {
            until("it is pulled", || seen(simulator, "Pull") == 1).await;
            canceller.cancel();
        });
        assert_cancelled(&error);
        assert!(rows.next().await.is_none());
        rows.release().await.unwrap();
        assert_eq!(simulator.open_enumerations(), 0, "release has waited");
    });
}

/// The caller need not request another row, unless the context follows the rows.
#[test]
fn cancelled_while_the_caller_does_not_read() {
    leaves_nothing(async |session, simulator| {
        for ahead in [0, 1, 3] {
            let mut rows = services(&session).pages_ahead(ahead).stream();
            rows.next().await.unwrap().unwrap();
            until("it is open", || simulator.open_enumerations() == 1).await;
            rows.canceller().cancel();
            if simulator.dialect() != Dialect::Openwsman {
                until("it is released", || simulator.open_enumerations() == 0).await;
            }
            assert_cancelled(&rows.next().await.unwrap().unwrap_err());
            assert!(rows.next().await.is_none());
            until("it is released", || simulator.open_enumerations() == 0).await;
        }
    });
}

/// The client requests the types of a row with a separate message, which is late here.
#[test]
fn cancelled_during_a_class_request() {
    leaves_nothing(async |session, simulator| {
        simulator.next(Knob::Pass).next(Knob::Delay(LONG));
        let typed = services(&session).pages_ahead(0).typed();
        let mut rows = typed.stream();
        let canceller = rows.canceller();
        let waiting = async { rows.next().await.unwrap().unwrap_err() };
        let (error, ()) = tokio::join!(waiting, async {
            until("it is asked for", || simulator.requests().len() == 2).await;
            canceller.cancel();
        });
        assert_cancelled(&error);
    });
}

#[test]
fn awaited_and_dropped_half_way() {
    leaves_nothing(async |session, simulator| {
        at_the_pull(simulator, Knob::Delay(LONG));
        let all = tokio::spawn(async move { services(&session).await });
        until("it is pulled", || seen(simulator, "Pull") == 1).await;
        all.abort();
        assert!(all.await.unwrap_err().is_cancelled());
    });
}

/// The server is busy with the cancelled Pull, and reports that the enumeration does not exist.
#[test]
fn repeats_a_release_that_races_a_pull() {
    leaves_nothing(async |session, simulator| {
        simulator
            .next(Knob::Pass)
            .next(Knob::Delay(LONG))
            .next(Knob::Answer(RawAnswer::soap_fault(FORGOTTEN)));
        let mut rows = services(&session).stream();
        for _ in 0..3 {
            rows.next().await.unwrap().unwrap();
        }
        let next = tokio::time::timeout(Duration::from_millis(50), rows.next()).await;
        assert!(next.is_err(), "the Pull is on its way");
        assert_eq!(seen(simulator, "Pull"), 1);
        rows.release().await.unwrap();
        assert_eq!(
            (seen(simulator, "Release"), simulator.open_enumerations()),
            (2, 0)
        );
    });
}

/// Without such a Pull, the client accepts the server's report.
#[test]
fn does_not_repeat_a_release_of_a_forgotten_enumeration() {
    leaves_nothing(async |session, simulator| {
        simulator.next(Knob::Pass).next(Knob::ExpireEnumerations);
        let mut rows = services(&session).pages_ahead(0).stream();
        rows.next().await.unwrap().unwrap();
        rows.release().await.unwrap();
        assert_eq!(seen(simulator, "Release"), 1);
    });
}

const FORGOTTEN: &str = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
  xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"><s:Header/><s:Body><s:Fault><s:Code>
  <s:Value>s:Receiver</s:Value><s:Subcode><s:Value>n:InvalidEnumerationContext</s:Value></s:Subcode></s:Code>
  <s:Reason><s:Text xml:lang="en-US">no</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>"#;

#[test]
fn started_and_dropped() {
    leaves_nothing(async |session, simulator| {
        at_the_pull(simulator, Knob::Delay(LONG));
        let operation = services(&session).start();
        until("it is pulled", || seen(simulator, "Pull") == 1).await;
        drop(operation);
    });
}

#[test]
fn started_and_cancelled() {
    leaves_nothing(async |session, simulator| {
        at_the_pull(simulator, Knob::Delay(LONG));
        let mut operation = services(&session).start();
        until("it is pulled", || seen(simulator, "Pull") == 1).await;
        let error = operation.cancel().await.unwrap_err();
        assert_cancelled(&error);
        let shown = error.to_string();
        let (context, reason) = shown.split_once(": cancelled: ").unwrap();
        assert!(context.starts_with(r"enumerate root\cimv2:Win32_Service on http://"));
        assert_eq!(reason, "the caller cancelled the operation");
        assert_eq!(simulator.open_enumerations(), 0, "cancel has waited");
    });
}
