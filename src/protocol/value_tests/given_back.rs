//! Tests that values are written back as they were read.

use super::{IPS, SCHEMA, instance, of, text, written};
use crate::cim::{Instance, InstancePath};
use crate::protocol::{EncodeContext, Message, ResourceUriPrefix, WireForm};
use crate::protocol::{write_envelope, write_instance};

/// Reads again what a session of a vendor's schema writes for an instance.
fn given_back(instance: &Instance) -> Instance {
    let vendor = "http://intel.com/wbem/wscim/1/amt-schema/1/";
    let prefix: ResourceUriPrefix = vendor.parse().expect("a prefix");
    let bytes = written(instance, &prefix).expect("written");
    Message::read(bytes.as_bytes())
        .expect("read")
        .instances
        .remove(0)
}

fn schema(instance: &Instance, name: &str) -> Option<String> {
    let embedded: Instance = instance.get(name).expect(name);
    let path = embedded.path();
    path.and_then(|path| path.schema_uri().map(str::to_owned))
}

#[test]
fn embedded_instances_keep_their_schema() {
    let amt = "http://intel.com/wbem/wscim/1/amt-schema/1/AMT_Y";
    let body = |inner: &str| format!(r#"<g:GetX_OUTPUT xmlns:g="{amt}">{inner}</g:GetX_OUTPUT>"#);
    for alarm in [
        r#"<g:V xsi:type="i:IPS_Clock_Type"><i:Id>n</i:Id></g:V>"#,
        "<g:V><i:Id>n</i:Id></g:V>",
        "<g:V><i:IPS_Clock><i:Id>n</i:Id></i:IPS_Clock></g:V>",
        r#"<g:V xsi:type="undeclared:IPS_Clock_Type"><i:Id>n</i:Id></g:V>"#,
    ] {
        let read = instance(&body(alarm));
        assert_eq!(
            read.value("V"),
            Some(&of("IPS_Clock", [("Id", text("n"))])),
            "{alarm}"
        );
        assert_eq!(schema(&read, "V").as_deref(), Some(IPS), "{alarm}");
        let back = given_back(&read);
        assert_eq!(back.value("V"), read.value("V"), "{alarm}");
        assert_eq!(schema(&back, "V").as_deref(), Some(IPS), "{alarm}");
    }
    let empty = instance(&body(r#"<g:V xsi:type="i:IPS_Clock_Type"/>"#));
    assert_eq!(schema(&empty, "V").as_deref(), Some(IPS));
    let dmtf = instance(&body(
        r#"<g:V xsi:type="q:ACME_Bulb_Type"><q:Label>x</q:Label></g:V>"#,
    ));
    assert_eq!(schema(&dmtf, "V").as_deref(), Some(SCHEMA));
    assert_eq!(schema(&given_back(&dmtf), "V").as_deref(), Some(SCHEMA));
    let own = instance(&body(r#"<g:V xsi:type="g:AMT_Y_Type"><g:A>1</g:A></g:V>"#));
    assert_eq!(schema(&own, "V"), None);
    assert_eq!(given_back(&own).value("V"), own.value("V"));
    let unknown = instance(&body("<g:V><g:A>1</g:A></g:V>"));
    assert_eq!(unknown.value("V"), Some(&of("", [("A", text("1"))])));
    assert_eq!(given_back(&unknown).value("V"), unknown.value("V"));
}

#[test]
fn embedding_uses_the_schema_of_the_path() {
    let clock = Instance::new("IPS_Clock").with("Id", "n");
    let clock = clock.with_path(InstancePath::new("IPS_Clock").with_schema_uri(IPS));
    let inner = Instance::new("IPS_Part").with("Clock", clock);
    let outer = Instance::new("AMT_Y").with("V", inner);
    let bytes = written(&outer, &ResourceUriPrefix::Dmtf).expect("written");
    assert!(
        bytes.contains(&format!(r#"xmlns:p1="{SCHEMA}IPS_Part""#)),
        "{bytes}"
    );
    assert!(
        bytes.contains(&format!(r#"xmlns:p2="{IPS}IPS_Clock""#)),
        "{bytes}"
    );
    let wmi = "http://schemas.microsoft.com/wbem/wsman/1/wmi/";
    let there = InstancePath::new("Part").in_namespace("root/other".parse().expect("one"));
    let part = Instance::new("Part").with("Id", 1u8).with_path(there);
    let here = "root/cimv2".parse().expect("a namespace");
    let context = EncodeContext {
        form: WireForm::Windows,
        precise_arrays: false,
        prefix: &ResourceUriPrefix::Wmi,
        namespace: Some(&here),
        class: None,
    };
    let outer = Instance::new("Outer").with("V", part);
    let bytes =
        write_envelope(|_| Ok(()), |w| write_instance(w, &outer, context)).expect("written");
    let bytes = String::from_utf8(bytes).expect("UTF-8");
    assert!(
        bytes.contains(&format!(r#"xmlns:p1="{wmi}root/other/Part""#)),
        "{bytes}"
    );
}

#[test]
fn a_dmtf_reference_keeps_its_uri_beside_vendor_classes() {
    let amt = "http://intel.com/wbem/wscim/1/amt-schema/1/AMT_Y";
    let body = format!(
        r#"<g:AMT_Y xmlns:g="{amt}"><g:V><a:Address>default</a:Address><a:ReferenceParameters><w:ResourceURI>{SCHEMA}CIM_System</w:ResourceURI><w:SelectorSet><w:Selector Name="Name">m</w:Selector></w:SelectorSet></a:ReferenceParameters></g:V></g:AMT_Y>"#
    );
    let read = instance(&body);
    let path: InstancePath = read.get("V").expect("a path");
    assert_eq!(path.schema_uri(), Some(SCHEMA));
    assert_eq!(given_back(&read).value("V"), read.value("V"));
}
