//! The client with the tickets of the system, which MIT's `kinit` gets it in a realm of the test.
//!
//! The environment of a process says where its tickets are. So each of these tests runs in a process of
//! its own, which finds the realm in its environment: it is this program again, told to run that test.

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

/// Set where the realm is there already.
const INSIDE: &str = "WSMAN_TEST_INSIDE_REALM";

/// The trials of a module, each in a process of its own.
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
    // A folder has room for the tickets of several users.
    let caches = realm.krb5_conf().with_file_name("caches");
    std::fs::create_dir(&caches).unwrap();
    again.env("KRB5CCNAME", format!("DIR:{}", caches.display()));
    run(again.env(INSIDE, "yes"), "").unwrap_or_else(|failed| panic!("{failed}"));
}

/// Gets a ticket of [`USER`] for the tickets of others, with these options of `kinit`.
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
