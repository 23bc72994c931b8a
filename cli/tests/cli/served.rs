//! A server of `wsman serve`, in a process of its own.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::program::Program;

/// A running server; it is killed when it is dropped.
pub(crate) struct Served {
    pub(crate) url: String,
    _child: Child,
}

impl Served {
    /// Starts a server that takes any login.
    pub(crate) async fn open(words: &[&str]) -> Self {
        Self::start(words, None).await
    }

    /// Starts a server with the account `ops` and this password.
    pub(crate) async fn with_password(words: &[&str], password: &str) -> Self {
        Self::start(&[words, &["--user", "ops"]].concat(), Some(password)).await
    }

    async fn start(words: &[&str], password: Option<&str>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsman"));
        command.arg("serve").args(words);
        for name in ["WSMAN_URL", "WSMAN_USER", "WSMAN_PASSWORD"] {
            command.env_remove(name);
        }
        if let Some(password) = password {
            command.env("WSMAN_PASSWORD", password);
        }
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = piped.kill_on_drop(true).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let mut lines = BufReader::new(stdout).lines();
        let url = lines
            .next_line()
            .await
            .unwrap()
            .expect("the URL is the first line");
        Self { url, _child: child }
    }

    /// Runs a command against the server.
    pub(crate) fn program(&self, words: &[&str]) -> Program {
        Program::new(words).env("WSMAN_URL", &self.url)
    }
}
