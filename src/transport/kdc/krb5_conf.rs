//! Reads the realms from `krb5.conf`.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// The configured realms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Krb5Conf {
    pub(crate) default_realm: Option<String>,
    /// The KDCs of each realm, in order.
    kdcs: BTreeMap<String, Vec<String>>,
    /// The realm of each host or, with a leading dot, of each domain.
    domains: BTreeMap<String, String>,
}

/// The limit of a file's size, in bytes.
const LARGEST: u64 = 1 << 20;

/// The limit of nested includes.
const DEEPEST: usize = 8;

/// The default path, unless `KRB5_CONFIG` is set.
#[cfg(not(windows))]
const USUAL: &str = "/etc/krb5.conf";
#[cfg(windows)]
const USUAL: &str = r"C:\ProgramData\MIT\Kerberos5\krb5.ini";

impl Krb5Conf {
    /// Reads a file, and the files that it includes.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut conf = Self::default();
        conf.add_file(path, DEEPEST)?;
        Ok(conf)
    }

    /// Reads the files of `KRB5_CONFIG`, or the default one; unreadable files are ignored.
    pub(crate) fn of_system() -> Self {
        let paths = match std::env::var_os("KRB5_CONFIG") {
            Some(paths) => std::env::split_paths(&paths).collect(),
            None => vec![PathBuf::from(USUAL)],
        };
        let mut conf = Self::default();
        for path in paths {
            // The files that can be read count.
            let _ = conf.add_file(&path, DEEPEST);
        }
        conf
    }

    /// Returns the KDCs of a realm.
    pub(crate) fn kdcs(&self, realm: &str) -> &[String] {
        self.kdcs.get(realm).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the realm of a host: that of its own name, or of the nearest domain.
    pub(crate) fn realm_of(&self, host: &str) -> Option<&str> {
        let host = host.trim_end_matches('.').to_lowercase();
        let mut rest = host.as_str();
        loop {
            let domain = self.domains.get(rest);
            if let Some(realm) = domain {
                return Some(realm);
            }
            rest = match rest.strip_prefix('.') {
                Some(domain) => domain,
                None => rest.get(rest.find('.')?..)?,
            };
        }
    }

    fn add_file(&mut self, path: &Path, depth: usize) -> io::Result<()> {
        let file = std::fs::File::open(path)?;
        let mut text = Vec::new();
        file.take(LARGEST).read_to_end(&mut text)?;
        self.add(&String::from_utf8_lossy(&text), depth);
        Ok(())
    }

    /// Adds the settings of a text. Earlier settings take precedence.
    fn add(&mut self, text: &str, depth: usize) {
        let mut section = String::new();
        let mut braces: Vec<String> = Vec::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some((word, path)) = line.split_once(char::is_whitespace)
                && matches!(word, "include" | "includedir")
            {
                self.include(word, Path::new(path.trim()), depth);
                continue;
            }
            if let Some(name) = line.strip_prefix('[') {
                section = name.split(']').next().unwrap_or_default().to_owned();
                braces.clear();
            } else if line.starts_with('}') {
                braces.pop();
            } else if let Some((name, value)) = line.split_once('=') {
                let (name, value) = (name.trim(), value.trim());
                match value.strip_prefix('{') {
                    Some(_) => braces.push(name.to_owned()),
                    None => self.set(&section, &braces, name, value.trim_matches('"')),
                }
            }
        }
    }

    fn set(&mut self, section: &str, braces: &[String], name: &str, value: &str) {
        let value = value.to_owned();
        match (section, braces, name) {
            ("libdefaults", [], "default_realm") => {
                self.default_realm.get_or_insert(value);
            }
            ("realms", [realm], "kdc") => {
                let kdcs = self.kdcs.entry(realm.clone()).or_default();
                kdcs.extend(value.split_whitespace().map(str::to_owned));
            }
            ("domain_realm", [], domain) => {
                let domain = domain.to_lowercase();
                self.domains.entry(domain).or_insert(value);
            }
            _ => {}
        }
    }

    fn include(&mut self, word: &str, path: &Path, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        // A missing file is ignored.
        if word == "include" {
            let _ = self.add_file(path, depth);
            return;
        }
        let mut files: Vec<PathBuf> = std::fs::read_dir(path)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.is_file() && is_read(path))
            .collect();
        files.sort_unstable();
        for file in files {
            let _ = self.add_file(&file, depth);
        }
    }
}

