//! The endpoint in `--url` and in a file of hosts.

use wsman::simulator::Dialect;
use wsman::{Url, transport};

use crate::failure::Failure;

/// The endpoint of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// In this process (`sim:`).
    Simulator(Dialect),
    /// On the network.
    At(Url),
}

impl Endpoint {
    /// Parses a URL, a bare host with or without a port, or `sim:` with or without a dialect.
    ///
    /// The error does not repeat the text, which may hold a password.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        if let Some(dialect) = text.strip_prefix("sim:") {
            return dialect_named(dialect).map(Endpoint::Simulator);
        }
        let endpoint: transport::Endpoint = text
            .parse()
            .map_err(|error| Failure::usage("--url", &error))?;
        Ok(Endpoint::At(endpoint.into_url()))
    }
}

/// Returns the dialect of `sim:`, `sim:omi` and `sim:openwsman`.
pub(crate) fn dialect_named(name: &str) -> Result<Dialect, Failure> {
    match name {
        "" | "windows" => Ok(Dialect::Windows),
        "omi" => Ok(Dialect::Omi),
        "openwsman" => Ok(Dialect::Openwsman),
        _ => Err(Failure::Usage(
            "invalid --url: the simulators are sim:, sim:omi and sim:openwsman".into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> String {
        match Endpoint::parse(text).unwrap() {
            Endpoint::At(url) => url.to_string(),
            Endpoint::Simulator(dialect) => format!("{dialect:?}"),
        }
    }

    #[test]
    fn a_host_and_a_url_are_those_of_the_library() {
        assert_eq!(url("win01"), "http://win01:5985/wsman");
        assert_eq!(url("https://win01:5986/wsman"), "https://win01:5986/wsman");
    }

    #[test]
    fn a_simulator_has_a_dialect() {
        assert_eq!(url("sim:"), "Windows");
        assert_eq!(url("sim:omi"), "Omi");
        assert_eq!(url("sim:openwsman"), "Openwsman");
        assert!(Endpoint::parse("sim:other").is_err());
    }

    #[test]
    fn an_error_does_not_repeat_what_may_hold_a_password() {
        for text in [
            "",
            "win01/wsman",
            "ops:hunter2@win01",
            "http://ops:hunter2@win01:99999/",
            "sim:hunter2",
        ] {
            let Err(Failure::Usage(error)) = Endpoint::parse(text) else {
                panic!("{text}")
            };
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
