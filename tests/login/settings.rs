//! Sessions that cannot be built: nothing is sent.

use wsman::Credentials;
use wsman::simulator::{PASSWORD, USER};
use wsman::{Session, SessionBuilder, Url};

use crate::scenario::rejects;

fn rejected(test: &str, url: &str, credentials: Credentials) {
    let url: Url = url.parse().unwrap();
    rejects(test, session(url, credentials), "no file");
}

fn session(url: Url, credentials: Credentials) -> SessionBuilder {
    Session::builder(url).credentials(credentials)
}

const HTTP: &str = "http://host.example:5985/wsman";

#[test]
fn basic_without_tls() {
    let credentials = Credentials::basic(USER, PASSWORD);
    rejected("settings::basic_without_tls", HTTP, credentials);
}

#[test]
fn password_in_the_url() {
    let url = "http://ops:hunter2@host.example:5985/wsman";
    let credentials = Credentials::basic(USER, PASSWORD);
    rejected("settings::password_in_the_url", url, credentials);
}

#[test]
fn certificate_without_tls() {
    let credentials = Credentials::certificate();
    rejected("settings::certificate_without_tls", HTTP, credentials);
}

/// Set for the process of a test of its own, whose environment names a proxy.
const CHILD: &str = "WSMAN_TEST_PROXY_OF_THE_ENVIRONMENT";

#[test]
fn invalid_proxy_of_the_environment() {
    const TEST: &str = "settings::invalid_proxy_of_the_environment";
    if std::env::var_os(CHILD).is_some() {
        let url = "https://host.example:5986/wsman".parse().unwrap();
        let session = session(url, Credentials::basic(USER, PASSWORD)).environment_proxy();
        return rejects(TEST, session, "no file");
    }
    for value in [
        "http://me:hunter2@proxy:99999",
        "ftp://me:hunter2@proxy:21",
        "socks4://proxy",
    ] {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", TEST]).env(CHILD, "1");
        for name in ["HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD"] {
            child.env_remove(name).env_remove(name.to_lowercase());
        }
        child.env("HTTPS_PROXY", value);
        let output = child.output().unwrap();
        assert!(output.status.success(), "{value}: {output:?}");
    }
}

#[cfg(feature = "negotiate")]
mod negotiate {
    use super::*;

    use wsman::auth::Keytab;
    use wsman::transport::Proxy;

    #[test]
    fn kerberos_to_an_address() {
        let url = "http://192.0.2.7:5985/wsman";
        let credentials = Credentials::kerberos("ops@EXAMPLE.TEST", PASSWORD);
        rejected("settings::kerberos_to_an_address", url, credentials);
    }

    #[test]
    fn user_without_a_realm() {
        let credentials = Credentials::kerberos("ops", PASSWORD);
        let session = session(HTTP.parse().unwrap(), credentials).krb5_conf("/dev/null");
        rejects("settings::user_without_a_realm", session, "no file");
    }

    #[test]
    fn principal_is_not_in_the_keytab() {
        let keytab = Keytab::read(b"\x05\x02").unwrap();
        let credentials = Credentials::keytab("ops@EXAMPLE.TEST", keytab);
        let test = "settings::principal_is_not_in_the_keytab";
        let session = session(HTTP.parse().unwrap(), credentials).krb5_conf("/dev/null");
        rejects(test, session, "no file");
    }

    #[test]
    fn ntlm_through_a_forwarding_proxy() {
        let credentials = Credentials::ntlm(USER, PASSWORD);
        let proxy = Proxy::new("http://proxy.example:3128".parse().unwrap());
        let session = session(HTTP.parse().unwrap(), credentials).proxy(proxy);
        rejects(
            "settings::ntlm_through_a_forwarding_proxy",
            session,
            "no file",
        );
    }
}
