//! What a transport refuses to carry: a body that cannot be read, or is too large, and a login that a
//! server has rejected.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use wsman::auth::LoginProblem;
use wsman::transport::http::{HttpOptions, HttpTransport};
use wsman::transport::{
    Body, Delivery, LoginGate, OutgoingMessage, Transport as _, TransportError, TransportErrorKind,
};
use wsman::{Credentials, Error, Session};

use crate::{share, stage};

type Piece = Result<Bytes, TransportError>;

struct Pieces(std::vec::IntoIter<Piece>);

impl Stream for Pieces {
    type Item = Piece;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Piece>> {
        Poll::Ready(self.0.next())
    }
}

/// A body of these pieces.
fn body(pieces: Vec<Piece>) -> Body {
    Body::stream(Pieces(pieces.into_iter()))
}

fn piece(text: &'static str) -> Piece {
    Ok(Bytes::from_static(text.as_bytes()))
}

/// The caller's own error, which may say anything of a message that it knows nothing of.
fn broken(delivery: Delivery) -> Piece {
    let text = "the disk is gone";
    Err(TransportError::new(
        TransportErrorKind::Interrupted,
        delivery,
        text,
    ))
}

#[tokio::test]
async fn a_body_is_read_up_to_a_limit() {
    use TransportErrorKind::{AnswerTooLarge, Interrupted};
    let answered = Delivery::Answered;
    for (what, body, limit, expected) in [
        ("empty", Body::default(), 0, Ok("")),
        ("no pieces", body(vec![]), 0, Ok("")),
        ("whole", Body::from("abc"), 3, Ok("abc")),
        (
            "whole, too large",
            Body::from("abc"),
            2,
            Err(AnswerTooLarge),
        ),
        (
            "text, too large",
            Body::from("abc".to_owned()),
            0,
            Err(AnswerTooLarge),
        ),
        (
            "bytes, too large",
            Body::from(vec![1, 2]),
            1,
            Err(AnswerTooLarge),
        ),
        ("pieces", body(vec![piece("ab"), piece("c")]), 3, Ok("abc")),
        (
            "empty pieces",
            body(vec![piece(""), piece("a"), piece("")]),
            1,
            Ok("a"),
        ),
        (
            "first too large",
            body(vec![piece("abc")]),
            2,
            Err(AnswerTooLarge),
        ),
        (
            "last too large",
            body(vec![piece("ab"), piece("c")]),
            2,
            Err(AnswerTooLarge),
        ),
        ("broken", body(vec![broken(answered)]), 9, Err(Interrupted)),
        (
            "broken later",
            body(vec![piece("a"), broken(answered)]),
            9,
            Err(Interrupted),
        ),
        (
            "too large before it is broken",
            body(vec![piece("ab"), broken(answered)]),
            1,
            Err(AnswerTooLarge),
        ),
    ] {
        let read = body.whole(limit).await;
        let read = read.as_deref().map_err(TransportError::kind);
        assert_eq!(read, expected.map(str::as_bytes), "{what}");
    }
}

#[tokio::test]
async fn a_request_whose_body_breaks_is_not_sent() {
    let (simulator, _) = stage().await;
    let login = Credentials::basic(simulator.user(), simulator.password());
    let options = HttpOptions::new(simulator.url())
        .credentials(login)
        .allow_unencrypted();
    let transport = HttpTransport::new(options).unwrap();
    for delivery in [Delivery::NotSent, Delivery::Answered, Delivery::Unknown] {
        for pieces in [vec![broken(delivery)], vec![piece("<s:"), broken(delivery)]] {
            for anonymous in [false, true] {
                let mut message = OutgoingMessage::new(body(pieces_of(&pieces)));
                message.anonymous = anonymous;
                let error = transport.exchange(message).await.unwrap_err();
                let seen = (error.kind(), error.delivery());
                assert_eq!(seen, (TransportErrorKind::Interrupted, Delivery::NotSent));
                assert_eq!(error.to_string(), "the disk is gone");
            }
        }
    }
    assert!(simulator.requests().is_empty());
    assert_eq!(simulator.connections(), 0);
}

/// Copies pieces, of which an error has no copy.
fn pieces_of(pieces: &[Piece]) -> Vec<Piece> {
    let copy = |piece: &Piece| match piece {
        Ok(bytes) => Ok(bytes.clone()),
        Err(error) => broken(error.delivery()),
    };
    pieces.iter().map(copy).collect()
}

/// A gate takes no input but the answers of servers. What it refuses is the login itself.
#[tokio::test]
async fn a_gate_refuses_a_rejected_login_until_it_is_lifted() {
    let (simulator, _) = stage().await;
    let gate = LoginGate::new();
    let session = |password: &str| {
        Session::builder(simulator.url())
            .credentials(Credentials::basic(simulator.user(), password))
            .allow_unencrypted()
            .login_gate(&gate)
            .build()
            .unwrap()
    };
    gate.lift();
    assert!(!gate.is_rejected(), "no server has seen the password");
    let first = session("mistyped")
        .put_instance(&share())
        .await
        .unwrap_err();
    assert_eq!(
        (first.name(), first.delivery()),
        ("Auth", Delivery::Answered)
    );
    assert!(gate.is_rejected());
    let seen = simulator.requests().len();
    for password in ["mistyped", simulator.password()] {
        let session = session(password);
        for held in [
            session.put_instance(&share()).await.map(drop),
            session.delete_instance(&share()).await,
            session.enumerate_instances("Win32_Share").await.map(drop),
        ] {
            let error = held.unwrap_err();
            assert!(matches!(error, Error::Auth(_)), "{error:?}");
            assert_eq!(error.delivery(), Delivery::NotSent);
            assert!(!error.may_have_changed());
            let problem = error.caused_by::<TransportError>();
            let problem = problem.and_then(TransportError::login_problem);
            assert_eq!(problem, Some(LoginProblem::HeldBack));
        }
    }
    assert_eq!(simulator.requests().len(), seen, "nothing more is sent");
    gate.clone().lift();
    assert!(!gate.is_rejected());
    session(simulator.password()).identify().await.unwrap();
}
