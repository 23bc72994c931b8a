//! Tests raw XML that a value cannot express.

use super::{instance, lamp, text, value, written};
use crate::cim::{Instance, Value};
use crate::protocol::ResourceUriPrefix;

#[test]
fn mixed_content_reads_as_text_and_keeps_its_raw_xml() {
    for (sent, right) in [
        ("<p:V>note <q:b>x</q:b></p:V>", "note x"),
        ("<p:V><q:b>x</q:b> note</p:V>", "x note"),
        ("<p:V><q:b>x</q:b> note <q:b>y</q:b></p:V>", "x note y"),
        (r#"<p:V xsi:type="cim:cimString">a<b>b</b></p:V>"#, "ab"),
        (
            r#"<p:V xsi:type="cim:cimString"><b>b</b><c>c</c></p:V>"#,
            "bc",
        ),
        (
            "<p:V><cim:Datetime>PT1S</cim:Datetime> or so</p:V>",
            "PT1S or so",
        ),
        (
            "<p:V><q:ACME_Bulb>a<q:Label>b</q:Label></q:ACME_Bulb></p:V>",
            "ab",
        ),
        (
            r#"<p:V xsi:type="q:ACME_Bulb_Type"><q:L>a</q:L>b</p:V>"#,
            "ab",
        ),
        ("<p:V>a &amp; <q:b><![CDATA[<]]></q:b></p:V>", "a & <"),
    ] {
        let read = lamp(&[sent, "<p:W>1</p:W>"].concat());
        let v = read.property("V").expect(sent);
        assert_eq!(v.value(), &text(right), "{sent}");
        assert!(v.is_altered(), "{sent}");
        assert!(read.raw_xml("V").eq([sent]), "{sent}");
        assert_eq!(read.value("W"), Some(&text("1")), "{sent}");
        assert!(!read.property("W").expect("W").is_altered());
    }
    let inner = "<q:Note>a<b>b</b></q:Note>";
    let sent = format!(r#"<p:V xsi:type="q:ACME_Bulb_Type">{inner}<q:Label>x</q:Label></p:V>"#);
    let read: Instance = lamp(&sent).get("V").expect("an instance");
    assert_eq!(read.value("Note"), Some(&text("ab")));
    assert_eq!(read.value("Label"), Some(&text("x")));
    assert!(read.raw_xml("note").eq([inner]));
}

#[test]
fn refuses_to_write_an_incomplete_value() {
    let mut read = lamp("<p:V>note <q:b>x</q:b></p:V><p:W>1</p:W>");
    read.set("W", 2u8);
    let error = written(&read, &ResourceUriPrefix::Dmtf).unwrap_err();
    assert_eq!(error.property(), Some("V"));
    read.set("V", "note");
    assert_eq!(read.raw_xml("V").count(), 0);
    let bytes = written(&read, &ResourceUriPrefix::Dmtf).expect("written");
    assert!(bytes.contains("note</p0:V>"), "{bytes}");
}

#[test]
fn keeps_the_raw_xml_of_attributes_with_data() {
    for sent in [
        r#"<p:V unit="mm">3</p:V>"#,
        r#"<p:V xml:lang="de">3</p:V>"#,
        r#"<p:V xsi:type="cim:cimString" q:unit="mm">3</p:V>"#,
    ] {
        let read = lamp(sent);
        assert_eq!(read.value("V").and_then(Value::as_str), Some("3"), "{sent}");
        assert!(read.raw_xml("V").eq([sent]), "{sent}");
        assert!(!read.property("V").expect("V").is_altered(), "{sent}");
    }
    let read = lamp(r#"<p:V unit="mm"><q:Label>x</q:Label></p:V><p:V unit="cm"/>"#);
    assert!(
        read.raw_xml("V")
            .eq([r#"<p:V unit="mm">"#, r#"<p:V unit="cm"/>"#])
    );
    for sent in [
        r#"<p:V xmlns:z="urn:z">3</p:V>"#,
        r#"<p:V xsi:type="cim:cimString">3</p:V>"#,
        r#"<p:V xsi:schemaLocation="a b">3</p:V>"#,
        r#"<p:V xsi:nil="true"/>"#,
    ] {
        assert_eq!(lamp(sent).raw_elements().count(), 0, "{sent}");
    }
    let root = instance(r#"<p:ACME_Lamp version="2"><p:V>1</p:V></p:ACME_Lamp>"#);
    assert_eq!(root.own_raw_xml(), Some(r#"<p:ACME_Lamp version="2">"#));
    let stray = "<p:ACME_Lamp>note<p:V>1</p:V></p:ACME_Lamp>";
    let root = instance(stray);
    assert_eq!(
        (root.own_raw_xml(), root.value("V")),
        (Some(stray), Some(&text("1")))
    );
}

#[test]
fn keeps_the_content_of_a_nil_element() {
    let sent = r#"<p:V xsi:nil="true">5</p:V>"#;
    assert_eq!(value(sent), text("5"));
    assert!(lamp(sent).raw_xml("V").eq([sent]));
    let typed = r#"<p:V xsi:nil="1" xsi:type="cim:cimUnsignedByte">5</p:V>"#;
    assert_eq!(value(typed), Value::Uint8(5));
    assert_eq!(value("<p:V xsi:nil=\"true\">\n</p:V>"), Value::Null);
    assert_eq!(value(r#"<p:V xsi:nil="false">5</p:V>"#), text("5"));
}
