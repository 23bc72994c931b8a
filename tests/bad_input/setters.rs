//! Holds each setter of the public API: it is given bad input in a test, or can be given none.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use wsman::auth::LoginLimits;
use wsman::enumerate::PolymorphismMode;
use wsman::subscribe::Bookmark;
use wsman::transport::Proxy;
use wsman::{Credentials, SessionBuilder, Value, WsmanOption};

use crate::{assert_not_sent, builder, stage};

const SHARE: &str = r#"Win32_Share.Name="public""#;

/// A control character, which XML cannot hold.
const CONTROL: &str = "\u{1}";

fn zero() -> LoginLimits {
    let mut limits = LoginLimits::default();
    limits.token_bytes = 0;
    limits
}

#[tokio::test]
async fn what_a_session_sets() {
    let (simulator, _) = stage().await;
    let with = async |set: fn(SessionBuilder) -> SessionBuilder| {
        let session = set(builder(&simulator)).build()?;
        session.get_instance(SHARE).await
    };
    let kerberos = |builder: SessionBuilder| {
        builder.credentials(Credentials::kerberos("ops@EXAMPLE.TEST", "hunter2"))
    };
    let rows = rows! {
        "locale" => "Value", with(|builder| builder.locale(CONTROL)).await;
        "data_locale" => "Value", with(|builder| builder.data_locale(CONTROL)).await;
        "option(name)" => "Value",
            with(|builder| builder.option(WsmanOption::new(CONTROL, "x"))).await;
        "option(value)" => "Value",
            with(|builder| builder.option(WsmanOption::new("x", CONTROL))).await;
        "proxy(scheme)" => "Config",
            with(|builder| builder.proxy(Proxy::new("ftp://p".parse().unwrap()))).await;
        "address" => "Config",
            with(|builder| {
                let proxy = Proxy::new("http://p".parse().unwrap());
                builder.proxy(proxy).address("127.0.0.1:1".parse().unwrap())
            }).await;
        "login_limits(zero)" => "Config", with(|builder| builder.login_limits(zero())).await;
        "krb5_conf" => "Config", kerberos(builder(&simulator)).krb5_conf("/nowhere").build();
    };
    assert_not_sent(rows, &simulator);
}

#[tokio::test]
async fn what_rows_and_requests_set() {
    let (simulator, session) = stage().await;
    let shares = || session.enumerate_instances("Win32_Share");
    let related = || session.associators(SHARE);
    let referring = || session.references(SHARE);
    let rows = rows! {
        "locale" => "Value", session.get_instance(SHARE).locale(CONTROL).await;
        "data_locale" => "Value", session.get_instance(SHARE).data_locale(CONTROL).await;
        "option" => "Value",
            session.get_instance(SHARE).option(WsmanOption::new("x", CONTROL)).await;
        "select(name)" => "InvalidParameter", shares().select(["a b"]).await;
        "select(polymorphism)" => "InvalidParameter",
            shares().select(["Name"]).polymorphism(PolymorphismMode::Shallow).await;
        "matching(NULL)" => "InvalidParameter", shares().matching("Name", Value::Null).await;
        "matching(control character)" => "Value", shares().matching("Name", CONTROL).await;
        "paths_from_keys(none)" => "InvalidParameter", shares().paths_from_keys([""; 0]).await;
        "paths_from_keys(select)" => "InvalidParameter",
            shares().paths_from_keys(["Name"]).select(["Name"]).await;
        "association_class" => "Value", related().association_class(CONTROL).await;
        "result_class" => "Value", related().result_class(CONTROL).await;
        "role" => "Value", related().role(CONTROL).await;
        "result_role" => "Value", related().result_role(CONTROL).await;
        "references().result_class" => "Value", referring().result_class(CONTROL).await;
        "references().role" => "Value", referring().role(CONTROL).await;
        "class" => "InvalidParameter",
            session.subscribe("SELECT * FROM Demo_Tick").class("a b").await;
        "bookmark" => "Value",
            session.subscribe("SELECT * FROM Demo_Tick").bookmark(Bookmark::from(CONTROL.to_owned())).await;
        "arg" => "Value", session.invoke_method("Demo_Item", "Echo").arg("a b", 1u8).await;
    };
    assert_not_sent(rows, &simulator);
}

