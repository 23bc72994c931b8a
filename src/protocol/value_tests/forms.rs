//! Tests datetimes, references and embedded instances.

use super::{SCHEMA, TIME, array, bulb, lamp, of, text, time, value};
use crate::cim::{InstancePath, Value};

#[test]
fn reads_datetime_wrappers_with_and_without_a_namespace() {
    for wrapper in [
        "Datetime",
        "Date",
        "CIM_DateTime",
        "cim:Datetime",
        "cim:CIM_DateTime",
    ] {
        let sent = format!("<p:V><{wrapper}>{TIME}</{wrapper}></p:V>");
        assert_eq!(value(&sent), time(TIME), "{sent}");
    }
    for wrapper in ["Interval", "cim:Interval"] {
        let sent = format!("<p:V><{wrapper}>PT1H</{wrapper}></p:V>");
        assert_eq!(value(&sent), time("PT1H"), "{sent}");
    }
    for (sent, right) in [
        ("<p:V><cim:Time>12:00:00</cim:Time></p:V>", text("12:00:00")),
        (
            "<p:V><cim:Datetime>never</cim:Datetime></p:V>",
            text("never"),
        ),
        (r#"<p:V><cim:Datetime xsi:nil="true"/></p:V>"#, Value::Null),
        (r#"<p:V><Datetime xsi:nil="true"/></p:V>"#, Value::Null),
        (r#"<p:V xsi:nil="true"/>"#, Value::Null),
        ("<p:V>\n <Datetime>PT1S</Datetime>\n</p:V>", time("PT1S")),
        (
            r#"<p:V xsi:type="cim:cimDateTime"><cim:Datetime>PT1S</cim:Datetime></p:V>"#,
            time("PT1S"),
        ),
        (
            "<p:V><cim:Datetime>PT1S</cim:Datetime></p:V><p:V><cim:Datetime>PT2S</cim:Datetime></p:V>",
            array([time("PT1S"), time("PT2S")]),
        ),
        (
            "<p:V><cim:Datetime>PT1S</cim:Datetime><cim:Datetime>PT2S</cim:Datetime></p:V>",
            array([time("PT1S"), time("PT2S")]),
        ),
        (
            r#"<p:V><cim:Datetime>PT1S</cim:Datetime></p:V><p:V xsi:nil="true"/>"#,
            array([time("PT1S"), Value::Null]),
        ),
        (
            r#"<p:V xsi:nil="true"/><p:V><Datetime>PT1S</Datetime></p:V>"#,
            array([Value::Null, time("PT1S")]),
        ),
    ] {
        assert_eq!(value(sent), right, "{sent}");
    }
}

#[test]
fn reads_a_property_named_like_a_datetime_wrapper() {
    let datetime = || ("Datetime", text(TIME));
    for (sent, right) in [
        (
            "<p:V><Datetime>never</Datetime></p:V>",
            vec![("Datetime", text("never"))],
        ),
        (
            "<p:V><Datetime>2014-04-03T14:45:50Z</Datetime><Name>n</Name></p:V>",
            vec![datetime(), ("Name", text("n"))],
        ),
        (
            "<p:V><Name>n</Name><Datetime>2014-04-03T14:45:50Z</Datetime></p:V>",
            vec![("Name", text("n")), datetime()],
        ),
        (
            "<p:V><cim:Datetime>PT1S</cim:Datetime><q:Label>n</q:Label></p:V>",
            vec![("Datetime", time("PT1S")), ("Label", text("n"))],
        ),
        (
            "<p:V><Datetime><A>1</A><B>2</B></Datetime><C>3</C></p:V>",
            vec![
                ("Datetime", of("", [("A", text("1")), ("B", text("2"))])),
                ("C", text("3")),
            ],
        ),
    ] {
        assert_eq!(value(sent), of("", right), "{sent}");
    }
    let typed =
        r#"<p:V xsi:type="q:ACME_Bulb_Type"><Datetime>2014-04-03T14:45:50Z</Datetime></p:V>"#;
    assert_eq!(value(typed), of("ACME_Bulb", [datetime()]));
}

#[test]
fn keeps_all_children_of_elements_in_no_namespace() {
    let m = |number: &str| of("M", [("A", text(number))]);
    for (sent, right) in [
        ("<V><M><A>1</A></M></V>", m("1")),
        (
            "<V><M><A>1</A></M><M><A>2</A></M></V>",
            array([m("1"), m("2")]),
        ),
        (
            "<V><M><A>1</A></M><N>2</N></V>",
            of("", [("M", of("", [("A", text("1"))])), ("N", text("2"))]),
        ),
        (
            "<V><A>1</A><A>2</A></V>",
            of("", [("A", array([text("1"), text("2")]))]),
        ),
        ("<V><A>1</A></V>", of("", [("A", text("1"))])),
        ("<V><A/></V>", of("", [("A", text(""))])),
        (
            "<V><Name>Spooler</Name><State>Running</State></V>",
            of("", [("Name", text("Spooler")), ("State", text("Running"))]),
        ),
        (
            "<V><A><B><C>1</C></B></A></V>",
            of("", [("A", of("B", [("C", text("1"))]))]),
        ),
        (
            "<V><T><Datetime>PT1S</Datetime></T></V>",
            of("", [("T", time("PT1S"))]),
        ),
        (
            "<V><A>1</A></V><V><A>2</A><B>3</B></V>",
            array([
                of("", [("A", text("1"))]),
                of("", [("A", text("2")), ("B", text("3"))]),
            ]),
        ),
    ] {
        assert_eq!(value(sent), right, "{sent}");
    }
}

#[test]
fn reads_embedded_instances_in_every_form() {
    for (sent, right) in [
        (
            r#"<p:V xsi:type="q:ACME_Bulb_Type"><q:Label>x</q:Label></p:V>"#,
            bulb("x"),
        ),
        ("<p:V><q:Label>x</q:Label></p:V>", bulb("x")),
        (
            "<p:V><q:ACME_Bulb><q:Label>x</q:Label></q:ACME_Bulb></p:V>",
            bulb("x"),
        ),
        (
            "<p:V><q:ACME_Bulb><q:Label>x</q:Label></q:ACME_Bulb><q:ACME_Bulb><q:Label>y</q:Label></q:ACME_Bulb></p:V>",
            array([bulb("x"), bulb("y")]),
        ),
        (
            "<p:V><q:ACME_Bulb><q:Label>x</q:Label></q:ACME_Bulb><q:Other>y</q:Other></p:V>",
            of("", [("ACME_Bulb", bulb("x")), ("Other", text("y"))]),
        ),
        (
            "<p:V><q:ACME_Bulb>x</q:ACME_Bulb></p:V>",
            of("", [("ACME_Bulb", text("x"))]),
        ),
        (r#"<p:V xsi:type="q:ACME_Bulb_Type"/>"#, of("ACME_Bulb", [])),
        (
            r#"<p:V xsi:type="q:ACME_Bulb_Type"> </p:V>"#,
            of("ACME_Bulb", []),
        ),
        (r#"<p:V xsi:type="q:ACME_Bulb_Type">x</p:V>"#, text("x")),
        (
            r#"<p:V xsi:type="q:ACME_Bulb_Type" xsi:nil="true"/>"#,
            Value::Null,
        ),
        ("<p:V><q:ACME_Bulb/></p:V>", of("ACME_Bulb", [])),
        ("<p:V><p:A>1</p:A></p:V>", of("", [("A", text("1"))])),
        (
            r#"<p:V xsi:type="q:ACME_Bulb_Type"><q:Part xsi:type="i:IPS_Clock_Type"><i:Id>1</i:Id></q:Part><q:Label>x</q:Label></p:V>"#,
            of(
                "ACME_Bulb",
                [
                    ("Part", of("IPS_Clock", [("Id", text("1"))])),
                    ("Label", text("x")),
                ],
            ),
        ),
    ] {
        assert_eq!(value(sent), right, "{sent}");
    }
}

#[test]
fn keeps_the_elements_beside_a_reference() {
    let parts = |id: &str| {
        format!(
            r#"<a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>{SCHEMA}ACME_Bulb</w:ResourceURI><w:SelectorSet><w:Selector Name="Id">{id}</w:Selector></w:SelectorSet></a:ReferenceParameters>"#
        )
    };
    let wrapped = |id: &str| format!("<a:EndpointReference>{}</a:EndpointReference>", parts(id));
    let path = |id: &str| Value::from(InstancePath::new("ACME_Bulb").with_key("Id", text(id)));
    let v = |inner: &str| format!("<p:V>{inner}</p:V>");
    for (sent, right) in [
        (v(&parts("1")), path("1")),
        (v(&wrapped("1")), path("1")),
        (
            v(&[wrapped("1"), wrapped("2")].concat()),
            array([path("1"), path("2")]),
        ),
        (
            [v(&parts("1")), v(&parts("2"))].concat(),
            array([path("1"), path("2")]),
        ),
        (
            v(&[&wrapped("1"), "<q:Label>x</q:Label>"].concat()),
            of("", [("EndpointReference", path("1")), ("Label", text("x"))]),
        ),
        (
            v(&[&parts("1"), "<q:Label>x</q:Label>"].concat()),
            of("", [("EndpointReference", path("1")), ("Label", text("x"))]),
        ),
    ] {
        assert_eq!(value(&sent), right, "{sent}");
        assert_eq!(lamp(&sent).raw_xml("V").count(), 0);
    }
    let more = v(&[&parts("1"), "<a:PortType>x</a:PortType>"].concat());
    assert_eq!(value(&more), path("1"));
    assert!(lamp(&more).raw_xml("V").eq([more.as_str()]));
    let elsewhere = more.replace("role/anonymous", "elsewhere");
    assert!(lamp(&elsewhere).raw_xml("V").eq([elsewhere.as_str()]));
}
