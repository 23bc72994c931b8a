//! The process of a client: an order on its standard input, the answer on its standard output.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use wsman::simulator::{Dialect, LoginScheme, Simulator};

/// How the client logs in, in its own words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scheme {
    pub(crate) auth: &'static str,
    pub(crate) encryption: &'static str,
}

impl Scheme {
    /// Whether such a server takes it: openwsman closes each connection, to which NTLM is bound.
    pub(crate) fn is_for(self, dialect: Dialect) -> bool {
        match self.auth {
            "basic" => true,
            "ntlm" => dialect != Dialect::Openwsman,
            _ => dialect == Dialect::Windows,
        }
    }

    /// Whether the messages after the login are those of another scheme.
    pub(crate) fn is_only_a_login(self) -> bool {
        !matches!(self.auth, "basic" | "ntlm")
    }

    /// What the server is to take.
    pub(crate) fn login(self) -> LoginScheme {
        match self.auth {
            #[cfg(feature = "negotiate")]
            "ntlm" | "negotiate" => LoginScheme::Ntlm(wsman::simulator::NtlmScheme::new()),
            _ => LoginScheme::Basic,
        }
    }
}

/// A client that waits for orders. It ends with this.
pub(crate) struct Client {
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

/// Longer than anything that a client is asked to do.
const PATIENCE: Duration = Duration::from_secs(60);

impl Client {
    /// Starts a client that logs in with a password.
    pub(crate) async fn start(
        python: &Path,
        scheme: Scheme,
        simulator: &Simulator,
        password: &str,
    ) -> Self {
        let program = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/foreign/pypsrp/client.py"
        );
        let mut process = Command::new(python)
            .arg(program)
            // It knows of no realm, whatever this machine does.
            .env("KRB5_CONFIG", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", python.display()));
        let mut client = Self {
            orders: process.stdin.take().unwrap(),
            answers: BufReader::new(process.stdout.take().unwrap()).lines(),
            _process: process,
        };
        let address = simulator.address();
        let server = json!({
            "host": address.ip().to_string(), "port": address.port(), "path": "wsman",
            "user": simulator.user(), "password": password,
            "auth": scheme.auth, "encryption": scheme.encryption,
        });
        client.write(&server).await;
        client
    }

    /// What it makes of an order: `{"done": …}`, `{"fault": …}` or `{"refused": …}`.
    pub(crate) async fn ask(&mut self, order: &Json) -> Json {
        self.write(order).await;
        let answer = tokio::time::timeout(PATIENCE, self.answers.next_line());
        let answer = answer.await.expect("the client takes too long");
        let answer = answer.unwrap().expect("the client gave up; stderr has why");
        serde_json::from_str(&answer).unwrap()
    }

    async fn write(&mut self, order: &Json) {
        // One that is over by now is found out when its answer is read.
        let _ = self.orders.write_all(format!("{order}\n").as_bytes()).await;
    }
}
