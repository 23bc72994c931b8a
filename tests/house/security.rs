//! Tests that each test named in `SECURITY.md` exists.

use crate::sources::root;

/// Returns the file and the name of each test that a text names, as in `` `tests/a.rs::b` ``.
fn named(text: &str) -> Vec<(&str, &str)> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter_map(|name| name.split_once("::")).collect()
}

/// Returns whether a file has a test of this name.
fn has_test(code: &str, name: &str) -> bool {
    let lines: Vec<&str> = code.lines().map(str::trim).collect();
    let is_function = |line: &&str| {
        let rest = line.strip_prefix("async ").unwrap_or(line);
        let rest = rest
            .strip_prefix("fn ")
            .and_then(|rest| rest.strip_prefix(name));
        rest.is_some_and(|rest| rest.starts_with('('))
    };
    let Some(at) = lines.iter().position(is_function) else {
        return false;
    };
    let before = lines[..at]
        .iter()
        .rev()
        .take_while(|line| line.starts_with("#["));
    let is_test = |line: &&str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    before.into_iter().any(is_test)
}

#[test]
fn each_test_that_the_security_policy_names_exists() {
    let policy = std::fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let named = named(&policy);
    assert!(named.len() > 30, "{} tests are named", named.len());
    let is_missing = |(file, name): &&(&str, &str)| {
        let code = std::fs::read_to_string(root().join(file));
        !code.is_ok_and(|code| has_test(&code, name))
    };
    let missing: Vec<_> = named.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn each_fuzz_target_that_the_security_policy_names_exists() {
    let policy = std::fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let sentences = policy.split("the fuzz target").skip(1);
    let mut targets = 0;
    for sentence in sentences {
        let sentence = sentence.split('|').next().unwrap();
        for name in sentence
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| !name.contains('/'))
        {
            let file = root()
                .join("fuzz/fuzz_targets")
                .join(name)
                .with_extension("rs");
            assert!(file.is_file(), "there is no fuzz target {name}");
            targets += 1;
        }
    }
    assert!(targets >= 5, "{targets} targets are named");
}

#[test]
fn finds_the_named_tests() {
    assert_eq!(
        named("`a.rs::b`, `c` and `d.rs::e`"),
        [("a.rs", "b"), ("d.rs", "e")]
    );
    let code = "#[tokio::test]\nasync fn b() {\n}\nfn helper() {\n}\n    #[test]\n    #[cfg(unix)]\n    fn d() {\n";
    assert!(has_test(code, "b") && has_test(code, "d"));
    assert!(!has_test(code, "helper") && !has_test(code, "e"));
}
