//! Runs `docs/command-line.md`: each line that begins with `$` in a shell, and compares what it prints.
//!
//! `WSMAN_BLESS=1` writes the output into the page.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::served::Served;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/command-line.md");

/// Runs a line of a shell, and returns both outputs.
fn run(line: &str, folder: &Path, url: &str) -> String {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_wsman"));
    let path = env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{{ {line}\n}} 2>&1")]);
    shell
        .current_dir(folder)
        .env("PATH", path)
        .env("WSMAN_URL", url);
    for name in ["WSMAN_USER", "WSMAN_PASSWORD"] {
        shell.env_remove(name);
    }
    String::from_utf8(shell.output().unwrap().stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_command_line_is_true() {
    let server = Served::open(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let page = fs::read_to_string(PAGE).unwrap();
    let mut made = String::new();
    let mut is_console = false;
    for line in page.lines() {
        match line {
            "```console" => is_console = true,
            "```" => is_console = false,
            _ => {}
        }
        let command = line.strip_prefix("$ ").filter(|_| is_console);
        // The output in the page is what is compared.
        if is_console && command.is_none() && line != "```console" {
            continue;
        }
        made.push_str(line);
        made.push('\n');
        if let Some(command) = command {
            made.push_str(&run(command, folder.path(), &server.url));
        }
    }
    if env::var_os("WSMAN_BLESS").is_some() {
        fs::write(PAGE, &made).unwrap();
    }
    assert_eq!(made, fs::read_to_string(PAGE).unwrap());
}
