//! Tests streams whose server or network fails during a Pull.

use std::time::Duration;

use wsman::simulator::{Knob, Simulator};
use wsman::{Error, Session};

use crate::{LONG, SERVICES, at_the_pull, leaves_nothing, seen, services, until};

/// Reads up to the error; returns it and the number of rows before it.
async fn error_of(session: &Session) -> (Error, usize) {
    let mut rows = services(session).stream();
    let mut count = 0;
    loop {
        match rows.next().await.unwrap() {
            Ok(_) => count += 1,
            Err(error) => {
                assert!(rows.next().await.is_none(), "after an error there is none");
                return (error, count);
            }
        }
    }
}

/// The enumeration stays open on the server, whatever the result of the Pull.
#[test]
fn reports_a_lost_connection() {
    let losses = [
        Knob::CloseBeforeReading,
        Knob::CutRequestAt(100),
        Knob::DropAnswer,
        Knob::CutAnswerAt(300),
    ];
    for knob in losses {
        leaves_nothing(async |session, simulator| {
            at_the_pull(simulator, knob.clone());
            let (error, rows) = error_of(&session).await;
            assert!(matches!(error, Error::Transport(_)), "{knob:?}: {error:?}");
            assert_eq!(rows, 3);
            until("it is released", || seen(simulator, "Release") == 1).await;
            assert!(seen(simulator, "Pull") <= 1, "a Pull is not repeated");
        });
    }
}

#[test]
fn reports_a_timeout() {
    leaves_nothing(async |_, simulator| {
        let session = impatient(simulator);
        at_the_pull(simulator, Knob::Delay(LONG));
        let (error, rows) = error_of(&session).await;
        assert!(error.is_timeout() && error.fault().is_none(), "{error:?}");
        assert_eq!(rows, 3);
        assert_eq!(seen(simulator, "Pull"), 1, "a Pull is not repeated");
    });
}

fn impatient(simulator: &Simulator) -> Session {
    let credentials = wsman::Credentials::basic(simulator.user(), simulator.password());
    Session::builder(simulator.url())
        .credentials(credentials)
        .namespace("root/cimv2")
        .wire_form(simulator.dialect().wire_form())
        .operation_timeout(Duration::from_millis(200))
        .network_delay(Duration::from_millis(100))
        .allow_unencrypted()
        .build()
        .unwrap()
}

/// The server reports that it had no row in time; the client repeats the Pull, and no row is lost.
#[test]
fn repeats_a_pull_that_timed_out_on_the_server() {
    leaves_nothing(async |session, simulator| {
        at_the_pull(simulator, Knob::TimedOut);
        simulator.next(Knob::TimedOut).next(Knob::EmptyPage);
        assert_eq!(services(&session).await.unwrap().len(), SERVICES);
    });
}

/// The server itself has dropped the enumeration, so there is nothing to release.
#[test]
fn reports_an_expired_context() {
    leaves_nothing(async |session, simulator| {
        at_the_pull(simulator, Knob::ExpireEnumerations);
        let (error, rows) = error_of(&session).await;
        assert!(matches!(error, Error::Fault(_)), "{error:?}");
        assert!(error.to_string().contains("no longer knows"), "{error}");
        assert_eq!((rows, seen(simulator, "Release")), (3, 0));
    });
}

/// The Release is lost too. Then the server must expire the enumeration, which OMI never does.
#[test]
fn reports_a_failed_release() {
    leaves_nothing(async |session, simulator| {
        let mut rows = services(&session).pages_ahead(0).stream();
        rows.next().await.unwrap().unwrap();
        simulator.next(Knob::DropAnswer);
        let error = rows.release().await.unwrap_err();
        assert!(matches!(error, Error::Transport(_)), "{error:?}");

        let mut rows = services(&session).pages_ahead(0).stream();
        rows.next().await.unwrap().unwrap();
        simulator.next(Knob::CutRequestAt(100));
        rows.release().await.unwrap_err();
        assert_eq!(simulator.open_enumerations(), 1);
        // The servers do this by themselves in the end; OMI must be restarted.
        simulator.next(Knob::ExpireEnumerations);
        session.identify().await.unwrap();
    });
}
