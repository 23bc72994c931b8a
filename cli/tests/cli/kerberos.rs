//! Kerberos, with a password and with a keytab.

use std::path::PathBuf;

use serde_json::Value as Json;
use tempfile::TempDir;
use wsman::simulator::{
    KerberosScheme, KeyDistributionCentre, LoginScheme, NtlmScheme, Realm, Simulator, sample,
};

use crate::program::{Ending, Program};
use crate::served::Served;

const REALM: &str = "EXAMPLE.TEST";
const SERVICE: &str = "HTTP/localhost";
const USER: &str = "ops@EXAMPLE.TEST";
const PASSWORD: &str = "correct-horse-7";

/// A realm with a KDC and a service, and the keys of its users and services in a file.
pub(crate) struct Kingdom {
    pub(crate) kdc: KeyDistributionCentre,
    service: &'static str,
    folder: TempDir,
}

impl Kingdom {
    async fn start() -> Self {
        Self::with_service(SERVICE).await
    }

    pub(crate) async fn with_service(service: &'static str) -> Self {
        let realm = Realm::new(REALM).user("ops", PASSWORD).service(service);
        let kingdom = Self {
            kdc: realm.start().await.unwrap(),
            service,
            folder: tempfile::tempdir().unwrap(),
        };
        std::fs::write(kingdom.keytab(), kingdom.kdc.keytab().to_bytes()).unwrap();
        kingdom
    }

    pub(crate) fn keytab(&self) -> PathBuf {
        self.folder.path().join("keytab")
    }

    /// Starts a server that takes Kerberos, and NTLM with another password.
    pub(crate) async fn server(&self) -> Simulator {
        let principal = format!("{}@{REALM}", self.service);
        let kerberos = KerberosScheme::new(&principal, &self.kdc.keytab()).unwrap();
        let schemes = [
            LoginScheme::Kerberos(kerberos),
            LoginScheme::Ntlm(NtlmScheme::default()),
        ];
        let server = sample().login("ops", "of-ntlm-alone").logins(schemes);
        server.start().await.unwrap()
    }

    /// Runs a command at a server with the KDC of the realm.
    async fn run(&self, url: &str, words: &[&str], password: Option<&str>) -> Ending {
        let kdc = self.kdc.address();
        let realm = ["--url", url, "--kdc", &kdc, "--deadline", "20s"];
        // The file of the machine has no part in it.
        let program = Program::new([words, &realm].concat()).env("KRB5_CONFIG", "/dev/null");
        match password {
            Some(password) => program.env("WSMAN_PASSWORD", password),
            None => program,
        }
        .run()
        .await
    }
}

/// Asserts a sealed login with Kerberos, and the end of its ticket.
fn assert_kerberos(ending: &Ending) {
    assert_eq!(ending.code, 0, "{ending:?}");
    let found: Json = serde_json::from_str(&ending.stdout).unwrap();
    assert_eq!(found["scheme"], "kerberos", "{ending:?}");
    assert_eq!(found["account"], USER, "{ending:?}");
    assert_eq!(found["sealed"], true, "{ending:?}");
    let end = found["tickets_end"].as_str().unwrap();
    assert!(end.starts_with("20") && end.contains('T'), "{ending:?}");
}

#[tokio::test]
async fn logs_in_with_a_password_or_a_keytab() {
    let kingdom = Kingdom::start().await;
    let server = kingdom.server().await;
    let url = server.url().to_string();
    let keytab = kingdom.keytab();
    let keytab = keytab.to_str().unwrap();
    let file = kingdom.folder.path().join("password");
    std::fs::write(&file, format!("{PASSWORD}\r\n")).unwrap();
    let file = file.to_str().unwrap();
    let spn = ["--spn", SERVICE];
    let password = Some(PASSWORD);
    for (login, password) in [
        (["--auth", "kerberos", "--user", USER].as_slice(), password),
        // Of what Negotiate has, Kerberos comes first.
        (&["--user", USER], password),
        (&["--user", USER, "--password-file", file], None),
        (
            &["--auth", "kerberos", "--user", USER, "--keytab", keytab],
            None,
        ),
        (&["--user", USER, "--keytab", keytab], None),
    ] {
        let words = [["whoami"].as_slice(), login, &spn].concat();
        assert_kerberos(&kingdom.run(&url, &words, password).await);
    }
    let put = ["put", "Win32_Share", "Name=s", "Path=/s", "Type=0"];
    let login = ["--auth", "kerberos", "--user", USER, "--keytab", keytab];
    let words = [&put[..], &login, &spn].concat();
    let put = kingdom.run(&url, &words, None).await;
    assert_eq!(put.code, 0, "{put:?}");
    assert!(put.says("\"created\""), "{put:?}");
}

