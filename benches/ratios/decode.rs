//! `decode_rows`: a page of 1,000 instances with 25 properties.

use std::hint::black_box;

use quick_xml::NsReader;
use quick_xml::events::Event;
use wsman::protocol::Message;

use super::measure::{self, Measured};
use super::{Outcome, sample};

const ROWS: usize = 1000;

/// Measures reading into `Instance`s against quick-xml reading every event of the same bytes and
/// keeping nothing.
pub(super) fn rows() -> Outcome<Measured> {
    let page = sample::page(ROWS);
    check(&page)?;
    let ours = || {
        black_box(Message::read(black_box(page.as_bytes()))?);
        Ok(())
    };
    let theirs = || read(black_box(&page));
    measure::ratio(101, measure::wall(), ours, theirs)
}

/// Reads every event of a message with quick-xml and keeps nothing.
pub(super) fn read(message: &str) -> Outcome<()> {
    let mut events = NsReader::from_str(message);
    while black_box(events.read_event()?) != Event::Eof {}
    Ok(())
}

fn check(page: &str) -> Outcome<()> {
    let read = Message::read(page.as_bytes())?.instances;
    let whole = read
        .iter()
        .filter(|row| row.properties().len() == sample::PROPERTIES)
        .count();
    if read.len() == ROWS && whole == ROWS {
        Ok(())
    } else {
        Err("the page was not read".into())
    }
}
