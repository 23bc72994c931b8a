//! Any message, for whoever wants to know what a server really said.

use super::item::Item;
use super::{Body, DecodeError, Fault, Header, Identity, SelectorSet};
use super::{read_envelope, read_identify};
use crate::cim::{Instance, Name};
use crate::xml::{Element, Limits, Ns};

/// A message that was read, whoever wrote it: a request or an answer of any operation.
///
/// ```
/// use wsman::{Message, MessageKind};
/// let bytes = br#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
///     xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing">
///   <s:Header><a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/DeleteResponse</a:Action></s:Header>
///   <s:Body/></s:Envelope>"#;
/// let message = Message::read(bytes)?;
/// assert_eq!(message.kind, MessageKind::Response);
/// assert!(message.instances.is_empty());
/// # Ok::<(), wsman::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// What kind of message it is.
    pub kind: MessageKind,
    /// `wsa:Action`
    pub action: Option<String>,
    /// `wsa:MessageID`
    pub message_id: Option<String>,
    /// `wsa:RelatesTo`
    pub relates_to: Option<String>,
    /// `wsman:ResourceURI`
    pub resource_uri: Option<String>,
    /// `wsman:SelectorSet`
    pub selectors: SelectorSet,
    /// The instances in the body, in order.
    pub instances: Vec<Instance>,
    /// The elements of the body that hold only text where an instance was expected, in order.
    pub texts: Vec<(Name, String)>,
    /// The fault.
    pub fault: Option<Box<Fault>>,
    /// The answer to Identify.
    pub identity: Option<Identity>,
}

/// What kind of message one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageKind {
    /// From a client.
    Request,
    /// From a server.
    Response,
    /// From a server that failed.
    Fault,
    /// Identify or the answer to it.
    Identify,
    /// None of these.
    Unknown,
}

impl Message {
    /// Reads a message within the default limits.
    ///
    /// # Errors
    /// The bytes are no complete SOAP 1.2 envelope.
    pub fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut content = Content::default();
        let (header, body) = read_envelope(bytes, Limits::default(), |body, first, _| {
            content.read(body, first)
        })?;
        let fault = body.err();
        Ok(Self {
            kind: content.kind(&header, fault.is_some()),
            action: header.action,
            message_id: header.message_id,
            relates_to: header.relates_to,
            resource_uri: header.resource_uri,
            selectors: header.selectors,
            instances: content.instances,
            texts: content.texts,
            fault,
            identity: content.identity,
        })
    }
}

/// What stands in a body.
#[derive(Default)]
struct Content {
    instances: Vec<Instance>,
    texts: Vec<(Name, String)>,
    identity: Option<Identity>,
    is_identify: bool,
}

impl Content {
    fn kind(&self, header: &Header, is_fault: bool) -> MessageKind {
        let is_answer = header.relates_to.is_some()
            || header
                .action
                .as_deref()
                .is_some_and(|action| action.ends_with("Response"));
        match () {
            () if is_fault => MessageKind::Fault,
            () if self.is_identify => MessageKind::Identify,
            () if is_answer => MessageKind::Response,
            () if header.action.is_some() => MessageKind::Request,
            () => MessageKind::Unknown,
        }
    }

    fn read(
        &mut self,
        body: &mut Body<'_, '_>,
        first: Option<&Element<'_>>,
    ) -> Result<(), DecodeError> {
        let Some(element) = first else { return Ok(()) };
        match (body.reader.ns(element), element.local_name()) {
            (_, "IdentifyResponse") => {
                self.is_identify = true;
                self.identity = Some(read_identify(body, first)?);
                Ok(())
            }
            (Ns::Identify, "Identify") => {
                self.is_identify = true;
                Ok(body.reader.skip()?)
            }
            _ => self.read_instances(body, element),
        }
    }

    /// The instances in an element: itself, or what `Items` inside it hold.
    fn read_instances(
        &mut self,
        body: &mut Body<'_, '_>,
        element: &Element<'_>,
    ) -> Result<(), DecodeError> {
        match (body.reader.ns(element), element.local_name()) {
            (Ns::Enumeration, "EnumerateResponse" | "PullResponse" | "Items")
            | (Ns::Wsman, "Items" | "Item") => {
                while let Some(child) = body.reader.child()? {
                    self.read_instances(body, &child)?;
                }
            }
            (Ns::Wsman, "XmlFragment") => self.instances.extend(body.picked_properties(None)?),
            (Ns::None, "CLASS") => body.reader.skip()?,
            (Ns::Other | Ns::None, name) => match body.instances.item(body.reader, element)? {
                Item::Instance(instance) => self.instances.push(instance),
                Item::Text(text) => self.texts.push((Name::new(name), text)),
            },
            _ => body.reader.skip()?,
        }
        Ok(())
    }
}
