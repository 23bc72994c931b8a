//! Tests the client with the system's tickets, which MIT's `kinit` obtains in a realm of the test.
//!
//! The environment of a process determines its ticket cache. Each of these tests therefore runs in its
//! own process with the realm in its environment: this program again, with the name of that test.

mod httpd;
mod problems;
mod pyspnego;

use std::process::Command;

use libtest_mimic::Trial;
use wsman::simulator::{PASSWORD, USER};
use wsman::{Credentials, TlsConfig};

use crate::authority::Authority;
use crate::programs::{Program, trial};
use crate::realm::{REALM, Realm, run};

/// Set in the process that already has the realm.
const INSIDE: &str = "WSMAN_TEST_INSIDE_REALM";

/// Returns the trials of a module, each in its own process.
macro_rules! inside {
    ($needs:expr, $module:ident { $($check:ident)* }) => {
        [$({
            let name = concat!("gssapi::", stringify!($module), "::", stringify!($check));
            trial(name.to_owned(), $needs, async move || match std::env::var_os(INSIDE) {
                Some(_) => $module::$check().await,
                None => inside_a_realm(name).await,
            })
        }),*]
    };
}

pub(crate) fn trials() -> Vec<Trial> {
    let mut all = Vec::new();
    all.extend(inside!(&[Program::Kdc], problems {
        no_ticket another_principal expired unknown_service address unreachable silent
    }));
    all.extend(inside!(&[Program::Kdc, Program::Httpd], httpd {
        every_mode_of_put rows sixteen_at_a_time principal delegation no_delegation not_forwardable another_key
    }));
    all.extend(inside!(&[Program::Kdc, Program::Python], pyspnego {
        every_mode_of_put rows sixteen_at_a_time over_https service_principal bound_to_another_certificate
    }));
    all
}

async fn inside_a_realm(name: &str) {
    let realm = Realm::start().await;
    let mut again = realm.command(std::env::current_exe().unwrap());
    again.args(["--exact", name, "--include-ignored"]);
    // A folder holds the tickets of several users.
    let caches = realm.krb5_conf().with_file_name("caches");
    std::fs::create_dir(&caches).unwrap();
    again.env("KRB5CCNAME", format!("DIR:{}", caches.display()));
    run(again.env(INSIDE, "yes"), "").unwrap_or_else(|failed| panic!("{failed}"));
}

/// Obtains a ticket of [`USER`] in the cache, with these options of `kinit`.
fn kinit(options: &[&str]) {
    run(Command::new("kinit").args(options).arg(USER), PASSWORD).unwrap();
}

fn user() -> String {
    format!("{USER}@{REALM}")
}

fn tickets() -> Credentials {
    Credentials::ticket_cache().into()
}

fn tls(authority: &Authority) -> TlsConfig {
    let roots = TlsConfig::builder().roots(authority.pem().as_bytes());
    roots.build().unwrap()
}
