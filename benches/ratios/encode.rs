//! `encode_put`: the envelope of a Put of 25 properties.

use std::hint::black_box;

use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

use super::measure::{self, Measured};
use super::{Outcome, sample};

/// The number of messages written in one round.
const MESSAGES: usize = 200;

/// Measures writing from an `Instance` to the bytes of the message against quick-xml writing the same
/// events from prepared texts.
pub(super) fn put() -> Outcome<Measured> {
    let session = sample::session("http://127.0.0.1:5985/wsman")?;
    let service = sample::service();
    let message = session.put_instance(&service).to_message()?;
    let parts = parts(std::str::from_utf8(&message)?)?;
    if write(&parts)? != message {
        return Err("the two write different bytes".into());
    }
    let ours = || {
        for _ in 0..MESSAGES {
            black_box(session.put_instance(black_box(&service)).to_message()?);
        }
        Ok(())
    };
    let theirs = || {
        for _ in 0..MESSAGES {
            black_box(write(black_box(&parts))?);
        }
        Ok(())
    };
    measure::ratio(201, measure::wall(), ours, theirs)
}

/// The content of an event, without escapes.
pub(super) enum Part {
    Start(String, Attributes),
    Empty(String, Attributes),
    Text(String),
    End(String),
}

pub(super) type Attributes = Vec<(String, String)>;

/// Splits a message into events; it has no entities and no comments.
pub(super) fn parts(message: &str) -> Outcome<Vec<Part>> {
    let mut events = Reader::from_str(message);
    let mut parts = Vec::new();
    loop {
        parts.push(match events.read_event()? {
            Event::Start(start) => Part::Start(start.name().0.to_owned(), attributes(&start)?),
            Event::Empty(start) => Part::Empty(start.name().0.to_owned(), attributes(&start)?),
            Event::Text(text) => Part::Text(text.xml10_content().into_owned()),
            Event::End(end) => Part::End(end.name().0.to_owned()),
            Event::Eof => return Ok(parts),
            _ => return Err("an event that no message of ours has".into()),
        });
    }
}

fn attributes(start: &BytesStart<'_>) -> Outcome<Attributes> {
    let pair = |attribute: quick_xml::events::attributes::Attribute<'_>| {
        (attribute.key.0.to_owned(), attribute.value.into_owned())
    };
    Ok(start
        .attributes()
        .map(|attribute| attribute.map(pair))
        .collect::<Result<_, _>>()?)
}

/// Writes the same message with quick-xml.
pub(super) fn write(parts: &[Part]) -> Outcome<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    for part in parts {
        writer.write_event(match part {
            Part::Start(name, attributes) => Event::Start(start(name, attributes)),
            Part::Empty(name, attributes) => Event::Empty(start(name, attributes)),
            Part::Text(text) => Event::Text(BytesText::new(text)),
            Part::End(name) => Event::End(BytesEnd::new(name)),
        })?;
    }
    Ok(writer.into_inner())
}

fn start<'a>(name: &'a str, attributes: &'a Attributes) -> BytesStart<'a> {
    let pairs = attributes
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    BytesStart::new(name).with_attributes(pairs)
}
