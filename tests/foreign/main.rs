//! Tests against foreign programs: clients of the simulator, and servers on which the client logs in.
//!
//! They come from the registries of Python and Debian, and the environment names their paths:
//!
//! | variable | meaning |
//! |---|---|
//! | `WSMAN_TEST_PYTHON` | a Python with the packages of `requirements.txt` |
//! | `WSMAN_TEST_HTTPD` | Apache httpd, such as `/usr/sbin/apache2` |
//! | `WSMAN_TEST_KDC_PROGRAMS` | the folder of `krb5kdc`, `kdb5_util` and `kadmin.local`, such as `/usr/sbin` |
//!
//! Tests of a missing program are reported as ignored; with `--include-ignored` they fail instead.
//! `.ci/run` installs all programs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

#[path = "../support/authority.rs"]
#[allow(dead_code)]
mod authority;
#[cfg(feature = "gssapi")]
mod gssapi;
mod httpd;
#[cfg(feature = "negotiate")]
mod kerberos;
mod operations;
mod programs;
mod pypsrp;
#[cfg(feature = "negotiate")]
mod pyspnego;
mod realm;
mod server;
#[path = "../support/logging_in.rs"]
#[allow(dead_code)]
mod table;

use std::process::ExitCode;

use libtest_mimic::Arguments;

use programs::Program;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let missing = Program::ALL.iter().filter(|it| it.named().is_none());
    for program in missing.filter(|_| !arguments.list) {
        eprintln!(
            "tests with {program:?} are ignored: {} is not set",
            program.variable()
        );
    }
    let trials = [
        pypsrp::trials(),
        realm::trials(),
        httpd::trials(),
        #[cfg(feature = "negotiate")]
        pyspnego::trials(),
        #[cfg(feature = "negotiate")]
        kerberos::trials(),
        #[cfg(feature = "gssapi")]
        gssapi::trials(),
    ];
    let trials = trials.into_iter().flatten().collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
