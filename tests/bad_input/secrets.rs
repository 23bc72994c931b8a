//! Tests that no loggable text contains the password.

use std::error::Error as StdError;

use wsman::auth::DigestAlgorithm;
use wsman::simulator::{DigestScheme, Knob, LoginScheme, RawAnswer, sample};
use wsman::transport::http::{HttpOptions, HttpTransport};
use wsman::{Credentials, Error, Session};

use crate::{refused, share};

const PASSWORD: &str = "correct-horse-battery";
/// `tester:correct-horse-battery` as Basic sends it.
const ENCODED: &str = "dGVzdGVyOmNvcnJlY3QtaG9yc2UtYmF0dGVyeQ";
/// `tester:WSMAN:correct-horse-battery` as Digest hashes it: any client can log in with it.
const HASHED: [&str; 2] = [
    "7a7a2dfdc8721942a916598ca751616d",
    "610aa89cd59097291e90aa8cae4818a674a830d95c90ae33e974975c5b13eb40",
];

fn keeps_the_secret(told: &str) {
    for secret in [PASSWORD, ENCODED, HASHED[0], HASHED[1]] {
        assert!(!told.contains(secret), "{told}");
    }
}

/// Returns the texts of an error and its causes, in both forms.
fn told(error: &Error) -> String {
    let causes = std::iter::successors(Some(error as &dyn StdError), |&error| error.source());
    causes
        .map(|error| format!("{error} {error:?} {error:#?} "))
        .collect()
}

#[tokio::test]
async fn nothing_shows_the_password() {
    let simulator = sample().login("tester", PASSWORD).start().await.unwrap();
    let builder = || {
        Session::builder(simulator.url())
            .namespace("root/cimv2")
            .allow_unencrypted()
    };
    let login = || builder().credentials(Credentials::basic("tester", PASSWORD));
    let session = login().build().unwrap();
    session.identify().await.unwrap();
    let options = HttpOptions::new(simulator.url()).allow_unencrypted();
    let options = options.credentials(Credentials::basic("tester", PASSWORD));
    keeps_the_secret(&format!(
        "{:?} {:?} {session:?}",
        login(),
        login().http().unwrap()
    ));
    keeps_the_secret(&format!(
        "{options:?} {:?}",
        HttpTransport::new(options.clone()).unwrap()
    ));
    keeps_the_secret(&format!("{:?}", session.put_instance(&share())));
    keeps_the_secret(&format!("{:?}", session.put_instance(&share()).start()));

    let echo = RawAnswer::new(401).with_header("WWW-Authenticate", "Basic realm=\"x\"");
    for knob in [
        Knob::DropAnswer,
        Knob::CutRequestAt(50),
        Knob::Answer(echo),
        Knob::CutAnswerAt(9),
    ] {
        simulator.next(knob);
        keeps_the_secret(&told(&session.put_instance(&share()).await.unwrap_err()));
    }
    simulator.refuse().await;
    keeps_the_secret(&told(&session.put_instance(&share()).await.unwrap_err()));
}

#[tokio::test]
async fn nothing_shows_the_password_of_digest() {
    for algorithm in [DigestAlgorithm::Md5, DigestAlgorithm::Sha256] {
        let scheme = LoginScheme::Digest(DigestScheme::new().algorithm(algorithm));
        let builder = sample().logins([scheme]).login("tester", PASSWORD);
        let simulator = builder.start().await.unwrap();
        let credentials = || Credentials::digest("tester", PASSWORD);
        let options = HttpOptions::new(simulator.url()).allow_unencrypted();
        let transport = HttpTransport::new(options.credentials(credentials())).unwrap();
        let builder = Session::builder(simulator.url()).namespace("root/cimv2");
        let builder = builder.credentials(credentials()).allow_unencrypted();
        keeps_the_secret(&format!("{builder:?} {transport:?} {:?}", credentials()));
        let session = builder.build().unwrap();
        session.identify().await.unwrap();
        keeps_the_secret(&format!("{session:?} {simulator:?}"));
        for knob in [
            Knob::DropAnswer,
            Knob::CutRequestAt(50),
            Knob::CutAnswerAt(9),
        ] {
            simulator.next(knob);
            keeps_the_secret(&told(&session.put_instance(&share()).await.unwrap_err()));
            session.identify().await.unwrap();
        }
        simulator.next(Knob::Unauthorized).next(Knob::Unauthorized);
        keeps_the_secret(&told(&session.put_instance(&share()).await.unwrap_err()));
    }
}

#[cfg(feature = "record")]
#[tokio::test]
async fn a_recording_of_digest_keeps_the_password_and_the_login() {
    let dir = tempfile::tempdir().unwrap();
    let scheme = LoginScheme::Digest(DigestScheme::new());
    let builder = sample().logins([scheme]).login("tester", PASSWORD);
    let simulator = builder.start().await.unwrap();
    for password in [PASSWORD, "wrong-horse"] {
        let session = Session::builder(simulator.url())
            .credentials(Credentials::digest("tester", password))
            .namespace("root/cimv2")
            .allow_unencrypted()
            .record(dir.path(), "simulator")
            .build()
            .unwrap();
        let put = session.put_instance(&share().with("Path", password)).await;
        assert_eq!(put.is_ok(), password == PASSWORD);
    }
    let files = tree(dir.path());
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        keeps_the_secret(&text);
        assert!(
            !text.contains("cnonce") && !text.contains("wrong-horse"),
            "{text}"
        );
    }
}

/// Lists all files below a folder.
#[cfg(feature = "record")]
fn tree(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap();
    let below = |path: std::path::PathBuf| {
        if path.is_dir() {
            tree(&path)
        } else {
            vec![path]
        }
    };
    entries
        .flat_map(|entry| below(entry.unwrap().path()))
        .collect()
}

#[test]
fn nothing_shows_the_password_in_a_url() {
    let url = || {
        format!("https://tester:{PASSWORD}@host/wsman")
            .parse()
            .unwrap()
    };
    keeps_the_secret(&format!("{:?}", Session::builder(url())));
    keeps_the_secret(&format!("{:?}", HttpOptions::new(url())));
    keeps_the_secret(&told(&Session::builder(url()).build().unwrap_err()));
    // Another transport sends to the same address, which every message contains.
    let inner = Session::builder("https://host/wsman").http().unwrap();
    let built = Session::builder(url()).transport(inner).build();
    refused(built, "Config", "user name or password");
    let http = format!("http://tester:{PASSWORD}@host/wsman");
    keeps_the_secret(&told(&Session::builder(http).build().unwrap_err()));
}

#[test]
fn nothing_shows_a_password_that_cannot_be_sent() {
    let url = || "https://host/wsman";
    let newline = format!("{PASSWORD}\r\nX: y");
    let session = Session::builder(url()).credentials(Credentials::basic("tester", newline));
    keeps_the_secret(&format!("{session:?}"));
    keeps_the_secret(&told(&session.build().unwrap_err()));
    let plain = Session::builder("http://host/wsman");
    let plain = plain.credentials(Credentials::basic("tester", PASSWORD));
    keeps_the_secret(&told(&plain.build().unwrap_err()));
}
