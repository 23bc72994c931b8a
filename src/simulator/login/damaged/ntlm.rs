//! Logins by NTLM: raw, inside SPNEGO, and inside SPNEGO after another mechanism.

use super::*;
use crate::auth::damage::element;
use crate::auth::negotiate::ntlm::NtlmUser;
use crate::auth::negotiate::scripted::NoKdc;
use crate::auth::negotiate::spnego::{Mechanism, MechanismLogin, Reply, SpnegoLogin, State};
use crate::auth::negotiate::{BoundUser, OwnScheme};
use crate::auth::{Credentials, KerberosObstacle, Secret};

/// The errors of messages that the server receives, and of those that the client does.
const BY_SERVER: &[&str] = &["the server rejected the login"];
const BY_CLIENT: &[&str] = &[
    "the server rejected the login",
    "CHALLENGE message of NTLM",
    "the NTLM of the server does not support",
    "the server sent an invalid SPNEGO token",
    "the server sent a token before it chose a mechanism",
    "the server chose a mechanism that was not offered",
    "the server required signatures too late",
    "the server continued a completed login",
    "the server sent a signature before the login had keys",
    "invalid signature: the message was changed or reordered",
    "the login is not complete",
    "the server ended the login before it was complete",
    // The signature is missing, so both sides count differently.
    "cannot be unsealed",
];

fn user(password: &str) -> BoundUser {
    let credentials = Credentials::negotiate(USER, Secret::from(password));
    let place = ("HTTP/host.example".to_owned(), constant());
    let user = BoundUser::of(&credentials, Err(KerberosObstacle::NoRealm), place);
    user.unwrap().unwrap()
}

/// `NTLM` as the scheme: NEGOTIATE, CHALLENGE, AUTHENTICATE.
fn raw(wire: &Wire) -> Outcome {
    let client = user(PASSWORD).login_by(OwnScheme::Ntlm).unwrap();
    log_in(client, &Server::ntlm(), (&NoKdc, wire))
}

/// NTLM alone inside SPNEGO: the offer, the challenge, the last token, and the end.
fn alone(wire: &Wire) -> Outcome {
    let client = user(PASSWORD).login().unwrap();
    log_in(client, &Server::ntlm(), (&NoKdc, wire))
}

/// NTLM after a mechanism that the server does not have. The login needs signatures of both sides.
fn second(wire: &Wire) -> Outcome {
    log_in(offering_two(), &Server::ntlm(), (&NoKdc, wire))
}

fn offering_two() -> Box<dyn ConnectionLogin> {
    let place = "HTTP/host.example".to_owned();
    let user = NtlmUser::new(USER, PASSWORD.into(), place, constant()).unwrap();
    let by = |mechanisms| MechanismLogin {
        mechanisms,
        // The server reads no token of the first one.
        login: Box::new(user.login()),
    };
    let logins = vec![by(&[Mechanism::Kerberos]), by(&[Mechanism::Ntlm])];
    Box::new(SpnegoLogin::new(logins, Vec::new()))
}

const STATE: &[u8] = &[0xA1, 0x30, 0xA0];
const CHOICE: &[u8] = &[0xA1, 0x30, 0xA1];
/// Why the state of a reply may be changed.
const HINT: &str = "no signature covers the state, and the tokens tell the same (RFC 4178 4.2.2)";
const ABSENT: &str = "a missing choice means the first mechanism, which is the chosen one";

fn check(
    (name, errors, number): (&str, &[&str], usize),
    log_in: fn(&Wire) -> Outcome,
    listed: fn(Specimen<'_>, Vec<u8>) -> Specimen<'_>,
) {
    let whole = message(number, log_in);
    let specimen = listed(Specimen::new(name, &whole, errors), whole.clone());
    specimen.check(|edit| run((number, &whole, edit), log_in));
}

/// The integrity code of the last message covers all three.
#[test]
fn no_byte_of_a_raw_message_is_open() {
    check(("NEGOTIATE", BY_CLIENT, 0), raw, |specimen, _| specimen);
    check(("CHALLENGE", BY_CLIENT, 1), raw, |specimen, _| specimen);
    check(("AUTHENTICATE", BY_SERVER, 2), raw, |specimen, _| specimen);
}

#[test]
fn an_offer_of_ntlm_alone_is_protected() {
    check(("offer", BY_CLIENT, 0), alone, |specimen, _| specimen);
    check(("challenge", BY_CLIENT, 1), alone, |specimen, whole| {
        specimen
            .ignores(element(&whole, STATE), HINT)
            .ignores(element(&whole, CHOICE), ABSENT)
    });
}

#[test]
fn the_end_of_ntlm_alone_is_protected() {
    check(("last token", BY_SERVER, 2), alone, |specimen, whole| {
        specimen.ignores(element(&whole, STATE), HINT)
    });
    check(("end", BY_CLIENT, 3), alone, |specimen, _| specimen);
}

#[test]
fn an_offer_whose_second_is_chosen_is_protected() {
    check(("offer of two", BY_CLIENT, 0), second, |specimen, whole| {
        let token = element(&whole, &[0x60, 0xA0, 0x30, 0xA2]);
        specimen.ignores(token, "the token of the mechanism that is not chosen")
    });
    check(("choice", BY_CLIENT, 1), second, |specimen, whole| {
        specimen.ignores(element(&whole, STATE), "signatures are required without it")
    });
}

#[test]
fn the_tokens_of_the_second_are_protected() {
    fn state(specimen: Specimen<'_>, whole: Vec<u8>) -> Specimen<'_> {
        specimen.ignores(element(&whole, STATE), HINT)
    }
    check(("first token", BY_CLIENT, 2), second, state);
    check(("challenge after a choice", BY_CLIENT, 3), second, state);
    check(("signed last token", BY_SERVER, 4), second, state);
    check(("signed end", BY_CLIENT, 5), second, |specimen, _| specimen);
}

/// A wrong password does not become a right one.
#[test]
fn a_rejected_login_stays_rejected() {
    let wrong = |wire: &Wire| {
        let client = user("hunter3").login().unwrap();
        log_in(client, &Server::ntlm(), (&NoKdc, wire))
    };
    for number in 0..3 {
        let whole = message(number, wrong);
        let specimen = Specimen::new("wrong password", &whole, BY_CLIENT);
        specimen.check_rejected(|edit| run((number, &whole, edit), wrong));
    }
}

/// A server that does not know the password cannot end the login where its signature is required.
#[test]
fn an_end_without_a_signature_completes_no_login() {
    for state in [State::Rejected, State::Completed, State::Incomplete] {
        let end = Reply {
            state: Some(state),
            ..Reply::default()
        };
        let end = end.written();
        let specimen = Specimen::new("unsigned end", &end, &[]).exhaustively();
        specimen.check_rejected(|edit| {
            let mut client = offering_two();
            client.bind(BINDING);
            let server = Server::ntlm();
            let mut answer = None;
            for _ in 0..3 {
                let token = ready(client.step(answer.as_deref(), &NoKdc))
                    .unwrap()
                    .unwrap();
                answer = match server.take("Negotiate", &token).unwrap() {
                    Login::Continued(challenge) => Some(token_of(&challenge)),
                    _ => None,
                };
            }
            let more = ready(client.step(Some(&edit.apply(&end)), &NoKdc));
            let more = more.map_err(|error| error.to_string())?;
            if more.is_none() && client.is_complete() {
                return Ok("complete");
            }
            Err("the login is not complete".to_owned())
        });
    }
}
