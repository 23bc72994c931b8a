//! Streams whose server or network fails them in a Pull.

use std::time::Duration;

use wsman::simulator::{Knob, Simulator};
use wsman::{Error, Session};

use crate::{LONG, SERVICES, at_the_pull, leaves_nothing, seen, services, until};

/// Reads to the error: it, and how many rows came before.
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

/// What the server knows goes on, whatever became of the Pull.
#[test]
fn the_connection_is_lost() {
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
fn the_session_gives_up_waiting() {
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

/// The server says that it had no row in time: it is asked again, and no row is lost.
#[test]
fn the_server_has_no_row_in_time() {
    leaves_nothing(async |session, simulator| {
        at_the_pull(simulator, Knob::TimedOut);
        simulator.next(Knob::TimedOut).next(Knob::EmptyPage);
        assert_eq!(services(&session).await.unwrap().len(), SERVICES);
    });
}

/// The server itself has forgotten it, so that there is nothing to release.
#[test]
fn the_context_has_expired() {
    leaves_nothing(async |session, simulator| {
        at_the_pull(simulator, Knob::ExpireEnumerations);
        let (error, rows) = error_of(&session).await;
        assert!(matches!(error, Error::Fault(_)), "{error:?}");
        assert!(error.to_string().contains("forgotten"), "{error}");
        assert_eq!((rows, seen(simulator, "Release")), (3, 0));
    });
}

/// The Release is lost, too: then the server must forget by itself, and OMI never does.
#[test]
fn the_release_fails() {
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
        // As the servers do by themselves in the end; OMI's has to be restarted.
        simulator.next(Knob::ExpireEnumerations);
        session.identify().await.unwrap();
    });
}
