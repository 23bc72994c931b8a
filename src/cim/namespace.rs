//! The name of a CIM namespace.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use super::{ValueError, hash_name, same_name};

/// A CIM namespace such as `root/cimv2`, with slashes; compared without case.
///
/// A backslash is read as a slash. A computer name (`\\host\root\cimv2`) is rejected: the session sets
/// the host, and another host in the namespace would silently address the wrong computer.
///
/// ```
/// use wsman::cim::Namespace;
/// let namespace: Namespace = r"root\cimv2".parse()?;
/// assert_eq!(namespace.as_str(), "root/cimv2");
/// assert!(r"\\other\root\cimv2".parse::<Namespace>().is_err());
/// # Ok::<(), wsman::cim::ValueError>(())
/// ```
#[derive(Clone, Eq)]
pub struct Namespace(Arc<str>);

impl Namespace {
    /// Returns the text, with slashes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Namespace {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let slashed = text.replace('\\', "/");
        if slashed.starts_with("//") {
            return Err(ValueError::new(text, "a namespace without a computer name"));
        }
        let trimmed = slashed.trim_matches('/');
        let whole = !trimmed.is_empty() && trimmed.split('/').all(is_segment);
        if !whole {
            return Err(ValueError::new(text, "a namespace such as root/cimv2"));
        }
        Ok(Self(Arc::from(trimmed)))
    }
}

fn is_segment(segment: &str) -> bool {
    !segment.is_empty()
        && !segment
            .contains(|c: char| c.is_control() || c.is_whitespace() || ":.\"'*?&<>".contains(c))
}

impl Hash for Namespace {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_name(&self.0, state);
    }
}

impl PartialEq for Namespace {
    fn eq(&self, other: &Self) -> bool {
        same_name(&self.0, &other.0)
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl AsRef<str> for Namespace {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_remote_and_incomplete_namespaces() {
        let namespace: Namespace = r"ROOT\cimv2\".parse().unwrap();
        assert_eq!(namespace, "root/CIMV2".parse().unwrap());
        for bad in [
            "",
            "/",
            "root//cimv2",
            "root/ cimv2",
            "root.x",
            r"\\host\root",
            "a\nb",
        ] {
            assert!(bad.parse::<Namespace>().is_err(), "{bad}");
        }
    }
}
