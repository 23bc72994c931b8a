//! The SOAP header of a message.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::epr::SelectorSet;
use super::fixed_header::{FixedHeader, MAY, MUST};
use super::option::WsmanOption;
use super::uri::{ROLE_NEXT, ROLE_ULTIMATE_RECEIVER, XPATH};
use super::{DecodeError, ResourceUriPrefix};
use crate::cim::{DateTime, ValueError};
use crate::xml::{Content, Element, Ns, Reader, Writer, trim, uri};

/// The header of a message, written and read; an absent header is `None` or empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Header {
    pub(crate) to: Option<String>,
    pub(crate) resource_uri: Option<String>,
    pub(crate) reply_to: Option<String>,
    pub(crate) action: Option<Cow<'static, str>>,
    pub(crate) max_envelope_size: Option<u32>,
    pub(crate) message_id: Option<String>,
    pub(crate) relates_to: Option<String>,
    /// A second `a:RelatesTo`, which makes both ambiguous.
    pub(crate) also_relates_to: Option<String>,
    pub(crate) locale: Option<String>,
    pub(crate) data_locale: Option<String>,
    pub(crate) session_id: Option<String>,
    /// The identifier of an operation in several messages (MS-WSMV 2.2.4.45).
    pub(crate) operation_id: Option<String>,
    /// The number of the message in its operation, from 1 on each side (MS-WSMV 2.2.4.46).
    pub(crate) sequence_id: Option<u64>,
    pub(crate) operation_timeout: Option<Duration>,
    pub(crate) selectors: SelectorSet,
    /// The headers of every request of the session; not read.
    pub(crate) fixed: Option<Arc<FixedHeader>>,
    /// The prefix for the resource URIs of reference selectors; not read.
    pub(crate) prefix: ResourceUriPrefix,
    pub(crate) options: Vec<WsmanOption>,
    /// The expression of a fragment transfer.
    pub(crate) fragment: Option<String>,
    /// The subscription that a message to its manager refers to (`e:Identifier`).
    pub(crate) identifier: Option<String>,
    /// The bookmark of the last event in a response (`w:Bookmark`).
    pub(crate) bookmark: Option<String>,
    /// The local names of mandatory headers that are not supported.
    pub(crate) not_understood: Vec<String>,
}

impl Header {
    /// Returns the identifier of the message; empty without one.
    pub(crate) fn own_id(&self) -> &str {
        self.message_id.as_deref().unwrap_or_default()
    }

    /// Writes the header of a request in the order of a Windows MI client (MS-WSMV 4.1.3 and captures
    /// of `Set-CimInstance`). OMI reads the selectors only after the resource URI.
    pub(crate) fn write_request(&self, w: &mut Writer) -> Result<(), ValueError> {
        w.open("s:Header", &[])?;
        let fixed = |w: &mut Writer, piece: fn(&FixedHeader) -> &str| {
            w.markup(self.fixed.as_deref().map_or("", piece));
        };
        fixed(w, |fixed| &fixed.to);
        leaf(w, "w:ResourceURI", &[MUST], self.resource_uri.as_deref())?;
        fixed(w, |fixed| &fixed.reply_to);
        leaf(w, "a:Action", &[MUST], self.action.as_deref())?;
        fixed(w, |fixed| &fixed.max_envelope_size);
        leaf(w, "a:MessageID", &[], self.message_id.as_deref())?;
        fixed(w, |fixed| &fixed.session);
        leaf(w, "p:OperationID", &[MAY], self.operation_id.as_deref())?;
        if let Some(number) = self.sequence_id {
            w.leaf("p:SequenceId", &[MAY], &number.to_string())?;
        }
        self.selectors.write(w, &self.prefix, None)?;
        WsmanOption::write_set(&self.options, w)?;
        leaf(
            w,
            "w:FragmentTransfer",
            &[MUST, ("Dialect", XPATH)],
            self.fragment.as_deref(),
        )?;
        if let Some(timeout) = self.operation_timeout {
            w.leaf("w:OperationTimeout", &[], &duration_text(timeout))?;
        }
        let eventing = [("xmlns:e", uri::EVENTING)];
        leaf(w, "e:Identifier", &eventing, self.identifier.as_deref())?;
        w.close("s:Header");
        Ok(())
    }

    /// Writes the header of a response.
    #[cfg(feature = "simulator")]
    pub(crate) fn write_answer(&self, w: &mut Writer) -> Result<(), ValueError> {
        w.open("s:Header", &[])?;
        leaf(w, "a:Action", &[], self.action.as_deref())?;
        leaf(w, "a:MessageID", &[], self.message_id.as_deref())?;
        leaf(w, "p:OperationID", &[MAY], self.operation_id.as_deref())?;
        if let Some(number) = self.sequence_id {
            w.leaf("p:SequenceId", &[], &number.to_string())?;
        }
        w.leaf("a:To", &[], super::uri::ANONYMOUS)?;
        leaf(w, "a:RelatesTo", &[], self.relates_to.as_deref())?;
        leaf(
            w,
            "w:FragmentTransfer",
            &[MUST, ("Dialect", XPATH)],
            self.fragment.as_deref(),
        )?;
        leaf(w, "w:Bookmark", &[], self.bookmark.as_deref())?;
        for name in &self.not_understood {
            w.empty("s:NotUnderstood", &[("qname", name)])?;
        }
        w.close("s:Header");
        Ok(())
    }

