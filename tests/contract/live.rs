//! Runs the checks on the server at `WSMAN_TEST_URL`, and proves that they would run.
//!
//! | variable | meaning |
//! |---|---|
//! | `WSMAN_TEST_URL` | such as `https://host:5986/wsman` |
//! | `WSMAN_TEST_AUTH` | `basic` (if a user is named), `password`, `digest`, `ntlm`, `kerberos`, `negotiate`, `tickets` (feature `gssapi`) or `certificate` |
//! | `WSMAN_TEST_KDC` | the KDC of the user's realm, as `host:port`; defaults to `krb5.conf` |
//! | `WSMAN_TEST_KEYTAB` | a file with the user's keys, in place of the password |
//! | `WSMAN_TEST_SPN_HOST` | the host of the server's principal; defaults to that of the URL |
//! | `WSMAN_TEST_USER`, `WSMAN_TEST_PASSWORD` | the login; anonymous without a user |
//! | `WSMAN_TEST_CA` | a file with the trusted authorities, in PEM; defaults to those of the system |
//! | `WSMAN_TEST_CERTIFICATE`, `WSMAN_TEST_CERTIFICATE_KEY` | files with the client's certificate and key, in PEM |
//! | `WSMAN_TEST_ALLOW_UNENCRYPTED` | `1` for `http://` |
//! | `WSMAN_TEST_NAMESPACE`, `WSMAN_TEST_PREFIX` | the namespace and prefix of the class; default to
//! the server's own and the DMTF's |
//! | `WSMAN_TEST_WIRE_FORM` | `windows`, `omi` or `openwsman`: also the kind of server |
//! | `WSMAN_TEST_CLASS`, `WSMAN_TEST_KEY`, `WSMAN_TEST_PROPERTY` | a class, its string key, a `uint32` |
//! | `WSMAN_TEST_OTHER`, `WSMAN_TEST_NOT_NULL` | strings of it: one that may be NULL, one that must not |
//! | `WSMAN_TEST_REFUSED` | `Property=Value`: a text that the provider rejects like NULL, for a server
//! to which no NULL can be sent |
//! | `WSMAN_TEST_METHOD` | a method of its instances that needs no arguments and returns 0 |
//! | `WSMAN_TEST_ASSOCIATION` | a class of associations that has instances |
//! | `WSMAN_TEST_EVENT` | a class of events that happen by themselves, one in a few seconds |

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libtest_mimic::{Completion, Failed, Trial};
#[cfg(feature = "negotiate")]
use wsman::auth::{Keytab, ServicePrincipal};
use wsman::cim::CimStatus;
use wsman::cim::WireForm;
use wsman::simulator::{Dialect, Knob, Simulator, sample};
use wsman::{Credentials, Error, Session, TlsConfig};

use crate::https::Certificate;
use crate::target::Target;
use crate::{Check, CheckFn, OF_ANY_SERVER, block_on, ticks};

/// The server that the variables name, by their names without `WSMAN_TEST_`.
#[derive(Clone)]
struct Live(Arc<HashMap<String, String>>);

/// Runs all checks on the server of the environment; none if it is unset.
pub(crate) fn trials() -> Vec<Trial> {
    let named = |(name, value): (String, String)| {
        let name = name.strip_prefix("WSMAN_TEST_")?;
        Some((name.to_owned(), value))
    };
    let live = Live(Arc::new(std::env::vars().filter_map(named).collect()));
    if live.optional("URL").is_none() {
        return Vec::new();
    }
    if let Err(problem) = live.session().and_then(|_| live.target("")) {
        return vec![Trial::test("live::settings", move || Err(problem.into()))];
    }
    let trial = |&(name, check): &Check| {
        let live = live.clone();
        Trial::ignorable_test(format!("live::{name}"), move || {
            let completion = live.run(name, check)?;
            if let Completion::Ignored { reason } = &completion {
                eprintln!(
                    "live::{name} was not checked: {}",
                    reason.as_deref().unwrap_or("?")
                );
            }
            Ok(completion)
        })
    };
    OF_ANY_SERVER.iter().map(trial).collect()
}

/// Uses a shorter time limit than usual for servers that do not answer.
const PATIENCE: Duration = Duration::from_secs(20);

