//! The options for TLS, and the login with a certificate.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use wsman::simulator::{Simulator, SimulatorBuilder, sample};

use crate::authority::{Authority, Issued, expired, of_tomorrow};
use crate::program::{Ending, Program};
use crate::served::Served;

/// A folder of certificates.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path_text(&path)
    }
}

fn path_text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn encrypted(issued: &Issued) -> SimulatorBuilder {
    sample().tls(&issued.chain, &issued.key)
}

/// The hash as `openssl x509 -fingerprint -sha256` prints it, without colons and in lower case.
fn pin(der: &[u8]) -> String {
    let hash: String = Sha256::digest(der)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hash}")
}

async fn whoami(server: &Simulator, words: &[&str]) -> Ending {
    Program::at(server, [["whoami"].as_slice(), words].concat())
        .run()
        .await
}

#[tokio::test]
async fn trusts_what_the_options_name() {
    let files = Files::new();
    let (authority, other) = (Authority::new(), Authority::new());
    let localhost = authority.localhost();
    let server = encrypted(&localhost).start().await.unwrap();
    let right = files.write("ca.pem", &authority.pem());
    let wrong = files.write("other.pem", &other.pem());
    let (hash, other_hash) = (pin(&localhost.der), pin(other.der()));
    let upper = hash.to_uppercase().replace("SHA256:", "sha256:");
    for (words, code, text) in [
        // The system does not know the authority.
        ([].as_slice(), 6, "trust it with --ca FILE"),
        (&["--ca", &right], 0, "basic"),
        (&["--ca", &wrong], 6, "trust it with --ca FILE"),
        // A pin stands in place of an authority, or beside one.
        (&["--pin", &hash], 0, "basic"),
        (&["--pin", &upper], 0, "basic"),
        (&["--pin", &other_hash, "--pin", &hash], 0, "basic"),
        (&["--pin", &other_hash], 6, "is not the pinned one"),
        (&["--ca", &right, "--pin", &hash], 0, "basic"),
        (
            &["--ca", &right, "--pin", &other_hash],
            6,
            "is not the pinned one",
        ),
        (
            &["--ca", &wrong, "--pin", &hash],
            6,
            "trust it with --ca FILE",
        ),
        (&["--insecure"], 0, "basic"),
        (&["--insecure", "--ca", &right], 2, "cannot be used with"),
        (
            &["--ca", &right, "--server-name", "win09.example"],
            6,
            "--server-name",
        ),
    ] {
        let before = server.requests().len();
        let ending = whoami(&server, words).await;
        assert_eq!(ending.code, code, "{words:?}: {ending:?}");
        assert!(ending.says(text), "{words:?}: {ending:?}");
        let is_sent = server.requests().len() > before;
        assert_eq!(
            is_sent,
            code == 0,
            "{words:?}: nothing is sent without trust"
        );
    }
}

/// The environment names the roots of the system: here none, or the authority of the test.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn needs_the_roots_of_the_system_only_to_verify_with_them() {
    let files = Files::new();
    let authority = Authority::new();
    let localhost = authority.localhost();
    let server = encrypted(&localhost).start().await.unwrap();
    let plain = sample().start().await.unwrap();
    let ca = files.write("ca.pem", &authority.pem());
    let empty = files.write("empty.pem", "");
    let hash = pin(&localhost.der);
    let none = "the trusted certificates of this system cannot be read, or there are none";
    for (server, system, words, code, text) in [
        (&plain, &empty, [].as_slice(), 0, "basic"),
        (&server, &empty, &["--ca", &ca], 0, "basic"),
        (&server, &empty, &["--pin", &hash], 0, "basic"),
        (&server, &ca, &[], 0, "basic"),
        (&server, &empty, &[], 6, none),
        (&server, &empty, &[], 6, "authority with --ca FILE"),
    ] {
        let before = server.requests().len();
        let program = Program::at(server, [["whoami"].as_slice(), words].concat());
        let program = program.env("SSL_CERT_FILE", system);
        let program = program.env("SSL_CERT_DIR", &path_text(&files.0.path().join("nowhere")));
        let ending = program.run().await;
        assert_eq!(ending.code, code, "{words:?}: {ending:?}");
        assert!(ending.says(text), "{words:?}: {ending:?}");
        let is_sent = server.requests().len() > before;
        assert_eq!(is_sent, code == 0, "{words:?}");
    }
}

#[tokio::test]
async fn checks_the_name_that_is_given() {
    let files = Files::new();
    let authority = Authority::new();
    let issued = authority.server("win01.example", |_| {});
    let server = encrypted(&issued).start().await.unwrap();
    let ca = files.write("ca.pem", &authority.pem());
    let hash = pin(&issued.der);
    for (words, code) in [
        (["--ca", &ca].as_slice(), 6),
        (&["--ca", &ca, "--server-name", "win01.example"], 0),
        (&["--ca", &ca, "--server-name", "win02.example"], 6),
        (&["--ca", &ca, "--server-name", "not a name"], 2),
        // A pin alone says which server it is, whatever its name.
        (&["--pin", &hash], 0),
        (&["--insecure"], 0),
    ] {
        let ending = whoami(&server, words).await;
        assert_eq!(ending.code, code, "{words:?}: {ending:?}");
    }
    for (issued, text) in [
        (authority.server("127.0.0.1", expired), "has expired"),
        (
            authority.server("127.0.0.1", of_tomorrow),
            "is not valid yet",
        ),
    ] {
        let server = encrypted(&issued).start().await.unwrap();
        let trusted = whoami(&server, &["--ca", &ca]).await;
        assert_eq!(trusted.code, 6, "{trusted:?}");
        assert!(trusted.says(text), "{trusted:?}");
        let pinned = whoami(&server, &["--pin", &pin(&issued.der)]).await;
        assert_eq!(pinned.code, 0, "{pinned:?}");
    }
}

