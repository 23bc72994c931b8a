//! Clients that this project did not write, against the simulator: what they return is compared with
//! its repository.
//!
//! They come from their package registry (`requirements.txt`) and are run by the Python that
//! `WSMAN_TEST_PYTHON` names:
//!
//! ```sh
//! python3 -m venv target/foreign && target/foreign/bin/pip install -r tests/foreign/requirements.txt
//! WSMAN_TEST_PYTHON=$PWD/target/foreign/bin/python cargo test --features full --test foreign
//! ```
//!
//! Without it the tests are reported as ignored; with `--include-ignored` they fail instead.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod client;
mod compare;
mod enumerations;
mod instances;
mod stage;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use wsman::simulator::Dialect;

use client::Scheme;
use stage::Stage;

/// One check, under its name.
type Check = (&'static str, CheckFn);
type CheckFn = for<'a> fn(&'a mut Stage) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// A list of checks from their paths.
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

/// How a client logs in, and whether it seals its messages.
const SCHEMES: &[Scheme] = &[
    Scheme {
        auth: "basic",
        encryption: "never",
    },
    #[cfg(feature = "negotiate")]
    Scheme {
        auth: "ntlm",
        encryption: "always",
    },
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let python = std::env::var_os("WSMAN_TEST_PYTHON").map(PathBuf::from);
    if python.is_none() && !arguments.list {
        eprintln!("pypsrp was not run: {MISSING}");
    }
    let mut trials = Vec::new();
    for &scheme in SCHEMES {
        for dialect in Dialect::ALL.into_iter().filter(|&it| scheme.is_for(it)) {
            let trial = |&check| trial(check, scheme, dialect, python.clone());
            trials.extend(CHECKS.iter().map(trial));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

const MISSING: &str = "WSMAN_TEST_PYTHON, a Python that has it, is not set";

fn trial((name, check): Check, scheme: Scheme, dialect: Dialect, python: Option<PathBuf>) -> Trial {
    let dialect_name = format!("{dialect:?}").to_lowercase();
    let name = format!("pypsrp::{}::{dialect_name}::{name}", scheme.auth);
    let is_ignored = python.is_none();
    let run = move || {
        let python = python.ok_or(MISSING)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let mut stage = Stage::set(dialect, scheme, python).await;
            check(&mut stage).await;
        });
        Ok(())
    };
    Trial::test(name, run).with_ignored_flag(is_ignored)
}
