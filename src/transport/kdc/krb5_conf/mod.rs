//! Reads `krb5.conf` as MIT Kerberos does.

mod error;
mod parse;
mod profile;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use error::Krb5ConfError;
use parse::Reader;
use profile::Profile;

use super::limits;
use crate::auth::KerberosEtype;

/// The settings of `krb5.conf` that a login uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Krb5Conf {
    profile: Profile,
}

/// The default path, unless `KRB5_CONFIG` is set.
#[cfg(not(windows))]
const USUAL: &str = "/etc/krb5.conf";
#[cfg(windows)]
const USUAL: &str = r"C:\ProgramData\MIT\Kerberos5\krb5.ini";

/// The section of general settings.
const LIBDEFAULTS: &[&str] = &["libdefaults"];

/// The default of `udp_preference_limit`, in bytes: such a request fits one packet.
const UDP_LIMIT: usize = 1465;

impl Krb5Conf {
    /// Reads a file, and the files that it includes.
    pub(crate) fn open(path: &Path) -> Result<Self, Krb5ConfError> {
        let files = vec![Reader::default().read(path)?];
        let profile = Profile { files };
        Ok(Self { profile })
    }

    /// Reads the files of `KRB5_CONFIG`, or the default one. Missing and unreadable files are
    /// ignored, invalid ones are not.
    pub(crate) fn of_system() -> Result<Self, Krb5ConfError> {
        let paths = match std::env::var_os("KRB5_CONFIG") {
            Some(paths) => std::env::split_paths(&paths).collect(),
            None => vec![PathBuf::from(USUAL)],
        };
        Self::of_files(&paths)
    }

    /// Reads a text without its includes.
    #[cfg(fuzzing)]
    pub(crate) fn of_text(text: &str) -> Result<Self, Krb5ConfError> {
        let files = vec![parse::parse_text(text)?];
        let profile = Profile { files };
        Ok(Self { profile })
    }

    fn of_files(paths: &[PathBuf]) -> Result<Self, Krb5ConfError> {
        let mut reader = Reader::default();
        let mut files = Vec::new();
        for path in paths {
            match reader.read(path) {
                Ok(file) => files.push(file),
                Err(error) if error.is_unreadable_file(path) => {}
                Err(error) => return Err(error),
            }
        }
        let profile = Profile { files };
        Ok(Self { profile })
    }

    /// Returns the realm of a user name without one.
    pub(crate) fn default_realm(&self) -> Option<&str> {
        self.profile.value(LIBDEFAULTS, "default_realm")
    }

    /// Returns the KDCs of a realm, in order.
    pub(crate) fn kdcs(&self, realm: &str) -> Vec<&str> {
        self.profile.values(&["realms", realm], "kdc")
    }

    /// Returns the primary KDCs of a realm, in order.
    pub(crate) fn primary_kdcs(&self, realm: &str) -> Vec<&str> {
        let primary = self.profile.values(&["realms", realm], "primary_kdc");
        if primary.is_empty() {
            // The name before release 1.19.
            self.profile.values(&["realms", realm], "master_kdc")
        } else {
            primary
        }
    }

    /// Returns the addresses of a realm's KDCs, with the primary ones last.
    pub(crate) fn addresses(&self, realm: &str) -> Vec<&str> {
        [self.kdcs(realm), self.primary_kdcs(realm)].concat()
    }

    /// Returns the realm of a host: that of its own name, or of the nearest domain.
    pub(crate) fn realm_of(&self, host: &str) -> Option<&str> {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        if is_address(&host) {
            return None;
        }
        let mut rest = host.as_str();
        loop {
            if let Some(realm) = self.profile.value(&["domain_realm"], rest) {
                return Some(realm);
            }
            rest = match rest.strip_prefix('.') {
                Some(domain) => domain,
                None => rest.get(rest.find('.')?..)?,
            };
        }
    }

    /// Whether the DNS names the KDCs of a realm that this file does not name.
    #[cfg_attr(not(feature = "dns-srv"), allow(dead_code, reason = "for the DNS"))]
    pub(crate) fn looks_up_kdcs(&self) -> bool {
        let value = self.profile.value(LIBDEFAULTS, "dns_lookup_kdc");
        let value = value.or_else(|| self.profile.value(LIBDEFAULTS, "dns_fallback"));
        value.is_none_or(is_true)
    }

    /// Returns the size in bytes of the largest request that is sent over UDP first.
    pub(crate) fn udp_limit(&self) -> usize {
        let value = self.profile.value(LIBDEFAULTS, "udp_preference_limit");
        let limit = value.and_then(|value| value.trim().parse::<i64>().ok());
        let limit = limit.and_then(|limit| usize::try_from(limit).ok());
        limit.unwrap_or(UDP_LIMIT).min(limits::UDP_BYTES)
    }

    /// Returns the permitted encryption types in their order; `None` if the file does not limit
    /// them. Types that are not supported here are left out.
    pub(crate) fn permitted(&self) -> Option<Vec<KerberosEtype>> {
        let words = self.profile.value(LIBDEFAULTS, "permitted_enctypes")?;
        let mut permitted = Vec::new();
        let is_between = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n' | ',');
        for word in words.split(is_between).filter(|word| !word.is_empty()) {
            let (word, is_added) = match word.strip_prefix(['+', '-']) {
                Some(rest) => (rest, word.starts_with('+')),
                None => (word, true),
            };
            for etype in etypes_of(&word.to_ascii_lowercase()) {
                let position = permitted.iter().position(|known| known == etype);
                match position {
                    Some(position) if !is_added => drop(permitted.remove(position)),
                    None if is_added => permitted.push(*etype),
                    _ => {}
                }
            }
        }
        Some(permitted)
    }
}

/// Returns the encryption types that a word of `permitted_enctypes` means.
fn etypes_of(word: &str) -> &'static [KerberosEtype] {
    use KerberosEtype::{Aes128Sha1, Aes128Sha256, Aes256Sha1, Aes256Sha384, Rc4Hmac};
    match word {
        "default" => &[Aes256Sha1, Aes128Sha1, Aes256Sha384, Aes128Sha256, Rc4Hmac],
        "aes" => &[Aes256Sha1, Aes128Sha1, Aes256Sha384, Aes128Sha256],
        "aes256-cts-hmac-sha1-96" | "aes256-cts" | "aes256-sha1" => &[Aes256Sha1],
        "aes128-cts-hmac-sha1-96" | "aes128-cts" | "aes128-sha1" => &[Aes128Sha1],
        "aes256-cts-hmac-sha384-192" | "aes256-sha2" => &[Aes256Sha384],
        "aes128-cts-hmac-sha256-128" | "aes128-sha2" => &[Aes128Sha256],
        "rc4" | "arcfour-hmac" | "rc4-hmac" | "arcfour-hmac-md5" => &[Rc4Hmac],
        _ => &[],
    }
}

fn is_true(value: &str) -> bool {
    let words = ["y", "yes", "true", "t", "1", "on"];
    words.iter().any(|word| word.eq_ignore_ascii_case(value))
}

/// Whether a name is an address, which has no realm: digits with three dots, or a name with a colon.
fn is_address(name: &str) -> bool {
    let is_v4 =
        name.chars().all(|c| c.is_ascii_digit() || c == '.') && name.matches('.').count() == 3;
    is_v4 || name.contains(':')
}
