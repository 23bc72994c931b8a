//! Tests every known form of a value on the wire.

mod bodies;
mod forms;
mod given_back;
mod raw;

use super::{EncodeContext, Message, ResourceUriPrefix, WireForm};
use super::{write_envelope, write_instance};
use crate::cim::{Array, DateTime, Instance, Value, ValueError};

const SCHEMA: &str = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/";
const IPS: &str = "http://intel.com/wbem/wscim/1/ips-schema/1/";

/// Wraps a body in an envelope with the prefixes that the tests use.
fn envelope(body: &str) -> String {
    format!(
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xmlns:p="{SCHEMA}ACME_Lamp" xmlns:q="{SCHEMA}ACME_Bulb" xmlns:i="{IPS}IPS_Clock"><s:Body>{body}</s:Body></s:Envelope>"#
    )
}

fn message(body: &str) -> Message {
    Message::read(envelope(body).as_bytes()).expect(body)
}

/// Reads the only instance of a body.
fn instance(body: &str) -> Instance {
    let mut instances = message(body).instances;
    assert_eq!(instances.len(), 1, "{body}");
    instances.remove(0)
}

/// Creates a lamp with these properties.
fn lamp(properties: &str) -> Instance {
    instance(&["<p:ACME_Lamp>", properties, "</p:ACME_Lamp>"].concat())
}

/// Reads the value of `V`.
fn value(properties: &str) -> Value {
    lamp(properties).value("V").cloned().expect(properties)
}

fn text(text: &str) -> Value {
    Value::Untyped(text.to_owned())
}

fn time(text: &str) -> Value {
    Value::DateTime(text.parse::<DateTime>().expect(text))
}

fn array(items: impl IntoIterator<Item = Value>) -> Value {
    Value::from(Array::from_values(items.into_iter().collect()).expect("one type"))
}

fn bulb(label: &str) -> Value {
    Value::from(Instance::new("ACME_Bulb").with("Label", text(label)))
}

fn of(class: &str, properties: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let properties = properties.into_iter();
    Value::from(
        properties.fold(Instance::new(class), |instance, (name, value)| {
            instance.with(name, value)
        }),
    )
}

/// `20140403144550.000000+000`
const TIME: &str = "2014-04-03T14:45:50Z";

fn written(instance: &Instance, prefix: &ResourceUriPrefix) -> Result<String, ValueError> {
    let context = EncodeContext {
        form: WireForm::Windows,
        precise_arrays: true,
        prefix,
        namespace: None,
        class: None,
    };
    let bytes = write_envelope(|_| Ok(()), |w| write_instance(w, instance, context))?;
    Ok(String::from_utf8(bytes).expect("UTF-8"))
}
