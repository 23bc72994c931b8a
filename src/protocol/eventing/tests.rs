//! Tests what the exchanges with recorded and simulated servers do not cover.

use super::{EventPage, LogEvent};
use crate::protocol::{Header, read_envelope};
use crate::xml::Limits;

fn read(body: &str) -> EventPage {
    let text = [
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
            xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
            xmlns:e="http://schemas.xmlsoap.org/ws/2004/08/eventing"
            xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"
            xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header>
            <w:Bookmark><BookmarkList><Bookmark/></BookmarkList></w:Bookmark></s:Header><s:Body>"#,
        body,
        "</s:Body></s:Envelope>",
    ]
    .concat();
    let read = |body: &mut crate::protocol::Body<'_, '_>,
                first: Option<&crate::xml::Element<'_>>,
                header: &Header| EventPage::read(body, first, header);
    let (_, page) = read_envelope(text.as_bytes(), Limits::default(), read).expect("an envelope");
    page.expect("no fault")
}

/// A SubscriptionEnd in the form of MS-WSMV 4.6, where it is pushed.
#[test]
fn reads_the_reason_of_a_subscription_end() {
    let page = read(
        "<e:SubscriptionEnd><e:SubscriptionManager><a:Address>x</a:Address></e:SubscriptionManager>
         <e:Status>
         http://schemas.xmlsoap.org/ws/2004/08/eventing/SourceShuttingDown
         </e:Status><e:Reason>later</e:Reason></e:SubscriptionEnd>",
    );
    assert_eq!(
        page.ended.as_deref(),
        Some("http://schemas.xmlsoap.org/ws/2004/08/eventing/SourceShuttingDown")
    );
    assert_eq!(page.bookmark, None, "an XML bookmark has no text");
}

#[test]
fn reads_events_with_and_without_a_wrapper() {
    let page = read(
        r#"<n:PullResponse><n:EnumerationContext>7</n:EnumerationContext><n:Items><w:Events>
         <w:Event Action="http://schemas.dmtf.org/wbem/wsman/1/wsman/Heartbeat"/>
         <w:Event Action="http://schemas.dmtf.org/wbem/wsman/1/wsman/Event"><A><N>1</N></A></w:Event>
         </w:Events><A><N>2</N></A></n:Items><A><N>3</N></A><n:EndOfSequence/></n:PullResponse>"#,
    );
    let numbers = page
        .events
        .iter()
        .map(|event| event.get::<u32>("N").unwrap());
    assert_eq!(numbers.collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(page.context.as_deref(), Some("7"));
    assert!(page.ended.is_some());
}

#[test]
fn reads_an_event_log_event_with_attributes_and_raw_xml() {
    let logged = r#"<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>
        <Provider Name="X" Guid="{1}"/><EventID>7036</EventID><Level>4</Level>
        <TimeCreated SystemTime="2024-01-02T03:04:05Z"/><EventRecordID>18446744073709551615</EventRecordID>
        <Channel>System</Channel><Computer>win01</Computer><Security UserID="S-1-5-18"/></System>
        <EventData><Data Name="User">u &amp; v</Data><Data>5</Data><Data Name="User">w</Data></EventData></Event>"#;
    let page = read(&format!(
        r#"<n:PullResponse><n:Items><w:Event Action="http://schemas.dmtf.org/wbem/wsman/1/wsman/Event">
        {logged}</w:Event><q:A xmlns:q="urn:A"><q:N>1</q:N></q:A></n:Items></n:PullResponse>"#
    ));
    let [logged_event, other] = page.events.as_slice() else {
        panic!("{:?}", page.events)
    };
    assert_eq!((logged_event.xml(), other.xml()), (Some(logged), None));
    let event = LogEvent::of(logged_event).unwrap();
    assert_eq!(
        (event.provider(), event.user_id()),
        (Some("X"), Some("S-1-5-18"))
    );
    assert_eq!((event.event_id(), event.level()), (Some(7036), Some(4)));
    assert_eq!(event.time_created(), "2024-01-02T03:04:05Z".parse().ok());
    assert_eq!(event.record_id(), Some(u64::MAX));
    assert_eq!(event.channel().as_deref(), Some("System"));
    assert_eq!(event.computer().as_deref(), Some("win01"));
    let data: Vec<_> = event.data().collect();
    let expected = [(Some("User"), "u & v"), (None, "5"), (Some("User"), "w")];
    assert_eq!(data, expected.map(|(name, text)| (name, text.to_owned())));
    assert_eq!(event.value("User").as_deref(), Some("u & v"));
    assert!(LogEvent::of(other).is_none() && event.value("None").is_none());
}
