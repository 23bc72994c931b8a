//! Compares what this library reads with what MIT Kerberos' library reads.

use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value};

use super::*;
use crate::transport::kdc::limits;
use crate::transport::kdc::server::Server;

/// What MIT Kerberos' library reads from each file; `tests/foreign` holds it against the library.
fn expected() -> Map<String, Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/krb5_conf/expected.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn read(files: &str) -> Result<Krb5Conf, Krb5ConfError> {
    let paths: Vec<PathBuf> = files.split(':').map(PathBuf::from).collect();
    Krb5Conf::of_files(&paths)
}

fn servers(addresses: &[&str]) -> Value {
    let pair = |address: &&str| {
        let server = Server::of(address);
        Value::from(vec![Value::from(server.host), Value::from(server.port)])
    };
    addresses.iter().map(pair).collect()
}

#[test]
fn reads_what_the_library_of_mit_reads() {
    let expected = expected();
    assert!(expected.len() > 50);
    for (files, expected) in &expected {
        let conf = match (read(files), expected) {
            (Ok(conf), Value::Object(_)) => conf,
            (Err(error), Value::Null) => {
                assert!(!error.to_string().is_empty());
                continue;
            }
            (read, _) => panic!("{files}: {read:?} {expected}"),
        };
        let default = conf.default_realm().map(Value::from);
        assert_eq!(
            default.unwrap_or_default(),
            expected["default_realm"],
            "{files}"
        );
        for realm in ["A.TEST", "B.TEST", "C.TEST"] {
            let none = Value::Array(Vec::new());
            let of = |kind: &str| expected[kind].get(realm).unwrap_or(&none).clone();
            assert_eq!(servers(&conf.kdcs(realm)), of("kdcs"), "{files}");
            assert_eq!(
                servers(&conf.primary_kdcs(realm)),
                of("primaries"),
                "{files}"
            );
        }
        assert_hosts(&conf, &expected["hosts"], files);
        assert_eq!(conf.looks_up_kdcs(), expected["dns_lookup_kdc"], "{files}");
        assert_eq!(
            conf.udp_limit(),
            expected["udp_preference_limit"],
            "{files}"
        );
        let all = etypes_of("default").to_vec();
        let permitted = conf.permitted().unwrap_or(all).into_iter();
        let permitted: Value = permitted.map(KerberosEtype::number).collect();
        assert_eq!(permitted, expected["permitted"], "{files}");
    }
}

fn assert_hosts(conf: &Krb5Conf, expected: &Value, files: &str) {
    for host in [
        "a.test",
        "host.a.test",
        "b.test",
        "host.b.test",
        "example.test",
        "host.example.test",
        "HOST.Example.Test.",
        "other.example.test",
        "deep.host.example.test",
        "capital.example.test",
        "test",
        "10.1.2.3",
        "::1",
        "elsewhere",
    ] {
        let realm = conf.realm_of(host).map(Value::from);
        let known = expected.get(host).cloned();
        assert_eq!(realm, known, "{files}: {host}");
    }
}

/// Writes a file and reads it.
fn conf(text: &str) -> Result<Krb5Conf, Krb5ConfError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("krb5.conf");
    std::fs::write(&file, text).unwrap();
    Krb5Conf::open(&file)
}

#[test]
fn an_error_names_the_file_and_the_line() {
    let error = conf("[realms]\nA.TEST = {\n[libdefaults]\n").unwrap_err();
    let text = error.to_string();
    assert!(text.contains("krb5.conf, line 3: "), "{text}");
    assert!(
        text.ends_with("a brace before this section is not closed"),
        "{text}"
    );
    let missing = Krb5Conf::open(Path::new("/nowhere")).unwrap_err();
    assert_eq!(missing.to_string(), "/nowhere: the file cannot be read");
}

#[test]
fn a_file_that_includes_itself_ends_soon() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("krb5.conf");
    let line = format!("include {}\n", file.display());
    std::fs::write(&file, line.repeat(5)).unwrap();
    let started = Instant::now();
    let error = Krb5Conf::open(&file).unwrap_err();
    assert!(
        error.to_string().contains("nested more than 8 deep"),
        "{error}"
    );
    assert!(started.elapsed().as_secs() < 1);
}

#[test]
fn files_lines_and_bytes_are_limited() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..limits::CONF_FILES {
        std::fs::write(folder.path().join(number.to_string()), "").unwrap();
    }
    let many = format!("includedir {}", folder.path().display());
    let lines = "\n".repeat(limits::CONF_LINES);
    let bytes = "#".repeat(usize::try_from(limits::CONF_BYTES).unwrap());
    let braces = format!("[realms]\n{}", "A = {\n".repeat(limits::CONF_DEPTH + 1));
    for (text, expected) in [
        (many.as_str(), "more than 256 files"),
        (lines.as_str(), "more than 50000 lines"),
        (&[&bytes, "#"].concat(), "more than 1048576 bytes"),
        (braces.as_str(), "nested more than 8 deep"),
    ] {
        let error = conf(text).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert!(conf(&bytes).is_ok());
    assert!(conf(lines.strip_suffix('\n').unwrap()).is_ok());
    let allowed = format!("[realms]\n{}", "A = {\n".repeat(limits::CONF_DEPTH));
    assert!(conf(&allowed).is_ok());
}

/// Many sections must not take quadratic time.
#[test]
fn many_sections_are_read_soon() {
    let text: String = (0..15_000)
        .map(|n| format!("R{n} = {{\nkdc = a\n}}\n"))
        .collect();
    let started = Instant::now();
    let conf = conf(&format!("[realms]\n{text}")).unwrap();
    assert_eq!(conf.kdcs("R14999"), ["a"]);
    assert!(started.elapsed().as_secs() < 5);
}
