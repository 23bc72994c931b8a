//! The exchange of a message through challenges and refusals.

use super::*;

/// The server's answer to a step.
enum Server<'a> {
    Ok,
    Refuses(&'a str),
}

/// Runs the exchange; returns the `Authorization` values that were sent, and the verdict.
fn go(login: &Login, memory: Memory, answers: &[Server<'_>]) -> (Vec<String>, Verdict) {
    go_with(login, (memory, Caution::MayRepeat), answers)
}

/// Like [`go`], with a server that was seen to refuse expired nonces without `stale`.
fn go_silent(login: &Login, memory: Memory, answers: &[Server<'_>]) -> (Vec<String>, Verdict) {
    let facts = ServerFacts {
        expiry: Expiry::Silent,
        is_settled: true,
    };
    go_by(login, (memory, Caution::MayRepeat, facts), answers)
}

/// Runs the exchange of a message that the client must not repeat.
fn go_once(login: &Login, memory: Memory, answers: &[Server<'_>]) -> (Vec<String>, Verdict) {
    go_with(login, (memory, Caution::SendsOnce), answers)
}

fn go_with(
    login: &Login,
    (memory, caution): (Memory, Caution),
    answers: &[Server<'_>],
) -> (Vec<String>, Verdict) {
    go_by(login, (memory, caution, ServerFacts::default()), answers)
}

fn go_by(
    login: &Login,
    (memory, caution, facts): (Memory, Caution, ServerFacts),
    answers: &[Server<'_>],
) -> (Vec<String>, Verdict) {
    let mut exchange = login.exchange(memory, caution, facts);
    let mut sent = Vec::new();
    for (number, server) in answers.iter().enumerate() {
        let step = exchange.step();
        let login = exchange.authorization(MESSAGE);
        let by = login.map(|login| {
            let read = offers(login.expose());
            let nonce = read.first().unwrap().parameter("nonce");
            nonce.unwrap_or("basic").to_owned()
        });
        let by = by.unwrap_or_else(|| "nothing".to_owned());
        sent.push(match step {
            Step::Opening => "opening".to_owned(),
            Step::Check => format!("check {by}"),
            Step::Message => by,
        });
        let verdict = match server {
            Server::Ok => exchange.passed(None),
            Server::Refuses(header) => exchange.refused(&offers(header), format!("c{number}")),
        };
        if !matches!(verdict, Verdict::Again) {
            assert_eq!(number + 1, answers.len(), "it ended early: {sent:?}");
            return (sent, verdict);
        }
    }
    panic!("it goes on: {sent:?}");
}

fn login(credentials: Credentials) -> Login {
    Login::new(&credentials, BodyIntegrity::Wanted)
        .unwrap()
        .unwrap()
}

const FIRST: &str = "Basic realm=\"r\", Digest realm=\"r\", nonce=\"1\", qop=\"auth\"";
const STALE: &str = "Digest realm=\"r\", nonce=\"2\", qop=\"auth\", stale=TRUE";
const ANOTHER: &str = "Basic realm=\"r\", Digest realm=\"r\", nonce=\"3\", qop=\"auth\"";
const ATTEMPT: LoginAttempt = LoginAttempt::Digest {
    algorithm: DigestAlgorithm::Md5,
    qop: DigestQop::Auth,
};

fn tried(verdict: Verdict) -> Vec<LoginAttempt> {
    match verdict {
        Verdict::Refused(tried) => tried,
        other => panic!("{other:?}"),
    }
}

#[test]
fn accepts_first_repeated_and_stale_logins() {
    use Server::{Ok, Refuses};
    let digest = login(Credentials::digest("ops", "x"));
    let (sent, first) = go(&digest, Memory::Nothing, &[Refuses(FIRST), Ok]);
    assert_eq!(sent, ["opening", "1"]);
    let (sent, again) = go(&digest, memory(first), &[Ok]);
    assert_eq!(sent, ["1"]);
    assert!(matches!(memory(again), Memory::Context(_)));
    let fresh = || memory(go(&digest, Memory::Nothing, &[Refuses(FIRST), Ok]).1);
    let (sent, _) = go(&digest, fresh(), &[Refuses(STALE), Ok]);
    assert_eq!(sent, ["1", "2"]);
    // The password was changed; or the nonce has expired, where the server does not say so.
    let (sent, end) = go(&digest, fresh(), &[Refuses(ANOTHER)]);
    assert_eq!((sent, tried(end)), (vec!["1".to_owned()], vec![ATTEMPT]));
    let (sent, _) = go_silent(&digest, fresh(), &[Refuses(ANOTHER), Ok]);
    assert_eq!(sent, ["1", "3"]);
    let steps = [Refuses(ANOTHER), Refuses(ANOTHER)];
    let (sent, _) = go_silent(&digest, fresh(), &steps);
    assert_eq!(sent, ["1", "3"]);
    let (sent, end) = go(&digest, Memory::Nothing, &[Ok, Ok]);
    assert_eq!(sent, ["opening", "nothing"]);
    assert!(matches!(end, Verdict::Accepted(Memory::Nothing)));
    // The server requires a login only for the message itself.
    let (sent, _) = go(&digest, Memory::Nothing, &[Ok, Refuses(FIRST), Ok]);
    assert_eq!(sent, ["opening", "nothing", "1"]);
}

#[test]
fn reports_the_attempts_of_a_refused_login() {
    use Server::Refuses;
    let digest = login(Credentials::digest("ops", "x"));
    let (sent, end) = go(
        &digest,
        Memory::Nothing,
        &[Refuses(FIRST), Refuses(ANOTHER)],
    );
    assert_eq!(sent, ["opening", "1"]);
    assert_eq!(tried(end), [ATTEMPT]);
    let steps = [Refuses(FIRST), Refuses(STALE), Refuses(STALE)];
    let (sent, end) = go(&digest, Memory::Nothing, &steps);
    assert_eq!(sent, ["opening", "1", "2"]);
    assert_eq!(tried(end), [ATTEMPT]);
    let (_, end) = go(&digest, Memory::Nothing, &[Refuses("Basic realm=\"r\"")]);
    assert_eq!(tried(end), [LoginAttempt::DigestNotOffered]);
}

#[test]
fn falls_back_to_basic_only_if_allowed() {
    use Server::{Ok, Refuses};
    let either = login(Credentials::digest_or_basic("ops", "x"));
    let steps = [Refuses(FIRST), Refuses(ANOTHER), Ok];
    let (sent, end) = go(&either, Memory::Nothing, &steps);
    assert_eq!(sent, ["opening", "1", "basic"]);
    assert!(matches!(end, Verdict::Accepted(Memory::Basic)));
    let (sent, _) = go(
        &either,
        Memory::Nothing,
        &[Refuses("Basic realm=\"r\""), Ok],
    );
    assert_eq!(sent, ["opening", "basic"]);
    let steps = [Refuses(FIRST), Refuses(ANOTHER), Refuses(ANOTHER)];
    let (_, end) = go(&either, Memory::Nothing, &steps);
    assert_eq!(tried(end), [ATTEMPT, LoginAttempt::Basic]);
    // A server that accepted Basic now requires Digest.
    let steps = [Refuses(STALE), Ok];
    let (sent, _) = go(&either, Memory::Basic, &steps);
    assert_eq!(sent, ["basic", "2"]);
    // A password that one scheme accepted before is not tried by the other.
    let (sent, end) = go(&either, Memory::Basic, &[Refuses(FIRST)]);
    assert_eq!(sent, ["basic"]);
    assert_eq!(tried(end), [LoginAttempt::Basic]);
    let by_digest = memory(go(&either, Memory::Nothing, &[Refuses(FIRST), Ok]).1);
    let (sent, end) = go(&either, by_digest, &[Refuses(ANOTHER)]);
    assert_eq!(sent, ["1"]);
    assert_eq!(tried(end), [ATTEMPT]);
    let settled = ServerFacts {
        is_settled: true,
        ..ServerFacts::default()
    };
    let steps = [Refuses(FIRST), Refuses(ANOTHER)];
    let nothing = (Memory::Nothing, Caution::MayRepeat, settled);
    let (sent, end) = go_by(&either, nothing, &steps);
    assert_eq!(sent, ["opening", "1"]);
    assert_eq!(tried(end), [ATTEMPT]);
    // There is no fallback to Basic if the server does not offer it.
    let (_, end) = go(&either, Memory::Nothing, &[Refuses("Negotiate")]);
    assert_eq!(tried(end), [LoginAttempt::DigestNotOffered]);
}

fn memory(verdict: Verdict) -> Memory {
    match verdict {
        Verdict::Accepted(memory) => memory,
        other => panic!("{other:?}"),
    }
}

fn in_doubt(verdict: Verdict) -> Vec<LoginAttempt> {
    match verdict {
        Verdict::InDoubt(tried) => tried,
        other => panic!("{other:?}"),
    }
}

#[test]
fn sends_a_write_once_and_checks_a_used_nonce_before() {
    use Server::{Ok, Refuses};
    let digest = login(Credentials::digest("ops", "x"));
    let (sent, first) = go_once(&digest, Memory::Nothing, &[Refuses(FIRST), Ok]);
    assert_eq!(sent, ["opening", "1"]);
    let (sent, again) = go_once(&digest, memory(first), &[Ok, Ok]);
    assert_eq!(sent, ["check 1", "1"]);
    // The check finds that the nonce has expired; the message uses the new one.
    let (sent, again) = go_once(&digest, memory(again), &[Refuses(STALE), Ok]);
    assert_eq!(sent, ["check 1", "2"]);
    // The client does not repeat the message after a 401, whatever the 401 says.
    for refusal in [STALE, ANOTHER, "Basic realm=\"r\"", ""] {
        let (sent, end) = go_once(
            &digest,
            Memory::Nothing,
            &[Refuses(FIRST), Refuses(refusal)],
        );
        assert_eq!(sent, ["opening", "1"]);
        assert_eq!(in_doubt(end), [ATTEMPT]);
    }
    let (sent, end) = go_once(&digest, memory(again), &[Ok, Refuses(STALE)]);
    assert_eq!(sent, ["check 2", "2"]);
    assert_eq!(in_doubt(end), [ATTEMPT]);
    // A message without credentials was certainly not processed.
    let (sent, _) = go_once(&digest, Memory::Nothing, &[Ok, Refuses(FIRST), Ok]);
    assert_eq!(sent, ["opening", "nothing", "1"]);
}

#[test]
fn checks_which_of_two_schemes_a_write_may_go_with() {
    use Server::{Ok, Refuses};
    let either = login(Credentials::digest_or_basic("ops", "x"));
    let steps = [Refuses(FIRST), Refuses(ANOTHER), Ok, Ok];
    let (sent, end) = go_once(&either, Memory::Nothing, &steps);
    assert_eq!(sent, ["opening", "check 1", "check basic", "basic"]);
    let (sent, end) = go_once(&either, memory(end), &[Refuses(FIRST)]);
    assert_eq!(sent, ["basic"]);
    assert_eq!(in_doubt(end), [LoginAttempt::Basic]);
    let (sent, end) = go_once(&either, Memory::Nothing, &[Refuses(FIRST), Ok, Ok]);
    assert_eq!(sent, ["opening", "check 1", "1"]);
    let (sent, _) = go_once(&either, memory(end), &[Refuses(STALE), Ok]);
    assert_eq!(sent, ["check 1", "2"]);
}

proptest! {
    #[test]
    fn every_exchange_ends(answers in prop::collection::vec(0..5usize, 12), either: bool, once: bool, silent: bool) {
        let credentials = if either { Credentials::digest_or_basic("ops", "x") } else { Credentials::digest("ops", "x") };
        let login = login(credentials);
        let caution = [Caution::MayRepeat, Caution::SendsOnce][usize::from(once)];
        let expiry = [Expiry::Named, Expiry::Silent][usize::from(silent)];
        let facts = ServerFacts { expiry, is_settled: silent };
        let mut exchange = login.exchange(Memory::Nothing, caution, facts);
        let mut ended = false;
        for answer in answers.into_iter().take(9) {
            exchange.step();
            exchange.authorization(MESSAGE);
            let verdict = match answer {
                0 => exchange.passed(None),
                1 => exchange.refused(&offers(FIRST), String::new()),
                2 => exchange.refused(&offers(STALE), String::new()),
                3 => exchange.refused(&offers("Basic realm=\"r\""), String::new()),
                _ => exchange.refused(&[], String::new()),
            };
            ended = !matches!(verdict, Verdict::Again);
            if ended {
                break;
            }
        }
        prop_assert!(ended);
    }
}
