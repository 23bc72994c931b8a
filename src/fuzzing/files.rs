//! Files that others write: keytabs, `krb5.conf` and `case.toml`.

use crate::auth::Keytab;
use crate::case::Case;
use crate::transport::kdc::Krb5Conf;

/// Reads a keytab; what is written for it has the same keys.
pub fn keytab(data: &[u8]) {
    match Keytab::read(data) {
        Ok(keytab) => {
            let _ = (keytab.principals(), format!("{keytab:?}"));
            let back = Keytab::read(&keytab.to_bytes());
            assert!(back.is_ok_and(|back| back == keytab));
        }
        Err(error) => assert!(!error.to_string().contains(char::is_control)),
    }
}

/// Reads the text of a `krb5.conf` without its includes, and asks for every setting.
pub fn krb5_conf(text: &str) {
    let conf = match Krb5Conf::of_text(text) {
        Ok(conf) => conf,
        Err(error) => return assert!(!error.to_string().contains(char::is_control), "{error}"),
    };
    let _ = (
        conf.default_realm(),
        conf.udp_limit(),
        conf.permitted(),
        conf.looks_up_kdcs(),
    );
    for host in ["host.example.test", "a.b.c.d", "10.0.0.1", ""] {
        if let Some(realm) = conf.realm_of(host) {
            // A backslash escapes the character after it.
            assert!(text.contains(realm) || text.contains('\\'));
            let _ = conf.addresses(realm);
        }
    }
}

/// Reads a `case.toml`; what is written for it reads back equal.
pub fn case_toml(text: &str) {
    if let Ok(case) = toml::from_str::<Case>(text) {
        let Ok(written) = toml::to_string(&case) else {
            return;
        };
        let back: Result<Case, _> = toml::from_str(&written);
        assert!(
            back.is_ok_and(|back| format!("{back:?}") == format!("{case:?}")),
            "{written}"
        );
    }
}
