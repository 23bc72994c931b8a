//! A page: the rows that fit into one answer.

use crate::cim::{InstancePath, ValueError};
use crate::protocol::{
    EncodeContext, EnumerationMode, ResourceUriPrefix, write_class, write_instance, write_picked,
    write_reference,
};
use crate::simulator::dialect::Dialect;
use crate::simulator::dialect::represent::without_namespace;
use crate::simulator::faults::{ProtocolFailure, RequestFailure};
use crate::simulator::model::semantics::Found;
use crate::simulator::provider::enumeration::rows::Row;
use crate::simulator::provider::enumeration::{Enumeration, Rows};
use crate::simulator::provider::reply::Frame;
use crate::simulator::provider::request::Operation;
use crate::xml::{Writer, uri};

/// The format of rows.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Shape {
    pub(in crate::simulator) mode: EnumerationMode,
    /// Whether a query selected properties, which Windows writes as a fragment.
    pub(in crate::simulator) picked: bool,
    /// The prefix of the classes, if it differs from that of the request.
    pub(in crate::simulator) prefix: Option<ResourceUriPrefix>,
}

/// The limits of a page.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Room {
    pub(in crate::simulator) rows: usize,
    /// The limit of bytes of all rows.
    pub(in crate::simulator) bytes: usize,
    /// The lower limit that the client sets; the first row is always included.
    pub(in crate::simulator) characters: Option<usize>,
    /// Whether rows beyond the limit go to the next page; otherwise all rows are taken, and lost if
    /// they are too many (openwsman).
    pub(in crate::simulator) packs: bool,
}

/// The rows of a page as XML.
pub(in crate::simulator) struct Items {
    rows: Writer,
    count: usize,
    is_last: bool,
}

impl Items {
    /// Returns a page without rows and without the end mark.
    pub(in crate::simulator) fn none() -> Self {
        Self {
            rows: Writer::with_capacity(0),
            count: 0,
            is_last: false,
        }
    }

    /// Takes rows while they fit.
    pub(in crate::simulator) fn take(
        rows: &mut Rows,
        shape: &Shape,
        frame: &Frame<'_>,
        room: Room,
    ) -> Result<Self, RequestFailure> {
        let mut w = Writer::with_capacity(room.bytes.min(USUAL_SIZE));
        let mut count = 0;
        while count < room.rows {
            let Some(row) = rows.next_row() else {
                break;
            };
            let before = w.len();
            shape.write(&row, frame, &mut w)?;
            if room.packs && w.len() > room.limit(count) {
                w.truncate(before);
                rows.hold(row);
                if count == 0 {
                    return Err(ProtocolFailure::AnswerTooLarge.into());
                }
                break;
            }
            count += 1;
        }
        if w.len() > room.bytes {
            return Err(ProtocolFailure::AnswerTooLarge.into());
        }
        Ok(Self {
            rows: w,
            count,
            is_last: rows.is_over(),
        })
    }

    /// Returns the number of rows.
    pub(in crate::simulator) fn count(&self) -> usize {
        self.count
    }

    /// Whether no rows follow.
    pub(in crate::simulator) fn is_last(&self) -> bool {
        self.is_last
    }
}

impl Room {
    /// Returns the limit of bytes with one more row.
    fn limit(&self, taken: usize) -> usize {
        let characters = self.characters.filter(|_| taken > 0);
        characters.map_or(self.bytes, |characters| characters.min(self.bytes))
    }
}

/// The initial capacity: most pages fit without another allocation.
const USUAL_SIZE: usize = 64 * 1024;

impl Shape {
    fn write(&self, row: &Row, frame: &Frame<'_>, w: &mut Writer) -> Result<(), ValueError> {
        let (own, found) = match row {
            Row::Class(class) => return write_class(w, class),
            Row::Instance { own, found } => (own, found),
        };
        let path = own.path_of(frame.namespace, &found.instance);
        let context = self.context(frame);
        match self.mode {
            EnumerationMode::Objects => self.write_object(found, frame, w),
            EnumerationMode::Paths => write_path(&path, frame, context, w),
            EnumerationMode::ObjectsAndPaths => {
                w.open("w:Item", &[])?;
                self.write_object(found, frame, w)?;
                write_path(&path, frame, context, w)?;
                w.close("w:Item");
                Ok(())
            }
        }
    }

    fn write_object(
        &self,
        found: &Found,
        frame: &Frame<'_>,
        w: &mut Writer,
    ) -> Result<(), ValueError> {
        let instance = frame.represented(found);
        if self.picked && frame.dialect == Dialect::Windows {
            write_picked(w, &instance, self.context(frame))
        } else {
            write_instance(w, &instance, self.context(frame))
        }
    }

    fn context<'a>(&'a self, frame: &'a Frame<'_>) -> EncodeContext<'a> {
        let context = frame.context();
        EncodeContext {
            prefix: match (&self.prefix, frame.dialect) {
                (Some(prefix), Dialect::Openwsman) => prefix,
                _ => context.prefix,
            },
            ..context
        }
    }
}

/// Writes a path; OMI omits the namespace.
fn write_path(
    path: &InstancePath,
    frame: &Frame<'_>,
    context: EncodeContext<'_>,
    w: &mut Writer,
) -> Result<(), ValueError> {
    let path = match frame.dialect {
        Dialect::Omi => &without_namespace(path),
        _ => path,
    };
    w.open("a:EndpointReference", &[])?;
    write_reference(w, path, context.prefix, context.namespace)?;
    w.close("a:EndpointReference");
    Ok(())
}

impl Frame<'_> {
    /// Writes the answer to an Enumerate or a Pull. Without items it holds only the context.
    pub(in crate::simulator) fn page(
        self,
        enumeration: &Enumeration,
        items: Option<&Items>,
    ) -> Result<Vec<u8>, ValueError> {
        let (dialect, is_pull) = (self.dialect, self.operation == Operation::Pull);
        let response = if is_pull {
            "n:PullResponse"
        } else {
            "n:EnumerateResponse"
        };
        let ended = items.is_some_and(Items::is_last);
        let context =
            Some(enumeration.context.as_str()).filter(|_| !ended || dialect == Dialect::Omi);
        self.write(None, |w| {
            w.open(response, &[("xmlns:n", uri::ENUMERATION)])?;
            let after_items = dialect == Dialect::Openwsman && !is_pull && items.is_some();
            if !after_items {
                write_context(w, context, is_pull)?;
            }
            if let Some(items) = items {
                write_items(w, items, is_pull)?;
            }
            if after_items {
                write_context(w, context, is_pull)?;
            }
            if ended {
                w.empty(
                    if is_pull {
                        "n:EndOfSequence"
                    } else {
                        "w:EndOfSequence"
                    },
                    &[],
                )?;
            }
            w.close(response);
            Ok(())
        })
    }
}

/// Writes the context: the answer to an Enumerate always has one, even if empty; that to the last
/// Pull has none.
fn write_context(w: &mut Writer, context: Option<&str>, is_pull: bool) -> Result<(), ValueError> {
    match context {
        None if is_pull => Ok(()),
        context => Ok(w.leaf("n:EnumerationContext", &[], context.unwrap_or_default())?),
    }
}

/// Writes the rows in the namespace of the operation: those of an Enumerate belong to
/// WS-Management, not WS-Enumeration.
fn write_items(w: &mut Writer, items: &Items, is_pull: bool) -> Result<(), ValueError> {
    let element = if is_pull { "n:Items" } else { "w:Items" };
    w.open(element, &[])?;
    w.append(&items.rows);
    w.close(element);
    Ok(())
}
