use proptest::prelude::*;

use crate::cim::wql::{self, property};
use crate::cim::{DateTime, Instance, InstancePath, Value, WireForm};
use crate::simulator::model::wql::eval::Ancestry;
use crate::simulator::model::wql::like::Pattern;
use crate::simulator::model::wql::*;

/// A hierarchy in which only `Derived` derives from `Base`.
struct Family;

impl Ancestry for Family {
    fn is_a(&self, class: &Name, ancestor: &Name) -> bool {
        class == ancestor || (*class == "Derived" && *ancestor == "Base")
    }
}

fn row() -> Instance {
    let date = |text: &str| Value::from(text.parse::<DateTime>().unwrap());
    let inner = Instance::new("Derived").with("Deep", 7u8);
    Instance::new("Derived")
        .with("Name", "Spooler")
        .with("Path", r#"C:\a 'b' ""#)
        .with("Id", 1840u32)
        .with("Big", u64::MAX)
        .with("Low", -5i64)
        .with("Part", 0.1f32)
        .with("Started", true)
        .with("Sign", Value::Char16(65))
        .with("When", date("20240229123456.000000+060"))
        .with("Lasts", date("00000001000000.000000:000"))
        .with("Inner", Value::Instance(Box::new(inner)))
        .with("Peer", InstancePath::new("Base").with_key("K", "v"))
        .with("Tags", vec!["a"])
        .with_null("Nothing")
}

fn parse(text: &str) -> Result<Query, SyntaxError> {
    Query::parse(text, Syntax::Wmi)
}

fn holds(condition: &str) -> bool {
    let query = parse(&format!("SELECT * FROM Derived WHERE {condition}"));
    let query = query.unwrap_or_else(|error| panic!("{condition}: {error}"));
    query.matches(&row(), &Family)
}

#[test]
fn the_parts_of_a_query() {
    let query = parse("select Name, Inner.Deep,__CLASS FROM win32_Service").unwrap();
    assert_eq!(query.class, "Win32_Service");
    let first: Vec<_> = query
        .select
        .iter()
        .flatten()
        .filter_map(PropertyPath::first)
        .collect();
    assert_eq!(first, ["Name", "Inner", "__CLASS"]);
    assert_eq!(query.named_properties(), ["Name", "Inner"]);
    let query = parse("SELECT * FROM Tick WITHIN 2.5 WHERE A = 1 OR NOT (B IS NULL);").unwrap();
    assert_eq!((query.select.is_none(), query.within), (true, Some(2.5)));
    assert_eq!(query.named_properties(), ["A", "B"]);
}

#[test]
fn comparisons_that_hold() {
    let held = [
        "Name = 'spooler'",
        "name = \"SPOOLER\"",
        "Name <> 'x' AND Name != 'x'",
        "Name > 'a' AND Name < 'z'",
        r#"Path = 'C:\\a \'b\' "'"#,
        r#"Path = "C:\a 'b' \"""#,
        "Id = 1840 AND Id = '1840' AND Id >= 1840 AND Id <= 1840",
        "1839 < Id AND 1841 > Id",
        "Id > -1 AND Id < 1.8405e3",
        "Big = 18446744073709551615 AND Big > 18446744073709551614",
        "Low = -5 AND Low < +1",
        "Part = 0.1",
        "Started = TRUE AND Started = 1 AND Started = 'true' AND Started <> FALSE",
        "Sign = 'A' AND Sign = 65",
        "When = '20240229113456.000000+000'",
        "When < '2024-02-29T12:00:00Z' AND When > '20240229113455.999999+000'",
        "Lasts > '00000000230000.000000:000' AND Lasts = 'P1D'",
        "Peer = 'Base.K=\"v\"' AND Peer <> 'Base.K=\"w\"'",
        "Nothing IS NULL AND Nothing = NULL AND Missing IS NULL",
        "Name IS NOT NULL AND Name <> NULL",
        "__CLASS = 'derived' AND __CLASS ISA 'Base'",
        "__THIS ISA 'Base' AND NOT __THIS ISA 'Other'",
        "Inner.Deep = 7 AND Inner.__CLASS = 'Derived' AND Inner ISA Base AND Peer ISA \"Base\"",
        "NOT Id = 1 AND NOT (Id = 1 OR Id = 2)",
        "Id = 1 AND Id = 2 OR Id = 1840",
        "Name LIKE 'Spool%' AND NOT Name LIKE 'x%' AND Name NOT LIKE 'x%' AND Id LIKE '18%'",
    ];
    for condition in held {
        assert!(holds(condition), "{condition}");
    }
}

#[test]
fn comparisons_that_do_not_hold() {
    let refused = [
        "Name = 'Spoole'",
        "Id = 1841 OR Id < 0",
        "Id = 'abc'",
        "NOT Id = 'abc'",
        "Nothing = 1",
        "NOT Nothing = 1",
        "Nothing <> 1 AND Id = 1840",
        "Missing LIKE '%'",
        "Tags = 'a'",
        "Lasts = '20240229113456.000000+000'",
        "When = 'yesterday'",
        "Started = 'perhaps'",
        "Sign = 'AB'",
        "Inner = 'Derived'",
        "Id.Deep = 7",
        "Inner ISA 'Other'",
        "Id ISA 'Base'",
    ];
    for condition in refused {
        assert!(!holds(condition), "{condition}");
    }
    assert!(holds("Nothing = 1 OR Id = 1840"));
}

#[test]
fn patterns() {
    let matches = |pattern: &str, text: &str| Pattern::parse(pattern).matches(text);
    let held = [
        ("", ""),
        ("%", ""),
        ("a%b%c", "aXbXbYc"),
        ("%ab", "aab"),
        ("_b_", "ABC"),
        ("[a-c]x[^0=9]", "bXz"),
        ("100[%]", "100%"),
        ("a[_]b", "a_b"),
        ("[x", "[x"),
        ("%é_", "CAFÉ!"),
    ];
    for (pattern, text) in held {
        assert!(matches(pattern, text), "{pattern} {text}");
    }
    let refused = [
        ("", "a"),
        ("_", ""),
        ("a%b", "abc"),
        ("[^a]", "A"),
        ("[]", "a"),
        ("a", "ab"),
    ];
    for (pattern, text) in refused {
        assert!(!matches(pattern, text), "{pattern} {text}");
    }
}

#[test]
fn rejects_an_invalid_query() {
    let bad = [
        "",
        "selekt junk",
        "SELECT",
        "SELECT * FROM",
        "SELECT FROM A",
        "SELECT , FROM A",
        "SELECT * A",
        "SELECT * FROM A WHERE",
        "SELECT * FROM A WHERE B",
        "SELECT * FROM A WHERE B =",
        "SELECT * FROM A WHERE B = C",
        "SELECT * FROM A WHERE (B = 1",
        "SELECT * FROM A WHERE B = 1)",
        "SELECT * FROM A WHERE B = 'x",
        "SELECT * FROM A WHERE B = 1x",
        "SELECT * FROM A WHERE B LIKE 5",
        "SELECT * FROM A WHERE B IS 5",
        "SELECT * FROM A WHERE NOT",
        "SELECT * FROM A WITHIN soon",
        "SELECT * FROM A B",
        "SELECT a. FROM A",
        "associators of {A.Id=\"1\"}",
        "SELECT * FROM A WHERE B ? 1",
    ];
    for text in bad {
        assert!(parse(text).is_err(), "{text}");
    }
    let error = parse("SELECT * FROM A WHERE B =").unwrap_err();
    assert_eq!(error.to_string(), "expected a value at byte 25");
}

#[test]
fn a_query_cannot_exhaust_the_stack_or_the_time() {
    let nested = |open: &str, times: usize, close: &str| {
        format!(
            "SELECT * FROM A WHERE {}B = 1{}",
            open.repeat(times),
            close.repeat(times)
        )
    };
    assert!(parse(&nested("(", 60, ")")).is_ok());
    for (open, close) in [("(", ")"), ("NOT ", ""), ("NOT (", ")")] {
        assert!(parse(&nested(open, 200_000, close)).is_err());
    }
    let chain = format!(
        "SELECT * FROM A WHERE {} B = 1",
        "B = 1 AND ".repeat(100_000)
    );
    assert!(
        parse(&chain)
            .unwrap()
            .matches(&Instance::new("A").with("B", 1u8), &Family)
    );
    let pattern = Pattern::parse(&"%a".repeat(500));
    assert!(!pattern.matches(&"a".repeat(400)));
}

/// Whether a condition is true for the row on a server; `None` for a syntax error.
fn holds_on(syntax: Syntax, condition: &str) -> Option<bool> {
    let query = Query::parse(&format!("SELECT * FROM Derived WHERE {condition}"), syntax);
    Some(query.ok()?.matches(&row(), &Family))
}

/// Evaluates each condition on Windows, OMI and openwsman.
#[test]
fn servers_read_the_same_text_differently() {
    let (yes, no, error) = (Some(true), Some(false), None);
    for (condition, wanted) in [
        (r#"Path = "C:\\a 'b' \"""#, [yes, yes, error]),
        (r#"Path <> 'C:\a'"#, [yes, yes, yes]),
        (r"Name <> 'O\'Hara'", [yes, yes, error]),
        ("Name <> \"O'Hara\"", [yes, yes, yes]),
        ("Name <> 'a\nb'", [yes, yes, error]),
        ("Name = 'spooler'", [yes, yes, no]),
        ("Name LIKE 'spool%'", [yes, yes, no]),
        ("Name LIKE 'Spool%'", [yes, yes, yes]),
        ("Name LIKE '%ool%'", [yes, yes, yes]),
        ("Name LIKE '%er'", [yes, yes, yes]),
        ("Name LIKE 'Sp%er'", [yes, yes, no]),
        ("Name LIKE 'Spoole_'", [yes, yes, no]),
        ("Name LIKE 'Spoole[r]'", [yes, yes, no]),
        ("Name NOT LIKE 'x%'", [yes, error, yes]),
        ("Id = '1840'", [yes, yes, no]),
        ("Id = 1840", [yes, yes, yes]),
        ("Big = 18446744073709551615", [yes, no, no]),
        ("Part < 1e16", [yes, error, error]),
        ("Part < 1.0e16", [yes, yes, yes]),
        ("Nothing IS NULL", [yes, error, yes]),
        ("Nothing IS NOT NULL", [no, error, no]),
        ("Name IS NULL", [no, error, yes]),
        ("Name IS NOT NULL", [yes, error, no]),
        ("Nothing = NULL", [yes, yes, error]),
        ("__THIS ISA 'Base'", [yes, error, error]),
        ("__THIS ISA Base", [yes, error, error]),
        ("Inner ISA Base", [yes, yes, yes]),
        ("NOT Id = 1 AND Id = 1", [no, yes, no]),
        ("(NOT (Id = 1)) AND Id = 1", [no, no, no]),
        ("NOT (Id = 1)", [yes, yes, no]),
        ("NOT (Id = 1840)", [no, no, yes]),
    ] {
        let read = [Syntax::Wmi, Syntax::Omi, Syntax::Sfcb].map(|s| holds_on(s, condition));
        assert_eq!(read, wanted, "{condition}");
    }
}

#[test]
fn omi_has_escapes_for_line_breaks() {
    let row = Instance::new("A").with("B", "a\nb\rc\rdq");
    let query = Query::parse(r"SELECT * FROM A WHERE B = 'a\nb\rc\fd\q'", Syntax::Omi);
    assert!(query.unwrap().matches(&row, &Family));
}

/// Quotes a text for a query.
fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', r"\\")
        .replace('\'', r"\'")
        .replace('"', "\\\"");
    format!("'{escaped}'")
}

proptest! {
    #[test]
    fn any_text_is_a_query_or_an_error(text in "\\PC*") {
        let _ = parse(&text);
        let _ = parse(&format!("SELECT * FROM A WHERE {text}"));
    }

    #[test]
    fn any_value_comes_back_out_of_its_quotes(text in "\\PC*", more in "\\PC*") {
        let row = Instance::new("A").with("B", text.clone());
        let query = format!("SELECT * FROM A WHERE B = {}", quoted(&text));
        prop_assert!(parse(&query).unwrap().matches(&row, &Family));
        let query = format!("SELECT * FROM A WHERE B = {}", quoted(&format!("{text}{more}x")));
        prop_assert!(!parse(&query).unwrap().matches(&row, &Family));
    }

    /// A server reads the client's text as it was meant, or the client does not send it.
    #[test]
    fn a_condition_means_the_same_to_every_server(
        text in "[ab%_\\\\'\"\\[\\]^\\n-]{0,6}",
        other in "[ab%_\\\\'\"\\[\\]^\\n-]{0,8}",
    ) {
        let row = Instance::new("A").with("B", other.clone());
        for (form, syntax) in [
            (WireForm::Windows, Syntax::Wmi),
            (WireForm::Omi, Syntax::Omi),
            (WireForm::Openwsman, Syntax::Sfcb),
        ] {
            for (condition, holds) in [
                (property("B").eq(text.as_str()), other == text),
                (property("B").ne(text.as_str()), other != text),
                (property("B").starts_with(&text), other.starts_with(&text)),
                (property("B").contains(&text), other.contains(&text)),
                (
                    property("B").eq(text.as_str()).negated().and(property("B").contains("a")),
                    other != text && other.contains('a'),
                ),
            ] {
                let query = wql::Query::new("A").matching(condition).text(form);
                let Ok(query) = query else {
                    prop_assert_eq!(form, WireForm::Openwsman);
                    continue;
                };
                let read = Query::parse(&query, syntax);
                prop_assert_eq!(read.unwrap().matches(&row, &Family), holds, "{}", query);
            }
        }
    }

    #[test]
    fn numbers_are_ordered_as_they_are(a: i64, b: i64) {
        let row = Instance::new("A").with("B", a);
        for (sign, holds) in [("<", a < b), ("<=", a <= b), ("=", a == b), (">", a > b), ("<>", a != b)] {
            let query = parse(&format!("SELECT * FROM A WHERE B {sign} {b}")).unwrap();
            prop_assert_eq!(query.matches(&row, &Family), holds);
        }
    }

    #[test]
    fn a_literal_pattern_matches_itself(text in "[^%_\\[]*") {
        prop_assert!(Pattern::parse(&text).matches(&text));
        let (pattern, around) = (format!("%{text}%"), format!("<{text}>"));
        prop_assert!(Pattern::parse(&pattern).matches(&around));
    }
}
