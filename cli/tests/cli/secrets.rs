//! The password stands nowhere: not in `ps`, an environment of another program, the output, the trace, a
//! recording, the journal or the configuration.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use wsman::simulator::{
    DigestScheme, KerberosScheme, Knob, LoginScheme, NtlmScheme, Realm, Simulator, sample,
};

use crate::needles::Secret;
use crate::program::{Ending, Program};

const PASSWORD: &str = "correct-horse-7?Battery";
const WRONG: &str = "wrong-stable-8!Staple";

fn secrets() -> Vec<Secret> {
    let both = [Secret::password(PASSWORD), Secret::password(WRONG)];
    both.into_iter().flatten().collect()
}

fn assert_clean(what: &str, text: &[u8]) {
    for secret in secrets() {
        assert_eq!(secret.found_in(text), None, "{what}");
    }
}

/// Reads every file below a folder; returns their number.
fn assert_clean_folder(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap();
    let read = |path: &Path| {
        if path.is_dir() {
            return assert_clean_folder(path);
        }
        let name = path.display().to_string();
        assert_clean(&name, name.as_bytes());
        assert_clean(&name, &fs::read(path).unwrap());
        1
    };
    entries.map(|entry| read(&entry.unwrap().path())).sum()
}

/// A server for every login, and its KDC.
async fn server(kdc: &wsman::simulator::KeyDistributionCentre) -> Simulator {
    let kerberos = KerberosScheme::new("HTTP/localhost@EXAMPLE.TEST", &kdc.keytab()).unwrap();
    let logins = [
        LoginScheme::Kerberos(kerberos.allow_unencrypted()),
        LoginScheme::Ntlm(NtlmScheme::default()),
        LoginScheme::Digest(DigestScheme::new()),
        LoginScheme::Basic,
    ];
    let server = sample().login("ops", PASSWORD).logins(logins);
    server.start().await.unwrap()
}

async fn realm() -> wsman::simulator::KeyDistributionCentre {
    let realm = Realm::new("EXAMPLE.TEST").user("ops", PASSWORD);
    realm.service("HTTP/localhost").start().await.unwrap()
}

