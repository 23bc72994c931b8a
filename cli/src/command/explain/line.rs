//! The line of JSON that explains a message.

use std::borrow::Cow;
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};
use wsman::Instance;
use wsman::protocol::{Message, MessageKind};
use wsman::xml::XmlElement;

use super::body::{BodyJson, IdentityLine};
use super::element::{add, add_own, whole};
use super::fault::ErrorLine;
use super::header::HeaderJson;

/// The content of a message. Absent parts are left out.
#[derive(Debug, Default, Serialize)]
pub(super) struct Line<'a> {
    file: Cow<'a, str>,
    kind: &'static str,
    /// The known headers.
    #[serde(flatten)]
    known: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enumeration_context: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    end_of_sequence: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    paths: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instances: Vec<Instance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<IdentityLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorLine>,
    /// The other headers, and the parts of known headers that the keys leave out.
    #[serde(skip_serializing_if = "Map::is_empty")]
    header: Map<String, Value>,
    /// The parts of the body that the keys above leave out, such as the parameters of a request.
    #[serde(skip_serializing_if = "Map::is_empty")]
    body: Map<String, Value>,
    /// The content outside of header and body.
    #[serde(skip_serializing_if = "Map::is_empty")]
    envelope: Map<String, Value>,
    /// A document that is not a message.
    #[serde(skip_serializing_if = "Map::is_empty")]
    document: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// The limit of a problem's text, in characters.
const LONGEST_PROBLEM: usize = 400;

impl<'a> Line<'a> {
    /// Explains a message; `root` is the same message as a tree.
    pub(super) fn of(path: &'a Path, message: Message, root: &XmlElement) -> Self {
        let (mut header, mut body) = (HeaderJson::default(), BodyJson::default());
        let mut envelope = Map::new();
        add_own(&mut envelope, root);
        for part in root.children() {
            match part.local_name() {
                _ if part.namespace() != root.namespace() => {
                    add(&mut envelope, part.local_name(), whole(part, None));
                }
                "Header" => header.add(part, &message),
                "Body" => body.add(part, &message),
                name => add(&mut envelope, name, whole(part, None)),
            }
        }
        let is_unknown = message.kind == MessageKind::Unknown;
        Self {
            file: path.to_string_lossy(),
            kind: name_of(message.kind),
            known: header.known,
            class: class_of(&message),
            enumeration_context: body.enumeration_context,
            end_of_sequence: body.end_of_sequence,
            paths: body.paths,
            instances: message.instances,
            identity: body.identity,
            error: body.error,
            header: header.others,
            body: body.others,
            envelope,
            document: Map::new(),
            problem: is_unknown.then(|| "its header has no wsa:Action".to_owned()),
        }
    }

    /// Reports a file that is not a message; its content is included if it is XML.
    pub(super) fn problem(path: &'a Path, problem: &str, root: Option<&XmlElement>) -> Self {
        let mut line = Self {
            file: path.to_string_lossy(),
            kind: name_of(MessageKind::Unknown),
            ..Self::default()
        };
        if let Some(root) = root {
            add(&mut line.document, root.local_name(), whole(root, None));
        }
        line.set_problem(problem);
        line
    }

    /// Sets the problem of the message, cut to the limit.
    pub(super) fn set_problem(&mut self, problem: &str) {
        let mut bounded: String = problem.chars().take(LONGEST_PROBLEM).collect();
        if bounded.len() < problem.len() {
            bounded.pop();
            bounded.push('…');
        }
        self.problem = Some(bounded);
    }

    /// Whether the message has a problem.
    pub(super) fn is_problem(&self) -> bool {
        self.problem.is_some()
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn name_of(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Request => "request",
        MessageKind::Response => "response",
        MessageKind::Fault => "fault",
        MessageKind::Identify => "identify",
        _ => "unknown",
    }
}
/// Returns the class that the message is addressed to, else that of its first instance. Rows of a
/// projection have none.
fn class_of(message: &Message) -> Option<String> {
    let of_uri = message.resource_uri.as_deref().and_then(class_in);
    let mut of_instances = message
        .instances
        .iter()
        .map(|instance| instance.class().as_str());
    let class = of_uri.or_else(|| of_instances.find(|class| !class.is_empty()));
    class.map(str::to_owned)
}

/// Returns the class at the end of a resource URI; `None` for `*`, `cmd` or `config`. A class
/// follows the prefix of CIM or WMI, or else has a name of the form `Schema_Name` (DSP0004 5.1.1).
fn class_in(uri: &str) -> Option<&str> {
    let path = uri.split(['?', '#']).next()?;
    let (prefix, last) = path.rsplit_once('/')?;
    let is_name = !last.is_empty() && last.chars().all(|c| c == '_' || c.is_alphanumeric());
    let is_of_classes = prefix.contains("/wbem/wscim/") || prefix.contains("/wbem/wsman/1/wmi/");
    (is_name && (is_of_classes || last.contains('_'))).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinguishes_a_class_from_other_resources() {
        let dmtf = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/";
        let wmi = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/";
        let amt = "http://intel.com/wbem/wscim/1/amt-schema/1/";
        let windows = "http://schemas.microsoft.com/wbem/wsman/1/";
        for (prefix, last, class) in [
            (dmtf, "Win32_Share", Some("Win32_Share")),
            (wmi, "MyClass?key=1", Some("MyClass")),
            (amt, "AMT_Clock", Some("AMT_Clock")),
            ("http://example.com/", "ACME_Lamp", Some("ACME_Lamp")),
            (dmtf, "*", None),
            (wmi, "", None),
            (windows, "windows/shell/cmd", None),
            (windows, "config", None),
        ] {
            assert_eq!(class_in(&[prefix, last].concat()), class);
        }
    }

    #[test]
    fn cuts_a_long_problem() {
        for (length, shown) in [(0, 0), (400, 400), (401, 400), (10_000, 400)] {
            let line = Line::problem(Path::new("a"), &"ä".repeat(length), None);
            let problem = line.problem.unwrap_or_default();
            assert_eq!(problem.chars().count(), shown);
            assert_eq!(problem.ends_with('…'), length > 400);
        }
    }
}
