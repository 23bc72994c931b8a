//! A Kerberos realm with MIT Kerberos' KDC.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::Trial;
use tempfile::TempDir;
use wsman::simulator::{PASSWORD, USER};

use crate::programs::{Program, trial};
use crate::server::{Server, folder, make_readable, make_writable};

/// The name of the realm.
pub(crate) const REALM: &str = "WSMAN.TEST";

/// The service principal of the tests' servers.
pub(crate) const SERVICE: &str = "HTTP/localhost";

/// A realm with the user [`USER`], who needs pre-authentication, and the service [`SERVICE`]; dropping
/// it stops the KDC.
pub(crate) struct Realm {
    folder: TempDir,
    kdc: Option<Server>,
}

impl Realm {
    /// Creates a realm and starts its KDC.
    pub(crate) async fn start() -> Self {
        let programs = Program::Kdc.path();
        let mut realm = Self {
            folder: folder(),
            kdc: None,
        };
        let kdc = Server::start(|address| {
            realm.configure(address);
            realm.fill(&programs);
            let mut kdc = realm.command(programs.join("krb5kdc"));
            kdc.args(["-n", "-r", REALM]).stderr(Stdio::null());
            kdc
        });
        let kdc = kdc.await;
        realm.kdc = Some(kdc);
        realm
    }

    /// Returns the path of `krb5.conf`, which names the KDC.
    pub(crate) fn krb5_conf(&self) -> PathBuf {
        self.file("krb5.conf")
    }

    /// Returns the keytab of [`SERVICE`].
    pub(crate) fn service_keytab(&self) -> PathBuf {
        self.file("service.keytab")
    }

    /// Returns the keytab of [`USER`], derived from the password.
    pub(crate) fn user_keytab(&self) -> PathBuf {
        self.file("user.keytab")
    }

    /// Returns the address of the KDC, for TCP and UDP.
    #[cfg(feature = "negotiate")]
    pub(crate) fn kdc(&self) -> SocketAddr {
        self.kdc.as_ref().unwrap().address
    }

    /// Changes the realm with a `kadmin` command.
    pub(crate) fn change(&self, query: &str) {
        let mut kadmin = self.command(Program::Kdc.path().join("kadmin.local"));
        let done = run(kadmin.args(["-r", REALM, "-q", query]), "").unwrap();
        assert!(!done.contains("Usage"), "{done}");
    }

    /// Returns a foreign program that knows only this realm and the keys of its service.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        for (name, file) in [
            ("KRB5_CONFIG", "krb5.conf"),
            ("KRB5_KDC_PROFILE", "kdc.conf"),
            ("KRB5_KTNAME", "service.keytab"),
            ("KRB5CCNAME", "tickets"),
            ("KRB5RCACHEDIR", "replays"),
        ] {
            command.env(name, self.file(file));
        }
        command
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn configure(&self, kdc: SocketAddr) {
        let folder = self.folder.path().display();
        let known = format!(
            "
[libdefaults]
    default_realm = {REALM}
    dns_lookupkdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
    allow_rc4 = true
    permitted_enctypes = aes256-sha1 aes128-sha1 aes256-sha2 aes128-sha2 rc4
[realms]
    {REALM} = {{
        kdc = {kdc}
    }}
[domain_realm]
    localhost = {REALM}
"
        );
        let served = format!(
            "
[realms]
    {REALM} = {{
        kdc_listen = {kdc}
        kdc_tcp_listen = {kdc}
        key_stash_file = {folder}/stash
        supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
    }}
[dbmodules]
    {REALM} = {{
        db_library = db2
        database_name = {folder}/principals
    }}
[logging]
    kdc = FILE:{folder}/kdc.log
"
        );
        std::fs::write(self.krb5_conf(), known).unwrap();
        std::fs::write(self.file("kdc.conf"), served).unwrap();
    }

    /// Creates the database, its two principals, and their keytabs.
    fn fill(&self, programs: &Path) {
        if self.service_keytab().exists() {
            return;
        }
        let mut create = self.command(programs.join("kdb5_util"));
        create.args(["create", "-s", "-r", REALM, "-P", "of the database"]);
        run(&mut create, "").unwrap();
        let (service, user) = (self.service_keytab(), self.user_keytab());
        for query in [
            format!("addprinc -pw {PASSWORD} +requires_preauth {USER}"),
            format!("addprinc -randkey {SERVICE}"),
            format!("ktadd -k {} {SERVICE}", service.display()),
            format!("ktadd -norandkey -k {} {USER}", user.display()),
        ] {
            self.change(&query);
        }
        make_readable(&service);
        make_readable(&user);
        let replays = self.file("replays");
        std::fs::create_dir(&replays).unwrap();
        make_writable(&replays);
    }
}

/// Runs a program to its end; returns its output, or its error.
pub(crate) fn run(command: &mut Command, input: &str) -> Result<String, String> {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let started = pipes.stderr(Stdio::piped()).spawn();
    let mut process = started.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // Not every program reads it.
    let _ = writeln!(process.stdin.take().unwrap(), "{input}");
    let output = process.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err([text(&output.stdout), text(&output.stderr)].concat())
    }
}

/// Tests the realm itself with MIT's own client.
pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("realm::tickets".to_owned(), &[Program::Kdc], tickets)]
}

async fn tickets() {
    let realm = Realm::start().await;
    let login = |password| run(realm.command("kinit").arg(USER), password);
    let tickets = || run(&mut realm.command("klist"), "").unwrap();
    let refused = login("wrong").unwrap_err();
    assert!(refused.contains("Password incorrect"), "{refused}");
    login(PASSWORD).unwrap();
    run(realm.command("kvno").arg(SERVICE), "").unwrap();
    assert!(tickets().contains(SERVICE), "{}", tickets());
    run(&mut realm.command("kdestroy"), "").unwrap();
    let mut by_key = realm.command("kinit");
    by_key.arg("-kt").arg(realm.user_keytab());
    run(by_key.arg(USER), "").unwrap();
    assert!(tickets().contains(&format!("krbtgt/{REALM}")));
}
