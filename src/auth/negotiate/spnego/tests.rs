//! Negotiations with a scripted server.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::token::list;
use super::{Mechanism, MechanismLogin, NegTokenInit, Reply, SpnegoLogin, State, WithoutKerberos};
use crate::auth::negotiate::scripted::{NoKdc, Scripted, scripted};
use crate::auth::negotiate::{ConnectionLogin, Environment, LoginError, ntlm};
use crate::auth::seal::Sealer;
use crate::auth::{KerberosObstacle, LoginAttempt, LoginProblem};

/// An offer of NTLM alone, as pyspnego 0.12.4 encodes it, with the token `NTLMSSP\0`.
const PYSPNEGO_OFFER: &[u8] = &[
    0x60, 0x26, 0x06, 0x06, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x02, 0xA0, 0x1C, 0x30, 0x1A, 0xA0, 0x0E,
    0x30, 0x0C, 0x06, 0x0A, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0A, 0xA2, 0x08,
    0x04, 0x06, b'N', b'T', b'L', b'M', b'S', b'S',
];

/// Creates a negotiation of these two mechanisms; by default Kerberos has one step and NTLM two.
fn negotiation(kerberos: Scripted, ntlm: Scripted) -> SpnegoLogin {
    let kerberos = MechanismLogin {
        mechanisms: &[Mechanism::WindowsKerberos, Mechanism::Kerberos],
        login: Box::new(kerberos),
    };
    let ntlm = MechanismLogin {
        mechanisms: &[Mechanism::Ntlm],
        login: Box::new(ntlm),
    };
    SpnegoLogin::new(vec![kerberos, ntlm], Vec::new())
}

fn usual() -> SpnegoLogin {
    negotiation(scripted("kerberos", 1), scripted("ntlm", 2))
}

fn step(login: &mut SpnegoLogin, token: Option<&[u8]>) -> Result<Option<Vec<u8>>, LoginError> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(login.step(token, &NoKdc)).poll(&mut context) {
        Poll::Ready(token) => token,
        Poll::Pending => unreachable!("the future is always ready"),
    }
}

fn told(login: &mut SpnegoLogin, reply: Reply) -> Result<Option<Reply>, LoginError> {
    let token = step(login, Some(&reply.written()))?;
    Ok(token.map(|token| Reply::read(&token).unwrap()))
}

fn says(state: State) -> Reply {
    Reply {
        state: Some(state),
        ..Reply::default()
    }
}

fn chooses(mechanism: Mechanism, state: State) -> Reply {
    Reply {
        mechanism: Some(mechanism),
        ..says(state)
    }
}

fn with_token(reply: Reply, token: &str) -> Reply {
    Reply {
        token: Some(token.into()),
        ..reply
    }
}

fn signed(reply: Reply, offer: &NegTokenInit) -> Reply {
    Reply {
        signature: Some([b"server ", offer.list.as_slice()].concat()),
        ..reply
    }
}

fn offer(login: &mut SpnegoLogin) -> NegTokenInit {
    let token = step(login, None).unwrap().unwrap();
    NegTokenInit::read(&token).unwrap()
}

#[test]
fn an_offer_is_read_and_written_as_others_write_it() {
    let offer = NegTokenInit {
        list: list([Mechanism::Ntlm]),
        token: Some(b"NTLMSS".to_vec()),
    };
    assert_eq!(offer.written(), PYSPNEGO_OFFER);
    assert_eq!(NegTokenInit::read(PYSPNEGO_OFFER), Some(offer));
}

/// The encoded tokens of RFC 4178 4.2.2.
#[test]
fn a_reply_is_read_and_written() {
    let reply = Reply {
        state: Some(State::RequestsSignature),
        mechanism: Some(Mechanism::Kerberos),
        token: Some(b"t".to_vec()),
        signature: Some(b"s".to_vec()),
    };
    let bytes = [
        &[
            0xA1, 0x1E, 0x30, 0x1C, 0xA0, 3, 0x0A, 1, 3, 0xA1, 0x0B, 6, 9,
        ][..],
        &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02],
        &[0xA2, 3, 4, 1, b't', 0xA3, 3, 4, 1, b's'],
    ]
    .concat();
    assert_eq!(reply.written(), bytes);
    assert_eq!(Reply::read(&bytes), Some(reply));
    assert_eq!(
        Reply::read(&Reply::default().written()),
        Some(Reply::default())
    );
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(Reply::read(&longer), None);
    for end in 0..bytes.len() {
        assert_eq!(Reply::read(&bytes[..end]), None, "{end}");
    }
}

