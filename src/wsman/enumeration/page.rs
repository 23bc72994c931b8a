//! A page: the rows of an EnumerateResponse or a PullResponse, read one by one as they are asked for.

use std::collections::VecDeque;

use super::text;
use crate::cim::{Instance, InstancePath, Name};
use crate::wsman::epr::EndpointReference;
use crate::wsman::transfer::check_relation;
use crate::wsman::{Body, DecodeError, Header, Reply, read_envelope};
use crate::xml::{Element, Limits, Ns, Reader};

/// One item of a page: an instance, its path, or both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    pub(crate) instance: Option<Instance>,
    pub(crate) path: Option<InstancePath>,
}

/// A page of rows.
///
/// Servers put the enumeration context before or after the rows, or leave it out; whether there is
/// another page is certain only when the rows have been read.
#[derive(Debug)]
pub(crate) struct Page {
    header: Header,
    rows: VecDeque<Row>,
    progress: Progress,
}

/// How far a page was read, and what it said so far.
#[derive(Debug, Default)]
struct Progress {
    /// The class of rows that do not say theirs.
    class: Option<Name>,
    in_items: bool,
    context: Option<String>,
    ended: bool,
}

impl Page {
    /// Reads a page up to its first row; `message_id` is the one that was sent, and `class` that of
    /// rows that do not say theirs, such as those of a WQL query on Windows.
    pub(crate) fn read(
        bytes: &[u8],
        limits: Limits,
        message_id: &str,
        class: Option<Name>,
    ) -> Result<Reply<Self>, DecodeError> {
        let (header, page) = read_envelope(bytes, limits, |body, first, _| {
            let mut progress = Progress {
                class,
                ..Progress::default()
            };
            let mut rows = VecDeque::new();
            progress.enter(body.reader, first)?;
            while let Some(row) = progress.next_row(body)? {
                rows.push_back(row);
            }
            Ok((rows, progress))
        })?;
        check_relation(&header, message_id)?;
        Ok(page.map(|(rows, progress)| Self {
            header,
            rows,
            progress,
        }))
    }

    /// The next row; `None` when all were read, and the message is known to be whole.
    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, DecodeError> {
        Ok(self.rows.pop_front())
    }

    /// The context to pull the next page with, as far as it was read.
    pub(crate) fn context(&self) -> Option<&str> {
        self.progress.context.as_deref()
    }

    /// Whether the server said that there are no more rows, as far as it was read.
    pub(crate) fn has_ended(&self) -> bool {
        self.progress.ended
    }

    /// Whether the page looks like the last, before its rows have been read: a guess.
    pub(crate) fn looks_last(&self) -> bool {
        self.progress.ended
    }

    /// Whether it has no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The header of the message.
    pub(crate) fn header(&self) -> &Header {
        &self.header
    }
}

impl Progress {
    /// Goes into the response.
    fn enter(
        &mut self,
        reader: &mut Reader<'_>,
        first: Option<&Element<'_>>,
    ) -> Result<(), DecodeError> {
        match first {
            Some(element)
                if matches!(
                    (reader.ns(element), element.local_name()),
                    (Ns::Enumeration, "EnumerateResponse" | "PullResponse")
                ) =>
            {
                Ok(())
            }
            Some(element) => Err(DecodeError::Unexpected(element.local_name().to_owned())),
            None => Err(DecodeError::Missing(
                "n:EnumerateResponse or n:PullResponse",
            )),
        }
    }

    /// Reads on to the next row; `None` at the end of the response.
    fn next_row(&mut self, body: &mut Body<'_, '_>) -> Result<Option<Row>, DecodeError> {
        loop {
            let Some(element) = body.reader.child()? else {
                if std::mem::take(&mut self.in_items) {
                    continue;
                }
                return Ok(None);
            };
            match (body.reader.ns(&element), element.local_name()) {
                (Ns::Enumeration | Ns::Wsman, "Items") => self.in_items = true,
                (Ns::Enumeration | Ns::Wsman, "EndOfSequence") => {
                    self.ended = true;
                    body.reader.skip()?;
                }
                (Ns::Enumeration, "EnumerationContext") => {
                    let context = text(body.reader)?;
                    self.context = Some(context).filter(|context| !context.is_empty());
                }
                _ => {
                    if let Some(row) = self.row(body, &element)? {
                        return Ok(Some(row));
                    }
                }
            }
        }
    }

    /// What one item holds. openwsman sends an event directly in the response, without `Items`.
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
        let is_something = row.instance.is_some() || row.path.is_some();
        Ok(is_something.then_some(row))
    }

    fn part(
        &self,
        row: &mut Row,
        body: &mut Body<'_, '_>,
        element: &Element<'_>,
    ) -> Result<(), DecodeError> {
        match (body.reader.ns(element), element.local_name()) {
            (Ns::Addressing, "EndpointReference") => {
                row.path = Some(EndpointReference::read(body.reader)?.into_path());
            }
            (Ns::Wsman, "XmlFragment") => {
                row.instance = body.picked_properties(self.class.as_ref())?;
            }
            (Ns::Other | Ns::None, _) => {
                row.instance = Some(body.instances.instance(body.reader, element)?);
            }
            _ => body.reader.skip()?,
        }
        Ok(())
    }
}
