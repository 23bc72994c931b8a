//! Tests the elements around values and the effect of types.

use super::{TIME, array, envelope, instance, lamp, message, of, text, time, value};
use crate::cim::{Instance, Value};
use crate::protocol::{Asked, FragmentBody, InstanceReader, Page, WireForm, read_envelope};
use crate::xml::Limits;

#[test]
fn reads_a_body_in_no_namespace_and_rejects_a_leaf_as_an_instance() {
    let read = instance("<ACME_Lamp><V>x</V></ACME_Lamp>");
    assert_eq!(read, Instance::new("ACME_Lamp").with("V", text("x")));
    let empty = instance("<p:ACME_Lamp/>");
    assert_eq!(empty, Instance::new("ACME_Lamp"));
    let leaf = message("<p:ReturnValue>0</p:ReturnValue>");
    assert!(leaf.instances.is_empty());
    assert_eq!(leaf.texts, [("ReturnValue".into(), "0".to_owned())]);
    let bytes = envelope("<p:ReturnValue>0</p:ReturnValue>");
    let get = read_envelope(bytes.as_bytes(), Limits::default(), |body, first, _| {
        body.instance(first)
    });
    assert_eq!(
        get.unwrap_err().to_string(),
        "<ReturnValue> holds a text of length 1 where an instance was expected"
    );
    let invoke = read_envelope(bytes.as_bytes(), Limits::default(), |body, first, _| {
        body.output(first)
    });
    assert!(invoke.is_err());
}

#[test]
fn reads_a_fragment_of_one_or_several_properties() {
    let read = |content: &str| {
        let bytes = envelope(&["<w:XmlFragment>", content, "</w:XmlFragment>"].concat());
        let read = read_envelope(bytes.as_bytes(), Limits::default(), |body, first, _| {
            body.fragment(first)
        });
        match read.expect(content).1.expect("no fault") {
            FragmentBody::Value(value) => value,
            FragmentBody::Whole(_) => panic!("whole"),
        }
    };
    for (content, right) in [
        ("", Value::Null),
        ("x", text("x")),
        ("<p:V>x</p:V>", text("x")),
        ("<V><Datetime>PT1S</Datetime></V>", time("PT1S")),
        ("<p:V>x</p:V><p:V>y</p:V>", array([text("x"), text("y")])),
        (r#"<p:V xsi:nil="true"/>"#, Value::Null),
        (
            "<A>1</A><B>2</B>",
            of("", [("A", text("1")), ("B", text("2"))]),
        ),
    ] {
        assert_eq!(read(content), right, "{content}");
    }
}

#[test]
fn finds_the_elements_of_a_page_in_any_namespace() {
    for items in ["n:Items", "w:Items", "Items", "q:Items"] {
        let bytes = envelope(&format!(
            "<n:PullResponse><{items}><p:ACME_Lamp><p:V>1</p:V></p:ACME_Lamp><cim:Odd><p:V>2</p:V></cim:Odd></{items}><EndOfSequence/></n:PullResponse>"
        ));
        let page = Page::read(
            bytes.into_bytes(),
            Limits::default(),
            Asked::IDENTIFY,
            None,
            InstanceReader::default(),
        );
        let mut page = page.expect("read").expect("no fault");
        let mut found = Vec::new();
        while let Some(row) = page.next_row().expect("a row") {
            found.push(row.instance.expect("an instance").value("V").cloned());
        }
        assert_eq!(found, [Some(text("1")), Some(text("2"))], "{items}");
        assert!(page.has_ended(), "{items}");
    }
}

#[test]
fn reads_datetimes_in_the_rows_of_a_projection() {
    let row =
        "<w:XmlFragment><V><Datetime>2014-04-03T14:45:50Z</Datetime></V><W>1</W></w:XmlFragment>";
    let page = [
        "<n:PullResponse><n:Items>",
        row,
        "</n:Items></n:PullResponse>",
    ]
    .concat();
    let read = instance(&page);
    assert_eq!(read.value("V"), Some(&time(TIME)));
    assert_eq!(read.value("W"), Some(&text("1")));
}

#[test]
fn reads_octets_on_several_lines() {
    let sent = "<p:V xsi:type=\"cim:cimBase64Binary\">AQID\nBA==\n</p:V>";
    assert_eq!(value(sent), Value::octets([1, 2, 3, 4]));
    let plain = lamp("<p:V>AQID\nBA==</p:V>");
    assert_eq!(plain.octets("V"), Ok(vec![1, 2, 3, 4]));
    assert_eq!(plain.octets("W").unwrap_err().property(), Some("W"));
}

#[test]
fn reads_a_char16_from_omi_as_a_number() {
    let bytes = envelope(r#"<p:L><p:V xsi:type="cim:cimChar16">5</p:V></p:L>"#);
    for (form, unit) in [(WireForm::Omi, 5), (WireForm::Windows, 0x35)] {
        let read = read_envelope(bytes.as_bytes(), Limits::default(), |body, first, _| {
            body.instances.read_char16_as(form.char16_text());
            body.instance(first)
        });
        let read = read.expect("read").1.expect("no fault");
        assert_eq!(read.value("V"), Some(&Value::Char16(unit)), "{form:?}");
    }
}

#[test]
fn types_determine_the_meaning_of_text() {
    for (sent, right) in [
        (
            r#"<p:V xsi:type="cim:cimUnsignedByte">7</p:V>"#,
            Value::Uint8(7),
        ),
        (
            r#"<p:V xsi:type="cim:cimUnsignedByte">300</p:V>"#,
            text("300"),
        ),
        (
            r#"<p:V xsi:type="cim:cimString"> a </p:V>"#,
            Value::from(" a "),
        ),
        (r#"<p:V xsi:type="cim:cimString"/>"#, Value::from("")),
        (
            r#"<p:V xsi:type="cim:cimDateTime">PT1S</p:V>"#,
            time("PT1S"),
        ),
        (r#"<p:V xsi:type="cim:cimDateTime">P</p:V>"#, time("PT0S")),
        (r#"<p:V xsi:type="xs:unknown">a</p:V>"#, text("a")),
    ] {
        assert_eq!(value(sent), right, "{sent}");
    }
}
