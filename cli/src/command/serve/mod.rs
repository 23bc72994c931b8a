//! `wsman serve`: the simulator as a server.
//!
//! | file | content |
//! |---|---|
//! | `fault` | `--fault` |
//! | `recorded`, `http` | `--load`: answers from recordings |

mod fault;
mod http;
mod recorded;

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use wsman::Url;
use wsman::auth::Keytab;
use wsman::simulator::{
    DigestScheme, KerberosScheme, LoginScheme, NtlmScheme, Simulator, SimulatorBuilder, sample,
};

use crate::app::App;
use crate::args::{LoginArgs, Scheme, TransportArgs};
use crate::connect::{Ticking, dialect_named, read_file, read_password};
use crate::exit::Exit;
use crate::failure::Failure;
use fault::Fault;

/// The server. The options for the login and TLS are those of the server here.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ServeArgs {
    /// The address and port to listen on; defaults to a free port of the loopback interface
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// The server to behave like: windows, omi or openwsman
    #[arg(long, value_name = "NAME", default_value = "windows",
          value_parser = ["windows", "omi", "openwsman"], hide_possible_values = true)]
    dialect: String,
    /// Answer from the recordings in this folder
    #[arg(long, value_name = "DIR")]
    load: Option<PathBuf>,
    /// Declare the classes in this folder
    #[arg(long, value_name = "DIR", conflicts_with = "load")]
    mof: Option<PathBuf>,
    /// What happens to a coming request, one after the other; the forms are below
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Fault>,
}

const AFTER_HELP: &str = "Prints its URL as the first line. Without --user it takes any login by \
    Basic and none, and listens on the loopback interface only. --auth names the logins that it takes: \
    basic, digest, negotiate or ntlm, and kerberos with --keytab and --spn. --cert and --cert-key are \
    its certificate, --ca signs those of clients. A Demo_Tick a second is its event.\n\n\
    Faults: pass, delay:TIME, drop-answer, cut-answer:BYTES, cut-request:BYTES, close, \
    close-after-answer, restart, endless-answer, unauthorized, timed-out, empty-page, \
    expire-enumerations, status:HTTP, cim:STATUS, wbem:HRESULT; each with *N for N requests.";

/// Runs the server until it is interrupted.
pub(crate) async fn run(app: &App, args: &ServeArgs) -> Result<Exit, Failure> {
    let login = &app.settings.login;
    if login.user.is_none()
        && let Some(address) = args.listen.filter(|address| !address.ip().is_loopback())
    {
        return Err(Failure::Usage(format!(
            "a server without --user takes any login: it does not listen on {address}"
        )));
    }
    if let Some(folder) = &args.load {
        let server = recorded::start(folder, args.listen).await?;
        announce(&server.url)?;
        app.interrupt.pressed().await;
        return Err(Failure::Interrupted);
    }
    let builder = sample()
        .dialect(dialect_named(&args.dialect)?)
        .remembered_requests(1);
    let mut builder = match &args.mof {
        Some(path) => declare(builder, path, &app.settings.operation.namespace)?,
        None => builder,
    };
    if let Some(address) = args.listen {
        builder = builder.listen(address);
    }
    let builder = log_in(tls(builder, &app.settings.transport)?, login)?;
    let simulator = builder
        .start()
        .await
        .map_err(|error| cannot_start(&error))?;
    for knob in args.fault.iter().flat_map(Fault::knobs) {
        simulator.next(knob);
    }
    serve(app, simulator).await
}

/// Adds the classes and instances of MOF to a namespace, unless the text names another.
fn declare(
    builder: SimulatorBuilder,
    path: &Path,
    namespace: &str,
) -> Result<SimulatorBuilder, Failure> {
    let namespace = namespace
        .parse()
        .map_err(|error| Failure::usage("--namespace", &error))?;
    let builder = builder.namespace(namespace);
    let mof = builder.mof_reader().path(path);
    let mof = mof.map_err(|error| Failure::usage("--mof", &error))?;
    Ok(builder.mof(&mof))
}

async fn serve(app: &App, simulator: Simulator) -> Result<Exit, Failure> {
    announce(&simulator.url())?;
    let ticking = Ticking::start(simulator);
    app.interrupt.pressed().await;
    drop(ticking);
    Err(Failure::Interrupted)
}