    /// Reads the children of a header; the reader is in it.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut header = Header::default();
        while let Some(element) = reader.child()? {
            header.read_block(reader, &element)?;
        }
        Ok(header)
    }

    fn read_block(&mut self, r: &mut Reader<'_>, element: &Element<'_>) -> Result<(), DecodeError> {
        match (r.ns(element), element.local_name()) {
            (Ns::Addressing, "To") => self.to = text(r)?,
            // openwsman puts the action of a pushed event into its own namespace.
            (Ns::Addressing | Ns::Wsman, "Action") => self.action = text(r)?.map(Cow::Owned),
            (Ns::Addressing, "MessageID") => self.message_id = text(r)?,
            (Ns::Addressing, "RelatesTo") => match self.relates_to {
                None => self.relates_to = text(r)?,
                Some(_) => self.also_relates_to = text(r)?,
            },
            (Ns::Addressing, "ReplyTo") => self.reply_to = read_address(r)?,
            (Ns::Wsman, "ResourceURI") => self.resource_uri = text(r)?,
            (Ns::Wsman, "SelectorSet") => self.selectors = SelectorSet::read(r)?,
            (Ns::Wsman, "OptionSet") => self.options = WsmanOption::read_set(r)?,
            (Ns::Wsman, "FragmentTransfer") => self.fragment = text(r)?,
            (Ns::Wsman, "MaxEnvelopeSize") => {
                self.max_envelope_size = text(r)?.and_then(|size| size.parse().ok());
            }
            (Ns::Wsman, "OperationTimeout") => {
                self.operation_timeout = text(r)?.as_deref().and_then(parse_duration);
            }
            (Ns::Wsman, "Locale") => self.locale = read_language(r, element)?,
            (Ns::MsWsman, "DataLocale") => self.data_locale = read_language(r, element)?,
            (Ns::MsWsman, "SessionId") => self.session_id = text(r)?,
            // MS-WSMV spells the names of both in two ways.
            (Ns::MsWsman, "OperationID" | "OperationId") => self.operation_id = r.exactly(text)?,
            (Ns::MsWsman, "SequenceId" | "SequenceID") => {
                self.sequence_id = text(r)?.and_then(|number| number.parse().ok());
            }
            (Ns::Wsman, "Bookmark") => self.bookmark = r.exactly(read_bookmark)?,
            (Ns::Eventing, "Identifier") => self.identifier = r.exactly(text)?,
            // These headers do not affect the meaning of the message.
            (Ns::Addressing, "From" | "FaultTo")
            | (Ns::Soap, "NotUnderstood")
            | (Ns::Wsman, "TotalItemsCountEstimate")
            | (Ns::MsWsman, "ActivityId") => r.skip()?,
            _ => {
                if must_understand(r, element) {
                    self.not_understood.push(element.local_name().to_owned());
                }
                r.skip()?;
            }
        }
        Ok(())
    }
}

/// Returns whether the receiver of the message must understand a header (SOAP 1.2, 5.2.2 and 5.2.3). A
/// header for another role is for an intermediary.
fn must_understand(r: &Reader<'_>, element: &Element<'_>) -> bool {
    let must = r.attribute(element, Ns::Soap, "mustUnderstand");
    let role = r.attribute(element, Ns::Soap, "role").unwrap_or_default();
    let is_ours = matches!(trim(&role), "" | ROLE_NEXT | ROLE_ULTIMATE_RECEIVER);
    is_ours && must.is_some_and(|must| matches!(trim(&must), "true" | "1"))
}

fn leaf(
    w: &mut Writer,
    name: &str,
    attributes: &[(&str, &str)],
    text: Option<&str>,
) -> Result<(), ValueError> {
    text.map_or(Ok(()), |text| Ok(w.leaf(name, attributes, text)?))
}

/// Reads the trimmed text of an element: MS-WSMV prints its examples with line breaks around it.
fn text(reader: &mut Reader<'_>) -> Result<Option<String>, DecodeError> {
    Ok(Some(trim(&reader.text()?).to_owned()))
}

fn read_language(r: &mut Reader<'_>, element: &Element<'_>) -> Result<Option<String>, DecodeError> {
    let tag = r
        .attribute(element, Ns::Xml, "lang")
        .map(|tag| tag.into_owned());
    r.skip()?;
    Ok(tag)
}

/// Reads a bookmark of text. The bookmark of an event log consists of elements and cannot be kept as
/// text.
fn read_bookmark(reader: &mut Reader<'_>) -> Result<Option<String>, DecodeError> {
    match reader.content()? {
        Content::Text(text) | Content::Mixed(text) => {
            Ok(Some(trim(&text).to_owned()).filter(|text| !text.is_empty()))
        }
        Content::Child(_) => {
            reader.skip()?;
            reader.skip()?;
            Ok(None)
        }
    }
}

fn read_address(reader: &mut Reader<'_>) -> Result<Option<String>, DecodeError> {
    let mut address = None;
    while let Some(element) = reader.child()? {
        if reader.is(&element, Ns::Addressing, "Address") {
            address = text(reader)?;
        } else {
            reader.skip()?;
        }
    }
    Ok(address)
}

/// Formats a duration such as `PT30.000S`, as a Windows client does.
pub(super) fn duration_text(duration: Duration) -> String {
    format!("PT{}.{:03}S", duration.as_secs(), duration.subsec_millis())
}

pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let interval: DateTime = text.parse().ok()?;
    Duration::try_from(interval).ok()
}
