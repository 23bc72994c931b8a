//! The proxy that the environment names (`HTTPS_PROXY` and its like).

use std::ffi::OsString;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use crate::auth::Secret;
use crate::transport::http::SetupError;

/// A proxy, and the variable that names it.
pub(super) struct Named {
    pub(super) proxy: Intercept,
    pub(super) variable: &'static str,
}

/// Returns the proxy that the environment names for the server; `None` for a direct connection.
///
/// Fails if the variable for this server is not the URL of a proxy: a connection without the proxy
/// could be blocked, or go where the caller did not want it.
pub(super) fn proxy(server: &Uri) -> Result<Option<Named>, SetupError> {
    named(server, |name| std::env::var_os(name))
}

fn named(
    server: &Uri,
    read: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<Named>, SetupError> {
    // In CGI the client of the program sets HTTP_PROXY (CVE-2016-5385).
    if read("REQUEST_METHOD").is_some() {
        return Ok(None);
    }
    let first = |names: [&'static str; 2]| {
        let mut set = names
            .into_iter()
            .filter_map(|name| Some((name, read(name)?)));
        set.next().filter(|(_, value)| !value.is_empty())
    };
    let of_scheme = match server.scheme_str() {
        Some("https") => ["HTTPS_PROXY", "https_proxy"],
        _ => ["HTTP_PROXY", "http_proxy"],
    };
    let Some((variable, value)) = first(of_scheme).or_else(|| first(["ALL_PROXY", "all_proxy"]))
    else {
        return Ok(None);
    };
    let not = first(["NO_PROXY", "no_proxy"]).map(|(_, hosts)| hosts);
    let not = not.unwrap_or_default().to_string_lossy().into_owned();
    let for_server = |proxy: String| {
        let matcher = Matcher::builder().all(proxy).no(not.clone()).build();
        matcher.intercept(&without_dot(server))
    };
    if for_server("http://any.invalid".to_owned()).is_none() {
        return Ok(None);
    }
    let proxy = value.into_string().ok().and_then(for_server);
    let proxy = proxy.ok_or(SetupError::EnvironmentProxy(variable))?;
    Ok(Some(Named { proxy, variable }))
}

/// A trailing dot is not part of a name in `NO_PROXY`.
fn without_dot(server: &Uri) -> Uri {
    let text = server.to_string();
    let without = text.replacen(".:", ":", 1).parse();
    without.unwrap_or_else(|_| server.clone())
}

impl Named {
    /// Returns the login that the environment names with the proxy.
    pub(super) fn login(&self) -> Option<(String, Secret)> {
        if let Some((user, password)) = self.proxy.raw_auth() {
            return Some((user.to_owned(), Secret::from(password)));
        }
        let header = self.proxy.basic_auth()?.to_str().ok()?;
        let pair = BASE64.decode(header.strip_prefix("Basic ")?).ok()?;
        let pair = String::from_utf8(pair).ok()?;
        let (user, password) = pair.split_once(':')?;
        Some((user.to_owned(), Secret::from(password)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the variable and the proxy, or the error.
    fn asked(server: &str, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let read = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let named = named(&server.parse().unwrap(), read).map_err(|error| error.to_string())?;
        Ok(named.map(|named| format!("{} {}", named.variable, named.proxy.uri())))
    }

    const HTTPS: &str = "https://host.example:5986";
    const HTTP: &str = "http://host.example:5985";

    #[test]
    fn each_scheme_has_its_variable() {
        let all = [
            ("HTTPS_PROXY", "http://s:1"),
            ("HTTP_PROXY", "p:2"),
            ("ALL_PROXY", "socks5://a:3"),
            ("NO_PROXY", "inner.example"),
        ];
        let found = |variable: &str| Ok(Some(variable.to_owned()));
        assert_eq!(asked(HTTPS, &all), found("HTTPS_PROXY http://s:1/"));
        assert_eq!(asked(HTTP, &all), found("HTTP_PROXY http://p:2/"));
        assert_eq!(asked(HTTP, &all[2..]), found("ALL_PROXY socks5://a:3/"));
        for inner in ["http://inner.example:80", "https://a.inner.example.:5986"] {
            assert_eq!(asked(inner, &all), Ok(None));
        }
        let lower = [("https_proxy", "http://s:1")];
        assert_eq!(asked(HTTPS, &lower), found("https_proxy http://s:1/"));
        assert_eq!(asked(HTTP, &lower), Ok(None));
    }

    /// Each value that is no proxy, with the secret in it.
    const INVALID: [&str; 8] = [
        "http://",
        "ftp://me:hunter2@proxy:3128",
        "http://me:hunter2@proxy:31 28",
        "http://me:hunter2@[proxy:3128",
        "://proxy",
        "http:///3128",
        " ",
        "a b",
    ];

    #[test]
    fn an_invalid_value_is_an_error_that_names_its_variable() {
        for value in INVALID {
            for (server, variable) in [
                (HTTPS, "HTTPS_PROXY"),
                (HTTPS, "https_proxy"),
                (HTTP, "HTTP_PROXY"),
                (HTTP, "ALL_PROXY"),
                (HTTPS, "all_proxy"),
            ] {
                // No other variable takes the place of an invalid one.
                let error = asked(server, &[(variable, value)]).unwrap_err();
                assert!(error.contains(variable), "{value}: {error}");
                assert!(!error.contains("hunter2"), "{value}: {error}");
                let excluded = [(variable, value), ("NO_PROXY", "host.example")];
                assert_eq!(asked(server, &excluded), Ok(None));
            }
            let both = [("HTTP_PROXY", value), ("ALL_PROXY", "http://proxy:1")];
            assert!(asked(HTTP, &both).unwrap_err().contains("HTTP_PROXY"));
            assert_eq!(asked(HTTPS, &[("HTTP_PROXY", value)]), Ok(None));
        }
    }

    #[test]
    fn nothing_is_direct() {
        assert_eq!(asked(HTTPS, &[]), Ok(None));
        assert_eq!(
            asked(HTTPS, &[("HTTPS_PROXY", ""), ("ALL_PROXY", "")]),
            Ok(None)
        );
        let cgi = [("HTTP_PROXY", "http://proxy:1"), ("REQUEST_METHOD", "GET")];
        assert_eq!(asked(HTTP, &cgi), Ok(None));
    }
}
