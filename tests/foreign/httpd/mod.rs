//! Tests against Apache httpd: it authenticates clients and forwards their requests to the simulator.

mod certificates;
mod digest;
#[cfg(feature = "negotiate")]
pub(crate) mod gssapi;
mod old;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use libtest_mimic::Trial;
use tempfile::TempDir;
use url::Url;
use wsman::simulator::{Simulator, sample};
use wsman::{Credentials, Session, SessionBuilder};

use crate::programs::{Program, trials};
use crate::server::{Server, folder};

pub(crate) fn trials() -> Vec<Trial> {
    const NEEDS: &[Program] = &[Program::Httpd];
    let mut all = Vec::new();
    all.extend(trials!("httpd", NEEDS, digest {
        every_mode_of_put rows sixteen_at_a_time wrong_password nonce_that_is_too_old
        nonce_for_one_message proof_of_the_server
    }));
    all.extend(trials!("httpd", NEEDS, certificates {
        every_mode_of_put no_certificate certificate_of_another_authority
        certificate_requested_after_the_handshake
    }));
    all.extend(trials!("httpd", NEEDS, old {
        old_certificate small_key tls_1_1_alone cbc_alone rsa_key_exchange_alone
        ciphers_of_server_2012_r2
    }));
    all
}

/// Apache httpd in front of a simulator; dropping it stops httpd.
pub(crate) struct Httpd {
    pub(crate) simulator: Simulator,
    folder: TempDir,
    server: Server,
    scheme: &'static str,
}

/// Every configuration here needs these modules; Debian builds the others in.
const MODULES: &[&str] = &[
    "mpm_event",
    "authn_core",
    "authz_core",
    "authz_user",
    "headers",
    "proxy",
    "proxy_http",
    "setenvif",
];

impl Httpd {
    /// Starts httpd with more modules and with these directives, which are formatted with the folder of
    /// its files.
    pub(crate) async fn start(
        scheme: &'static str,
        modules: &[&str],
        directives: impl FnOnce(&Path) -> String,
    ) -> Self {
        let program = || Command::new(Program::Httpd.path());
        Self::start_by(program, scheme, modules, directives).await
    }

    /// Does the same with a command that knows what the modules need.
    pub(crate) async fn start_by(
        program: impl Fn() -> Command,
        scheme: &'static str,
        modules: &[&str],
        directives: impl FnOnce(&Path) -> String,
    ) -> Self {
        let folder = folder();
        let simulator = sample().start().await.unwrap();
        let configuration = [
            MODULES
                .iter()
                .chain(modules)
                .map(|name| load(name))
                .collect(),
            directives(folder.path()),
            common(folder.path(), &simulator),
        ];
        let file = folder.path().join("httpd.conf");
        let server = Server::start(|address| {
            let text = format!("Listen {address}\n{}", configuration.concat());
            std::fs::write(&file, text).unwrap();
            as_one_process(program(), &file)
        })
        .await;
        Self {
            simulator,
            folder,
            server,
            scheme,
        }
    }

    pub(crate) fn url(&self) -> Url {
        let port = self.server.address.port();
        // Kerberos derives the service principal from the name.
        let url = format!("{}://localhost:{port}/wsman", self.scheme);
        url.parse().unwrap()
    }

    pub(crate) fn session(&self, credentials: impl Into<Credentials>) -> SessionBuilder {
        Session::builder(self.url())
            .credentials(credentials)
            .namespace("root/cimv2")
    }

    /// Returns the status of each request and the login that came with it, once there are this many.
    /// httpd writes them after its response.
    pub(crate) async fn log_of(&self, requests: usize) -> Vec<(u16, String)> {
        for _wait in 0..100 {
            let log = self.log();
            if log.len() >= requests {
                return log;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.log()
    }

    fn log(&self) -> Vec<(u16, String)> {
        let log = std::fs::read_to_string(self.folder.path().join("access.log")).unwrap();
        let lines = log.lines().map(|line| line.split_once(' ').unwrap());
        lines
            .map(|(status, login)| (status.parse().unwrap(), login.to_owned()))
            .collect()
    }
}

fn load(module: &str) -> String {
    format!("LoadModule {module}_module modules/mod_{module}.so\n")
}

/// The basic configuration of httpd and its proxy to the simulator, which receives only its own login.
fn common(folder: &Path, simulator: &Simulator) -> String {
    let folder = folder.display();
    let login = BASE64.encode(format!("{}:{}", simulator.user(), simulator.password()));
    let backend = simulator.address();
    // The user has no rights; the setting has no effect unless root starts httpd.
    format!(
        r##"
ServerName localhost
DefaultRuntimeDir {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
User #65534
Group #65534
SetEnvIf Authorization "(.+)" login=$1
LogFormat "%>s %{{login}}e" login
CustomLog {folder}/access.log login
RequestHeader set Authorization "Basic {login}"
ProxyPass / http://{backend}/
"##
    )
}

/// Returns httpd as one process with many threads, so that it stops as one. Its modules are in the
/// usual folder of the system.
fn as_one_process(mut command: Command, configuration: &Path) -> Command {
    let program = PathBuf::from(command.get_program());
    let prefix = program.ancestors().nth(2).expect("httpd has no folder");
    command.arg("-X").arg("-d").arg(prefix.join("lib/apache2"));
    command.arg("-f").arg(configuration);
    command
}
