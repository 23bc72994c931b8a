//! Runs the pages of the documentation: each line that begins with `$` in a shell, and compares what it prints.
//!
//! `WSMAN_BLESS=1` writes the output into the pages.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::kerberos::Kingdom;
use crate::served::Served;

const PASSWORD: &str = "correct-horse-7";

/// Where a page is run: its folder, and the variables of its shell.
struct Place {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Place {
    fn at(url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap().to_owned();
        Self {
            folder,
            variables: vec![("WSMAN_URL", url.to_owned()), ("XDG_CONFIG_HOME", path)],
        }
    }

    /// Runs a line of a shell, and returns both outputs without what differs from run to run.
    fn run(&self, line: &str) -> String {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_wsman"));
        let path = env::var("PATH").unwrap();
        let path = format!("{}:{path}", program.parent().unwrap().display());
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{{ {line}\n}} 2>&1")]);
        shell.current_dir(self.folder.path()).env("PATH", path);
        for name in ["WSMAN_USER", "WSMAN_PASSWORD", "COLUMNS"] {
            shell.env_remove(name);
        }
        shell.envs(self.variables.iter().cloned());
        let output = String::from_utf8(shell.output().unwrap().stdout).unwrap();
        output.lines().map(steady).collect()
    }
}

/// Replaces the port of a server, which differs from run to run.
fn steady(line: &str) -> String {
    let mut rest = line;
    let mut steady = String::new();
    while let Some((before, after)) = rest.split_once("127.0.0.1:") {
        let digits = after.chars().take_while(char::is_ascii_digit).count();
        let port = if digits == 5 {
            "5985"
        } else {
            &after[..digits]
        };
        steady.push_str(&format!("{before}127.0.0.1:{port}"));
        rest = &after[digits..];
    }
    steady + rest + "\n"
}

/// Returns the page with the output of its commands.
fn made(page: &str, place: &Place) -> String {
    let mut made = String::new();
    let (mut is_console, mut commands) = (false, 0);
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
            commands += 1;
            made.push_str(&place.run(command));
        }
    }
    assert!(commands > 0, "the page has no commands");
    made
}

/// Runs a page, and compares it with what it says.
fn assert_true(name: &str, place: &Place) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    let page = fs::read_to_string(&file).unwrap();
    let made = made(&page, place);
    if env::var_os("WSMAN_BLESS").is_some() {
        fs::write(&file, &made).unwrap();
    }
    assert_eq!(made, fs::read_to_string(&file).unwrap(), "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_are_true() {
    for name in [
        "README.md",
        "docs/command-line.md",
        "docs/windows.md",
        "docs/troubleshooting.md",
        "docs/recording.md",
        "docs/testing.md",
    ] {
        let server = Served::open(&[]).await;
        assert_true(name, &Place::at(&server.url));
    }
}

/// The page has a file for MIT's library and this one; only the address of the KDC is another here.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_kerberos_is_true() {
    let kingdom = Kingdom::with_service("HTTP/win01.example.test").await;
    let server = kingdom.server().await;
    let mut place = Place::at(server.url().as_str());
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/kerberos.md");
    let page = fs::read_to_string(page).unwrap();
    let file = page.split("```ini\n").nth(1).unwrap();
    let file = file.split("```").next().unwrap();
    let kdc = kingdom.kdc.address();
    let file = file.replace("dc01.example.test", &kdc);
    assert!(file.contains(&kdc), "{file}");
    let krb5_conf = place.folder.path().join("krb5.conf");
    fs::write(&krb5_conf, file).unwrap();
    fs::copy(kingdom.keytab(), place.folder.path().join("ops.keytab")).unwrap();
    let krb5_conf = krb5_conf.to_str().unwrap().to_owned();
    place.variables.push(("KRB5_CONFIG", krb5_conf));
    let password = ("WSMAN_PASSWORD", PASSWORD.to_owned());
    place.variables.push(password);
    assert_true("docs/kerberos.md", &place);
}
