//! The published examples, the choice among offers, and the exchange through refusals.

use proptest::prelude::*;

mod login;

use super::*;
use crate::auth::LoginLimits;
use crate::auth::challenge::Challenge;
use crate::auth::{Credentials, LoginAttempt, Secret};

const MESSAGE: Protected<'_> = Protected {
    method: "POST",
    uri: "/wsman",
    body: b"<s/>",
};

/// RFC 7616 3.9.1, both offers.
const NONCE: &str = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
const CLIENT_NONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

fn rfc_7616(algorithm: &str, qop: &str) -> String {
    format!(
        "Digest realm=\"http-auth@example.org\", qop=\"{qop}\", algorithm={algorithm}, \
         nonce=\"{NONCE}\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
    )
}

fn offers(header: &str) -> Vec<Challenge> {
    Challenge::read_all([header])
}

fn context(header: &str, [user, password]: [&str; 2], client_nonce: &str) -> Context {
    Context::new(
        user,
        &Secret::from(password),
        Offer::best(&offers(header), &LoginLimits::DEFAULT).unwrap(),
        BodyIntegrity::Wanted,
        client_nonce.to_owned(),
    )
}

fn answer(context: &mut Context, message: Protected<'_>) -> String {
    let answer = context.authorization(message).unwrap();
    answer.expose().to_owned()
}

fn get(uri: &str) -> Protected<'_> {
    let (method, body) = ("GET", [].as_slice());
    Protected { method, uri, body }
}

fn response(header: &str) -> String {
    let read = offers(header);
    read.first().unwrap().parameter("response").unwrap().into()
}

