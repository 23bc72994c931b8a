//! Tests that no print, trace, metric or recording shows the password, its hashes, the login tokens or the
//! derived keys, with every scheme.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod keys;
mod listener;
mod marked;
mod needles;
#[path = "../support/recorder.rs"]
mod recorder;
mod tickets;
mod values;
mod wire;

use std::error::Error as StdError;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use wsman::auth::{DigestAlgorithm, ServicePrincipal};
use wsman::simulator::{
    DigestScheme, KerberosScheme, Knob, LoginScheme, NtlmScheme, RawAnswer, Realm, Simulator,
    sample,
};
use wsman::{Credentials, Error, Instance, Session, SessionBuilder, TlsConfig};

use needles::Secret;
use wire::Wire;

const USER: &str = "tester";

/// All text and recordings that a session produced.
#[derive(Default)]
struct Shown(Vec<u8>);

impl Shown {
    fn debug(&mut self, value: &dyn Debug) {
        self.0
            .extend(format!("{value:?} {value:#?}\n").into_bytes());
    }

    /// Returns the texts of an error and its causes, in both forms.
    fn error(&mut self, error: &Error) {
        let causes = std::iter::successors(Some(error as &dyn StdError), |&error| error.source());
        for error in causes {
            self.0.extend(format!("{error}\n").into_bytes());
            self.debug(&error);
        }
    }

    /// Reads all files below a folder; returns their number too.
    fn files(&mut self, folder: &Path) -> usize {
        let entries = fs::read_dir(folder).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let shown = paths.map(|path| {
            if path.is_dir() {
                self.files(&path)
            } else {
                self.0.extend(fs::read(&path).unwrap());
                1
            }
        });
        shown.sum()
    }

    /// Asserts that none of these is in it, in the trace or in the metrics.
    fn keeps(mut self, secrets: impl IntoIterator<Item = Secret>) {
        let heard = listener::heard();
        // The client's own trace and metrics are among it.
        for name in [" operation=", " message_id=", " url.full=", "wsman.logins"] {
            assert!(String::from_utf8_lossy(&heard).contains(name), "{name}");
        }
        // A label is the name of a type, a variant or a scheme: never an address, an account or a key.
        let labels = listener::labels();
        assert!(labels.contains("PutInstance"), "{labels:?}");
        for label in labels {
            let is_name = label.bytes().all(|byte| byte.is_ascii_alphabetic());
            assert!(is_name && label != USER, "{label}");
        }
        self.0.extend(heard);
        for secret in secrets {
            assert_eq!(secret.found_in(&self.0), None);
        }
    }
}

/// Runs many operations of a session, some of which fail.
async fn work(
    simulator: &Simulator,
    url: url::Url,
    credentials: impl Fn(&str) -> Credentials,
    set_up: impl Fn(SessionBuilder) -> SessionBuilder,
    password: &str,
) -> Shown {
    listener::listen();
    let mut shown = Shown::default();
    let folder = tempfile::tempdir().unwrap();
    let wrong = format!("{password}-wrong");
    for password in [password, &wrong] {
        let builder = set_up(Session::builder(url.clone()))
            .credentials(credentials(password))
            .namespace("root/cimv2")
            .record(folder.path(), "simulator");
        shown.debug(&credentials(password));
        shown.debug(&builder);
        let session = builder.build().unwrap();
        shown.debug(&session);
        let share = Instance::new("Win32_Share").with_key("Name", password.len().to_string());
        let share = share.with("Path", password);
        let path = share.path().unwrap();
        let put = session.put_instance(&share);
        // The instance holds the password in a property of its own, which the library cannot hide.
        match put.await {
            Ok(put) => shown.debug(&put.outcome),
            Err(error) => shown.error(&error),
        }
        for knob in troubles() {
            simulator.next(knob);
            match session.get_instance(&path).await {
                Ok(_) => {}
                Err(error) => shown.error(&error),
            }
            simulator.clear_knobs();
        }
    }
    simulator.refuse().await;
    assert!(shown.files(folder.path()) > 4);
    shown
}

/// The knobs for the messages, in order.
fn troubles() -> [Knob; 6] {
    [
        Knob::Pass,
        Knob::Unauthorized,
        Knob::DropAnswer,
        Knob::CutRequestAt(50),
        Knob::CutAnswerAt(9),
        Knob::Answer(RawAnswer::new(200).with_body("unsealed text")),
    ]
}

fn plainly(builder: SessionBuilder) -> SessionBuilder {
    builder.allow_unencrypted()
}

async fn server(schemes: impl IntoIterator<Item = LoginScheme>, password: &str) -> Simulator {
    let builder = sample().logins(schemes).login(USER, password);
    builder.start().await.unwrap()
}

