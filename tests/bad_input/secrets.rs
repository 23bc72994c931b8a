//! The password is in no text that somebody may log.

use std::error::Error as StdError;

use wsman::simulator::{Knob, RawAnswer, sample};
use wsman::transport::http::{HttpOptions, HttpTransport};
use wsman::{Credentials, Error, Session};

use crate::{refused, share};

const PASSWORD: &str = "correct-horse-battery";
/// `tester:correct-horse-battery` as Basic sends it.
const ENCODED: &str = "dGVzdGVyOmNvcnJlY3QtaG9yc2UtYmF0dGVyeQ";

fn keeps_the_secret(told: &str) {
    assert!(
        !told.contains(PASSWORD) && !told.contains(ENCODED),
        "{told}"
    );
}

/// All that an error and its causes say, in both forms.
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
    // Another transport sends to the same address, which every message names.
    let inner = Session::builder("https://host/wsman".parse().unwrap())
        .http()
        .unwrap();
    let built = Session::builder(url()).transport(inner).build();
    refused(built, "Config", "user name or password");
    let http = format!("http://tester:{PASSWORD}@host/wsman")
        .parse()
        .unwrap();
    keeps_the_secret(&told(&Session::builder(http).build().unwrap_err()));
}

#[test]
fn nothing_shows_a_password_that_cannot_be_sent() {
    let url = || "https://host/wsman".parse().unwrap();
    let newline = format!("{PASSWORD}\r\nX: y");
    let session = Session::builder(url()).credentials(Credentials::basic("tester", newline));
    keeps_the_secret(&format!("{session:?}"));
    keeps_the_secret(&told(&session.build().unwrap_err()));
    let plain = Session::builder("http://host/wsman".parse().unwrap());
    let plain = plain.credentials(Credentials::basic("tester", PASSWORD));
    keeps_the_secret(&told(&plain.build().unwrap_err()));
}
