//! Tests empty elements, which iDRAC sends for numbers and booleans without a value.

use serde::Deserialize;
use wsman::cim::{CimClass, CimType, Class, DateTime, Value};
use wsman::{Error, Instance};

use crate::{play, reference, requests, rows};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct View {
    name: String,
    count: Option<u32>,
    on: Option<bool>,
    ratio: Option<f64>,
    when: Option<DateTime>,
    text: Option<String>,
    parts: Option<Vec<u16>>,
}

impl CimClass for View {
    const CLASS: &'static str = "X";
}

const EMPTY: &str =
    "<p:Name>a</p:Name><p:Count/><p:On></p:On><p:Ratio> </p:Ratio><p:When/><p:Text/><p:Parts/>";

fn read(name: &str) -> String {
    ["<p:X>", &EMPTY.replace('a', name), "</p:X>"].concat()
}

#[tokio::test]
async fn reads_an_empty_element_as_none() {
    let (session, _replay) = play(&[rows(&["<p:X>", EMPTY, "</p:X>"].concat())]);
    let views: Vec<View> = session.enumerate().await.unwrap();
    let expected = View {
        name: "a".into(),
        count: None,
        on: None,
        ratio: None,
        when: None,
        text: Some(String::new()),
        parts: None,
    };
    assert_eq!(views, [expected]);

    let (session, _replay) = play(&[rows(&["<p:X>", EMPTY, "</p:X>"].concat())]);
    let row = session.enumerate_instances("X").await.unwrap().remove(0);
    for row in [row.clone(), row.typed_by(&class())] {
        assert_eq!(row.get::<Option<u32>>("Count"), Ok(None));
        assert_eq!(row.get::<Option<bool>>("On"), Ok(None));
        assert_eq!(row.get::<Option<f64>>("Ratio"), Ok(None));
        assert_eq!(row.get::<Option<DateTime>>("When"), Ok(None));
        assert_eq!(row.get::<Option<String>>("Text"), Ok(Some(String::new())));
        let error = row.get::<u32>("Count").unwrap_err();
        assert_eq!(
            error.to_string(),
            "property Count: empty: expected a value of type uint32"
        );
    }
}

fn class() -> Class {
    Class::new("X")
        .with_key("Name", CimType::String)
        .with("Count", CimType::Uint32)
        .with("On", CimType::Boolean)
        .with("Ratio", CimType::Real64)
        .with("When", CimType::DateTime)
}

/// openwsman and Windows would set NULL for `xsi:nil`.
#[tokio::test]
async fn writes_an_empty_element_back_as_empty() {
    let whole = [&read("a"), ""].concat();
    let (session, replay) = play(&[whole, String::new()]);
    let path = r#"X.Name="a""#;
    let mut row = session.get_instance(path).await.unwrap().typed_by(&class());
    row.set("Text", "new");
    session.modify_instance(&row).await.unwrap();
    let put = requests(&replay).pop().unwrap();
    for name in ["Count", "On", "When"] {
        let written = [format!("<p0:{name}></p0:{name}>"), format!("<p0:{name}/>")];
        assert!(written.iter().any(|w| put.contains(w)), "{name}: {put}");
    }
    assert!(!put.contains("nil"), "{put}");
    assert_eq!(row.value("Count"), Some(&Value::Untyped(String::new())));
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Counted {
    count: u32,
}

impl CimClass for Counted {
    const CLASS: &'static str = "X";
}

#[tokio::test]
async fn names_row_and_property_of_an_invalid_row_and_continues() {
    let row = |count: &str| format!("<p:X><p:Count>{count}</p:Count></p:X>");
    let all = [row("1"), row(""), row("3"), row("many"), row("5")].concat();
    let (session, _replay) = play(&[rows(&all)]);
    let mut stream = session.enumerate::<Counted>().stream();
    let (mut counts, mut errors) = (Vec::new(), Vec::new());
    while let Some(row) = stream.next().await {
        match row {
            Ok(row) => counts.push(row.count),
            Err(error @ Error::Value(_)) => errors.push(error.to_string()),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(counts, [1, 3, 5]);
    assert_eq!(
        errors,
        [
            "enumerate root\\a:X on http://host.example:5985/wsman: invalid value: row 1: property Count: empty: expected a value of type uint32",
            "enumerate root\\a:X on http://host.example:5985/wsman: invalid value: row 3: property Count: a text of 4 characters is not a value of type uint32",
        ]
    );
    let (session, _replay) = play(&[rows(&all)]);
    let error = session.enumerate::<Counted>().await.unwrap_err();
    assert!(error.to_string().contains("row 1"), "{error}");
}

/// The reference of a row may also be empty.
#[tokio::test]
async fn reads_an_empty_reference_as_none() {
    let body = format!("<p:X><p:R/><p:S>{}</p:S></p:X>", reference(""));
    let (session, _replay) = play(&[body]);
    let path = r#"X.Name="a""#;
    let row: Instance = session.get_instance(path).await.unwrap();
    assert_eq!(row.get::<Option<wsman::InstancePath>>("R"), Ok(None));
    assert!(
        row.get::<Option<wsman::InstancePath>>("S")
            .unwrap()
            .is_some()
    );
}
