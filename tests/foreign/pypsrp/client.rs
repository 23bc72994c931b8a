//! The client process: it reads orders from its standard input and writes the results to its standard
//! output.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use wsman::simulator::{Dialect, LoginScheme, Simulator};

use crate::programs::Program;
#[cfg(feature = "negotiate")]
use crate::realm::SERVICE;
use crate::realm::{REALM, Realm};

/// The client's own name for its authentication scheme.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scheme {
    pub(crate) name: &'static str,
    pub(crate) auth: &'static str,
    pub(crate) encryption: &'static str,
    /// Whether a realm issues tickets to it.
    pub(crate) realm: bool,
}

impl Scheme {
    /// Returns whether such a server supports it: openwsman closes each connection, to which NTLM is
    /// bound.
    pub(crate) fn is_for(self, dialect: Dialect) -> bool {
        match self.name {
            "basic" => true,
            "ntlm" => dialect != Dialect::Openwsman,
            _ => dialect == Dialect::Windows,
        }
    }

    /// Returns whether the messages after the login are those of another scheme.
    pub(crate) fn is_only_a_login(self) -> bool {
        !matches!(self.name, "basic" | "ntlm")
    }

    /// Returns the schemes for the server to accept.
    pub(crate) fn login(self, realm: Option<&Realm>) -> LoginScheme {
        match (self.auth, realm) {
            #[cfg(feature = "negotiate")]
            (_, Some(realm)) => {
                let keytab = std::fs::read(realm.service_keytab()).unwrap();
                let keytab = wsman::auth::Keytab::read(&keytab).unwrap();
                let service = format!("{SERVICE}@{REALM}");
                let scheme = wsman::simulator::KerberosScheme::new(&service, &keytab);
                LoginScheme::Kerberos(scheme.unwrap())
            }
            #[cfg(feature = "negotiate")]
            ("ntlm" | "negotiate", None) => LoginScheme::Ntlm(wsman::simulator::NtlmScheme::new()),
            _ => LoginScheme::Basic,
        }
    }

    /// Returns the user.
    fn user(self, simulator: &Simulator) -> String {
        if self.realm {
            format!("{}@{REALM}", simulator.user())
        } else {
            simulator.user().to_owned()
        }
    }
}

/// A client that waits for orders; dropping it ends the process.
pub(crate) struct Client {
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

/// The time limit for any order.
const PATIENCE: Duration = Duration::from_secs(60);

impl Client {
    /// Starts a client that logs in with a password.
    pub(crate) async fn start(
        scheme: Scheme,
        realm: Option<&Realm>,
        simulator: &Simulator,
        password: &str,
    ) -> Self {
        let program = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/foreign/pypsrp/client.py"
        );
        let python = Program::Python.path();
        let command = match realm {
            Some(realm) => realm.command(python),
            None => {
                // The client knows of no realm, whatever this machine's configuration.
                let mut command = std::process::Command::new(python);
                command.env("KRB5_CONFIG", "/dev/null");
                command
            }
        };
        let mut process = Command::from(command)
            .arg(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut client = Self {
            orders: process.stdin.take().unwrap(),
            answers: BufReader::new(process.stdout.take().unwrap()).lines(),
            _process: process,
        };
        let address = simulator.address();
        let host = match realm {
            Some(_) => "localhost".to_owned(),
            None => address.ip().to_string(),
        };
        let server = json!({
            "host": host, "port": address.port(), "path": "wsman",
            "user": scheme.user(simulator), "password": password,
            "auth": scheme.auth, "encryption": scheme.encryption,
        });
        client.write(&server).await;
        client
    }

    /// Returns the result of an order: `{"done": …}`, `{"fault": …}` or `{"refused": …}`.
    pub(crate) async fn ask(&mut self, order: &Json) -> Json {
        self.write(order).await;
        let answer = tokio::time::timeout(PATIENCE, self.answers.next_line());
        let answer = answer.await.expect("the client takes too long");
        let answer = answer.unwrap().expect("the client gave up; stderr has why");
        serde_json::from_str(&answer).unwrap()
    }

    async fn write(&mut self, order: &Json) {
        // Reading the response detects a client that has already ended.
        let _ = self.orders.write_all(format!("{order}\n").as_bytes()).await;
    }
}
