//! The next step of an error: one, from the library's text or from the program.

use std::net::TcpListener;

use wsman::simulator::{Knob, sample};

use crate::authority::Authority;
use crate::program::Program;

/// Every next step of these errors, of which each line has one.
const STEPS: [&str; 5] = [
    "check the port",
    "check --url",
    "check that the port uses TLS",
    "trust it with --ca FILE",
    "read the instance back",
];

#[tokio::test]
async fn an_error_has_one_next_step() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/wsman", listener.local_addr().unwrap())
    };
    let plain = sample().any_login().start().await.unwrap();
    let issued = Authority::new().localhost();
    let encrypted = sample().tls(&issued.chain, &issued.key);
    let encrypted = encrypted.start().await.unwrap();
    let no_tls = plain.url().as_str().replace("http://", "https://");
    let delete = "delete Win32_Share.Name=\"public\"";
    for (url, command, step) in [
        (closed.as_str(), "identify", "check the port"),
        (&closed, "count Win32_Share", "check the port"),
        (&closed, delete, "check the port"),
        (&no_tls, "identify", "check that the port uses TLS"),
        (
            encrypted.url().as_str(),
            "identify",
            "trust it with --ca FILE",
        ),
        (plain.url().as_str(), "identify", "check --url"),
        (plain.url().as_str(), delete, "read the instance back"),
    ] {
        plain.clear_knobs();
        plain.next(Knob::DropAnswer);
        let words = command.split(' ').chain(["--url", url, "-o", "list"]);
        let ending = Program::new(words).run().await;
        assert_ne!(ending.code, 0, "{command} {url}: {ending:?}");
        let text = ending.stderr.as_str();
        let steps: Vec<_> = STEPS
            .into_iter()
            .flat_map(|step| text.matches(step))
            .collect();
        assert_eq!(steps, [step], "{command} {url}: {text}");
    }
}