impl Live {
    fn optional(&self, name: &str) -> Option<&str> {
        let set = self.0.get(name).map(String::as_str);
        set.filter(|value| !value.is_empty())
    }

    fn needed(&self, name: &str) -> Result<&str, String> {
        self.optional(name)
            .ok_or_else(|| format!("WSMAN_TEST_{name} is not set"))
    }

    fn form(&self) -> Result<WireForm, String> {
        match self.optional("WIRE_FORM").unwrap_or("windows") {
            "windows" => Ok(WireForm::Windows),
            "omi" => Ok(WireForm::Omi),
            "openwsman" => Ok(WireForm::Openwsman),
            other => Err(format!("WSMAN_TEST_WIRE_FORM: unknown value {other}")),
        }
    }

    fn session(&self) -> Result<Session, String> {
        let url = self.needed("URL")?.parse::<wsman::Url>();
        let url = url.map_err(|error| format!("WSMAN_TEST_URL: {error}"))?;
        let mut builder = Session::builder(url)
            .wire_form(self.form()?)
            .operation_timeout(PATIENCE);
        builder = builder.credentials(self.credentials()?);
        if let Some(tls) = self.tls()? {
            builder = builder.tls(tls);
        }
        #[cfg(feature = "negotiate")]
        {
            if let Some(kdc) = self.optional("KDC") {
                builder = builder.kdc(kdc);
            }
            if let Some(host) = self.optional("SPN_HOST") {
                builder = builder.service_principal(ServicePrincipal::new().host(host));
            }
        }
        if let Some(namespace) = self.optional("NAMESPACE") {
            builder = builder.namespace(namespace);
        }
        if let Some(prefix) = self.optional("PREFIX") {
            let prefix = prefix
                .parse()
                .map_err(|error| format!("WSMAN_TEST_PREFIX: {error}"))?;
            builder = builder.resource_uri_prefix(prefix);
        }
        if self.optional("ALLOW_UNENCRYPTED") == Some("1") {
            builder = builder.allow_unencrypted();
        }
        builder.build().map_err(|error: Error| error.to_string())
    }

    fn credentials(&self) -> Result<Credentials, String> {
        match (self.optional("AUTH"), self.optional("USER")) {
            (None, None) => Ok(Credentials::none()),
            (None | Some("basic"), _) => self.with_password(Credentials::basic),
            (Some("digest"), _) => self.with_password(Credentials::digest),
            #[cfg(feature = "negotiate")]
            (Some("ntlm"), _) => self.with_password(Credentials::ntlm),
            #[cfg(feature = "negotiate")]
            (Some("negotiate"), _) => self.with_password(Credentials::negotiate),
            #[cfg(feature = "negotiate")]
            (Some("password"), _) => self.with_password(Credentials::password),
            #[cfg(feature = "negotiate")]
            (Some("kerberos"), _) => match self.optional("KEYTAB") {
                Some(path) => {
                    let keytab = Keytab::open(path).map_err(|error| format!("{path}: {error}"))?;
                    Ok(Credentials::keytab(self.needed("USER")?, keytab))
                }
                None => self.with_password(Credentials::kerberos),
            },
            #[cfg(feature = "gssapi")]
            (Some("tickets"), _) => Ok(Credentials::ticket_cache().into()),
            (Some("certificate"), _) => Ok(Credentials::certificate()),
            (Some(other), _) => Err(format!("WSMAN_TEST_AUTH: unknown value {other}")),
        }
    }

    fn with_password(
        &self,
        make: fn(String, String) -> Credentials,
    ) -> Result<Credentials, String> {
        let (user, password) = (self.needed("USER")?, self.needed("PASSWORD")?);
        Ok(make(user.to_owned(), password.to_owned()))
    }

    /// The TLS settings, if the environment sets any.
    fn tls(&self) -> Result<Option<TlsConfig>, String> {
        let (authorities, chain) = (self.optional("CA"), self.optional("CERTIFICATE"));
        if authorities.is_none() && chain.is_none() {
            return Ok(None);
        }
        let mut tls = TlsConfig::builder();
        if let Some(authorities) = authorities {
            tls = tls.roots(&read(authorities)?);
        }
        if let Some(chain) = chain {
            tls = tls.client_certificate(&read(chain)?, &read(self.needed("CERTIFICATE_KEY")?)?);
        }
        tls.build().map(Some).map_err(|error| error.to_string())
    }

