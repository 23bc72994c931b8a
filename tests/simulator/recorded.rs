//! The common parts of both recorded servers.

use wsman::cim::{CimType, Class};
use wsman::protocol::Message;
use wsman::simulator::SimulatorBuilder;

pub(crate) const PEER: &str = "http://peer.example.com/wbem/wscim/1/cim-schema/2/";

/// The classes of the recordings, as far as the tests use them.
pub(crate) fn peers(builder: SimulatorBuilder, prefix: &str) -> SimulatorBuilder {
    let text = CimType::String;
    let item = Class::new(format!("{prefix}_Item"))
        .with_key(if prefix == "Peer" { "Name" } else { "Id" }, text)
        .with("B", CimType::Boolean)
        .with("Text", text)
        .with("U8", CimType::Uint8)
        .with("U32", CimType::Uint32)
        .with("C16", CimType::Char16)
        .with("When", CimType::DateTime)
        .with_array("Tags", text);
    let pair = Class::new(format!("{prefix}_Pair"))
        .with_key("Name", text)
        .with_key("Number", CimType::Uint32);
    let perf = Class::new(format!("{prefix}_Perf"))
        .with_key("Id", CimType::Uint32)
        .with("Value", text);
    builder
        .class(item)
        .class(pair.with("Value", text))
        .class(perf)
}

/// Returns the content of a recorded body, in an envelope with the prefixes of both servers.
pub(crate) fn recorded(body: &str) -> Message {
    let envelope = format!(
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsman="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:wxf="http://schemas.xmlsoap.org/ws/2004/09/transfer" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:wsmb="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xmlns:n1="{PEER}Peer_Item"><s:Header><wsa:Action>http://schemas.xmlsoap.org/ws/2004/08/addressing/fault</wsa:Action></s:Header><s:Body>{body}</s:Body></s:Envelope>"#
    );
    Message::read(envelope.as_bytes()).unwrap()
}
