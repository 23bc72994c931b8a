//! The connection options, and the session that they configure.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use wsman::Url;
use wsman::cim::WireForm;
use wsman::protocol::ResourceUriPrefix;
use wsman::simulator::{Simulator, sample};
use wsman::{Credentials, Session, SessionBuilder, TlsConfig};

use crate::endpoint::Endpoint;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::password::PasswordArgs;

/// The server, the login and the wire settings.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// The endpoint, such as https://win01:5986/wsman; a bare host means http://HOST:5985/wsman,
    /// `sim:` a simulator in this process
    #[arg(long, env = "WSMAN_URL", hide_env_values = true)]
    url: Option<String>,
    /// The user name (Basic); without it there is no login
    #[arg(long, env = "WSMAN_USER", hide_env_values = true)]
    user: Option<String>,
    #[command(flatten)]
    password: PasswordArgs,
    /// Allow the password and the messages over http://, where an attacker on the path can read
    /// them
    #[arg(long)]
    allow_unencrypted: bool,
    /// Trust only the certificates in this PEM file
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    ca: Option<PathBuf>,
    /// Trust any certificate: the server is not authenticated
    #[arg(long)]
    insecure: bool,
    /// The namespace of the class
    #[arg(long, value_name = "NS", default_value = "root/cimv2")]
    pub(crate) namespace: String,
    /// The prefix of the class in resource URIs: dmtf, wmi or a vendor's URI
    #[arg(long, value_name = "URI", default_value = "dmtf")]
    resource_uri_prefix: ResourceUriPrefix,
    /// The form in which values are written
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    wire_form: Form,
    /// The time limit of each message, such as 30s, 500ms or 2m
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    timeout: Option<Duration>,
}

/// The names of [`WireForm`].
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    #[default]
    Windows,
    Omi,
    Openwsman,
}

/// A session that is ready to be built.
pub(crate) struct Connection {
    pub(crate) builder: SessionBuilder,
    pub(crate) url: Url,
    /// The simulator, if the server runs in this process.
    pub(crate) simulator: Option<Simulator>,
}

impl ConnectionArgs {
    /// Returns the server's endpoint, if the caller gave one.
    pub(crate) fn endpoint(&self) -> Result<Option<Endpoint>, Failure> {
        self.url.as_deref().map(Endpoint::parse).transpose()
    }

    /// Prepares a session with a server; starts the simulator if it is the server.
    pub(crate) async fn connect(&self, endpoint: Endpoint) -> Result<Connection, Failure> {
        match endpoint {
            Endpoint::Simulator => self.simulate().await,
            Endpoint::At(url) => {
                let builder = self.settings(Session::builder(url.clone()));
                let builder = self.trust(builder.credentials(self.credentials()?))?;
                let builder = if self.allow_unencrypted {
                    builder.allow_unencrypted()
                } else {
                    builder
                };
                Ok(Connection {
                    builder,
                    url,
                    simulator: None,
                })
            }
        }
    }

    async fn simulate(&self) -> Result<Connection, Failure> {
        let simulator = sample().start().await.map_err(|error| {
            Failure::Found(Exit::Failed, format!("the simulator cannot start: {error}"))
        })?;
        let credentials = Credentials::basic(simulator.user(), simulator.password());
        let builder = self.settings(Session::builder(simulator.url()));
        Ok(Connection {
            builder: builder.credentials(credentials).allow_unencrypted(),
            url: simulator.url(),
            simulator: Some(simulator),
        })
    }

    /// Applies the settings that do not depend on the endpoint.
    fn settings(&self, builder: SessionBuilder) -> SessionBuilder {
        let builder = builder
            .namespace(&self.namespace)
            .resource_uri_prefix(self.resource_uri_prefix.clone())
            .wire_form(self.wire_form.into());
        match self.timeout {
            Some(timeout) => builder.operation_timeout(timeout),
            None => builder,
        }
    }

    fn credentials(&self) -> Result<Credentials, Failure> {
        match &self.user {
            Some(user) => Ok(Credentials::basic(user, self.password.read()?)),
            None => Ok(Credentials::none()),
        }
    }

    fn trust(&self, builder: SessionBuilder) -> Result<SessionBuilder, Failure> {
        let tls = match &self.ca {
            Some(path) => {
                let pem = fs::read(path).map_err(|error| Failure::usage("--ca", &error))?;
                TlsConfig::with_roots(&pem)
            }
            None if self.insecure => TlsConfig::danger_accept_any_certificate(),
            None => return Ok(builder),
        };
        Ok(builder.tls(tls.map_err(|error| Failure::usage("TLS cannot be set up", &error))?))
    }
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

/// Reads `30s`, `500ms`, `2m`, or a number of seconds.
fn parse_time(text: &str) -> Result<Duration, &'static str> {
    let unit_at = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let number: u32 = number
        .parse()
        .map_err(|_| "invalid time: expected a number and ms, s or m")?;
    let time = match unit {
        "ms" => Duration::from_millis(number.into()),
        "" | "s" => Duration::from_secs(number.into()),
        "m" => Duration::from_secs(u64::from(number) * 60),
        _ => return Err("invalid time unit: expected ms, s or m"),
    };
    if time.is_zero() {
        Err("invalid time: must be greater than zero")
    } else {
        Ok(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit() {
        assert_eq!(parse_time("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(parse_time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_time("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_time("7"), Ok(Duration::from_secs(7)));
        for wrong in ["", "s", "-1s", "1.5s", "3h", "0s", "99999999999s"] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }
}