#[test]
fn the_best_is_tried_at_once() {
    let mut login = usual();
    let offer = offer(&mut login);
    let offered: Vec<_> = offer.mechanisms().flatten().collect();
    let all = [
        Mechanism::WindowsKerberos,
        Mechanism::Kerberos,
        Mechanism::Ntlm,
    ];
    assert_eq!(offered, all);
    assert_eq!(offer.token.as_deref(), Some(&b"kerberos"[..]));
    for accepted in [Mechanism::WindowsKerberos, Mechanism::Kerberos] {
        let mut login = usual();
        step(&mut login, None).unwrap();
        let reply = with_token(chooses(accepted, State::Completed), "AP-REP");
        assert_eq!(told(&mut login, reply).unwrap(), None);
        assert!(login.is_complete());
        assert_eq!(login.seal(b"").unwrap().header, b"kerberos");
    }
}

#[test]
fn another_choice_is_signed_by_both() {
    let mut login = usual();
    let offer = offer(&mut login);
    let first = told(&mut login, chooses(Mechanism::Ntlm, State::Incomplete)).unwrap();
    let first = first.unwrap();
    assert_eq!(
        (first.token, first.signature),
        (Some(b"ntlm".to_vec()), None)
    );
    let last = told(&mut login, with_token(says(State::Incomplete), "challenge")).unwrap();
    let last = last.unwrap();
    let signature = [b"client ", offer.list.as_slice()].concat();
    assert_eq!(
        (last.token, last.signature),
        (Some(b"ntlm".to_vec()), Some(signature))
    );
    assert!(!login.is_complete());
    let end = told(&mut login, signed(says(State::Completed), &offer)).unwrap();
    assert_eq!(end, None);
    assert!(login.is_complete());
    assert_eq!(login.seal(b"").unwrap().header, b"ntlm");
}

#[test]
fn rejects_an_unsigned_choice() {
    for broken in [false, true] {
        let mut login = usual();
        let offer = offer(&mut login);
        told(&mut login, chooses(Mechanism::Ntlm, State::Incomplete)).unwrap();
        told(&mut login, with_token(says(State::Incomplete), "challenge")).unwrap();
        let end = if broken {
            let mut reply = signed(says(State::Completed), &offer);
            reply.signature.as_mut().unwrap()[0] ^= 1;
            told(&mut login, reply)
        } else {
            told(&mut login, says(State::Completed))
        };
        let error = end.unwrap_err().to_string();
        let expected = if broken {
            "broken"
        } else {
            "ended the login before it was complete"
        };
        assert!(error.contains(expected), "{error}");
        assert!(!login.is_complete());
    }
}

#[test]
fn a_server_may_want_the_best_signed_too() {
    let mut login = usual();
    let offer = offer(&mut login);
    let reply = with_token(
        chooses(Mechanism::Kerberos, State::RequestsSignature),
        "AP-REP",
    );
    let signature = told(&mut login, reply).unwrap().unwrap();
    assert!(signature.token.is_none() && signature.signature.is_some());
    assert!(!login.is_complete());
    told(&mut login, signed(says(State::Completed), &offer)).unwrap();
    assert!(login.is_complete());
}

/// NTLM signs the list even if it is the best mechanism, and then the server need not sign.
#[test]
fn a_mechanism_may_want_a_signature() {
    let mut ntlm = scripted("ntlm", 2);
    ntlm.wants_signature = true;
    let mut kerberos = scripted("kerberos", 1);
    kerberos.fails = Some(LoginProblem::KdcUnreachable);
    let without = WithoutKerberos::new(Environment {
        now: std::time::SystemTime::now,
        monotonic: std::time::Instant::now,
        fill: |_| true,
    });
    let mut login = negotiation(kerberos, ntlm).noting(without.clone());
    let offer = offer(&mut login);
    assert_eq!(
        offer.mechanisms().collect::<Vec<_>>(),
        [Some(Mechanism::Ntlm)]
    );
    let reply = with_token(chooses(Mechanism::Ntlm, State::Incomplete), "challenge");
    let last = told(&mut login, reply).unwrap().unwrap();
    assert!(last.token.is_some() && last.signature.is_some());
    assert!(login.is_complete());
    // The reason is kept only if the login succeeded without Kerberos.
    assert_eq!(without.reason(), None);
    assert_eq!(told(&mut login, says(State::Completed)).unwrap(), None);
    let obstacle = KerberosObstacle::NoTicket(Some(LoginProblem::KdcUnreachable));
    assert_eq!(without.reason(), Some(obstacle));
    let without = LoginAttempt::WithoutKerberos(obstacle);
    assert_eq!(login.attempts(), [without, LoginAttempt::Ntlm { step: 7 }]);
}

