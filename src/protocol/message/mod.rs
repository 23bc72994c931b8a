//! Reads any message, for tools that show what a client or a server sent.

mod content;
mod kind;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::time::Duration;

pub use kind::MessageKind;

use self::content::Content;
use super::envelope::start_envelope;
use super::{Body, DecodeError, Fault, Header, Identity, InstanceReader, SelectorSet, WsmanOption};
use crate::cim::{Class, Instance, InstancePath, Name};
use crate::xml::{Limits, Reader, XmlElement, decode};

/// A message: a request or a response of any operation.
///
/// It holds what the codec understands. The [`XmlElement`] of the same bytes holds the rest, such as
/// the headers of other protocols.
///
/// ```
/// use wsman::protocol::{Message, MessageKind};
/// let bytes = br#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
///     xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing">
///   <s:Header><a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/DeleteResponse</a:Action></s:Header>
///   <s:Body/></s:Envelope>"#;
/// let message = Message::read(bytes)?;
/// assert_eq!(message.kind, MessageKind::Response);
/// assert!(message.instances.is_empty());
/// # Ok::<(), wsman::protocol::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// The kind of message.
    pub kind: MessageKind,
    /// `wsa:To`
    pub to: Option<String>,
    /// `wsa:Action`
    pub action: Option<String>,
    /// `wsa:MessageID`
    pub message_id: Option<String>,
    /// `wsa:RelatesTo`
    pub relates_to: Option<String>,
    /// The address in `wsa:ReplyTo`
    pub reply_to: Option<String>,
    /// `wsman:ResourceURI`
    pub resource_uri: Option<String>,
    /// `wsman:SelectorSet`
    pub selectors: SelectorSet,
    /// `wsman:OptionSet`
    pub options: Vec<WsmanOption>,
    /// `wsman:MaxEnvelopeSize`, in bytes
    pub max_envelope_size: Option<u32>,
    /// `wsman:OperationTimeout`
    pub operation_timeout: Option<Duration>,
    /// `wsman:Locale`
    pub locale: Option<String>,
    /// `p:DataLocale` (MS-WSMV 2.2.4.8)
    pub data_locale: Option<String>,
    /// `p:SessionId`
    pub session_id: Option<String>,
    /// `p:OperationID` of an operation in several messages (MS-WSMV 2.2.4.45)
    pub operation_id: Option<String>,
    /// `p:SequenceId`, the number of the message in its operation (MS-WSMV 2.2.4.46)
    pub sequence_id: Option<u64>,
    /// The expression of `wsman:FragmentTransfer`
    pub fragment: Option<String>,
    /// `wse:Identifier` of a subscription
    pub identifier: Option<String>,
    /// `wsman:Bookmark` of the last event, where it is text
    pub bookmark: Option<String>,
    /// The local names of mandatory headers that this library does not support.
    pub not_understood: Vec<String>,
    /// The instances in the body, in order.
    pub instances: Vec<Instance>,
    /// The elements of the body that hold only text where an instance was expected, in order.
    pub texts: Vec<(Name, String)>,
    /// The paths in the body, in order: of created instances, of rows and beside rows.
    pub paths: Vec<InstancePath>,
    /// The class declarations in the body, in order.
    pub classes: Vec<Class>,
    /// `wsen:EnumerationContext` of a response, for the next Pull.
    pub enumeration_context: Option<String>,
    /// Whether a response is the last of its enumeration (`EndOfSequence`).
    pub end_of_sequence: bool,
    /// The fault.
    pub fault: Option<Box<Fault>>,
    /// The response to Identify.
    pub identity: Option<Identity>,
    /// The position of the element of each instance.
    instance_offsets: Vec<usize>,
    /// The position of the element of each path.
    path_offsets: Vec<usize>,
}

impl Message {
    /// Reads a message within the default limits.
    ///
    /// # Errors
    /// Fails if the bytes are not a complete SOAP 1.2 envelope.
    pub fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let document = decode(bytes, None)?;
        let mut reader = Reader::of(&document, Limits::default())?;
        let header = start_envelope(&mut reader)?;
        let mut content = Content::default();
        content.read(&mut Body::of(&mut reader, &mut InstanceReader::default()))?;
        reader.finish()?;
        Ok(Self::of(header, content))
    }

    fn of(header: Header, content: Content) -> Self {
        Self {
            kind: content.kind(&header),
            to: header.to,
            action: header.action.map(Cow::into_owned),
            message_id: header.message_id,
            relates_to: header.relates_to,
            reply_to: header.reply_to,
            resource_uri: header.resource_uri,
            selectors: header.selectors,
            options: header.options,
            max_envelope_size: header.max_envelope_size,
            operation_timeout: header.operation_timeout,
            locale: header.locale,
            data_locale: header.data_locale,
            session_id: header.session_id,
            operation_id: header.operation_id,
            sequence_id: header.sequence_id,
            fragment: header.fragment,
            identifier: header.identifier,
            bookmark: header.bookmark,
            not_understood: header.not_understood,
            instances: content.instances,
            texts: content.texts,
            paths: content.paths,
            classes: content.classes,
            enumeration_context: content.enumeration_context,
            end_of_sequence: content.end_of_sequence,
            fault: content.fault,
            identity: content.identity,
            instance_offsets: content.instance_offsets,
            path_offsets: content.path_offsets,
        }
    }

    /// Returns the index in [`instances`](Self::instances) of the instance that was read from this
    /// element of the same bytes.
    ///
    /// ```
    /// use wsman::protocol::Message;
    /// use wsman::xml::XmlElement;
    /// let bytes = br#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>
    ///     <p:Lamp xmlns:p="urn:p" lit="now"><p:Level>7</p:Level></p:Lamp></s:Body></s:Envelope>"#;
    /// let (message, root) = (Message::read(bytes)?, XmlElement::read(bytes)?);
    /// let lamp = root.child("Body").and_then(|body| body.child("Lamp")).unwrap();
    /// assert_eq!(message.instance_of(lamp), Some(0));
    /// assert_eq!(lamp.attribute("lit"), Some("now"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn instance_of(&self, element: &XmlElement) -> Option<usize> {
        self.instance_offsets.binary_search(&element.offset()).ok()
    }

    /// Returns the index in [`paths`](Self::paths) of the path that was read from this element of the
    /// same bytes.
    pub fn path_of(&self, element: &XmlElement) -> Option<usize> {
        self.path_offsets.binary_search(&element.offset()).ok()
    }
}