#[test]
fn the_examples_of_rfc_7616_3_9_1() {
    for (algorithm, response) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        (
            "SHA-256",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ] {
        let header = rfc_7616(algorithm, "auth");
        let mut context = context(&header, ["Mufasa", "Circle of Life"], CLIENT_NONCE);
        let expected = format!(
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", \
             uri=\"/dir/index.html\", algorithm={algorithm}, nonce=\"{NONCE}\", nc=00000001, \
             cnonce=\"{CLIENT_NONCE}\", qop=auth, response=\"{response}\", \
             opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        );
        assert_eq!(answer(&mut context, get("/dir/index.html")), expected);
    }
}

/// Uses the hashes of erratum 4897: the printed ones belong to another user name.
#[test]
fn the_example_of_rfc_7616_3_9_2() {
    let header = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
                  nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
                  opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=true";
    let user = "J\u{e4}s\u{f8}n Doe";
    let client_nonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v";
    let mut context = context(header, [user, "Secret, or not?"], client_nonce);
    let expected = format!(
        "Digest username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\", \
         realm=\"api@example.org\", uri=\"/doe.json\", algorithm=SHA-512-256, \
         nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", nc=00000001, \
         cnonce=\"{client_nonce}\", qop=auth, \
         response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\", \
         opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", userhash=true"
    );
    assert_eq!(answer(&mut context, get("/doe.json")), expected);
}

#[test]
fn the_examples_of_rfc_2617_and_rfc_2069() {
    let nonce = "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
                 opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
    let with_qop = format!("Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", {nonce}");
    let mut context = Context::new(
        "Mufasa",
        &Secret::from("Circle Of Life"),
        Offer::best(&offers(&with_qop), &LoginLimits::DEFAULT).unwrap(),
        BodyIntegrity::ByTls,
        "0a4f113b".to_owned(),
    );
    let expected = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
        uri=\"/dir/index.html\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", nc=00000001, \
        cnonce=\"0a4f113b\", qop=auth, response=\"6629fae49393a05397450978507c4ef1\", \
        opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
    assert_eq!(answer(&mut context, get("/dir/index.html")), expected);

    // RFC 2069 2.4 with the response of its erratum 749.
    let without = format!("Digest realm=\"testrealm@host.com\", {nonce}");
    let mut context = self::context(&without, ["Mufasa", "CircleOfLife"], "unused");
    let expected = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
        uri=\"/dir/index.html\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
        response=\"1949323746fe6a43ef61f9606e7febea\", \
        opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
    assert_eq!(answer(&mut context, get("/dir/index.html")), expected);
}

/// Expected values computed with the hashes of Python's standard library.
#[test]
fn bodies_counts_and_session_hashes() {
    let user = ["Mufasa", "Circle of Life"];
    for (algorithm, of_second, of_session) in [
        (
            "MD5",
            "eb56744ba74288a86571a4c7e6773771",
            "926a260825a1ab1987ac443fd6ced0e5",
        ),
        (
            "SHA-256",
            "3f4cdbf7692fc53eeeb5aba07301b8adb9161bf696a79b0bb83411197a0d186a",
            "7ccdc53c5220b1319b2f51646324f3611b42160e30263350804b4cd1785e2666",
        ),
    ] {
        let mut protecting = context(&rfc_7616(algorithm, "auth,auth-int"), user, CLIENT_NONCE);
        answer(&mut protecting, MESSAGE);
        let second = answer(&mut protecting, MESSAGE);
        assert!(second.contains("nc=00000002") && second.contains("qop=auth-int"));
        assert_eq!(response(&second), of_second);

        let session = rfc_7616(&format!("{algorithm}-sess"), "auth");
        let first = answer(&mut context(&session, user, CLIENT_NONCE), MESSAGE);
        assert_eq!(response(&first), of_session);
    }
}

#[test]
fn the_strongest_known_offer_is_taken_and_of_equal_ones_the_first() {
    let chosen = |header: &str| {
        let offer = Offer::best(&offers(header), &LoginLimits::DEFAULT)?;
        Some((offer.algorithm().name(), offer.nonce))
    };
    let offer = |parameters: &str| format!("Digest realm=\"r\", qop=\"auth\", {parameters}");
    let [md5, sha, sha_too, unknown, nameless] = [
        "nonce=1, algorithm=MD5",
        "nonce=2, algorithm=\"sha-256\"",
        "nonce=3, algorithm=SHA-256",
        "nonce=4, algorithm=SHA-3",
        "nonce=5",
    ]
    .map(offer);
    let all = [&unknown, &md5, &sha, &sha_too]
        .map(String::as_str)
        .join(", ");
    assert_eq!(chosen(&all), Some(("SHA-256", "2".to_owned())));
    assert_eq!(
        chosen(&format!("Basic realm=\"r\", {nameless}")),
        Some(("MD5", "5".to_owned()))
    );
    for useless in [
        unknown.as_str(),
        "Basic realm=\"r\"",
        "Digest",
        "Digest realm=\"r\"",
        "Digest nonce=\"n\"",
        "Digest realm=\"r\", nonce=\"n\", qop=\"auth-conf\"",
        "Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess",
        "Digest realm=\"\u{fffd}\", nonce=\"n\"",
    ] {
        assert_eq!(chosen(useless), None, "{useless}");
    }
    let long = format!("Digest realm=\"r\", nonce=\"{}\"", "n".repeat(5000));
    assert_eq!(chosen(&long), None);
}

#[test]
fn escapes_quoted_values_but_not_hashed_ones() {
    let header = r#"Digest realm="a\"b", nonce="n\\", opaque="""#;
    let mut context = context(header, ["DOM\\o\"ps", "x"], "c");
    let header = answer(&mut context, MESSAGE);
    assert!(
        header.starts_with(
            r#"Digest username="DOM\\o\"ps", realm="a\"b", uri="/wsman", nonce="n\\", response=""#
        ),
        "{header}"
    );
    assert!(header.ends_with(r#"", opaque="""#), "{header}");
    let algorithm = DigestAlgorithm::Md5;
    let secret = secret_hash(algorithm, ["DOM\\o\"ps", "a\"b", "x"], ["n\\", ""]);
    let inner = algorithm.hash(&[b"POST", b"/wsman"]);
    let expected = algorithm.hash(&[secret.as_bytes(), b"n\\", inner.as_bytes()]);
    assert_eq!(response(&header), *expected);
}

#[test]
fn a_name_that_is_not_ascii() {
    let user = ["M\u{fc}ller", "x"];
    let plain = "Digest realm=\"r\", nonce=\"n\"";
    let header = answer(&mut context(plain, user, "c"), MESSAGE);
    assert!(header.starts_with("Digest username=\"M\u{fc}ller\", "));
    let utf8 = format!("{plain}, charset=UTF-8");
    let header = answer(&mut context(&utf8, user, "c"), MESSAGE);
    assert!(header.starts_with("Digest username*=UTF-8''M%C3%BCller, "));
}

#[test]
fn the_server_names_the_next_nonce() {
    let header = rfc_7616("MD5", "auth");
    let user = ["Mufasa", "Circle of Life"];
    let mut kept = context(&header, user, "c");
    answer(&mut kept, MESSAGE);
    let mut kept = kept
        .accepted(Some("qop=auth, rspauth=\"0\""), &LoginLimits::DEFAULT)
        .unwrap();
    assert!(kept.was_accepted());
    assert!(answer(&mut kept, MESSAGE).contains("nc=00000002"));
    let mut next = kept
        .accepted(
            Some("rspauth=\"0\", nextnonce=\"new\""),
            &LoginLimits::DEFAULT,
        )
        .unwrap();
    let header = answer(&mut next, MESSAGE);
    assert!(header.contains("nonce=\"new\", nc=00000001"), "{header}");
    let session = context(&rfc_7616("MD5-sess", "auth"), user, "c");
    assert!(
        session
            .accepted(Some("nextnonce=\"new\""), &LoginLimits::DEFAULT)
            .is_none()
    );
}

/// A next nonce is validated like that of a challenge; an invalid one leads to a new challenge.
#[test]
fn an_invalid_next_nonce_ends_the_context() {
    let mut limits = LoginLimits::default();
    let accepted = |next: &str, limits: &LoginLimits| {
        let mut context = context(&rfc_7616("MD5", "auth"), ["Mufasa", "Circle of Life"], "c");
        answer(&mut context, MESSAGE);
        let mut next = context.accepted(Some(&format!("nextnonce=\"{next}\"")), limits)?;
        Some(answer(&mut next, MESSAGE))
    };
    let longest = "n".repeat(4096);
    let header = accepted(&longest, &limits).unwrap();
    assert!(
        header.contains(&format!("nonce=\"{longest}\", nc=00000001")),
        "{header}"
    );
    for next in ["n\u{7}", "n\u{9f}", "n\u{fffd}", &"n".repeat(4097)] {
        assert_eq!(accepted(next, &limits), None, "{next:.10}");
    }
    limits.digest_bytes = 2;
    assert!(accepted("ab", &limits).is_some());
    assert_eq!(accepted("abc", &limits), None);
    limits.digest_bytes = 5_000;
    assert!(accepted(&"n".repeat(5_000), &limits).is_some());
}

#[test]
fn a_context_shows_no_hash() {
    let context = context(&rfc_7616("MD5", "auth"), ["ops", "hunter2"], "c0c0a");
    let shown = format!("{context:?}");
    for secret in ["hunter2", "c0c0a", context_secret().as_str()] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

fn context_secret() -> String {
    let parts = ["ops", "http-auth@example.org", "hunter2"];
    secret_hash(DigestAlgorithm::Md5, parts, ["", ""]).to_string()
}
