//! The options that every command takes which talks to a host, before or after its name.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use wsman::cim::WireForm;
use wsman::protocol::ResourceUriPrefix;
use wsman::transport::CertificatePin;

use super::pair::Pair;
use super::units::{Size, Time};

/// The options that all commands share.
#[derive(Clone, Debug, Args)]
pub(crate) struct Settings {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) login: LoginArgs,
    #[command(flatten)]
    pub(crate) transport: TransportArgs,
    #[command(flatten)]
    pub(crate) operation: OperationArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// The hosts.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Hosts")]
pub(crate) struct ServerArgs {
    /// The endpoint, such as https://win01:5986/wsman; repeat it for several hosts. A bare host means
    /// http://HOST:5985/wsman, `sim:` (`sim:omi`, `sim:openwsman`) a simulator in this process
    #[arg(long, env = "WSMAN_URL", hide_env_values = true, global = true)]
    pub(crate) url: Vec<String>,
    /// Read the endpoints from a file, one a line; each may be followed by profile=NAME
    #[arg(long, value_name = "FILE|-", global = true)]
    pub(crate) hosts: Option<PathBuf>,
    /// Use a named set of options from $XDG_CONFIG_HOME/wsman/config.toml
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) profile: Option<String>,
    /// The number of hosts, or writes of `put --from`, at a time
    #[arg(short, long, value_name = "N", default_value_t = 16, global = true,
          value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: u16,
    /// Log in to further hosts although one refused the password, which can lock the account
    #[arg(long, global = true)]
    pub(crate) keep_going_after_refusal: bool,
}

/// The login.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Login")]
pub(crate) struct LoginArgs {
    /// The user; its password comes from WSMAN_PASSWORD, a file, standard input or a prompt
    #[arg(long, env = "WSMAN_USER", hide_env_values = true, global = true)]
    pub(crate) user: Option<String>,
    /// Read the password from a file, without its last line break
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "password_stdin",
        global = true
    )]
    pub(crate) password_file: Option<PathBuf>,
    /// Read the password from standard input, without its last line break
    #[arg(long, global = true)]
    pub(crate) password_stdin: bool,
    /// How to log in; defaults to negotiate if there is a user
    #[arg(long, value_name = "SCHEME", value_delimiter = ',', global = true)]
    pub(crate) auth: Vec<Scheme>,
    /// Read the keys for Kerberos from a keytab
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) keytab: Option<PathBuf>,
    /// The address of the Kerberos KDC
    #[arg(long, value_name = "ADDR", global = true)]
    pub(crate) kdc: Option<String>,
    /// The name of the service for Kerberos, such as HTTP/win01.example
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) spn: Option<String>,
    /// Allow the password and the messages over http://, where an attacker on the path can read them
    #[arg(long, global = true)]
    pub(crate) allow_unencrypted: bool,
}

/// The ways to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scheme {
    Negotiate,
    Kerberos,
    Ntlm,
    Credssp,
    Digest,
    Basic,
    Certificate,
    Tickets,
    None,
}

impl Scheme {
    /// Returns the name on the command line.
    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// TLS and proxies.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "TLS and proxies")]
pub(crate) struct TransportArgs {
    /// Trust only the certificates in this PEM file
    #[arg(long, value_name = "FILE", conflicts_with = "insecure", global = true)]
    pub(crate) ca: Option<PathBuf>,
    /// Accept only a certificate with this hash, such as sha256:1f2e…; without --ca its issuer and its
    /// names are not checked, so that it may be self-signed
    #[arg(long, value_name = "HASH", value_parser = parse_pin, global = true)]
    pub(crate) pin: Vec<CertificatePin>,
    /// Present this certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "cert_key", global = true)]
    pub(crate) cert: Option<PathBuf>,
    /// The key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "cert", global = true)]
    pub(crate) cert_key: Option<PathBuf>,
    /// The name in the server's certificate, if it differs from the host
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) server_name: Option<String>,
    /// Trust any certificate: the server is not authenticated
    #[arg(long, global = true)]
    pub(crate) insecure: bool,
    /// Connect through this proxy
    #[arg(
        long,
        value_name = "URL",
        conflicts_with = "environment_proxy",
        global = true
    )]
    pub(crate) proxy: Option<String>,
    /// Connect through the proxies of the environment (HTTPS_PROXY and the like)
    #[arg(long, global = true)]
    pub(crate) environment_proxy: bool,
}

/// What is sent with each operation.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Operation")]
pub(crate) struct OperationArgs {
    /// The namespace of the class
    #[arg(
        short,
        long,
        value_name = "NS",
        default_value = "root/cimv2",
        global = true
    )]
    pub(crate) namespace: String,
    /// The prefix of the class in resource URIs: dmtf, wmi or a vendor's URI
    #[arg(long, value_name = "URI", default_value = "dmtf", global = true)]
    pub(crate) resource_uri_prefix: ResourceUriPrefix,
    /// The form in which values are written; defaults to windows
    #[arg(long, value_enum, value_name = "FORM", global = true)]
    pub(crate) wire_form: Option<Form>,
    /// The time limit of each message, such as 30s, 500ms or 2m
    #[arg(long, value_name = "TIME", global = true)]
    pub(crate) timeout: Option<Time>,
    /// The time limit of each host, for all of its messages
    #[arg(long, value_name = "TIME", global = true)]
    pub(crate) deadline: Option<Time>,
    /// The time limit of the whole run
    #[arg(long, value_name = "TIME", global = true)]
    pub(crate) total_deadline: Option<Time>,
    /// The largest answer to ask for, such as 500KB
    #[arg(long, value_name = "SIZE", global = true)]
    pub(crate) max_envelope_size: Option<Size>,
    /// Send an option with each operation
    #[arg(long, value_name = "NAME=VALUE", global = true)]
    pub(crate) option: Vec<Pair>,
    /// Send a value of WMI's context object with each operation
    #[arg(long, value_name = "NAME=VALUE", global = true)]
    pub(crate) context: Vec<Pair>,
    /// The language of messages, such as de-DE
    #[arg(long, value_name = "TAG", global = true)]
    pub(crate) locale: Option<String>,
}

/// The names of [`WireForm`].
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Form {
    Windows,
    Omi,
    Openwsman,
}

/// The output and its traces.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// The form of the output; defaults to table on a terminal, else to ndjson
    #[arg(short, long, value_enum, value_name = "FORMAT", global = true)]
    pub(crate) output: Option<Format>,
    /// Whether to use colors
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        global = true
    )]
    pub(crate) color: Color,
    /// Print what is done to stderr; twice for each message
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// Record each exchange in this folder
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) record: Option<PathBuf>,
}

/// The forms of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    List,
    Json,
    Ndjson,
    Csv,
    Xml,
    Mof,
}

/// When to use colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl From<Form> for WireForm {
    fn from(form: Form) -> Self {
        match form {
            Form::Windows => WireForm::Windows,
            Form::Omi => WireForm::Omi,
            Form::Openwsman => WireForm::Openwsman,
        }
    }
}

/// Parses `sha256:` and the hash in hexadecimal, or curl's `sha256//` and Base64.
fn parse_pin(text: &str) -> Result<CertificatePin, String> {
    let hash = text.strip_prefix("sha256:").unwrap_or(text);
    hash.parse().map_err(|_| {
        "expected sha256: and the hash of the certificate in hexadecimal, or sha256// and that of its \
         key in Base64"
            .to_owned()
    })
}