/// Prints the URL as the first line.
fn announce(url: &Url) -> Result<(), Failure> {
    let mut stdout = io::stdout();
    writeln!(stdout, "{url}")?;
    Ok(stdout.flush()?)
}

fn cannot_start(error: &io::Error) -> Failure {
    let text = format!("the server cannot start: {error}");
    if error.kind() == io::ErrorKind::InvalidInput {
        let files = [
            ("the certificate of the server", "--cert"),
            ("the key of the server", "--cert-key"),
            ("the authority of the clients", "--ca"),
        ];
        let named = files
            .iter()
            .fold(text, |text, (what, option)| text.replace(what, option));
        return Failure::Usage(named);
    }
    Failure::found(Exit::Failed, "serve", text)
}

fn tls(builder: SimulatorBuilder, args: &TransportArgs) -> Result<SimulatorBuilder, Failure> {
    let (Some(cert), Some(key)) = (&args.cert, &args.cert_key) else {
        return match &args.ca {
            Some(_) => Err(Failure::Usage(
                "--ca needs --cert and --cert-key: only a server with TLS verifies clients".into(),
            )),
            None => Ok(builder),
        };
    };
    let builder = builder.tls(read_file("--cert", cert)?, read_file("--cert-key", key)?);
    Ok(match &args.ca {
        Some(path) => builder.client_authority(read_file("--ca", path)?),
        None => builder,
    })
}

/// Sets the account, and the logins that the server takes.
fn log_in(builder: SimulatorBuilder, args: &LoginArgs) -> Result<SimulatorBuilder, Failure> {
    let builder = match &args.user {
        Some(user) => builder.login(user, read_password(args, user)?.as_str()),
        None => builder.any_login(),
    };
    let mut schemes = Vec::new();
    let proves = |scheme: &&Scheme| {
        matches!(scheme, Scheme::Digest | Scheme::Ntlm)
            || **scheme == Scheme::Negotiate && args.keytab.is_none()
    };
    if let (None, Some(scheme)) = (&args.user, args.auth.iter().find(proves)) {
        return Err(Failure::Usage(format!(
            "--auth {} needs --user: the server must know the password that the client proves",
            scheme.name()
        )));
    }
    for scheme in &args.auth {
        match scheme {
            Scheme::Basic => schemes.push(LoginScheme::Basic),
            Scheme::Digest => schemes.push(LoginScheme::Digest(DigestScheme::new())),
            Scheme::Ntlm => schemes.push(LoginScheme::Ntlm(NtlmScheme::new())),
            Scheme::Negotiate => {
                if args.keytab.is_some() {
                    schemes.push(LoginScheme::Kerberos(kerberos(args)?));
                }
                if args.user.is_some() {
                    schemes.push(LoginScheme::Ntlm(NtlmScheme::new()));
                }
            }
            Scheme::Kerberos => schemes.push(LoginScheme::Kerberos(kerberos(args)?)),
            Scheme::Certificate | Scheme::None => {}
            Scheme::Credssp | Scheme::Tickets => {
                return Err(Failure::Usage(format!(
                    "the server does not take the login {}",
                    scheme.name()
                )));
            }
        }
    }
    if args.auth.is_empty() {
        if args.user.is_some() {
            schemes.push(LoginScheme::Ntlm(NtlmScheme::new()));
            schemes.push(LoginScheme::Digest(DigestScheme::new()));
        }
        schemes.push(LoginScheme::Basic);
    }
    Ok(builder.logins(schemes))
}

fn kerberos(args: &LoginArgs) -> Result<KerberosScheme, Failure> {
    let (Some(path), Some(principal)) = (&args.keytab, &args.spn) else {
        return Err(Failure::Usage(
            "--auth kerberos needs --keytab, and the name of the service as --spn".into(),
        ));
    };
    let bytes = read_file("--keytab", path)?;
    let keytab = Keytab::read(&bytes).map_err(|error| Failure::usage("--keytab", &error))?;
    KerberosScheme::new(principal, &keytab).map_err(|error| Failure::usage("--spn", &error))
}
