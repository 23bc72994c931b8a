//! Tests rows as structs.

use serde::Deserialize;
use wsman::Error;
use wsman::cim::wql::property;
use wsman::cim::{CimClass, DateTime, Value};
use wsman::enumerate::PolymorphismMode;
use wsman::record::Replay;

use crate::{END, opened, play};

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
struct Item {
    id: String,
    size: u64,
    when: Option<DateTime>,
    lasts: Option<DateTime>,
    tags: Vec<String>,
    numbers: Vec<u32>,
    note: Option<String>,
    missing: Option<i64>,
    flag: bool,
}

impl CimClass for Item {
    const CLASS: &'static str = "A";
}

fn item(inside: &str) -> String {
    ["<p:A>", inside, "</p:A>"].concat()
}

const WHOLE: &str = r#"<p:Id>one</p:Id><p:Size>18446744073709551615</p:Size>
    <p:When><c:Datetime xmlns:c="http://schemas.dmtf.org/wbem/wscim/1/common">2024-02-29T12:34:56.5Z</c:Datetime></p:When>
    <p:Lasts>00000001020304.000005:000</p:Lasts><p:Tags>only</p:Tags>
    <p:Note xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/><p:Flag>TRUE</p:Flag>"#;

fn page(rows: &[String]) -> (u16, String) {
    opened(&["<w:Items>", &rows.concat(), "</w:Items>", END])
}

fn asked(replay: &Replay) -> String {
    String::from_utf8(replay.requests().first().unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn reads_every_kind_of_value_into_its_field() {
    let (session, _replay) = play(&[page(&[item(WHOLE)])]);
    let items: Vec<Item> = session.enumerate().await.unwrap();
    let expected = Item {
        id: "one".into(),
        size: u64::MAX,
        when: Some("20240229123456.500000+000".parse().unwrap()),
        lasts: Some("00000001020304.000005:000".parse().unwrap()),
        tags: vec!["only".into()],
        numbers: Vec::new(),
        note: None,
        missing: None,
        flag: true,
    };
    assert_eq!(items, [expected]);
}

#[tokio::test]
async fn requests_the_fields_of_the_struct() {
    let (session, replay) = play(&[page(&[])]);
    let sly = "x' OR '1'='1";
    let condition = property("Id").eq(sly).and(property("Size").gt(5u64));
    let items: Vec<Item> = session.query(condition).await.unwrap();
    assert!(items.is_empty());
    let query = "SELECT Id, Size, When, Lasts, Tags, Numbers, Note, Missing, Flag FROM A \
                 WHERE Id = 'x\\' OR \\'1\\'=\\'1' AND Size > 5";
    let request = asked(&replay).replace("&gt;", ">").replace("&apos;", "'");
    assert!(request.contains(query), "{request}");
}

#[tokio::test]
async fn whole_instances_are_enumerated_without_a_query() {
    let (session, replay) = play(&[page(&[item(WHOLE)])]);
    let rows = session.enumerate::<Item>().whole_instances();
    assert_eq!(rows.await.unwrap().len(), 1);
    let request = asked(&replay);
    assert!(
        request.contains("cim-schema/2/A") && !request.contains("Filter"),
        "{request}"
    );
}

#[tokio::test]
async fn names_the_property_of_an_invalid_row_and_continues() {
    let odd = WHOLE.replace("18446744073709551615", "a lot");
    let (session, _replay) = play(&[page(&[item(WHOLE), item(&odd), item(WHOLE)])]);
    let mut rows = session.enumerate::<Item>().stream();
    assert!(rows.next().await.unwrap().is_ok());
    let error = rows.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Value(_)), "{error:?}");
    let text = error.to_string();
    for part in ["Size", "a text of 5 characters", "64"] {
        assert!(text.contains(part), "{text} does not say {part}");
    }
    assert!(rows.next().await.unwrap().is_ok());
    assert!(rows.next().await.is_none());
}

#[tokio::test]
async fn rejects_an_invalid_condition_before_sending() {
    let (session, replay) = play(&[]);
    for condition in [
        property("not a name").eq(1u8),
        property("Id").eq(Value::Octets(vec![1])),
    ] {
        let error = session.query::<Item>(condition).await.unwrap_err();
        assert!(matches!(error, Error::InvalidParameter(_)), "{error:?}");
    }
    assert!(replay.requests().is_empty());
}

#[tokio::test]
async fn a_projected_row_of_windows_has_the_requested_class() {
    let row = "<w:XmlFragment><Id>one</Id><Size>5</Size></w:XmlFragment>";
    let (session, _replay) = play(&[page(&[row.into()])]);
    let rows = session
        .query_instances("SELECT Id, Size FROM A")
        .await
        .unwrap();
    assert_eq!(rows[0].class().as_str(), "A");
    assert_eq!(rows[0].get::<u32>("Size").unwrap(), 5);
}

#[tokio::test]
async fn selects_properties_with_a_query() {
    let (session, replay) = play(&[page(&[item("<p:Id>one</p:Id>")])]);
    let request = session.enumerate_instances("A").select(["Id", "Size"]);
    let rows = request.matching("Note", "x").await.unwrap();
    assert_eq!(rows.len(), 1);
    let request = asked(&replay);
    let query = "SELECT Id, Size FROM A WHERE Note = 'x'";
    assert!(request.contains(query), "{request}");
    let refused = session
        .enumerate_instances("A")
        .select(["Id"])
        .polymorphism(PolymorphismMode::Shallow)
        .await;
    assert!(matches!(refused, Err(Error::InvalidParameter(_))));
}
