//! The session that the options configure.
//!
//! | file | content |
//! |---|---|
//! | `endpoint` | `--url` |
//! | `credentials`, `password` | the login |
//! | `tls` | TLS and proxies |
//! | `pending` | writes that a time limit dropped |
//! | `ticker` | the events of a simulator |
//! | `schema` | the classes of the server, as far as it provides them |

mod credentials;
mod endpoint;
mod password;
mod pending;
mod schema;
mod ticker;
mod tls;

use tokio::time::Instant;
use wsman::cim::WireForm;
use wsman::simulator::{Dialect, LoginScheme, NtlmScheme, Simulator, sample};
use wsman::{Credentials, InstancePath, Request, Session, SessionBuilder, Url, WsmanOption};

use crate::args::{Format, Settings};
use crate::exit::Exit;
use crate::failure::Failure;
pub(crate) use endpoint::{Endpoint, dialect_named};
pub(crate) use password::read as read_password;
pub(crate) use pending::Pending;
pub(crate) use schema::Schema;
pub(crate) use ticker::Ticking;
pub(crate) use tls::read as read_file;

/// A session that is ready to be built.
pub(crate) struct Connection {
    pub(crate) builder: SessionBuilder,
    pub(crate) url: Url,
    /// The simulator, if the server runs in this process.
    pub(crate) simulator: Option<Simulator>,
}

/// A host: its session, and its classes.
pub(crate) struct Host {
    /// The endpoint as the caller wrote it.
    pub(crate) name: String,
    pub(crate) session: Session,
    pub(crate) schema: Schema,
    settings: Settings,
    /// When the time limit of the host, or of the run, ends.
    until: Option<Instant>,
    pending: Pending,
}

impl Host {
    pub(crate) fn new(name: &str, settings: &Settings, session: Session) -> Self {
        Self {
            name: name.to_owned(),
            schema: Schema::new(session.clone()),
            session,
            settings: settings.clone(),
            until: None,
            pending: Pending::default(),
        }
    }

    /// Sets when the time limit of the host ends.
    pub(crate) fn until(self, until: Option<Instant>) -> Self {
        Self { until, ..self }
    }

    /// Sets where to note writes that are dropped.
    pub(crate) fn noting(self, pending: Pending) -> Self {
        Self { pending, ..self }
    }

    /// Sends a write. It is limited to the time that is left, so that its error says whether the server
    /// may have performed it.
    pub(crate) async fn write<O>(&self, write: Request<O>) -> <Request<O> as IntoFuture>::Output
    where
        Request<O>: IntoFuture,
    {
        let write = match self.until {
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                write.deadline(left)
            }
            None => write,
        };
        let begun = self.pending.begin();
        let outcome = write.await;
        begun.end();
        outcome
    }

    /// Explains a missing object by its class, if the server does not have that either: many servers send
    /// the same for both.
    pub(crate) async fn clarified(&self, failure: Failure) -> Failure {
        let Some((namespace, class)) = failure.not_found() else {
            return failure;
        };
        if self.schema.is_missing(namespace.as_ref(), &class).await {
            failure.of_class()
        } else {
            failure
        }
    }

    /// Returns a path with the namespace in which the session looks for it.
    pub(crate) fn whole(&self, path: &InstancePath) -> InstancePath {
        match (path.namespace(), self.settings.operation.namespace.parse()) {
            (None, Ok(namespace)) => path.clone().in_namespace(namespace),
            _ => path.clone(),
        }
    }
}

impl Connection {
    /// Prepares a session with a server; starts the simulator if it is the server.
    pub(crate) async fn prepare(settings: &Settings, endpoint: Endpoint) -> Result<Self, Failure> {
        let connection = match endpoint {
            Endpoint::Simulator(dialect) => simulate(settings, dialect).await?,
            Endpoint::At(url) => Connection {
                builder: log_in(settings, Session::builder(url.clone()))?,
                url,
                simulator: None,
            },
        };
        let builder = apply(settings, connection.builder);
        Ok(Connection {
            builder: tls::apply(&settings.transport, builder)?,
            ..connection
        })
    }
}

/// Starts a simulator, and logs in with its own account unless the caller chose a login.
async fn simulate(settings: &Settings, dialect: Dialect) -> Result<Connection, Failure> {
    let schemes = [LoginScheme::Ntlm(NtlmScheme::default()), LoginScheme::Basic];
    let server = sample().dialect(dialect).logins(schemes);
    let simulator = server.start().await.map_err(|error| {
        Failure::found(
            Exit::Failed,
            "simulator",
            format!("the simulator cannot start: {error}"),
        )
    })?;
    let builder = Session::builder(simulator.url());
    let builder = if credentials::is_chosen(&settings.login, &settings.transport) {
        log_in(settings, builder)?
    } else {
        let own = Credentials::basic(simulator.user(), simulator.password());
        builder.credentials(own).allow_unencrypted()
    };
    let builder = match dialect {
        Dialect::Windows => builder,
        other => builder.wire_form(other.wire_form()),
    };
    Ok(Connection {
        builder,
        url: simulator.url(),
        simulator: Some(simulator),
    })
}

fn log_in(settings: &Settings, builder: SessionBuilder) -> Result<SessionBuilder, Failure> {
    let login = &settings.login;
    let mut builder = builder.credentials(credentials::credentials(login, &settings.transport)?);
    if let Some(address) = &login.kdc {
        builder = builder.kdc(address);
    }
    if let Some(name) = &login.spn {
        builder = builder.service_principal(credentials::service_principal(name));
    }
    Ok(if login.allow_unencrypted {
        builder.allow_unencrypted()
    } else {
        builder
    })
}

/// Applies the settings that do not depend on the endpoint.
fn apply(settings: &Settings, builder: SessionBuilder) -> SessionBuilder {
    let operation = &settings.operation;
    let mut builder = builder
        .namespace(&operation.namespace)
        .resource_uri_prefix(operation.resource_uri_prefix.clone());
    if let Some(form) = operation.wire_form {
        builder = builder.wire_form(WireForm::from(form));
    }
    if let Some(limit) = operation.timeout {
        builder = builder.operation_timeout(limit.0);
    }
    if let Some(size) = operation.max_envelope_size {
        builder = builder.max_envelope_size(size.0);
    }
    if let Some(tag) = &operation.locale {
        builder = builder.locale(tag).data_locale(tag);
    }
    for option in &operation.option {
        builder = builder.option(WsmanOption::new(&option.name, &option.value));
    }
    for value in &operation.context {
        let same = operation
            .context
            .iter()
            .filter(|other| other.name == value.name);
        // A repeated name is an array (MS-WSMV 3.1.4.1.10).
        let prefix = if same.count() > 1 { "wmiarray" } else { "wmi" };
        let name = format!("{prefix}:{}", value.name);
        builder = builder.option(WsmanOption::new(name, &value.value).with_type("xs:string"));
    }
    if let Some(folder) = &settings.output.record {
        builder = builder.record(folder, "recorded");
    }
    if settings.output.output == Some(Format::Xml) {
        builder = builder.keep_xml();
    }
    builder
}