#[test]
fn a_wrong_password_is_not_tried_by_another_mechanism() {
    let mut kerberos = scripted("kerberos", 1);
    kerberos.fails = Some(LoginProblem::WrongPassword);
    let mut login = negotiation(kerberos, scripted("ntlm", 2));
    let error = step(&mut login, None).unwrap_err();
    assert_eq!(error.problem(), Some(LoginProblem::WrongPassword));
}

#[test]
fn rejects_invalid_tokens() {
    let mistakes: [&[Reply]; 7] = [
        &[says(State::Rejected)],
        &[with_token(says(State::Rejected), "reason")],
        // The login has no further token.
        &[with_token(
            chooses(Mechanism::Kerberos, State::Incomplete),
            "AP-REP",
        )],
        &[with_token(
            chooses(Mechanism::Ntlm, State::Incomplete),
            "answer",
        )],
        &[
            chooses(Mechanism::Ntlm, State::Incomplete),
            with_token(says(State::RequestsSignature), "challenge"),
        ],
        // The login has no keys yet.
        &[
            chooses(Mechanism::Ntlm, State::Incomplete),
            Reply {
                signature: Some(b"server".to_vec()),
                ..says(State::Incomplete)
            },
        ],
        &[
            chooses(Mechanism::Ntlm, State::Incomplete),
            with_token(says(State::Incomplete), "challenge"),
            says(State::Rejected),
        ],
    ];
    for replies in mistakes {
        let mut login = usual();
        step(&mut login, None).unwrap();
        let (last, before) = replies.split_last().unwrap();
        for reply in before {
            told(&mut login, reply.clone()).unwrap();
        }
        let error = told(&mut login, last.clone()).unwrap_err();
        let is_rejected = last.state == Some(State::Rejected);
        assert_eq!(error.is_refusal(), is_rejected, "{last:?}: {error}");
    }
    let ntlm = MechanismLogin {
        mechanisms: &[Mechanism::Ntlm],
        login: Box::new(scripted("ntlm", 2)),
    };
    let mut ntlm_alone = SpnegoLogin::new(vec![ntlm], Vec::new());
    step(&mut ntlm_alone, None).unwrap();
    let error = told(
        &mut ntlm_alone,
        chooses(Mechanism::Kerberos, State::Incomplete),
    );
    assert!(error.unwrap_err().to_string().contains("not offered"));
    assert!(step(&mut usual(), Some(b"NTLMSSP\0")).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let framed = [&[0xA1, bytes.len() as u8 & 0x7F][..], &bytes].concat();
        for bytes in [&bytes, &framed] {
            let offer = NegTokenInit::read(bytes);
            let named = offer.map(|offer| offer.mechanisms().count());
            prop_assert!(named.is_none_or(|count| count < 200));
            if let Some(reply) = Reply::read(bytes) {
                prop_assert_eq!(Reply::read(&reply.written()), Some(reply));
            }
        }
    }

    #[test]
    fn a_reply_that_is_changed_anywhere_does_no_harm(
        at: prop::sample::Index, byte: u8, token in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let user = ntlm::tests::user("ops", "hunter2");
        let ntlm = MechanismLogin { mechanisms: &[Mechanism::Ntlm], login: Box::new(user.login()) };
        let mut login = SpnegoLogin::new(vec![ntlm], Vec::new());
        step(&mut login, None).unwrap();
        let token = [b"NTLMSSP\0\x02\0\0\0", token.as_slice()].concat();
        let reply = Reply { token: Some(token), ..chooses(Mechanism::Ntlm, State::Incomplete) };
        let mut bytes = reply.written();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        // A failed login is not complete.
        let answered = step(&mut login, Some(&bytes));
        prop_assert!(answered.is_ok() || !login.is_complete());
    }
}
