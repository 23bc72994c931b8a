//! Runs the program and captures its output.

use std::path::Path;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use wsman::simulator::Simulator;

/// The program, with an environment without its variables.
pub(crate) struct Program(Command);

/// The output and the exit status of the program.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    pub(crate) fn new<T: AsRef<str>>(arguments: impl IntoIterator<Item = T>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsman"));
        command.args(
            arguments
                .into_iter()
                .map(|argument| argument.as_ref().to_owned()),
        );
        for name in ["WSMAN_URL", "WSMAN_USER", "WSMAN_PASSWORD", "COLUMNS"] {
            command.env_remove(name);
        }
        Self(command)
    }

    /// Runs a command against a simulator of the test's process, which is a server on the network for it.
    pub(crate) fn at<T: AsRef<str>>(
        simulator: &Simulator,
        words: impl IntoIterator<Item = T>,
    ) -> Self {
        let words = words.into_iter().map(|word| word.as_ref().to_owned());
        let login = ["--auth", "basic", "--allow-unencrypted"];
        Self::new(words.chain(login.map(str::to_owned)))
            .env("WSMAN_URL", simulator.url().as_str())
            .env("WSMAN_USER", simulator.user())
            .env("WSMAN_PASSWORD", simulator.password())
    }

    /// Runs it in a folder.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    /// Lets no file grow beyond some blocks of 512 bytes. A write beyond them fails, as on a full disk.
    #[cfg(target_os = "linux")]
    pub(crate) fn with_little_disk(self, blocks: usize) -> Self {
        let program = self.0.as_std();
        let mut limited = Command::new("sh");
        let line = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        limited.args(["-c", &line]).arg(program.get_program());
        limited.args(program.get_args());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        Self(limited)
    }

    /// Starts it, without input and output.
    pub(crate) fn spawn(mut self) -> Child {
        let command = self.0.stdin(Stdio::null()).stdout(Stdio::null());
        command
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    pub(crate) async fn run(self) -> Ending {
        self.run_with("").await
    }

    /// Runs it with this standard input.
    pub(crate) async fn run_with(self, input: &str) -> Ending {
        Ending::of(self.start(input).await).await
    }

    /// Starts it with this standard input.
    pub(crate) async fn start(mut self, input: &str) -> Child {
        let piped = self
            .0
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = piped.kill_on_drop(true).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A program that does not read its input may have ended already.
        let _ = stdin.write_all(input.as_bytes()).await;
        child
    }
}

impl Ending {
    /// Waits for the end of a program.
    pub(crate) async fn of(child: Child) -> Self {
        let output = child.wait_with_output().await.unwrap();
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Returns whether the output contains a text.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.stdout.contains(text) || self.stderr.contains(text)
    }
}