/// Whether a file of an included folder is read: its name has only letters, digits, dashes and
/// underscores, or ends in `.conf`.
fn is_read(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    name.chars().all(is_plain) || (name.ends_with(".conf") && !name.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
# A comment.
[libdefaults]
    default_realm = EXAMPLE.TEST
    ticket_lifetime = 24h
[realms]
    EXAMPLE.TEST = {
        kdc = kdc1.example.test
        kdc = kdc2.example.test:8888
        admin_server = kdc1.example.test
        v4_instance_convert = {
            kdc = none
        }
    }
    OTHER.TEST = {
        kdc = "[2001:db8::1]:88"
    }
[domain_realm]
    .example.test = EXAMPLE.TEST
    odd.example.test = OTHER.TEST
    other.test = OTHER.TEST
; The end.
"#;

    fn conf(text: &str) -> Krb5Conf {
        let mut conf = Krb5Conf::default();
        conf.add(text, 0);
        conf
    }

    #[test]
    fn realms_are_found() {
        let conf = conf(TEXT);
        assert_eq!(conf.default_realm.as_deref(), Some("EXAMPLE.TEST"));
        let kdcs = ["kdc1.example.test", "kdc2.example.test:8888"];
        assert_eq!(conf.kdcs("EXAMPLE.TEST"), kdcs);
        assert_eq!(conf.kdcs("OTHER.TEST"), ["[2001:db8::1]:88"]);
        assert!(conf.kdcs("example.test").is_empty());
    }

    #[test]
    fn the_nearest_domain_has_the_realm_of_a_host() {
        let conf = conf(TEXT);
        for (host, realm) in [
            ("a.example.test", Some("EXAMPLE.TEST")),
            ("A.B.Example.Test.", Some("EXAMPLE.TEST")),
            ("odd.example.test", Some("OTHER.TEST")),
            ("other.test", Some("OTHER.TEST")),
            ("www.other.test", Some("OTHER.TEST")),
            ("example.test", None),
            ("test", None),
            ("", None),
        ] {
            assert_eq!(conf.realm_of(host), realm, "{host}");
        }
    }

    #[test]
    fn files_include_files() {
        let folder = tempfile::tempdir().unwrap();
        let parts = folder.path().join("parts");
        std::fs::create_dir(&parts).unwrap();
        std::fs::write(
            parts.join("realms.conf"),
            "[realms]\nA.TEST = {\nkdc = a\n}",
        )
        .unwrap();
        std::fs::write(parts.join("old~"), "[realms]\nA.TEST = {\nkdc = b\n}").unwrap();
        let main = folder.path().join("krb5.conf");
        // The file also includes itself.
        let text = format!(
            "includedir {}\ninclude {}\ninclude /nowhere\n[libdefaults]\ndefault_realm = A.TEST",
            parts.display(),
            main.display()
        );
        std::fs::write(&main, text).unwrap();
        let conf = Krb5Conf::open(&main).unwrap();
        assert_eq!(conf.default_realm.as_deref(), Some("A.TEST"));
        assert!(conf.kdcs("A.TEST").iter().all(|kdc| kdc == "a"));
        assert!(Krb5Conf::open(&folder.path().join("none")).is_err());
    }

    #[test]
    fn ignores_invalid_lines() {
        for text in [
            "[",
            "}\n}",
            "= {",
            "[realms]\n{\nkdc = a",
            "[realms\nA = {\n= b",
        ] {
            assert_eq!(conf(text).default_realm, None);
        }
    }
}
