//! Tests `mod_auth_gssapi` of Apache httpd over HTTPS; it accepts one login for each connection.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use wsman::auth::{LoginCause, LoginProblem, TicketCache};
use wsman::transport::TransportError;
use wsman::{Credentials, Delivery, Error, Session};

use super::{kinit, tls, user};
use crate::authority::Authority;
use crate::httpd::{Httpd, gssapi};
use crate::operations::{self, share};
use crate::programs::Program;
use crate::realm::{REALM, SERVICE, run};
use crate::server::{folder, make_writable};

/// httpd, and a session with it.
struct Setup {
    httpd: Httpd,
    session: Session,
    /// The folder in which httpd stores delegated tickets.
    given: TempDir,
}

async fn stage(tickets: TicketCache) -> Setup {
    let (authority, given) = (Authority::new(), folder());
    // httpd writes there as another user.
    make_writable(given.path());
    let keytab = std::env::var("KRB5_KTNAME").unwrap();
    let more = format!("GssapiDelegCcacheDir {}", given.path().display());
    let program = |program: &Path| Command::new(program);
    let httpd = gssapi::httpd(program, &authority, keytab.as_ref(), &more).await;
    let session = httpd.session(tickets).tls(tls(&authority)).build().unwrap();
    Setup {
        httpd,
        session,
        given,
    }
}

impl Setup {
    /// Returns the principals of the tickets delegated to httpd.
    fn given(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.given.path()).unwrap();
        let caches = files.map(|file| file.unwrap().path());
        let principals = caches.map(|cache| {
            let listed = run(Command::new("klist").arg(cache), "").unwrap();
            let line = listed.lines().find(|line| line.contains("principal: "));
            line.unwrap().rsplit(' ').next().unwrap().to_owned()
        });
        principals.collect()
    }
}

pub(crate) async fn every_mode_of_put() {
    kinit(&[]);
    let stage = stage(Credentials::ticket_cache()).await;
    operations::every_mode_of_put(&stage.session, &stage.httpd.simulator).await;
}

/// One login serves the whole connection.
pub(crate) async fn rows() {
    kinit(&[]);
    let stage = stage(Credentials::ticket_cache()).await;
    operations::rows(&stage.session, &stage.httpd.simulator).await;
    let messages = stage.httpd.simulator.requests().len();
    let log = stage.httpd.log_of(messages + 1).await;
    let logins: Vec<_> = log.iter().map(|(_, login)| login.get(..9)).collect();
    assert_eq!(logins[0], Some("Negotiate"));
    assert_eq!(logins[1..], vec![None; messages]);
}

pub(crate) async fn sixteen_at_a_time() {
    kinit(&[]);
    let stage = stage(Credentials::ticket_cache()).await;
    operations::sixteen_at_a_time(&stage.session, &stage.httpd.simulator).await;
}

/// The user's tickets are not the default ones: the default tickets are those of the service, which
/// httpd rejects.
pub(crate) async fn principal() {
    kinit(&[]);
    let keytab = std::env::var("KRB5_KTNAME").unwrap();
    run(Command::new("kinit").args(["-kt", &keytab, SERVICE]), "").unwrap();
    let as_default = stage(Credentials::ticket_cache()).await;
    let refused = as_default.session.put_instance(&share("logs")).await;
    assert!(matches!(refused, Err(Error::Auth(_))), "{refused:?}");
    let chosen = stage(Credentials::ticket_cache().principal(user())).await;
    operations::every_mode_of_put(&chosen.session, &chosen.httpd.simulator).await;
    let service = format!("{SERVICE}@{REALM}");
    assert!(
        run(&mut Command::new("klist"), "")
            .unwrap()
            .contains(&service)
    );
}

pub(crate) async fn delegation() {
    kinit(&["-f"]);
    let stage = stage(Credentials::ticket_cache().delegate()).await;
    stage.session.put_instance(&share("logs")).await.unwrap();
    assert_eq!(stage.given(), [user()]);
}

/// The client delegates no ticket without a request, although it could.
pub(crate) async fn no_delegation() {
    kinit(&["-f"]);
    let stage = stage(Credentials::ticket_cache()).await;
    stage.session.put_instance(&share("logs")).await.unwrap();
    assert_eq!(stage.given(), Vec::<String>::new());
}

/// httpd reports why it rejects the ticket, with a Kerberos error.
pub(crate) async fn another_key() {
    kinit(&[]);
    let again = [
        format!("delprinc -force {SERVICE}"),
        format!("addprinc -randkey {SERVICE}"),
        // The second key has the same version number as the key of httpd.
        format!("cpw -randkey {SERVICE}"),
    ];
    let mut kadmin = Command::new(Program::Kdc.path().join("kadmin.local"));
    run(kadmin.args(["-r", REALM]), &again.join("\n")).unwrap();
    let stage = stage(Credentials::ticket_cache()).await;
    assert_eq!(problem(&stage).await, Some(LoginProblem::WrongServiceKey));
}

pub(crate) async fn not_forwardable() {
    kinit(&["-F"]);
    let stage = stage(Credentials::ticket_cache().delegate()).await;
    assert_eq!(
        problem(&stage).await,
        Some(LoginProblem::TicketNotForwardable)
    );
    let error = stage.session.identify().await.unwrap_err();
    let causes = &error.login().unwrap().causes;
    assert_eq!(*causes, [LoginCause::TicketNotForwardable]);
    assert!(error.to_string().contains("kinit -f"), "{error}");
}

/// Returns why the login failed; asserts that nothing else was sent.
async fn problem(stage: &Setup) -> Option<LoginProblem> {
    let put = stage.session.put_instance(&share("logs")).await;
    let error = put.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
    assert!(stage.httpd.simulator.requests().is_empty());
    let cause = error.caused_by::<TransportError>().unwrap();
    cause.login_problem()
}