#[tokio::test]
async fn basic() {
    let password = "basic-horse-battery";
    let simulator = server([LoginScheme::Basic], password).await;
    let wire = Wire::to(simulator.address()).await;
    let credentials = |password: &str| Credentials::basic(USER, password);
    let shown = work(&simulator, wire.url(), credentials, plainly, password).await;
    shown.keeps(Secret::password(password));
}

#[tokio::test]
async fn digest() {
    for (algorithm, password) in [
        (DigestAlgorithm::Md5, "digest-horse-md5"),
        (DigestAlgorithm::Sha256, "digest-horse-sha"),
    ] {
        let scheme = LoginScheme::Digest(DigestScheme::new().algorithm(algorithm));
        let simulator = server([scheme], password).await;
        let wire = Wire::to(simulator.address()).await;
        let credentials = |password: &str| Credentials::digest(USER, password);
        let shown = work(&simulator, wire.url(), credentials, plainly, password).await;
        let logins = wire.logins().join("\n");
        assert!(logins.contains("response="), "{logins}");
        for secret in Secret::password(password) {
            assert_eq!(secret.found_in(logins.as_bytes()), None);
        }
        shown.keeps(
            Secret::password(password)
                .into_iter()
                .chain(keys::of_digest([USER, password])),
        );
    }
}

#[tokio::test]
async fn ntlm() {
    let credentials = |password: &str| Credentials::ntlm(USER, password);
    sealed("ntlm-horse-battery", credentials).await;
}

#[tokio::test]
async fn negotiate() {
    let credentials = |password: &str| Credentials::negotiate(USER, password);
    sealed("negotiate-horse-battery", credentials).await;
}

async fn sealed(password: &str, credentials: impl Fn(&str) -> Credentials) {
    let simulator = server([LoginScheme::Ntlm(NtlmScheme::new())], password).await;
    let wire = Wire::to(simulator.address()).await;
    let url = wire.url();
    let shown = work(&simulator, url, credentials, |builder| builder, password).await;
    let logins = wire.logins();
    let mut secrets = keys::of_ntlm([USER, password], &logins);
    assert!(secrets.len() > 8, "{}", secrets.len());
    secrets.extend(Secret::password(password));
    for secret in &secrets {
        assert_eq!(secret.found_in(&wire.carried()), None);
    }
    secrets.extend(keys::tokens(&logins));
    shown.keeps(secrets);
}

#[tokio::test]
async fn kerberos() {
    const REALM: &str = "EXAMPLE.TEST";
    let password = "kerberos-horse-battery";
    let realm = Realm::new(REALM).user(USER, password);
    let kdc = realm.service("HTTP/localhost").start().await.unwrap();
    let service = format!("HTTP/localhost@{REALM}");
    let scheme = KerberosScheme::new(&service, &kdc.keytab()).unwrap();
    let simulator = server([LoginScheme::Kerberos(scheme)], password).await;
    let wire = Wire::to(simulator.address()).await;
    let wire_to_kdc = Wire::to(kdc.address().parse().unwrap()).await;
    let credentials = |password: &str| Credentials::kerberos(format!("{USER}@{REALM}"), password);
    let set_up = |builder: SessionBuilder| {
        builder
            .kdc(wire_to_kdc.address().to_string())
            .krb5_conf("/dev/null")
            .service_principal(ServicePrincipal::new().host("localhost"))
    };
    let url = wire.url();
    let mut shown = work(&simulator, url, credentials, set_up, password).await;
    shown.debug(&kdc);
    shown.debug(&kdc.keytab());
    let logins = wire.logins();
    let told_by_kdc = wire_to_kdc.carried();
    let tokens = keys::tokens_of(&logins);
    let mut secrets = tickets::keys([USER, REALM, password], &told_by_kdc, &tokens);
    secrets.extend(Secret::password(password));
    for secret in &secrets {
        assert_eq!(secret.found_in(&wire.carried()), None);
        assert_eq!(secret.found_in(&told_by_kdc), None);
    }
    secrets.extend(keys::tokens(&logins));
    shown.keeps(secrets);
}

#[tokio::test]
async fn a_certificate() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let password = "no-horse-needs-one";
    let builder = sample().login(USER, password).tls(&chain, &key);
    let simulator = builder.client_authority(&chain).start().await.unwrap();
    let tls = TlsConfig::builder()
        .roots(chain.as_bytes())
        .client_certificate(chain.as_bytes(), key.as_bytes());
    let mut shown = Shown::default();
    shown.debug(&tls);
    let tls = tls.build().unwrap();
    shown.debug(&tls);
    let set_up = |builder: SessionBuilder| builder.tls(tls.clone());
    let credentials = |_: &str| Credentials::certificate();
    let url = simulator.url();
    let worked = work(&simulator, url, credentials, set_up, password).await;
    shown.0.extend(worked.0);
    let line = key.lines().nth(1).unwrap();
    shown.keeps([Secret::new("a line of the key", line.as_bytes())]);
}
