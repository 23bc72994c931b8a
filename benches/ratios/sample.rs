//! The measured messages: Windows services with 25 properties each.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};
use wsman::cim::{DateTime, Value};
use wsman::{Credentials, Instance, Session, SessionBuilder};

use super::Outcome;

pub(super) const PROPERTIES: usize = 25;

/// The `Authorization` header of [`session`].
pub(super) const BASIC: &str = "Basic b3BzOnNlY3JldA==";

/// An instance as Windows sends it; `ROW` stands for its number.
const ROW: &str = include_str!("row.xml");

const HEAD: &str = concat!(
    r#"<s:Envelope xml:lang="en-US" xmlns:s="http://www.w3.org/2003/05/soap-envelope""#,
    r#" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing""#,
    r#" xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer""#,
    r#" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration""#,
    r#" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd""#,
    r#" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"><s:Header>"#,
    "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>",
    "<a:MessageID>uuid:6A1B7C3C-55B5-4B7D-8B8E-0A8F6B5C7D11</a:MessageID><a:Action>",
);

const PUT_RESPONSE: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer/PutResponse";

/// The response to Pull with a page of instances.
pub(super) fn page(rows: usize) -> String {
    pulled(&items(rows), Some("uuid:1"))
}

/// The response to an Enumerate that returns all rows at once.
pub(super) fn whole_enumeration(rows: usize) -> String {
    let body = [
        "<n:EnumerateResponse><n:EnumerationContext/><w:Items>",
        &items(rows),
        "</w:Items><w:EndOfSequence/></n:EnumerateResponse>",
    ];
    let action = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/EnumerateResponse";
    envelope(action, &body.concat())
}

/// The response to an Enumerate that returns a context and no row.
pub(super) fn opened(context: &str) -> String {
    let action = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/EnumerateResponse";
    let body = ["<n:EnumerateResponse><n:EnumerationContext>", context];
    let end = "</n:EnumerationContext></n:EnumerateResponse>";
    envelope(action, &[&body.concat(), end].concat())
}

/// The response to a Pull with these rows, and the context of the next Pull if there is one.
pub(super) fn pulled(items: &str, context: Option<&str>) -> String {
    let action = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/PullResponse";
    let context = context
        .map(|context| ["<n:EnumerationContext>", context, "</n:EnumerationContext>"].concat());
    let end = if context.is_none() {
        "<n:EndOfSequence/>"
    } else {
        ""
    };
    let context = context.unwrap_or_default();
    let body = [
        "<n:PullResponse>",
        &context,
        "<n:Items>",
        items,
        "</n:Items>",
        end,
    ];
    envelope(action, &[&body.concat(), "</n:PullResponse>"].concat())
}

/// The rows of a page.
pub(super) fn items(rows: usize) -> String {
    (0..rows).map(row).collect()
}

/// The response to Put with the updated instance: about 3 KB.
pub(super) fn put_answer() -> &'static str {
    static ANSWER: OnceLock<String> = OnceLock::new();
    ANSWER.get_or_init(|| envelope(PUT_RESPONSE, &row(7)))
}

fn row(number: usize) -> String {
    ROW.lines()
        .collect::<String>()
        .replace("ROW", &number.to_string())
}

fn envelope(action: &str, body: &str) -> String {
    [
        HEAD,
        action,
        "</a:Action></s:Header><s:Body>",
        body,
        "</s:Body></s:Envelope>",
    ]
    .concat()
}

/// The instance to put.
pub(super) fn service() -> Instance {
    let installed = "20240229113000.000000+060"
        .parse::<DateTime>()
        .map_or(Value::Null, Value::from);
    Instance::new("Win32_Service")
        .with_key("Name", "Spooler7")
        .with("AcceptPause", false)
        .with("AcceptStop", true)
        .with("Caption", "Print Spooler 7")
        .with("CheckPoint", 0u32)
        .with("CreationClassName", "Win32_Service")
        .with("DelayedAutoStart", false)
        .with(
            "Description",
            "This service spools print jobs and handles interaction with printer 7.",
        )
        .with("DesktopInteract", true)
        .with("DisplayName", "Print Spooler 7")
        .with("ErrorControl", "Normal")
        .with("ExitCode", 0u32)
        .with("InstallDate", installed)
        .with("PathName", r"C:\Windows\System32\spoolsv.exe -k 7")
        .with("ProcessId", 5007u32)
        .with("ServiceSpecificExitCode", 0u32)
        .with("ServiceType", "Own Process")
        .with("Started", true)
        .with("StartMode", "Auto")
        .with("StartName", "LocalSystem")
        .with("State", "Running")
        .with("Status", "OK")
        .with("SystemCreationClassName", "Win32_ComputerSystem")
        .with("SystemName", "HOST7")
        .with_null("TagId")
}

/// A session with Basic authentication and mostly default settings.
pub(super) fn session(url: &str) -> Outcome<Session> {
    Ok(builder(url).build()?)
}

pub(super) fn builder(url: &str) -> SessionBuilder {
    Session::builder(url)
        .credentials(Credentials::basic("ops", "secret"))
        .namespace("root/cimv2")
        .allow_unencrypted()
}

/// A runtime of one thread, so that its processor time is that of the process.
pub(super) fn runtime() -> Outcome<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}
