//! Tests pypsrp as a client of the simulator: compares its results with the simulator's repository.

mod client;
mod compare;
mod enumerations;
mod instances;
mod stage;

use std::pin::Pin;

use libtest_mimic::Trial;
use wsman::simulator::Dialect;

use crate::programs::{Program, trial};
use client::Scheme;
use stage::Setup;

/// One check and its name.
type Check = (&'static str, CheckFn);
type CheckFn = for<'a> fn(&'a mut Setup) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Makes a list of checks from their paths.
macro_rules! checks {
    ($($module:ident { $($check:ident)* })*) => {
        &[$($((stringify!($check), |stage| Box::pin($module::$check(stage)))),*),*]
    };
}

const CHECKS: &[Check] = checks! {
    instances {
        identify get_values_of_every_type get_null put create delete
        invoke_method_of_an_instance invoke_static_method
        fault_of_a_missing_instance wrong_password
    }
    enumerations {
        pulled_to_the_end optimized paths a_query associations released
    }
};

/// How a client authenticates, and whether it seals its messages.
const SCHEMES: &[Scheme] = &[
    Scheme {
        name: "basic",
        auth: "basic",
        encryption: "never",
        realm: false,
    },
    #[cfg(feature = "negotiate")]
    sealed("ntlm", "ntlm", false),
    #[cfg(feature = "negotiate")]
    sealed("negotiate", "negotiate", false),
    #[cfg(feature = "negotiate")]
    sealed("kerberos", "kerberos", true),
    #[cfg(feature = "negotiate")]
    sealed("negotiate_in_a_realm", "negotiate", true),
];

#[cfg(feature = "negotiate")]
const fn sealed(name: &'static str, auth: &'static str, realm: bool) -> Scheme {
    Scheme {
        name,
        auth,
        encryption: "always",
        realm,
    }
}

/// The checks that run for each scheme.
const AFTER_A_LOGIN: &[&str] = &["identify", "put", "pulled_to_the_end", "wrong_password"];

/// The checks, with every scheme and in the dialects they apply to.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for &scheme in SCHEMES {
        let is_wanted = |name| !scheme.is_only_a_login() || AFTER_A_LOGIN.contains(&name);
        for dialect in Dialect::ALL.into_iter().filter(|&it| scheme.is_for(it)) {
            let wanted = CHECKS.iter().filter(|(name, _)| is_wanted(*name));
            trials.extend(wanted.map(|&check| one(check, scheme, dialect)));
        }
    }
    trials
}

fn one((name, check): Check, scheme: Scheme, dialect: Dialect) -> Trial {
    let dialect_name = format!("{dialect:?}").to_lowercase();
    let name = format!("pypsrp::{}::{dialect_name}::{name}", scheme.name);
    let needs: &[Program] = if scheme.realm {
        &[Program::Python, Program::Kdc]
    } else {
        &[Program::Python]
    };
    trial(name, needs, async move || {
        let mut stage = Setup::set(dialect, scheme).await;
        check(&mut stage).await;
    })
}
