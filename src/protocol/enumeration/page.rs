//! A page: the rows of an EnumerateResponse or a PullResponse, read one by one on request.

use std::fmt;

use super::text;
use crate::cim::{Class, Instance, InstancePath, Name};
use crate::protocol::class::read_class;
use crate::protocol::envelope::{finish_envelope, start_envelope};
use crate::protocol::epr::EndpointReference;
use crate::protocol::fragment::Picked;
use crate::protocol::{Asked, Body, DecodeError, Fault, InstanceReader, Reply};
use crate::xml::{Element, Limits, Ns, Place, Reader, decode_owned, tag_names_from_end};

/// One item of a page: an instance, its path or both; or a class.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Row {
    pub(crate) instance: Option<Instance>,
    pub(crate) path: Option<InstancePath>,
    /// The class, if the request enumerates classes.
    pub(crate) class: Option<Box<Class>>,
}

/// A page of rows.
///
/// Servers put the enumeration context before or after the rows, or omit it. Whether another page
/// follows is certain only after the last row.
pub(crate) struct Page {
    text: String,
    /// The position of the next row; `None` after the end.
    place: Option<Place>,
    instances: InstanceReader,
    /// The first row, which is read early to find what precedes it. Its error is returned with the row,
    /// because the context before it is valid.
    first: Option<Result<Row, DecodeError>>,
    early_context: Option<String>,
    progress: PageState,
}

/// The progress of reading a page, and what it has reported so far.
#[derive(Debug, Default)]
struct PageState {
    /// The class of rows that do not name their class.
    class: Option<Name>,
    in_items: bool,
    context: Option<String>,
    ended: bool,
    /// The rows read so far, and the bytes of the largest.
    rows: u32,
    largest_row: usize,
}

impl Page {
    /// Reads a page up to its first row. `class` is the class of rows that do not name theirs, such as
    /// rows of a WQL query on Windows.
    pub(crate) fn read(
        bytes: Vec<u8>,
        limits: Limits,
        asked: Asked<'_>,
        class: Option<Name>,
        instances: InstanceReader,
    ) -> Result<Reply<Self>, DecodeError> {
        let document = decode_owned(bytes, limits.charset)?;
        let mut reader = Reader::of(&document, limits)?;
        let header = start_envelope(&mut reader)?;
        asked.check_relation(&header)?;
        let response = reader.child()?;
        if let Some(fault) = &response
            && reader.is(fault, Ns::Soap, "Fault")
        {
            let fault = Fault::read(&mut Body::of(&mut reader, &mut InstanceReader::default()))?;
            reader.finish()?;
            return Ok(Err(Box::new(fault)));
        }
        expect_response(&reader, response.as_ref())?;
        asked.check(&header)?;
        let place = Some(reader.pause());
        let mut page = Self {
            text: document.text.into_owned(),
            place,
            instances,
            first: None,
            early_context: None,
            progress: PageState {
                class,
                ..PageState::default()
            },
        };
        page.first = page.next_row().transpose();
        page.early_context.clone_from(&page.progress.context);
        Ok(Ok(page))
    }

    /// Returns the next row; `None` after the last, once the message is known to be complete.
    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, DecodeError> {
        if let Some(first) = self.first.take() {
            return first.map(Some);
        }
        let Some(place) = self.place.take() else {
            return Ok(None);
        };
        let mut reader = Reader::resume(&self.text, place);
        let mut body = Body::of(&mut reader, &mut self.instances);
        let row = self.progress.next_row(&mut body)?;
        match row {
            Some(_) => self.place = Some(reader.pause()),
            None => finish_envelope(&mut reader)?,
        }
        Ok(row)
    }

    /// Reuses the memory of a row that was read.
    pub(crate) fn reuse(&mut self, row: Row) {
        if let Some(instance) = row.instance {
            self.instances.reuse(instance);
        }
    }

    /// Returns the size of the message in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Returns the rows read so far.
    pub(crate) fn rows(&self) -> u32 {
        self.progress.rows
    }

    /// Returns the bytes of the largest row read so far.
    pub(crate) fn largest_row(&self) -> usize {
        self.progress.largest_row
    }

    /// Returns the context for the next Pull, if it precedes the rows.
    pub(crate) fn context(&self) -> Option<&str> {
        self.early_context.as_deref()
    }

    /// Returns the context for the next Pull, if it follows the rows and they have been read.
    pub(crate) fn late_context(&self) -> Option<&str> {
        match self.early_context {
            None => self.progress.context.as_deref(),
            Some(_) => None,
        }
    }

    /// Returns whether the server has reported the last page, as far as it was read.
    pub(crate) fn has_ended(&self) -> bool {
        self.progress.ended
    }

    /// Estimates, before the rows have been read, whether the page is the last. Use it only to decide
    /// early whether to send the next Pull; [`has_ended`](Self::has_ended) is authoritative.
    pub(crate) fn looks_last(&self) -> bool {
        let names = tag_names_from_end(&self.text);
        let after_items = names.take_while(|name| *name != "Items");
        self.has_ended()
            || after_items
                .take(TAGS_AFTER_ITEMS)
                .any(|name| name == "EndOfSequence")
    }

    /// Returns whether the page has no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.place.is_none()
    }
}

/// More tags than follow the rows of a page.
const TAGS_AFTER_ITEMS: usize = 8;