#[tokio::test]
async fn logs_in_with_a_certificate() {
    let files = Files::new();
    let (authority, clients) = (Authority::new(), Authority::new());
    let server = encrypted(&authority.localhost()).client_authority(clients.pem());
    let server = server.start().await.unwrap();
    let url = server.url().to_string();
    let ca = files.write("ca.pem", &authority.pem());
    let (own, foreign) = (clients.client(), authority.client());
    let cert = files.write("cert.pem", &own.chain);
    let key = files.write("key.pem", &own.key);
    let foreign_cert = files.write("foreign.pem", &foreign.chain);
    let foreign_key = files.write("foreign-key.pem", &foreign.key);
    let odd = files.write("odd.pem", "no certificate");
    let get = [
        "get",
        "Win32_Share.Name=\"public\"",
        "--url",
        &url,
        "--ca",
        &ca,
    ];
    for (words, code, text) in [
        (
            ["--cert", &cert, "--cert-key", &key].as_slice(),
            0,
            "public",
        ),
        (
            &["--cert", &cert, "--cert-key", &key, "--auth", "certificate"],
            0,
            "public",
        ),
        (
            &["--cert", &foreign_cert, "--cert-key", &foreign_key],
            6,
            "--cert and --cert-key",
        ),
        (&[], 6, "--cert and --cert-key"),
        (&["--auth", "certificate"], 2, "--cert and --cert-key"),
        (&["--cert", &cert], 2, "--cert-key"),
        (&["--cert", &cert, "--cert-key", &foreign_key], 2, "key"),
        (&["--cert", &odd, "--cert-key", &key], 2, "certificate"),
        (&["--cert", &cert, "--cert-key", &odd], 2, "key"),
        (
            &["--cert", "/nowhere/c", "--cert-key", &key],
            2,
            "/nowhere/c",
        ),
    ] {
        let words = [&get[..], words].concat();
        let ending = Program::new(&words).run().await;
        assert_eq!(ending.code, code, "{words:?}: {ending:?}");
        assert!(ending.says(text), "{words:?}: {ending:?}");
        // A key never stands in the output.
        for line in own.key.lines().chain(foreign.key.lines()) {
            assert!(line.starts_with("---") || !ending.says(line), "{words:?}");
        }
    }
    let words = ["whoami", "--url", &url, "--ca", &ca, "--cert", &cert];
    let words = [&words[..], &["--cert-key", &key]].concat();
    let ending = Program::new(&words).run().await;
    let found: Json = serde_json::from_str(&ending.stdout).unwrap();
    assert_eq!(found["scheme"], "certificate", "{ending:?}");
}

/// Each says which option is wrong, and what it expects.
#[tokio::test]
async fn a_server_says_what_its_files_must_hold() {
    let files = Files::new();
    let authority = Authority::new();
    let (own, other) = (authority.localhost(), authority.client());
    let cert = files.write("server.pem", &own.chain);
    let key = files.write("server-key.pem", &own.key);
    let other_key = files.write("other-key.pem", &other.key);
    let odd = files.write("odd.pem", "no certificate");
    let nowhere = path_text(&files.0.path().join("nowhere"));
    let missing = format!("--cert {nowhere}: No such file");
    let certificates = "; expected certificates in PEM";
    let [odd_cert, odd_ca] = ["--cert", "--ca"]
        .map(|option| format!("{option} cannot be used: no items found{certificates}"));
    let key_is = "--cert-key cannot be used: ";
    for ([cert, key], ca, texts) in [
        ([&odd, &key], None, [odd_cert.as_str(), certificates]),
        (
            [&cert, &odd],
            None,
            [key_is, "; expected an unencrypted key in PEM"],
        ),
        (
            [&cert, &other_key],
            None,
            [key_is, "; expected the key of that certificate"],
        ),
        ([&nowhere, &key], None, [missing.as_str(), "No such file"]),
        ([&cert, &key], Some(&odd), [odd_ca.as_str(), certificates]),
    ] {
        let mut words = vec!["serve", "--cert", cert, "--cert-key", key];
        words.extend(ca.iter().flat_map(|ca| ["--ca", ca.as_str()]));
        let ending = Program::new(&words).run().await;
        assert_eq!(ending.code, 2, "{words:?}: {ending:?}");
        for text in texts {
            assert!(ending.stderr.contains(text), "{words:?}: {ending:?}");
        }
    }
}

#[tokio::test]
async fn a_served_server_has_tls_and_takes_certificates() {
    let files = Files::new();
    let authority = Authority::new();
    let issued = authority.localhost();
    let client = authority.client();
    let ca = files.write("ca.pem", &authority.pem());
    let cert = files.write("server.pem", &issued.chain);
    let key = files.write("server-key.pem", &issued.key);
    let client_cert = files.write("client.pem", &client.chain);
    let client_key = files.write("client-key.pem", &client.key);
    let words = ["--cert", &cert, "--cert-key", &key, "--ca", &ca];
    let words = [&words[..], &["--auth", "certificate"]].concat();
    let server = Served::open(&words).await;
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let own = ["--cert", &client_cert, "--cert-key", &client_key];
    for (words, code) in [(own.as_slice(), 0), (&[], 6)] {
        let words = [&["count", "Win32_Share", "--ca", &ca], words].concat();
        let ending = server.program(&words).run().await;
        assert_eq!(ending.code, code, "{words:?}: {ending:?}");
    }
}
