//! The line of JSON that a message is explained with.

use std::borrow::Cow;
use std::path::Path;

use serde::{Serialize, Serializer};
use wsman::cim::Name;
use wsman::{Error, Instance, Message, MessageKind, SelectorSet, SelectorValue};

/// What a message says. What it does not say is left out.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    file: Cow<'a, str>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relates_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_map")]
    selectors: Option<SelectorSet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instances: Vec<Instance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// The fault: the first and the last three are what a session makes of it, the others its own words.
#[derive(Debug, Serialize)]
struct ErrorLine {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subcode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wsman_code: Option<String>,
    cim_status: u32,
    hresult: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl<'a> Line<'a> {
    /// A message that was read.
    pub(super) fn of(path: &'a Path, message: Message) -> Self {
        let is_unknown = message.kind == MessageKind::Unknown;
        Self {
            file: path.to_string_lossy(),
            kind: name_of(message.kind),
            class: class_of(&message),
            action: message.action,
            relates_to: message.relates_to,
            resource_uri: message.resource_uri,
            selectors: Some(message.selectors).filter(|selectors| !selectors.is_empty()),
            instances: message.instances,
            error: message
                .fault
                .map(|fault| ErrorLine::of(&Error::from(fault))),
            problem: is_unknown.then(|| "its header has no wsa:Action".to_owned()),
        }
    }

    /// Whether something is wrong with the message.
    pub(super) fn is_problem(&self) -> bool {
        self.problem.is_some()
    }

    /// A message that could not be read.
    pub(super) fn problem(path: &'a Path, problem: String) -> Self {
        Self {
            file: path.to_string_lossy(),
            kind: name_of(MessageKind::Unknown),
            action: None,
            relates_to: None,
            resource_uri: None,
            selectors: None,
            class: None,
            instances: Vec::new(),
            error: None,
            problem: Some(problem),
        }
    }
}

impl ErrorLine {
    fn of(error: &Error) -> Self {
        let fault = error.fault();
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let hexadecimal = |code: u32| format!("0x{code:08X}");
        Self {
            kind: error.name(),
            code: fault.and_then(|fault| text(fault.code.as_str())),
            subcode: fault.and_then(|fault| fault.subcode.clone()),
            detail: fault.and_then(|fault| fault.fault_detail.clone()),
            wsman_code: fault
                .and_then(|fault| fault.wsman_code)
                .map(|code| hexadecimal(code.0)),
            cim_status: error.status().code(),
            hresult: hexadecimal(
                fault
                    .and_then(|fault| fault.hresult())
                    .unwrap_or(error.wbem().0),
            ),
            message: fault.and_then(|fault| text(fault.message())),
        }
    }
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

/// The class that the message is addressed to, else that of its first instance. Rows of which a query
/// picked some properties have none.
fn class_of(message: &Message) -> Option<String> {
    let of_uri = message.resource_uri.as_deref().and_then(class_in);
    let mut of_instances = message
        .instances
        .iter()
        .map(|instance| instance.class().as_str());
    let class = of_uri.or_else(|| of_instances.find(|class| !class.is_empty()));
    class.map(str::to_owned)
}

/// The class at the end of a resource URI, if it is one, which `*`, `cmd` or `config` are not: what
/// follows the prefix of CIM or WMI, or else is named `Schema_Name` as classes are (DSP0004 5.1.1).
fn class_in(uri: &str) -> Option<&str> {
    let path = uri.split(['?', '#']).next()?;
    let (prefix, last) = path.rsplit_once('/')?;
    let is_name = !last.is_empty() && last.chars().all(|c| c == '_' || c.is_alphanumeric());
    let is_of_classes = prefix.contains("/wbem/wscim/") || prefix.contains("/wbem/wsman/1/wmi/");
    (is_name && (is_of_classes || last.contains('_'))).then_some(last)
}

/// Selectors by name; a name that comes twice, which some servers were sent, is kept once.
fn as_map<S: Serializer>(
    selectors: &Option<SelectorSet>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut entries: Vec<(&Name, String)> = Vec::new();
    for (name, value) in selectors.iter().flat_map(SelectorSet::iter) {
        if !entries.iter().any(|(known, _)| *known == name) {
            entries.push((name, text_of(value)));
        }
    }
    serializer.collect_map(entries.iter().map(|(name, text)| (name.as_str(), text)))
}

fn text_of(value: &SelectorValue) -> String {
    match value {
        SelectorValue::Text(text) => text.clone(),
        SelectorValue::Reference(path) => path.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_is_told_from_other_resources() {
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
}
