//! Tests against pyspnego as the server: it authenticates clients, and opens and seals messages.

pub(crate) mod certificate;
mod negotiate;
mod ntlm;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use libtest_mimic::Trial;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use url::Url;
use wsman::simulator::{Simulator, sample};
use wsman::{Credentials, Session, SessionBuilder};

use crate::programs::{Program, trials};
use crate::server::{Server, folder};

pub(crate) fn trials() -> Vec<Trial> {
    let mut all = Vec::new();
    all.extend(trials!("pyspnego", &[Program::Python], ntlm {
        every_mode_of_put rows sixteen_at_a_time wrong_password
        over_https bound_to_another_certificate
    }));
    all.extend(trials!("pyspnego", &[Program::Python], negotiate {
        every_mode_of_put rows sixteen_at_a_time wrong_password over_https
    }));
    all.extend(
        trials!("pyspnego", &[Program::Python, Program::Kdc], negotiate {
            ntlm_chosen_after_a_ticket a_ticket_before_ntlm
        }),
    );
    all
}

/// A server that authenticates with pyspnego, in front of a simulator; dropping it stops the server.
pub(crate) struct Acceptor {
    pub(crate) simulator: Simulator,
    folder: TempDir,
    server: Server,
    scheme: &'static str,
}

impl Acceptor {
    /// Starts a server with these settings, in addition to the common ones; `python` is a command that
    /// knows what the protocol needs.
    pub(crate) async fn start(python: impl Fn() -> Command, settings: Json) -> Self {
        let folder = folder();
        let simulator = sample().start().await.unwrap();
        let order = order(&simulator, folder.path(), settings);
        let scheme = match order.get("certificate") {
            Some(_) => "https",
            None => "http",
        };
        let server = Server::start(|address| {
            let mut order = order.clone();
            order["address"] = json!([address.ip().to_string(), address.port()]);
            let program = "tests/foreign/pyspnego/acceptor.py";
            let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(program);
            let mut python = python();
            python.arg(program).arg(order.to_string());
            python
        })
        .await;
        Self {
            simulator,
            folder,
            server,
            scheme,
        }
    }

    pub(crate) fn url(&self) -> Url {
        let port = self.server.address.port();
        // Kerberos derives the service principal from the name.
        let url = format!("{}://localhost:{port}/wsman", self.scheme);
        url.parse().unwrap()
    }

    pub(crate) fn session(&self, credentials: Credentials) -> SessionBuilder {
        Session::builder(self.url())
            .credentials(credentials)
            .namespace("root/cimv2")
    }

    /// Returns the events of this kind so far.
    pub(crate) fn events(&self, kind: &str) -> Vec<Json> {
        let log = std::fs::read_to_string(log(self.folder.path())).unwrap();
        let events = log.lines().map(|line| serde_json::from_str(line).unwrap());
        events
            .filter(|event: &Json| event["event"] == kind)
            .collect()
    }
}

impl Acceptor {
    /// Asserts that there are as many logins as connections, and no more than a session may have.
    pub(crate) fn assert_one_login_for_each_connection(&self) {
        let logins = self.events("login");
        let connections = logins
            .iter()
            .filter_map(|login| login["connection"].as_u64());
        let connections: BTreeSet<u64> = connections.collect();
        assert_eq!(connections.len(), logins.len(), "{logins:?}");
        assert!((2..=8).contains(&logins.len()), "{logins:?}");
    }
}

/// Asserts that every message arrived sealed and that the acceptor could open it.
pub(crate) fn assert_all_was_sealed(acceptor: &Acceptor) {
    let messages = acceptor.events("message");
    assert!(messages.iter().all(|message| message["sealed"] == true));
    assert_eq!(messages.len(), acceptor.simulator.requests().len());
    for kind in ["clear", "odd", "refused"] {
        assert_eq!(acceptor.events(kind), Vec::<Json>::new());
    }
}

fn log(folder: &Path) -> std::path::PathBuf {
    folder.join("events")
}

/// Writes the configuration of the server.
fn order(simulator: &Simulator, folder: &Path, settings: Json) -> Json {
    let login = format!("{}:{}", simulator.user(), simulator.password());
    let address = simulator.address();
    let mut order = json!({
        "log": log(folder),
        "behind": [address.ip().to_string(), address.port()],
        "authorization": format!("Basic {}", BASE64.encode(login)),
        "sealed": true,
        "schemes": ["Negotiate"],
        "protocol": "negotiate",
    });
    for (name, value) in settings.as_object().unwrap() {
        order[name] = value.clone();
    }
    order
}