/// Returns whether a body holds a response with rows.
fn expect_response(reader: &Reader<'_>, first: Option<&Element<'_>>) -> Result<(), DecodeError> {
    let Some(element) = first else {
        return Err(DecodeError::Missing("n:PullResponse"));
    };
    match (reader.ns(element), element.local_name()) {
        (Ns::Enumeration, "EnumerateResponse" | "PullResponse") => Ok(()),
        (_, other) => Err(DecodeError::Unexpected(other.to_owned())),
    }
}

impl PageState {
    /// Reads up to the next row; `None` at the end of the response.
    fn next_row(&mut self, body: &mut Body<'_, '_>) -> Result<Option<Row>, DecodeError> {
        loop {
            if self.in_items {
                body.reader.begin_row();
            }
            let Some(element) = body.reader.child()? else {
                if std::mem::take(&mut self.in_items) {
                    continue;
                }
                return Ok(None);
            };
            let is_known = matches!(body.reader.ns(&element), Ns::Enumeration | Ns::Wsman);
            match element.local_name() {
                // The elements around the rows match in any namespace; otherwise they would be lost as
                // a row.
                "Items" if is_known || !self.in_items => self.in_items = true,
                "EndOfSequence" if is_known || !self.in_items => {
                    self.ended = true;
                    body.reader.skip()?;
                }
                "EnumerationContext" if is_known || !self.in_items => {
                    let context = body.reader.exactly(text)?;
                    self.context = Some(context).filter(|context| !context.is_empty());
                }
                _ => {
                    let start = body.reader.mark_of(&element);
                    if let Some(row) = self.row(body, &element)? {
                        self.rows = self.rows.saturating_add(1);
                        self.largest_row = self.largest_row.max(body.reader.bytes_since(start));
                        return Ok(Some(row));
                    }
                }
            }
        }
    }

    /// Reads the content of one item. openwsman sends an event directly in the response, without
    /// `Items`.
    fn row(
        &self,
        body: &mut Body<'_, '_>,
        element: &Element<'_>,
    ) -> Result<Option<Row>, DecodeError> {
        let mut row = Row::default();
        match (body.reader.ns(element), element.local_name()) {
            (Ns::Wsman, "Item") => {
                while let Some(part) = body.reader.child()? {
                    self.part(&mut row, body, &part)?;
                }
            }
            _ => self.part(&mut row, body, element)?,
        }
        let is_something = row.instance.is_some() || row.path.is_some() || row.class.is_some();
        Ok(is_something.then_some(row))
    }

    fn part(
        &self,
        row: &mut Row,
        body: &mut Body<'_, '_>,
        element: &Element<'_>,
    ) -> Result<(), DecodeError> {
        match (body.reader.ns(element), element.local_name()) {
            _ if row.has_part(body.reader, element) => {
                return Err(DecodeError::Unexpected(element.local_name().to_owned()));
            }
            (Ns::Addressing, "EndpointReference") => {
                row.path = Some(EndpointReference::read(body.reader)?.into_path());
            }
            (Ns::Wsman, "XmlFragment") => {
                // A row in which no selected property has a value is still a row.
                let mut picked = match body.picked(self.class.as_ref())? {
                    Picked::Properties(picked) => picked,
                    Picked::Nothing => {
                        let class = self.class.clone();
                        Instance::new(class.unwrap_or_else(|| Name::new("")))
                    }
                    Picked::Text(text) => {
                        return Err(DecodeError::bare_text("XmlFragment", &text));
                    }
                };
                if body.instances.keeps_xml() {
                    picked.keep_xml(&body.reader.raw(body.reader.mark_of(element)));
                }
                row.instance = Some(picked);
            }
            (Ns::None, "CLASS") => row.class = Some(Box::new(read_class(body.reader, element)?)),
            (ns, _) if self.in_items || matches!(ns, Ns::Other | Ns::None) => {
                row.instance = Some(body.instances.instance(body.reader, element)?);
            }
            _ => body.reader.skip()?,
        }
        Ok(())
    }
}

impl Row {
    /// Returns whether this part was already read: an item has one of each.
    fn has_part(&self, reader: &Reader<'_>, element: &Element<'_>) -> bool {
        if reader.is(element, Ns::Addressing, "EndpointReference") {
            self.path.is_some()
        } else {
            self.instance.is_some() || self.class.is_some()
        }
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("bytes", &self.text.len())
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cim::Value;

    const FAULT: &str = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
        xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"
        xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common"><s:Header/><s:Body><s:Fault>
        <s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang="en">no</s:Text></s:Reason>
        <s:Detail><p:OMI_Error b:IsCIM_Error="true" xmlns:p="urn:p">
        <p:CIMStatusCode xsi:type="cim:cimUnsignedInt">15</p:CIMStatusCode></p:OMI_Error></s:Detail>
        </s:Fault></s:Body></s:Envelope>"#;

    /// What the rows of a request keep is no matter of a fault.
    #[test]
    fn a_fault_is_read_alike_whatever_rows_keep() {
        for keeps in [false, true] {
            let mut instances = InstanceReader::default();
            instances.keep_text(keeps);
            instances.keep_xml(keeps);
            let bytes = FAULT.as_bytes().to_vec();
            let read = Page::read(bytes, Limits::default(), Asked::IDENTIFY, None, instances);
            let error = read.unwrap().unwrap_err().cim_error.unwrap();
            let status = error.value("CIMStatusCode");
            assert_eq!(status, Some(&Value::Uint32(15)), "{keeps}");
            assert_eq!(error.xml(), None, "{keeps}");
        }
    }
}
