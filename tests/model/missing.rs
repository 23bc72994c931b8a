//! Tests what a field takes for a missing property or an empty element. serde reports this only by an
//! error, which is learned once for a type; no result may depend on the rows that came before.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserializer;

use super::*;

fn untyped(text: &str) -> Value {
    Value::Untyped(text.to_owned())
}

/// Reads rows into a struct in several orders, twice each, and expects the same of each row. Each order
/// has a struct of its own, of which nothing is known before.
macro_rules! in_any_order {
    (struct $name:ident $fields:tt $rows:expr) => {{
        in_any_order!(@order $name $fields $rows, |_| {});
        in_any_order!(@order $name $fields $rows, |rows| rows.reverse());
        in_any_order!(@order $name $fields $rows, |rows| rows.rotate_left(1));
        in_any_order!(@order $name $fields $rows, |rows| rows.rotate_left(2));
    }};
    (@order $name:ident $fields:tt $rows:expr, $reorder:expr) => {{
        #[derive(Debug, PartialEq, Deserialize)]
        struct $name $fields
        let mut rows: Vec<(Instance, Result<$name, &str>)> = $rows;
        let reorder: fn(&mut [(Instance, Result<$name, &str>)]) = $reorder;
        reorder(&mut rows);
        for (row, expected) in rows.iter().chain(&rows) {
            let read = row.to_struct::<$name>().map_err(|error| error.to_string());
            assert_eq!(read.as_ref().map_err(String::as_str), expected.as_ref().map_err(|text| *text));
        }
    }};
}

fn seven() -> Vec<u8> {
    vec![7]
}

#[test]
fn a_default_precedes_the_empty_list() {
    in_any_order! {
        struct Mixed {
            first: Vec<u8>,
            #[serde(default = "seven")]
            second: Vec<u8>,
            third: Vec<String>,
            #[serde(default = "seven")]
            fourth: Vec<u8>,
            maybe: Option<Vec<u8>>,
        }
        {
            let mixed = |first: &[u8], second: &[u8]| Mixed {
                first: first.to_vec(),
                second: second.to_vec(),
                third: vec![],
                fourth: seven(),
                maybe: None,
            };
            let row = || Instance::new("A");
            vec![
                (row(), Ok(mixed(&[], &[7]))),
                (row().with("FIRST", 1u8), Ok(mixed(&[1], &[7]))),
                (row().with_null("Second"), Ok(mixed(&[], &[]))),
                (row().with("third", Value::Array(Array::untyped())), Ok(mixed(&[], &[7]))),
            ]
        }
    }
}

#[test]
fn the_default_of_the_struct_precedes_the_empty_list() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(default)]
    struct Whole {
        tags: Vec<u8>,
        state: String,
    }

    impl Default for Whole {
        fn default() -> Self {
            Self {
                tags: seven(),
                state: "off".into(),
            }
        }
    }

    assert_eq!(Instance::new("A").to_struct(), Ok(Whole::default()));
}

#[test]
fn an_alias_sets_a_list_that_was_missing_before() {
    in_any_order! {
        struct Aliased {
            #[serde(alias = "Label", alias = "Mark")]
            tags: Vec<u8>,
            sizes: Vec<u8>,
        }
        {
            let read = |tags: &[u8]| Ok(Aliased { tags: tags.to_vec(), sizes: vec![] });
            let row = |name: &str| Instance::new("A").with(name, 5u8);
            vec![
                (Instance::new("A"), read(&[])),
                (row("LABEL"), read(&[5])),
                (row("Mark"), read(&[5])),
                (row("Tags"), read(&[5])),
                (row("Tags").with("Mark", 6u8), Err("property tags: sent under two names")),
            ]
        }
    }
}

#[test]
fn a_flattened_struct_finds_its_fields_without_case() {
    in_any_order! {
        struct Flat {
            #[serde(rename = "Id")]
            id: u8,
            #[serde(rename = "Tags", alias = "Label")]
            tags: Vec<u8>,
            #[serde(flatten)]
            rest: std::collections::BTreeMap<String, Value>,
        }
        {
            let flat = |tags: &[u8], rest: &[&str]| Ok(Flat {
                id: 1,
                tags: tags.to_vec(),
                rest: rest.iter().map(|name| ((*name).to_owned(), Value::from("on"))).collect(),
            });
            let row = |name: &str| Instance::new("A").with(name, untyped("1"));
            vec![
                (row("ID"), flat(&[], &[])),
                (row("Id").with("Label", 5u8), flat(&[5], &[])),
                (row("iD").with("TAGS", 5u8).with("State", "on"), flat(&[5], &["State"])),
                (row("State"), Err("property Id: missing: expected a value of type uint8")),
            ]
        }
    }
}

#[test]
fn the_error_does_not_depend_on_earlier_rows() {
    in_any_order! {
        struct Strict {
            tags: Vec<u8>,
            count: u32,
            name: String,
        }
        {
            let row = || Instance::new("A");
            vec![
                (row(), Err("property count: missing: expected a value of type uint32")),
                (row().with("Count", 1u32), Err("property name: missing: expected a value of type string")),
                (row().with("Name", "a"), Err("property count: missing: expected a value of type uint32")),
                (row().with("Count", untyped("x")), Err("property count: a text of 1 character is not a value of type uint32")),
                (row().with("Tags", untyped("x")), Err("property tags: a text of 1 character is not a value of type uint8")),
            ]
        }
    }
}

#[test]
fn a_blank_is_none_unless_the_type_takes_it() {
    in_any_order! {
        struct Blanks {
            number: Option<u32>,
            text: Option<String>,
            letter: Option<char>,
            double: Option<Option<u8>>,
        }
        {
            let row = |text: &str| {
                let names = ["Number", "Text", "Letter", "Double"];
                names.iter().fold(Instance::new("A"), |row, name| row.with(*name, untyped(text)))
            };
            let blanks = |text: &str, letter| Ok(Blanks {
                number: None,
                text: Some(text.to_owned()),
                letter,
                double: Some(None),
            });
            vec![
                (row(""), blanks("", None)),
                (row(" "), blanks(" ", Some(' '))),
                (row("\n  "), blanks("\n  ", None)),
                (row("  "), blanks("  ", None)),
            ]
        }
    }
}

static READ: AtomicUsize = AtomicUsize::new(0);

/// Counts how often it is read.
#[derive(Debug)]
struct Counted;

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        READ.fetch_add(1, Ordering::Relaxed);
        String::deserialize(deserializer).map(|_| Self)
    }
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Disk {
    name: Counted,
    sizes: Vec<u8>,
    labels: Vec<String>,
    free: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Host {
    disks: Vec<Disk>,
}

#[test]
fn reads_a_row_in_one_pass_once_its_type_is_known() {
    let disk = || {
        Instance::new("Disk")
            .with("name", "a")
            .with("free", untyped(""))
    };
    let host = |disks: usize| {
        let disks = (0..disks).map(|_| Value::from(disk())).collect();
        let disks = Value::Array(Array::from_values(disks).unwrap());
        Instance::new("Host")
            .with("disks", disks)
            .to_struct::<Host>()
    };
    let reads = |disks: usize| {
        let before = READ.load(Ordering::Relaxed);
        assert_eq!(host(disks).unwrap().disks.len(), disks);
        READ.load(Ordering::Relaxed) - before
    };
    // Two lists and an empty optional number: each is learned from the first disk.
    assert_eq!(reads(100), 100 + 3);
    assert_eq!(reads(1000), 1000);
    assert_eq!(reads(1), 1);
}
