//! Foreign programs, and the treatment of tests without them.

use std::path::PathBuf;

use libtest_mimic::Trial;

/// A foreign program, whose path the environment gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// A Python with pypsrp and pyspnego.
    Python,
    /// Apache httpd.
    Httpd,
    /// The folder of MIT Kerberos' KDC and its tools.
    Kdc,
}

impl Program {
    pub(crate) const ALL: [Self; 3] = [Self::Python, Self::Httpd, Self::Kdc];

    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Python => "WSMAN_TEST_PYTHON",
            Self::Httpd => "WSMAN_TEST_HTTPD",
            Self::Kdc => "WSMAN_TEST_KDC_PROGRAMS",
        }
    }

    /// Returns its path, if the environment gives one.
    pub(crate) fn named(self) -> Option<PathBuf> {
        std::env::var_os(self.variable()).map(PathBuf::from)
    }

    /// Returns its path; fails a test that needs it otherwise.
    pub(crate) fn path(self) -> PathBuf {
        self.named()
            .unwrap_or_else(|| panic!("{} is not set", self.variable()))
    }
}

/// A test that is ignored if one of its programs is missing.
pub(crate) fn trial(
    name: String,
    needs: &[Program],
    check: impl AsyncFnOnce() + Send + 'static,
) -> Trial {
    let is_ignored = needs.iter().any(|program| program.named().is_none());
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(check());
        Ok(())
    };
    Trial::test(name, run).with_ignored_flag(is_ignored)
}

/// Returns the trials of a module, from the names of its checks, on a server that needs these programs.
macro_rules! trials {
    ($server:literal, $needs:expr, $module:ident { $($check:ident)* }) => {
        [$($crate::programs::trial(
            concat!($server, "::", stringify!($module), "::", stringify!($check)).to_owned(),
            $needs,
            $module::$check,
        )),*]
    };
}

pub(crate) use trials;