    fn target(&self, name: &str) -> Result<Target, String> {
        Ok(Target {
            form: self.form()?,
            class: self.needed("CLASS")?.to_owned(),
            key: self.needed("KEY")?.to_owned(),
            name: name.to_owned(),
            property: self.needed("PROPERTY")?.to_owned(),
            not_null: self.optional("NOT_NULL").map(str::to_owned),
            refused: self.refused()?,
            other: self.optional("OTHER").map(str::to_owned),
            method: self.optional("METHOD").map(str::to_owned),
            association: self.optional("ASSOCIATION").map(str::to_owned),
            event: self.optional("EVENT").map(str::to_owned),
        })
    }

    fn refused(&self) -> Result<Option<(String, String)>, String> {
        let Some(both) = self.optional("REFUSED") else {
            return Ok(None);
        };
        let both = both.split_once('=');
        let (property, value) = both.ok_or("WSMAN_TEST_REFUSED: Property=Value is needed")?;
        Ok(Some((property.to_owned(), value.to_owned())))
    }

    /// Runs one check on instances of its own, which are deleted even if the check fails. An
    /// unsupported check is skipped with a reason. The session belongs to one runtime.
    fn run(&self, name: &str, check: CheckFn) -> Result<Completion, Failed> {
        let target = self.target(&unique(name))?;
        let session = self.session()?;
        let checked = catch_unwind(AssertUnwindSafe(|| block_on(check(&session, &target))));
        let session = self.session()?;
        block_on(async {
            for path in target.all_paths() {
                let _gone_already = session.delete_instance(&path).await;
            }
        });
        match checked {
            Ok(Ok(())) => Ok(Completion::Completed),
            Ok(Err(unable)) => Ok(Completion::ignored_with(unable.0)),
            Err(panic) => resume_unwind(panic),
        }
    }
}

fn read(path: &str) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{path}: {error}"))
}

/// Returns a name that no other run uses.
fn unique(name: &str) -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    format!("wsman-{}-{name}", since.as_nanos())
}

/// Proves that a live server would be checked, with a simulator in its place.
pub(crate) fn driver() -> Result<(), Failed> {
    let runtime = tokio::runtime::Runtime::new()?;
    for dialect in Dialect::ALL {
        let simulator = Arc::new(runtime.block_on(sample().dialect(dialect).start())?);
        let ticking = Arc::clone(&simulator);
        let ticks = runtime.spawn(async move { ticks(&ticking).await });
        let before = simulator.instances("Win32_Share").len();
        let live = Live::of(
            &simulator,
            &[
                ("OTHER", "Description"),
                ("NOT_NULL", "Path"),
                ("METHOD", "SetShareInfo"),
                ("ASSOCIATION", "Win32_SystemServices"),
                ("EVENT", "Demo_Tick"),
            ],
        );
        for &(name, check) in OF_ANY_SERVER {
            let checked = live.run(name, check)?;
            assert!(
                matches!(checked, Completion::Completed),
                "{name} on {dialect:?}"
            );
        }
        assert_eq!(
            simulator.instances("Win32_Share").len(),
            before,
            "all is taken away"
        );
        assert_eq!(simulator.open_subscriptions(), 0);
        ticks.abort();
    }
    let simulator = runtime.block_on(sample().start())?;
    let live = Live::of(&simulator, &[("NOT_NULL", "Path")]);
    assert_eq!(
        live.reason("strict_nulls"),
        "no second property is known: set WSMAN_TEST_OTHER"
    );
    assert_eq!(
        live.reason("method_of_an_instance"),
        "no method is known: set WSMAN_TEST_METHOD"
    );
    assert_eq!(
        live.reason("both_ends_of_an_association"),
        "no association is known: set WSMAN_TEST_ASSOCIATION"
    );
    assert_eq!(
        live.reason("bookmarks"),
        "no class of events is known: set WSMAN_TEST_EVENT"
    );
    assert_eq!(
        Live::of(&simulator, &[]).reason("null_for_a_not_null_property"),
        "no value that is refused is known: set WSMAN_TEST_NOT_NULL or WSMAN_TEST_REFUSED"
    );
    refused_value(&runtime)?;
    simulator.next(Knob::Fault(CimStatus::NotSupported));
    let reason = live.reason("delete_twice");
    assert!(
        reason.starts_with("the server cannot create: create ")
            && reason.contains(": not supported: "),
        "{reason}"
    );
    over_https(&runtime)?;
    let unset = Live(Arc::default());
    assert_eq!(
        unset.session().err().as_deref(),
        Some("WSMAN_TEST_URL is not set")
    );
    Ok(())
}

