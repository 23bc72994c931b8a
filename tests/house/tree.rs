//! Tests the dependencies of the library: their number, their names, and their minimum Rust version.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::sources::root;

/// The maximum number of packages with the default features, including this one.
const MOST: usize = 116;

/// Packages that were removed or are faulty: `cts` encrypts exactly one block as no other program does.
const FORBIDDEN: &[&str] = &[
    "cts",
    "picky",
    "picky-asn1",
    "picky-krb",
    "reqwest",
    "rsa",
    "sspi",
];

/// Packages that may be there in two versions.
const TWICE: &[&str] = &[];

/// A package: its name and its version.
type Package = (String, String);

fn cargo(arguments: &[&str]) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).args(arguments);
    let output = cargo.args(["--offline", "--locked"]).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the packages that the library needs at run time with these features, not for builds or
/// tests.
fn tree(features: &str) -> BTreeSet<Package> {
    let tree = ["tree", "--package=wsman", "--edges=normal"];
    let form = ["--prefix=none", "--format={p}", "--features", features];
    let tree = cargo(&[&tree[..], &form].concat());
    let package = |line: &str| {
        let (name, rest) = line.split_once(" v")?;
        let version = rest.split_whitespace().next()?;
        Some((name.to_owned(), version.to_owned()))
    };
    tree.lines().filter_map(package).collect()
}

/// Returns the minimum Rust version of each package of the workspace's tree.
fn needed_rust() -> BTreeMap<Package, Option<String>> {
    // Packages of other platforms need not be on this machine.
    let host = Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let metadata = ["metadata", "--format-version=1", "--features=full"];
    let metadata = cargo(&[&metadata[..], &["--filter-platform", host]].concat());
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let name = text(&package["name"]).unwrap();
            let version = text(&package["version"]).unwrap();
            ((name, version), text(&package["rust_version"]))
        })
        .collect()
}

/// Parses a version of Rust into numbers.
fn numbers(version: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = version.split('.').map(|n| n.parse().unwrap()).collect();
    numbers.resize(3, 0);
    numbers
}

#[test]
fn default_features_need_few_packages() {
    let tree = tree("default");
    assert!(tree.len() > 50, "{tree:?}");
    assert!(tree.len() <= MOST, "{} packages: {tree:#?}", tree.len());
    for feature in ["aes", "rustls"] {
        assert!(tree.iter().any(|(name, _)| name == feature), "{feature}");
    }
}

#[test]
fn no_package_is_removed_or_duplicated() {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, version) in tree("full") {
        // The part after a plus is build metadata.
        let release = version.split('+').next().unwrap();
        assert!(!release.contains('-'), "{name} {version}");
        assert!(!FORBIDDEN.contains(&name.as_str()), "{name}");
        versions.entry(name).or_default().push(version);
    }
    for (name, versions) in versions {
        let is_one = versions.len() == 1 || TWICE.contains(&name.as_str());
        assert!(is_one, "{name}: {versions:?}");
    }
}

#[test]
fn no_package_needs_a_newer_rust_than_this_one() {
    let needed = needed_rust();
    let ours = numbers(env!("CARGO_PKG_RUST_VERSION"));
    assert!(ours <= numbers("1.89"), "{ours:?}");
    for package in tree("full") {
        let rust = needed
            .get(&package)
            .unwrap_or_else(|| panic!("{package:?}"));
        // A package without a minimum version is tested by the compiler alone.
        let is_old = rust.as_ref().is_none_or(|rust| numbers(rust) <= ours);
        assert!(is_old, "{package:?} needs Rust {rust:?}");
    }
}
