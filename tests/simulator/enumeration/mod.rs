//! Tests enumerations over raw HTTP against the recorded shapes.

mod disturbed;
mod omi;
mod openwsman;
mod slow;
mod windows;

use wsman::cim::{CimType, Class};
use wsman::simulator::{Simulator, SimulatorBuilder};
use wsman::{Instance, InstancePath};

use crate::client::{Reply, Request, send};

/// `w:OptimizeEnumeration`, with the maximum number of rows.
fn optimized(rows: u32) -> String {
    format!("<w:OptimizeEnumeration/><w:MaxElements>{rows}</w:MaxElements>")
}

const WQL: &str = "http://schemas.microsoft.com/wbem/wsman/1/WQL";
const CQL: &str = "http://schemas.dmtf.org/wbem/cql/1/dsp0202.pdf";
const SELECTOR: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter";
const ASSOCIATION: &str = "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter";

fn filter(dialect: &str, content: &str) -> String {
    format!(
        r#"{}<w:Filter Dialect="{dialect}">{content}</w:Filter>"#,
        optimized(100)
    )
}

/// The server and the common part of its requests.
struct Peer {
    simulator: Simulator,
    prefix: &'static str,
    namespace: &'static str,
}

impl Peer {
    fn request(&self, action: &'static str, class: &str, body: &str) -> Request {
        Request {
            namespace: Some(self.namespace),
            ..Request::new(action, format!("{}{class}", self.prefix))
        }
        .body(&format!("<n:{action}>{body}</n:{action}>"))
    }

    async fn enumerate(&self, class: &str, body: &str) -> Reply {
        send(&self.simulator, &self.request("Enumerate", class, body)).await
    }

    async fn pull(&self, class: &str, context: &str, more: &str) -> Reply {
        let body = format!("<n:EnumerationContext>{context}</n:EnumerationContext>{more}");
        send(&self.simulator, &self.request("Pull", class, &body)).await
    }

    async fn release(&self, class: &str, context: &str) -> Reply {
        let body = format!("<n:EnumerationContext>{context}</n:EnumerationContext>");
        send(&self.simulator, &self.request("Release", class, &body)).await
    }

    /// Opens an enumeration without rows; returns its context.
    async fn open(&self, class: &str) -> String {
        context(&self.enumerate(class, "").await)
    }

    /// Creates a query on all classes.
    async fn query(&self, text: &str) -> Reply {
        self.enumerate("*", &filter(WQL, text)).await
    }
}

fn max_elements(rows: u32) -> String {
    format!("<n:MaxElements>{rows}</n:MaxElements>")
}

/// Returns the content of the body of a response; instances are reduced to `…` in their element.
fn shape(reply: &Reply) -> String {
    let text = reply.text();
    let body = text
        .split_once("<s:Body>")
        .unwrap()
        .1
        .split_once("</s:Body>")
        .unwrap()
        .0;
    let body = body.replace(
        r#" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration""#,
        "",
    );
    let mut shape = String::new();
    let mut rest = body.as_str();
    while let Some((before, row)) = rest.split_once("<p0:") {
        let class = row.split([' ', '>']).next().unwrap();
        let end = format!("</p0:{class}>");
        shape.push_str(before);
        shape.push_str(&format!("<{class}>"));
        rest = row.split_once(&end).unwrap().1;
    }
    shape.push_str(rest);
    shape
}

/// Returns the context that a response names.
fn context(reply: &Reply) -> String {
    let text = reply.text();
    let (_, after) = text
        .split_once("<n:EnumerationContext>")
        .expect("a context");
    after.split_once('<').unwrap().0.to_owned()
}

/// Returns the values of a property in all rows, typed or not, as text.
fn values(reply: &Reply, property: &str) -> Vec<String> {
    let message = reply.message();
    assert_eq!(message.fault, None);
    let text = |row: &Instance| match row.get::<u64>(property) {
        Ok(number) => number.to_string(),
        Err(_) => row.get::<String>(property).unwrap(),
    };
    message.instances.iter().map(text).collect()
}

/// A schema of pairs, a class with two subclasses, links between parts, and a thousand instances of
/// `_Perf`.
fn model(builder: SimulatorBuilder, prefix: &'static str) -> SimulatorBuilder {
    let text = CimType::String;
    let class = |name: &str| format!("{prefix}_{name}");
    let builder = builder
        .class(
            Class::new(class("TwoKeys"))
                .with_key("Name", text)
                .with_key("Number", CimType::Uint32)
                .with("Value", text),
        )
        .class(
            Class::new(class("Base"))
                .with_key("Name", text)
                .with("BaseValue", CimType::Uint32),
        )
        .class(
            Class::new(class("DerivedA"))
                .extends(class("Base"))
                .with("A", text),
        )
        .class(
            Class::new(class("DerivedB"))
                .extends(class("DerivedA"))
                .with("BExtra", text),
        )
        .class(
            Class::new(class("Link"))
                .with_key("From", CimType::Reference)
                .with_key("To", CimType::Reference)
                .with("Weight", CimType::Uint8),
        )
        .class(Class::new(class("Empty")).with_key("Name", text))
        .class(
            Class::new(class("Perf"))
                .with_key("Id", CimType::Uint64)
                .with("Value", text),
        );
    let pair = |name: &str, number: u32| {
        Instance::new(class("TwoKeys"))
            .with_key("Name", name)
            .with_key("Number", number)
            .with("Value", "v")
    };
    let base = |kind: &str, name: &str| {
        Instance::new(class(kind))
            .with_key("Name", name)
            .with("BaseValue", 7u32)
    };
    let path = |kind: &str, name: &str| InstancePath::new(class(kind)).with_key("Name", name);
    let link = |from: InstancePath, to: InstancePath| {
        Instance::new(class("Link"))
            .with_key("From", from)
            .with_key("To", to)
            .with("Weight", 5u8)
    };
    let perf = class("Perf");
    [
        pair("alpha", 0),
        pair("alpha", 1),
        pair("beta", 0),
        pair("beta", 1),
        base("Base", "base-1"),
        base("DerivedA", "a-1").with("A", "value of A"),
        base("DerivedB", "b-1")
            .with("A", "value of A")
            .with("BExtra", "value of B"),
        link(path("Base", "base-1"), path("DerivedA", "a-1")),
        link(path("Base", "base-1"), path("DerivedB", "b-1")),
        link(path("DerivedA", "a-1"), path("DerivedB", "b-1")),
    ]
    .into_iter()
    .fold(builder, SimulatorBuilder::instance)
    .generated(class("Perf"), 1_000, move |id| {
        Instance::new(perf.clone())
            .with_key("Id", id)
            .with("Value", format!("value of item {id}"))
    })
}

/// Returns the body of an association filter on `Base.Name="base-1"`: its object and the rest.
fn association(peer: &Peer, result: &str, class: &str, name: &str, parts: &str) -> String {
    let object = format!(
        r#"<b:Object><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address><a:ReferenceParameters><w:ResourceURI>{}{class}</w:ResourceURI><w:SelectorSet><w:Selector Name="Name">{name}</w:Selector></w:SelectorSet></a:ReferenceParameters></b:Object>"#,
        peer.prefix
    );
    filter(
        ASSOCIATION,
        &format!("<b:{result}>{object}{parts}</b:{result}>"),
    )
}