/// Puts the value after the NULL, in an update and in a create; a server that accepts it is reported.
fn refused_value(runtime: &tokio::runtime::Runtime) -> Result<(), Failed> {
    let update = ("null_for_a_not_null_property", 4);
    let create = ("null_for_a_not_null_property_of_a_new_instance", 2);
    for (name, messages_before) in [update, create] {
        let simulator = runtime.block_on(sample().dialect(Dialect::Omi).start())?;
        let both = [("NOT_NULL", "Path"), ("REFUSED", "Description=no = such")];
        let live = Live::of(&simulator, &both);
        let taken = catch_unwind(|| live.check(name));
        assert!(taken.is_err(), "{name}: the simulator takes it");
        for _ in 0..messages_before {
            simulator.next(Knob::Pass);
        }
        simulator.next(Knob::Fault(CimStatus::InvalidParameter));
        assert!(matches!(live.check(name)?, Completion::Completed), "{name}");
        let sent = simulator.requests();
        let sent = sent
            .iter()
            .filter(|request| String::from_utf8_lossy(&request.body).contains(">no = such<"));
        assert_eq!(sent.count(), 2, "{name}");
    }
    let simulator = runtime.block_on(sample().start())?;
    let live = Live::of(&simulator, &[("REFUSED", "Path")]);
    assert_eq!(
        live.target("").err().as_deref(),
        Some("WSMAN_TEST_REFUSED: Property=Value is needed")
    );
    Ok(())
}

/// Reads the files that the variables name.
fn over_https(runtime: &tokio::runtime::Runtime) -> Result<(), Failed> {
    let certificate = Certificate::new();
    let folder = tempfile::tempdir()?;
    let place = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (pem, key) = (place("certificate.pem"), place("key.pem"));
    std::fs::write(&pem, &certificate.pem)?;
    std::fs::write(&key, &certificate.key)?;
    let simulator = runtime.block_on(certificate.server(Dialect::Omi));
    let files = [
        ("NOT_NULL", "Path"),
        ("AUTH", "certificate"),
        ("CA", &pem),
        ("CERTIFICATE", &pem),
        ("CERTIFICATE_KEY", &key),
    ];
    let live = Live::of(&simulator, &files);
    for &(name, check) in OF_ANY_SERVER.iter().take(3) {
        let checked = live.run(name, check)?;
        assert!(matches!(checked, Completion::Completed), "{name}");
    }
    Ok(())
}

impl Live {
    fn of(simulator: &Simulator, more: &[(&str, &str)]) -> Self {
        let url = simulator.url();
        let form = format!("{:?}", simulator.dialect()).to_lowercase();
        let variables = [
            ("URL", url.as_str()),
            ("USER", simulator.user()),
            ("PASSWORD", simulator.password()),
            ("ALLOW_UNENCRYPTED", "1"),
            ("NAMESPACE", "root/cimv2"),
            ("WIRE_FORM", &form),
            ("CLASS", "Win32_Share"),
            ("KEY", "Name"),
            ("PROPERTY", "MaximumAllowed"),
        ];
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(Arc::new(variables.iter().chain(more).map(owned).collect()))
    }

    fn check(&self, name: &str) -> Result<Completion, Failed> {
        let known = |(known, _): &&Check| *known == name;
        let (name, check) = OF_ANY_SERVER.iter().find(known).unwrap();
        self.run(name, *check)
    }

    /// The reason why a check was skipped.
    fn reason(&self, name: &str) -> String {
        match self.check(name).unwrap() {
            Completion::Ignored {
                reason: Some(reason),
            } => reason,
            other => panic!(
                "{name} was made: {}",
                matches!(other, Completion::Completed)
            ),
        }
    }
}
