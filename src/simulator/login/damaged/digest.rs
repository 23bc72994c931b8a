//! Logins by Digest: the challenge, the answer of the client, and what the server tells afterwards.
//!
//! Digest does not authenticate the server, and nothing protects a challenge: an attacker who changes
//! it can make the login fail. It cannot make the server accept what it would not.

use super::*;
use crate::auth::challenge::Challenge;
use crate::auth::digest::{
    BodyIntegrity, Caution, Login as Client, Memory, Protected, ServerFacts, Verdict,
};
use crate::auth::{Credentials, DigestAlgorithm, DigestQop};
use crate::simulator::login::DigestScheme;
use crate::simulator::login::digest::{Nonces, Verified};

const REALM: &str = "WSMAN";
const MESSAGE: Protected<'_> = Protected {
    method: "POST",
    uri: "/wsman",
    body: b"<s:Envelope/>",
};

/// Logs in and sends a second message: the challenge, the answer, `Authentication-Info` and the next
/// answer. Returns the times that the server asked again.
fn log_in(scheme: &DigestScheme, password: &str, wire: &Wire) -> Result<usize, String> {
    let nonces = Nonces::default();
    let credentials = Credentials::digest(USER, password);
    let client = Client::new(&credentials, BodyIntegrity::Wanted)
        .unwrap()
        .unwrap();
    let mut memory = Memory::Nothing;
    let mut asked = 0;
    for _ in 0..2 {
        let mut exchange = client.exchange(memory, Caution::MayRepeat, ServerFacts::default());
        memory = loop {
            exchange.step();
            let given = exchange.authorization(MESSAGE);
            let given = given.map(|given| carried(wire, given.expose()));
            let verified =
                given.map(|given| scheme.verify(&nonces, [USER, REALM, PASSWORD], &given, MESSAGE));
            let verdict = match verified {
                Some(Verified::Accepted(info)) => {
                    let info = info.map(|info| carried(wire, &info));
                    exchange.passed(info.as_deref())
                }
                refused => {
                    asked += 1;
                    let is_stale = matches!(refused, Some(Verified::Stale));
                    let challenge = scheme.challenge(&nonces, REALM, is_stale);
                    let challenge = carried(wire, &challenge);
                    exchange.refused(
                        &Challenge::read_all([challenge.as_str()]),
                        "cnonce-0123456789".to_owned(),
                    )
                }
            };
            match verdict {
                Verdict::Again => {}
                Verdict::Accepted(memory) => break memory,
                Verdict::Refused(tried) => return Err(format!("refused: {tried:?}")),
                Verdict::InDoubt(_) => return Err("in doubt".to_owned()),
            }
        };
    }
    Ok(asked)
}

/// Carries a header as the transport reads it.
fn carried(wire: &Wire, header: &str) -> String {
    let header = wire.carry(header.as_bytes().to_vec());
    String::from_utf8_lossy(&header).into_owned()
}

fn place(whole: &[u8], text: &str) -> std::ops::Range<usize> {
    let mut windows = whole.windows(text.len());
    let at = windows.position(|window| window == text.as_bytes());
    let at = at.unwrap_or_else(|| panic!("{text}: {}", whole.escape_ascii()));
    at..at + text.len()
}

fn schemes() -> [DigestScheme; 3] {
    [
        DigestScheme::new()
            .qops([DigestQop::Auth, DigestQop::AuthInt])
            .next_nonces(),
        DigestScheme::new()
            .algorithm(DigestAlgorithm::Md5)
            .qops([DigestQop::None]),
        DigestScheme::new()
            .algorithm(DigestAlgorithm::Sha512_256Sess)
            .hashed_users(),
    ]
}

/// A damaged challenge, answer or next nonce ends in a refusal, or in a login that the server
/// verified with its own values.
#[test]
fn a_damaged_header_is_refused_or_asked_for_again() {
    for scheme in schemes() {
        for number in 0..4 {
            let flow = |wire: &Wire| log_in(&scheme, PASSWORD, wire);
            let count = {
                let wire = Wire::new(usize::MAX, Edit::Nothing);
                flow(&wire).unwrap();
                wire.sent.into_inner().unwrap().len()
            };
            if number >= count {
                continue;
            }
            let whole = message(number, flow);
            let specimen = Specimen::new("digest", &whole, &["refused: "]);
            specimen.read_all(|edit| match run((number, &whole, edit), flow) {
                // Each further challenge is of this server, and answered once.
                Ok(asked) => assert!(asked <= 3, "{edit:?}: {asked}"),
                Err(error) => assert!(error.starts_with("refused: "), "{edit:?}: {error}"),
            });
        }
    }
}

/// A wrong password does not become a right one.
#[test]
fn a_refused_login_stays_refused() {
    for scheme in schemes() {
        let flow = |wire: &Wire| log_in(&scheme, "hunter3", wire);
        for number in 0..2 {
            let whole = message(number, flow);
            let specimen = Specimen::new("wrong password", &whole, &["refused: "]);
            specimen.check_rejected(|edit| run((number, &whole, edit), flow));
        }
    }
}

/// The names of parameters, and what stands before them.
const NAMES: &[&str] = &[
    "Digest username=",
    " realm=",
    " uri=",
    " algorithm=",
    " nonce=",
    " nc=",
    " cnonce=",
    " qop=",
    " response=",
    " opaque=",
    " userhash=",
];

fn holds(whole: &[u8], text: &str) -> bool {
    whole
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// What a client proves cannot be changed on its way to the server, with the nonce that it is for.
#[test]
fn an_answer_is_protected() {
    for scheme in schemes() {
        let verified = |wire: &Wire| {
            let nonces = Nonces::default();
            let credentials = Credentials::digest(USER, PASSWORD);
            let client = Client::new(&credentials, BodyIntegrity::Wanted)
                .unwrap()
                .unwrap();
            let mut exchange =
                client.exchange(Memory::Nothing, Caution::MayRepeat, ServerFacts::default());
            exchange.step();
            let challenge = scheme.challenge(&nonces, REALM, false);
            exchange.refused(
                &Challenge::read_all([challenge.as_str()]),
                "cnonce-0123456789".to_owned(),
            );
            exchange.step();
            let given = exchange.authorization(MESSAGE).unwrap();
            let given = carried(wire, given.expose());
            match scheme.verify(&nonces, [USER, REALM, PASSWORD], &given, MESSAGE) {
                Verified::Accepted(_) => Ok("accepted"),
                Verified::Stale => Err("stale".to_owned()),
                Verified::Refused => Err("refused".to_owned()),
            }
        };
        let whole = message(0, verified);
        let mut specimen = Specimen::new("answer", &whole, &["refused"]);
        if whole.ends_with(b"\"") {
            let without_quote = Edit::Cut(whole.len() - 1);
            specimen = specimen.accepts(Edit::additions().chain([without_quote]));
        }
        for name in NAMES.iter().filter(|name| holds(&whole, name)) {
            specimen = specimen.ignores(place(&whole, name), "names are read in any case");
        }
        specimen.check(|edit| run((0, &whole, edit), verified));
    }
}
