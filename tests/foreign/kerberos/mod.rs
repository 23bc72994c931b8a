//! Tests the client's Kerberos in a realm of MIT's.

mod httpd;
mod krb5_conf;
mod problems;
mod pyspnego;

use libtest_mimic::Trial;
use wsman::auth::Keytab;
use wsman::simulator::{PASSWORD, USER};
use wsman::{Credentials, SessionBuilder};

use crate::programs::{Program, trials};
use crate::realm::{REALM, Realm};

pub(crate) fn trials() -> Vec<Trial> {
    let mut all = Vec::new();
    all.extend(
        trials!("kerberos", &[Program::Kdc, Program::Python], pyspnego {
            every_mode_of_put rows sixteen_at_a_time keytab given_kdc silent_kdc_first names_of_the_user
            every_kind_of_key without_preauthentication over_https bound_to_another_certificate
        }),
    );
    all.extend(trials!("kerberos", &[Program::Kdc, Program::Httpd], httpd {
        every_mode_of_put rows sixteen_at_a_time another_user
    }));
    all.extend(
        trials!("kerberos", &[Program::Kdc, Program::Python], problems {
            wrong_password unknown_user expired_password expired_account disabled_account
            no_kind_of_key_in_common old_keytab keytab_with_sha2_alone no_known_pre_authentication
            unknown_service unreachable wrong_service_key
        }),
    );
    all.extend(trials!(
        "kerberos",
        &[Program::Python],
        krb5_conf {
            the_library_reads_what_the_file_says
        }
    ));
    all
}

fn user() -> String {
    format!("{USER}@{REALM}")
}

fn password() -> Credentials {
    Credentials::kerberos(user(), PASSWORD)
}

/// The keys of the user, in place of a password.
fn keys(realm: &Realm) -> Credentials {
    let file = std::fs::read(realm.user_keytab()).unwrap();
    Credentials::keytab(user(), Keytab::read(&file).unwrap())
}

/// A session with the address of the KDC.
fn within(realm: &Realm, builder: SessionBuilder) -> SessionBuilder {
    builder.krb5_conf(realm.krb5_conf())
}