#[tokio::test]
async fn no_output_and_no_file_holds_the_password() {
    let kdc = realm().await;
    let server = server(&kdc).await;
    let (url, kdc) = (server.url().to_string(), kdc.address());
    for auth in ["basic", "digest", "ntlm", "negotiate", "kerberos"] {
        for (password, code) in [(PASSWORD, 0), (WRONG, 5)] {
            let folder = TempDir::new().unwrap();
            let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
            let (rows, journal, record) = (path("rows"), path("journal"), path("record"));
            fs::write(
                &rows,
                format!(r#"{{"__CLASS":"Win32_Share","Name":"{auth}","Path":"/","Type":0}}"#),
            )
            .unwrap();
            // Only Kerberos has realms.
            let user = if auth == "kerberos" {
                "ops@EXAMPLE.TEST"
            } else {
                "ops"
            };
            let program = |words: &[&str]| {
                let login = ["--auth", auth, "--user", user, "--allow-unencrypted"];
                let server = ["--url", &url, "--kdc", &kdc, "--spn", "HTTP/localhost"];
                Program::new([words, &login, &server].concat())
                    .env("WSMAN_PASSWORD", password)
                    .env("XDG_CONFIG_HOME", folder.path().to_str().unwrap())
                    .env("KRB5_CONFIG", "/dev/null")
            };
            let put = [
                "put",
                "--from",
                &rows,
                "--journal",
                &journal,
                "--record",
                &record,
                "-vv",
            ];
            for (words, is_login) in [
                (put.as_slice(), true),
                (
                    &["get", "Win32_Share.Name=\"public\"", "-o", "json", "-vv"],
                    true,
                ),
                (&["doctor", "-vv"], true),
                (&["profile", "add", auth], false),
                (&["profile", "list"], false),
            ] {
                let ending = program(words).run().await;
                let wanted = if is_login { code } else { 0 };
                assert_eq!(ending.code, wanted, "{auth} {words:?}: {ending:?}");
                let what = format!("{auth} {words:?}");
                assert_clean(&what, ending.stdout.as_bytes());
                assert_clean(&what, ending.stderr.as_bytes());
            }
            // The rows, the configuration, the journal and at least one recorded message.
            let files = assert_clean_folder(folder.path());
            assert!(files >= 4, "{auth}: {files} files");
        }
    }
}

/// What other users of the computer, and the programs that this one starts, can see of it.
#[derive(Default)]
struct Seen {
    arguments: BTreeSet<Vec<u8>>,
    environments: BTreeSet<Vec<u8>>,
    children: BTreeSet<String>,
}

impl Seen {
    /// Looks at a program and its threads while it runs.
    async fn watch(child: tokio::process::Child) -> (Self, Ending) {
        let folder = format!("/proc/{}", child.id().unwrap());
        let ended = tokio::spawn(Ending::of(child));
        let mut seen = Self::default();
        while !ended.is_finished() {
            seen.look(Path::new(&folder));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        (seen, ended.await.unwrap())
    }

    fn look(&mut self, process: &Path) {
        // The process can end at any time.
        self.arguments.extend(fs::read(process.join("cmdline")));
        self.environments.extend(fs::read(process.join("environ")));
        for thread in fs::read_dir(process.join("task")).into_iter().flatten() {
            let children = thread.map(|thread| thread.path().join("children"));
            let children = children.and_then(fs::read_to_string).unwrap_or_default();
            self.children
                .extend(children.split_whitespace().map(str::to_owned));
        }
    }
}

#[tokio::test]
async fn no_list_of_processes_shows_the_password() {
    let kdc = realm().await;
    let server = server(&kdc).await;
    let url = server.url().to_string();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, PASSWORD).unwrap();
    let file = file.to_str().unwrap();
    for (source, input, variable) in [
        (["--password-file", file].as_slice(), "", None),
        (&["--password-stdin"], PASSWORD, None),
        (&[], "", Some(PASSWORD)),
    ] {
        server.next(Knob::Delay(Duration::from_millis(400)));
        let words = ["count", "Win32_Share", "--url", &url, "--user", "ops"];
        let program = Program::new([&words[..], source].concat());
        let program = match variable {
            Some(password) => program.env("WSMAN_PASSWORD", password),
            None => program,
        };
        let (seen, ending) = Seen::watch(program.start(input).await).await;
        assert_eq!(
            (ending.code, ending.stdout.as_str()),
            (0, "2\n"),
            "{ending:?}"
        );
        let has_run = |arguments: &Vec<u8>| arguments.windows(5).any(|part| part == b"count");
        assert!(seen.arguments.iter().any(has_run), "the program was seen");
        for arguments in &seen.arguments {
            assert_clean("the arguments", arguments);
        }
        // Its own environment is the caller's, who put the password there or did not.
        for environment in seen.environments.iter().filter(|_| variable.is_none()) {
            assert_clean("the environment", environment);
        }
        assert_eq!(seen.children, BTreeSet::new(), "it starts no program");
    }
}

#[tokio::test]
async fn no_option_takes_a_password() {
    for words in [
        ["whoami", "--password", PASSWORD].as_slice(),
        &[
            "whoami",
            "--url",
            "http://ops:correct-horse-7?Battery@win01:5985/wsman",
        ],
        &["whoami", "--url", "ops:correct-horse-7?Battery@win01"],
        &[
            "whoami",
            "--proxy",
            "http://ops:correct-horse-7?Battery@win01:8080",
            "--url",
            "win01",
        ],
        &["profile", "add", "x", "--password-stdin"],
        &[
            "profile",
            "add",
            "x",
            "--url",
            "ops:correct-horse-7?Battery@win01",
        ],
        &[
            "profile",
            "add",
            "x",
            "--url",
            "http://ops:correct-horse-7?Bat/tery@win01",
        ],
        &[
            "profile",
            "add",
            "x",
            "--proxy",
            "socks5://ops:correct-horse-7?Battery@p",
        ],
    ] {
        let folder = TempDir::new().unwrap();
        let program = Program::new(words);
        let program = program.env("XDG_CONFIG_HOME", folder.path().to_str().unwrap());
        let ending = program.run().await;
        assert_eq!(assert_clean_folder(folder.path()), 0, "{words:?}");
        assert_eq!(
            (ending.code, ending.stdout.as_str()),
            (2, ""),
            "{words:?}: {ending:?}"
        );
        assert_clean(&format!("{words:?}"), ending.stderr.as_bytes());
    }
}
