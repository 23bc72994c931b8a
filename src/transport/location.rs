//! Removes credentials from addresses that a server sends.

use url::Url;

/// Returns the address without its user and password; an address without them is returned
/// unchanged.
///
/// In a text that is not a complete URL, everything between `//` and the last `@` counts as them.
pub(crate) fn without_userinfo(address: &str) -> String {
    match Url::parse(address.trim()) {
        Ok(mut url) if !url.username().is_empty() || url.password().is_some() => {
            // Both succeed for a URL that has a user.
            let _cleared = url.set_password(None).and_then(|()| url.set_username(""));
            url.to_string()
        }
        Ok(_) => address.to_owned(),
        Err(_) => {
            let is_slash = |c| matches!(c, '/' | '\\');
            let text = address.rsplit_once('@');
            let found = text.and_then(|(before, host)| {
                let end = before.find(is_slash)?;
                let scheme = before.get(..end)?;
                let is_authority = before.get(end + 1..)?.starts_with(is_slash);
                is_authority.then(|| [scheme, "//", host].concat())
            });
            found.unwrap_or_else(|| address.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_user_and_password() {
        for (address, shown) in [
            (
                "https://ops:hunter2@host:5986/wsman",
                "https://host:5986/wsman",
            ),
            (
                "https://hunter2@host/a?b=c@d#e@f",
                "https://host/a?b=c@d#e@f",
            ),
            ("http://:hunter2@host/", "http://host/"),
            ("http:\\\\ops:hunter2@host\\x", "http://host/x"),
            ("http:ops:hunter2@host", "http://host/"),
            (" HTTP://ops:hun%40ter2@host/ ", "http://host/"),
            ("ftp://ops:hunter2@host/x", "ftp://host/x"),
            // None of these is a complete URL.
            ("//ops:hunter2@host/wsman", "//host/wsman"),
            ("http://ops:hun/ter2@host/wsman", "http://host/wsman"),
            ("http://ops:hunter2@ho st/", "http://ho st/"),
            ("\\\\ops:hunter2@host/", "//host/"),
            // Nothing to remove.
            ("/wsman", "/wsman"),
            ("/wsman?to=a@b", "/wsman?to=a@b"),
            ("https://host/wsman", "https://host/wsman"),
            ("nowhere", "nowhere"),
            ("", ""),
        ] {
            assert_eq!(without_userinfo(address), shown, "{address}");
        }
    }
}
