//! Tests messages of every kind and the positions of their parts.

use std::time::Duration;

use super::{Message, MessageKind};
use crate::xml::XmlElement;

const NAMESPACES: &str = r#"xmlns:s="http://www.w3.org/2003/05/soap-envelope"
    xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
    xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
    xmlns:m="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
    xmlns:e="http://schemas.xmlsoap.org/ws/2004/08/eventing"
    xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"
    xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer"
    xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Lamp""#;

fn envelope(header: &str, body: &str) -> String {
    format!(
        "<s:Envelope {NAMESPACES}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
}

fn reference(id: u32) -> String {
    format!(
        "<a:Address>http://h/wsman</a:Address><a:ReferenceParameters><w:ResourceURI>\
         http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/Lamp</w:ResourceURI><w:SelectorSet>\
         <w:Selector Name='Id'>{id}</w:Selector></w:SelectorSet></a:ReferenceParameters>"
    )
}

#[test]
fn reads_every_known_header() {
    let header = "<a:To>http://h/wsman</a:To><a:Action>urn:act</a:Action><a:MessageID>uuid:1</a:MessageID>\
        <a:ReplyTo><a:Address>urn:me</a:Address></a:ReplyTo><w:ResourceURI>urn:r</w:ResourceURI>\
        <w:MaxEnvelopeSize>512000</w:MaxEnvelopeSize><w:OperationTimeout>PT60.500S</w:OperationTimeout>\
        <w:Locale xml:lang='en-US'/><m:DataLocale xml:lang='de-DE'/><m:SessionId>uuid:2</m:SessionId>\
        <m:OperationID>uuid:3</m:OperationID><m:SequenceId>7</m:SequenceId>\
        <w:SelectorSet><w:Selector Name='Id'>1</w:Selector></w:SelectorSet>\
        <w:OptionSet><w:Option Name='o' Type='xs:int'>5</w:Option></w:OptionSet>\
        <w:FragmentTransfer>Level</w:FragmentTransfer><e:Identifier>uuid:4</e:Identifier>\
        <w:Bookmark>here</w:Bookmark><q:New xmlns:q='urn:q' s:mustUnderstand='1'/>";
    let message = Message::read(envelope(header, "").as_bytes()).unwrap();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(message.kind, MessageKind::Request);
    assert_eq!(
        (message.to, message.action),
        (text("http://h/wsman"), text("urn:act"))
    );
    assert_eq!(
        (message.message_id, message.reply_to),
        (text("uuid:1"), text("urn:me"))
    );
    assert_eq!(
        (message.resource_uri, message.max_envelope_size),
        (text("urn:r"), Some(512_000))
    );
    assert_eq!(
        message.operation_timeout,
        Some(Duration::from_millis(60_500))
    );
    assert_eq!(
        (message.locale, message.data_locale),
        (text("en-US"), text("de-DE"))
    );
    assert_eq!(
        (message.session_id, message.operation_id),
        (text("uuid:2"), text("uuid:3"))
    );
    assert_eq!(
        (message.sequence_id, message.fragment),
        (Some(7), text("Level"))
    );
    assert_eq!(
        (message.identifier, message.bookmark),
        (text("uuid:4"), text("here"))
    );
    assert_eq!(message.not_understood, ["New"]);
    let options: Vec<_> = message
        .options
        .iter()
        .map(|it| (it.name(), it.value()))
        .collect();
    assert_eq!(options, [("o", "5")]);
    assert_eq!(message.selectors.iter().count(), 1);
}

#[test]
fn finds_every_path_of_a_body() {
    let created = format!("<x:ResourceCreated>{}</x:ResourceCreated>", reference(1));
    let row = |id| {
        format!(
            "<a:EndpointReference>{}</a:EndpointReference>",
            reference(id)
        )
    };
    let lamp = "<p:Lamp><p:Level>7</p:Level></p:Lamp>";
    let page = format!(
        "<n:PullResponse><n:EnumerationContext>c</n:EnumerationContext><n:Items>{}{}\
         <w:Item>{lamp}{}</w:Item></n:Items><w:EndOfSequence/></n:PullResponse>",
        row(1),
        row(2),
        row(3)
    );
    let created = Message::read(envelope("", &created).as_bytes()).unwrap();
    let paths: Vec<_> = created.paths.iter().map(ToString::to_string).collect();
    assert_eq!(paths, [r#"Lamp.Id="1""#]);
    let page = Message::read(envelope("", &page).as_bytes()).unwrap();
    let paths: Vec<_> = page.paths.iter().map(ToString::to_string).collect();
    assert_eq!(
        paths,
        [r#"Lamp.Id="1""#, r#"Lamp.Id="2""#, r#"Lamp.Id="3""#]
    );
    let own = page.instances.first().unwrap().path();
    assert_eq!(own.as_ref(), page.paths.last());
    assert_eq!(page.enumeration_context.as_deref(), Some("c"));
    assert!(page.end_of_sequence);
}

#[test]
fn reads_each_child_of_the_body_and_finds_it_by_element() {
    let fault = "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code></s:Fault>";
    let body = format!("<p:Lamp/><p:Other>x</p:Other>{fault}<CLASS NAME='A'/>");
    let text = envelope("", &body);
    let message = Message::read(text.as_bytes()).unwrap();
    let classes: Vec<_> = message
        .instances
        .iter()
        .map(|it| it.class().as_str())
        .collect();
    assert_eq!(classes, ["Lamp"]);
    assert_eq!(message.texts, [("Other".into(), "x".to_owned())]);
    assert_eq!(message.kind, MessageKind::Fault);
    assert_eq!(message.classes.len(), 1);
    let root = XmlElement::read(text.as_bytes()).unwrap();
    let children = root.child("Body").unwrap().children();
    let known: Vec<_> = children.map(|child| message.instance_of(child)).collect();
    assert_eq!(known, [Some(0), None, None, None]);
}
