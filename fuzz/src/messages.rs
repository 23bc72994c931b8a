//! Messages of a server.

use std::fmt::Display;

use wsman::cim::WireForm;
use wsman::fuzzing;
use wsman::protocol::{Fault, Message};
use wsman::xml::XmlElement;
use wsman::{Instance, Value};

use crate::well_formed::body_shape;

const FORMS: [WireForm; 3] = [WireForm::Windows, WireForm::Omi, WireForm::Openwsman];

/// Any message, as tools read it.
pub fn envelope(data: &[u8]) {
    let tree = XmlElement::read(data);
    if let Err(error) = &tree {
        assert_shown(error);
    }
    match Message::read(data) {
        Ok(message) => {
            let root = tree.expect("a message is a document");
            assert_eq!(root.local_name(), "Envelope");
            message.instances.iter().for_each(goes_back);
        }
        Err(error) => assert_shown(&error),
    }
}

/// A fault, in every form of its detail.
pub fn fault(data: &[u8]) {
    let Ok(message) = Message::read(data) else {
        return;
    };
    if let Some(fault) = &message.fault {
        check_fault(fault);
    }
}

fn check_fault(fault: &Fault) {
    assert_shown(fault);
    let _ = format!("{fault:?}");
}

/// The response to a Get, which must be that to this request.
pub fn instance(data: &[u8]) {
    const ID: &str = "uuid:00000000-0000-0000-0000-00000000000F";
    const ACTION: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get";
    match fuzzing::reply(data, ID, ACTION) {
        Ok(Ok(instance)) => {
            let message = Message::read(data).expect("a reply is a message");
            let answered = message
                .relates_to
                .expect("the reply relates to the request");
            assert!(answered.eq_ignore_ascii_case(ID), "{answered}");
            goes_back(&instance);
        }
        Ok(Err(fault)) => check_fault(&fault),
        Err(error) => assert_shown(&error),
    }
}

/// A page of rows, read row by row. The first byte chooses the settings.
pub fn page(data: &[u8]) {
    let Some((settings, bytes)) = data.split_first() else {
        return;
    };
    let (lossy, keep_xml) = (settings & 1 == 1, settings & 2 == 2);
    let read = fuzzing::page(bytes, lossy, keep_xml);
    let again = fuzzing::page(bytes, lossy, keep_xml);
    assert_eq!(
        format!("{read:?}"),
        format!("{again:?}"),
        "reading has no state"
    );
    match read {
        Ok(page) => {
            assert_eq!(
                page.rows.len(),
                usize::try_from(page.counted).expect("few rows")
            );
            assert!(page.largest_row <= page.bytes);
            let instances = page
                .rows
                .iter()
                .filter_map(|(instance, ..)| instance.as_ref());
            instances.for_each(goes_back);
        }
        Err(error) => assert_text(&error),
    }
}

/// A class declaration: what the simulator writes for it is the same class.
pub fn class(data: &[u8]) {
    let class = match fuzzing::class(data) {
        Ok(class) => class,
        Err(error) => return assert_shown(&error),
    };
    let Ok(written) = fuzzing::write_class_message(&class) else {
        return;
    };
    body_shape(&written);
    let back = fuzzing::class(&written).expect("it reads what it wrote");
    assert_eq!(back.name(), class.name());
    assert_eq!(back.properties().len(), class.properties().len());
    assert_eq!(back.methods().len(), class.methods().len());
    let again = fuzzing::write_class_message(&back).expect("it writes what it read");
    assert_eq!(
        String::from_utf8_lossy(&again),
        String::from_utf8_lossy(&written)
    );
}

/// A page of events. The first byte chooses the settings.
pub fn event(data: &[u8]) {
    let Some((settings, bytes)) = data.split_first() else {
        return;
    };
    match fuzzing::events(bytes, settings & 1 == 1) {
        Ok((events, _)) => events.iter().for_each(goes_back),
        Err(error) => assert_shown(&error),
    }
}

/// A stream of envelopes while an operation runs. The first byte is the size of the pieces in which it
/// arrives, which must not matter.
pub fn callback(data: &[u8]) {
    const LIMIT: usize = 1 << 16;
    let Some((size, stream)) = data.split_first() else {
        return;
    };
    let whole = fuzzing::callbacks([stream], LIMIT);
    let pieces = fuzzing::callbacks(stream.chunks(usize::from(*size).max(1)), LIMIT);
    assert_eq!(whole.envelopes, pieces.envelopes);
    assert_eq!(whole.end, pieces.end);
    if whole.end.is_none() {
        assert_eq!(whole.rest, pieces.rest);
        let envelopes = whole.envelopes.iter().flat_map(|(bytes, _)| bytes);
        let all: Vec<u8> = envelopes.chain(&whole.rest).copied().collect();
        assert_eq!(all, stream, "no byte is lost");
    }
    let errors = whole
        .envelopes
        .iter()
        .filter_map(|(_, read)| read.as_ref().err());
    errors
        .chain(&whole.end)
        .for_each(|error| assert_text(error));
}

/// Asserts that an instance that was read is written as well-formed XML, of the same structure, and reads
/// back equal. What a form cannot carry is an error.
pub fn goes_back(instance: &Instance) {
    let _ = (instance.to_string(), format!("{instance:?}"));
    for form in FORMS {
        let Ok(written) = fuzzing::write_message(instance, form, true) else {
            continue;
        };
        let shape = body_shape(&written);
        let names = shape
            .iter()
            .filter(|(depth, _)| *depth == 1)
            .map(|(_, name)| name);
        let names: Vec<&String> = names.collect();
        let wanted = instance.properties().iter().flat_map(|property| {
            let elements = match property.value() {
                Value::Array(array) => array.len().max(1),
                _ => 1,
            };
            std::iter::repeat_n(property.name().as_str(), elements)
        });
        let wanted: Vec<&str> = wanted.collect();
        assert_eq!(names, wanted, "{}", String::from_utf8_lossy(&written));
        let back = fuzzing::read_message(&written, form).expect("it reads what it wrote");
        let again = fuzzing::write_message(&back, form, true).expect("it writes what it read");
        // A key on lines of its own is read without them.
        if !written.windows(2).any(|two| two == b">\n") {
            assert_eq!(
                String::from_utf8_lossy(&again),
                String::from_utf8_lossy(&written)
            );
        }
    }
}

/// Asserts that a text may be printed on a terminal and into a log.
pub fn assert_shown(value: &dyn Display) {
    assert_text(&value.to_string());
}

fn assert_text(text: &str) {
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(text.len() < 1 << 16, "{} bytes", text.len());
}