#[tokio::test]
async fn a_served_server_takes_tickets() {
    let kingdom = Kingdom::start().await;
    let keytab = kingdom.keytab();
    let keytab = keytab.to_str().unwrap();
    let principal = format!("{SERVICE}@{REALM}");
    let words = [
        "--auth", "kerberos", "--keytab", keytab, "--spn", &principal,
    ];
    let server = Served::with_password(&words, PASSWORD).await;
    let login = ["--auth", "kerberos", "--user", USER, "--spn", "localhost"];
    let words = [["whoami"].as_slice(), &login].concat();
    assert_kerberos(&kingdom.run(&server.url, &words, Some(PASSWORD)).await);
    let ntlm = ["whoami", "--auth", "ntlm", "--user", "ops"];
    let refused = kingdom.run(&server.url, &ntlm, Some(PASSWORD)).await;
    assert_eq!(refused.code, 5, "{refused:?}");
}

#[tokio::test]
async fn a_failed_login_names_its_cause_and_the_option() {
    let kingdom = Kingdom::start().await;
    let server = kingdom.server().await;
    let url = server.url().to_string();
    let keytab = kingdom.keytab();
    let keytab = keytab.to_str().unwrap();
    let odd = kingdom.folder.path().join("odd");
    std::fs::write(&odd, "no keytab").unwrap();
    let odd = odd.to_str().unwrap();
    let kerberos = ["whoami", "--auth", "kerberos", "--user"];
    let wrong = Some("wrong-horse-8");
    for (words, password, code, text) in [
        (
            [USER, "--spn", SERVICE].as_slice(),
            wrong,
            5,
            "the password is wrong",
        ),
        (
            &["stranger@EXAMPLE.TEST", "--spn", SERVICE],
            wrong,
            5,
            "the realm does not know the user",
        ),
        (
            &[USER, "--spn", "HTTP/win09"],
            Some(PASSWORD),
            5,
            "or set another one with --spn",
        ),
        (&[USER], Some(PASSWORD), 2, "give the service with --spn"),
        (
            &["other@EXAMPLE.TEST", "--spn", SERVICE, "--keytab", keytab],
            None,
            2,
            "the keytab has no key of that principal",
        ),
        (
            &[USER, "--spn", SERVICE, "--keytab", odd],
            None,
            2,
            "--keytab: invalid keytab",
        ),
        (
            &[USER, "--spn", SERVICE, "--keytab", "/nowhere/keytab"],
            None,
            2,
            "--keytab /nowhere/keytab: No such file",
        ),
        (&[USER, "--auth", "ntlm", "--keytab", keytab], None, 2, ""),
    ] {
        let words = [&kerberos[..], words].concat();
        let ending = kingdom.run(&url, &words, password).await;
        assert_eq!(ending.code, code, "{words:?}: {ending:?}");
        assert!(ending.stderr.contains(text), "{words:?}: {ending:?}");
        assert_eq!(ending.stdout, "", "{words:?}");
        assert!(!ending.says(PASSWORD) && !ending.says("wrong-horse-8"));
    }
    kingdom
        .kdc
        .change_password("ops", "another-horse-9")
        .unwrap();
    let words = [&kerberos[..], &[USER, "--spn", SERVICE, "--keytab", keytab]].concat();
    let old = kingdom.run(&url, &words, None).await;
    assert_eq!(old.code, 5, "{old:?}");
    assert!(old.says("write a new keytab"), "{old:?}");
}

#[tokio::test]
async fn a_realm_without_a_kdc_is_named() {
    let kingdom = Kingdom::start().await;
    let server = kingdom.server().await;
    let url = server.url().to_string();
    let words = [
        "whoami", "--auth", "kerberos", "--user", USER, "--spn", SERVICE,
    ];
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = closed.local_addr().unwrap().to_string();
    drop(closed);
    let words = [&words[..], &["--url", &url, "--kdc", &dead]].concat();
    let program = Program::new(&words).env("KRB5_CONFIG", "/dev/null");
    let ending = program.env("WSMAN_PASSWORD", PASSWORD).run().await;
    assert_eq!(ending.code, 5, "{ending:?}");
    assert!(ending.says("no KDC of the realm answered"), "{ending:?}");
    assert!(ending.says(&dead), "{ending:?}");
}
