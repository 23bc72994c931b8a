//! Messages: their readers and writers.

use crate::cim::{Class, Instance, InstancePath, Name, ValueError};
use crate::protocol::{
    AnswerAction, Asked, DecodeError, EncodeContext, EventPage, Fault, Header, InstanceReader,
    Page, ResourceUriPrefix, Said, Turn, WireForm, read_envelope, read_reply, write_class,
    write_envelope, write_instance,
};
use crate::xml::{Limits, Splitter};

/// The limits of a session that reads on at invalid characters, or stops there.
fn limits(lossy: bool) -> Limits {
    Limits {
        lossy,
        ..Limits::default()
    }
}

/// A page that was read to its end.
#[derive(Debug, PartialEq)]
pub struct PageRead {
    pub rows: Vec<(Option<Instance>, Option<InstancePath>, Option<Class>)>,
    pub counted: u32,
    pub largest_row: usize,
    pub bytes: usize,
    pub context: Option<String>,
    pub has_ended: bool,
    pub looks_last: bool,
}

/// Reads a page of rows; a fault is an error here.
pub fn page(bytes: &[u8], lossy: bool, keep_xml: bool) -> Result<PageRead, String> {
    let mut instances = InstanceReader::default();
    instances.keep_xml(keep_xml);
    let class = Some(Name::new("Fuzzed"));
    let read = Page::read(
        bytes.to_vec(),
        limits(lossy),
        Asked::IDENTIFY,
        class,
        instances,
    );
    let mut page = read
        .map_err(|error| error.to_string())?
        .map_err(|fault| fault.to_string())?;
    let looks_last = page.looks_last();
    let mut rows = Vec::new();
    while let Some(row) = page.next_row().map_err(|error| error.to_string())? {
        rows.push((row.instance, row.path, row.class.map(|class| *class)));
    }
    let context = page.context().or(page.late_context()).map(str::to_owned);
    Ok(PageRead {
        rows,
        counted: page.rows(),
        largest_row: page.largest_row(),
        bytes: page.bytes(),
        context,
        has_ended: page.has_ended(),
        looks_last,
    })
}

/// Reads the reply to a Get, in a session whose messages must be answered by their own response.
pub fn reply(
    bytes: &[u8],
    id: &str,
    action: &str,
) -> Result<Result<Instance, Box<Fault>>, DecodeError> {
    let request = Header {
        message_id: Some(id.to_owned()),
        action: Some(action.to_owned().into()),
        ..Header::default()
    };
    let asked = Asked::by(&request, AnswerAction::Response).must_relate(true);
    read_reply(bytes, limits(false), asked, |body, first, _| {
        body.instance(first)
    })
}

/// Reads a class declaration.
pub fn class(bytes: &[u8]) -> Result<Class, DecodeError> {
    let (_, class) = read_envelope(bytes, limits(false), |body, first, _| body.class(first))?;
    class.map_err(|fault| DecodeError::Contradictory(fault.to_string()))
}

/// Writes a class declaration as the body of a message.
pub fn write_class_message(class: &Class) -> Result<Vec<u8>, ValueError> {
    write_envelope(|_| Ok(()), |w| write_class(w, class))
}

/// Writes an instance as the body of a message.
pub fn write_message(
    instance: &Instance,
    form: WireForm,
    precise_arrays: bool,
) -> Result<Vec<u8>, ValueError> {
    let context = EncodeContext {
        form,
        precise_arrays,
        prefix: &ResourceUriPrefix::Dmtf,
        namespace: None,
        class: None,
    };
    write_envelope(|_| Ok(()), |w| write_instance(w, instance, context))
}

/// Reads the instance of a body as a session of a server of this form does.
pub fn read_message(bytes: &[u8], form: WireForm) -> Result<Instance, DecodeError> {
    let (_, instance) = read_envelope(bytes, limits(false), |body, first, _| {
        body.instances.read_char16_as(form.char16_text());
        body.instance(first)
    })?;
    instance.map_err(|fault| DecodeError::Contradictory(fault.to_string()))
}

/// Reads a page of events: the events, the bookmark, the context and the reason of the end.
#[expect(clippy::type_complexity)]
pub fn events(
    bytes: &[u8],
    lossy: bool,
) -> Result<(Vec<Instance>, [Option<String>; 3]), DecodeError> {
    let (_, page) = read_envelope(bytes, limits(lossy), EventPage::read)?;
    let page = page.map_err(|fault| DecodeError::Contradictory(fault.to_string()))?;
    Ok((page.events, [page.bookmark, page.context, page.ended]))
}

/// What a stream of callbacks said.
#[derive(Debug, PartialEq)]
pub struct Heard {
    /// Each envelope, and what was read from it.
    pub envelopes: Vec<(Vec<u8>, Result<String, String>)>,
    /// Why no further envelope follows, if the stream is invalid.
    pub end: Option<String>,
    pub rest: Vec<u8>,
}

/// Splits a stream, which arrives in these pieces, into envelopes, and reads each.
pub fn callbacks<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, limit: usize) -> Heard {
    let mut splitter = Splitter::new(limit);
    let mut heard = Heard {
        envelopes: Vec::new(),
        end: None,
        rest: Vec::new(),
    };
    for piece in pieces {
        splitter.push(piece);
        loop {
            match splitter.next_document() {
                Ok(Some(document)) => {
                    let read = turn(&document);
                    heard.envelopes.push((document.to_vec(), read));
                }
                Ok(None) => break,
                Err(error) => {
                    heard.end = Some(error.to_string());
                    return heard;
                }
            }
        }
    }
    heard.rest = splitter.rest().to_vec();
    heard
}

fn turn(document: &[u8]) -> Result<String, String> {
    let turn = Turn::read(document, limits(false), Asked::IDENTIFY);
    match turn.map_err(|error| error.to_string())?.said {
        Said::Event(event) => Ok(format!("{event:?}")),
        Said::Control(control) => Ok(format!("{control:?}")),
        Said::Answer => Ok("the answer".to_owned()),
    }
}