/// The setters that are given something invalid, and a file of tests that does so.
const TESTED: &[(&str, &[&str])] = &[
    (
        "bad_input/setters.rs",
        &[
            "locale",
            "data_locale",
            "option",
            "proxy",
            "address",
            "krb5_conf",
            "login_limits",
            "select",
            "polymorphism",
            "matching",
            "paths_from_keys",
            "association_class",
            "result_class",
            "role",
            "result_role",
            "class",
            "bookmark",
        ],
    ),
    (
        "bad_input/added.rs",
        &[
            "at",
            "args",
            "checked",
            "typed",
            "optional",
            "context",
            "deadline",
            "namespace",
            "credentials",
            "record",
            "run",
            "run_indexed",
            "concurrency",
            "matching",
            "strict",
        ],
    ),
    ("bad_input/caller.rs", &["partial", "mode"]),
    ("bad_input/methods.rs", &["arg"]),
    ("bad_input/carried.rs", &["login_gate"]),
    ("tls/forms.rs", &["min_version", "max_version"]),
    (
        "tls/setup.rs",
        &[
            "roots",
            "client_certificate",
            "server_name",
            "trust_pins_alone",
        ],
    ),
];

/// The setters that can be given nothing invalid, each with the reason.
const PLAIN: &[(&str, &[&str])] = &[
    (
        "takes nothing",
        &[
            "allow_unencrypted",
            "anonymous",
            "atomic",
            "cached",
            "danger_accept_any_certificate",
            "environment_proxy",
            "independent_logins",
            "keep_xml",
            "lossy_text",
            "names_only",
            "paths",
            "precise_arrays",
            "send_bookmarks",
            "shallow",
            "strict_nulls",
            "unoptimized",
            "whole_instances",
            "with_class_origin",
            "without_hierarchy",
            "without_inherited",
            "without_paths",
            "without_qualifiers",
        ],
    ),
    (
        "any number is a limit",
        &[
            "byte_limit",
            "callbacks_ahead",
            "class_cache_bytes",
            "empty_envelopes",
            "empty_pages",
            "head_limit",
            "class_cache",
            "connections",
            "max_characters",
            "max_elements",
            "max_envelope_size",
            "pages_ahead",
            "row_limit",
        ],
    ),
    (
        "any time is a limit; `caller.rs` sets the longest",
        &[
            "connect_timeout",
            "expires",
            "heartbeats",
            "idle_timeout",
            "inactivity_timeout",
            "max_latency",
            "max_time",
            "network_delay",
            "operation_timeout",
            "patience",
        ],
    ),
    (
        "its type has valid values alone: making one fails, or it is an enum",
        &[
            "callbacks",
            "dialect",
            "endpoint",
            "flags",
            "kerberos_etypes",
            "limits",
            "mime_form",
            "operation_flags",
            "pin",
            "provider_architecture",
            "relate",
            "required_architecture",
            "resource_uri_prefix",
            "retry",
            "tls",
            "transport",
            "wire_form",
        ],
    ),
    ("holds what was read, and is compared alone", &["before"]),
    (
        "names a server or service, which the network alone knows",
        &["kdc", "service_principal"],
    ),
    (
        "a recording, a replay and an error hold any text",
        &[
            "date",
            "probe",
            "scrub",
            "source",
            "to_request",
            "with_header",
            "with_source",
        ],
    ),
];

/// A setter: a public method that takes and returns its type, or another request.
static SETTERS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeSet::new();
    for part in ["hosts", "record", "session", "transport"] {
        read(&root.join(part), &mut found);
    }
    found
});

fn read(path: &Path, found: &mut BTreeSet<String>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            read(&entry.unwrap().path(), found);
        }
        return;
    }
    let text = std::fs::read_to_string(path).unwrap();
    for part in text.split("    pub fn ").skip(1) {
        let signature = part.split('{').next().unwrap_or_default();
        let signature = signature.split_whitespace().collect::<Vec<_>>().join(" ");
        let (name, rest) = signature.split_once(['(', '<']).unwrap();
        let takes_itself =
            rest.contains("mut self") || rest.contains("(self") || rest.starts_with("self");
        let gives_itself = ["-> Self", "-> Request<", "-> HostResults"]
            .iter()
            .any(|result| rest.contains(result));
        if takes_itself && gives_itself {
            found.insert(name.to_owned());
        }
    }
}

#[test]
fn each_setter_is_tested_or_plain() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut listed = BTreeSet::new();
    for (file, names) in TESTED {
        let text = std::fs::read_to_string(tests.join(file)).unwrap();
        for name in *names {
            assert!(
                text.contains(&format!(".{name}(")),
                "{file} does not call {name}"
            );
            listed.insert((*name).to_owned());
        }
    }
    for (reason, names) in PLAIN {
        for name in *names {
            assert!(
                listed.insert((*name).to_owned()),
                "{name} is tested, not plain: {reason}"
            );
        }
    }
    let unlisted: Vec<_> = SETTERS.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&SETTERS).collect();
    assert!(
        unlisted.is_empty() && gone.is_empty(),
        "unlisted: {unlisted:?}, gone: {gone:?}"
    );
}
