//! `decode_rows` and `decode_typed`: a page of 1,000 instances with 25 properties.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use quick_xml::NsReader;
use quick_xml::events::Event;
use serde::Deserialize;
use tokio::runtime::Runtime;
use wsman::protocol::Message;
use wsman::transport::{ExchangeFuture, IncomingMessage, OutgoingMessage, Transport};
use wsman::{CimClass, Session};

use super::measure::{self, Measured};
use super::{Outcome, sample};

const ROWS: usize = 1000;

const ROUNDS: usize = 101;

/// Measures reading into `Instance`s against quick-xml reading every event of the same bytes, iterating
/// and checking its attributes, and keeping nothing.
pub(super) fn rows() -> Outcome<Measured> {
    let page = sample::page(ROWS);
    check(&page)?;
    let ours = || {
        black_box(Message::read(black_box(page.as_bytes()))?);
        Ok(())
    };
    let theirs = || read(black_box(&page));
    measure::ratio(ROUNDS, measure::wall(), ours, theirs)
}

/// Measures an enumeration whose one answer has the same page, from the request to a list of structs,
/// against the same reading. The answer comes from memory; as with a connection, it was just written
/// there, and nothing else holds it.
pub(super) fn typed() -> Outcome<Measured> {
    let page = sample::whole_enumeration(ROWS);
    let runtime = sample::runtime()?;
    let answer = || Bytes::copy_from_slice(page.as_bytes());
    let services = enumerate(&runtime, answer())?;
    let last = services.last().ok_or("no rows")?;
    let is_read = services.len() == ROWS && last.name == "Spooler999" && last.process_id == 5999;
    if !is_read || last.tag_id.is_some() {
        return Err("the page was not read".into());
    }
    let clock = measure::wall();
    let preparing = Cell::new(Duration::ZERO);
    let ours = || {
        let before = clock()?;
        let answer = answer();
        preparing.set(preparing.get() + clock()? - before);
        black_box(enumerate(&runtime, black_box(answer))?);
        Ok(())
    };
    let theirs = || read(black_box(&page));
    measure::ratio(ROUNDS, || Ok(clock()? - preparing.get()), ours, theirs)
}

/// A server with one answer.
#[derive(Debug)]
struct Once(Mutex<Option<Bytes>>);

impl Transport for Once {
    fn exchange(&self, _: OutgoingMessage) -> ExchangeFuture<'_> {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let answer = IncomingMessage::new(200, body.unwrap_or_default());
        let answer = answer.with_header("content-type", "application/soap+xml;charset=UTF-8");
        Box::pin(async move { Ok(answer) })
    }
}

fn enumerate(runtime: &Runtime, answer: Bytes) -> Outcome<Vec<Service>> {
    let session = Session::builder("http://host.example:5985/wsman")
        .transport(Arc::new(Once(Mutex::new(Some(answer)))))
        .namespace("root/cimv2")
        .build()?;
    Ok(runtime.block_on(async { session.enumerate::<Service>().await })?)
}

/// A struct with a field for each property of a row.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "the fields are read from the page and not used")]
struct Service {
    accept_pause: bool,
    accept_stop: bool,
    caption: String,
    check_point: u32,
    creation_class_name: String,
    delayed_auto_start: bool,
    description: String,
    desktop_interact: bool,
    display_name: String,
    error_control: String,
    exit_code: u32,
    install_date: Option<wsman::cim::DateTime>,
    name: String,
    path_name: String,
    process_id: u32,
    service_specific_exit_code: u32,
    service_type: String,
    started: bool,
    start_mode: String,
    start_name: String,
    state: String,
    status: String,
    system_creation_class_name: String,
    system_name: String,
    tag_id: Option<u32>,
}

impl CimClass for Service {
    const CLASS: &'static str = "Win32_Service";
    const KEYS: &'static [&'static str] = &["Name"];
}

/// Reads every event of a message with quick-xml, and the attributes of each, and keeps nothing.
pub(super) fn read(message: &str) -> Outcome<()> {
    let mut events = NsReader::from_str(message);
    loop {
        match black_box(events.read_event()?) {
            Event::Start(start) | Event::Empty(start) => {
                for attribute in start.attributes() {
                    black_box(attribute?);
                }
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
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
