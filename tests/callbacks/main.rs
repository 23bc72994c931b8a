//! Tests callbacks, which are the events and prompts of a running operation, and operation options.

// Clippy spares test functions from these, but not the helpers around them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod encodings;
mod endings;
mod flags;
mod prompts;
mod recorded;
mod told;
mod windows;

use std::time::{Duration, Instant};

use wsman::simulator::{Knob, Script, SeenRequest, Simulator, sample};
use wsman::{
    Callback, Callbacks, Credentials, Instance, InstancePath, Operation, Session, SessionBuilder,
};

/// Longer than any test waits.
const LONG: Duration = Duration::from_secs(60);

fn builder(simulator: &Simulator) -> SessionBuilder {
    Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .namespace("root/cimv2")
        .allow_unencrypted()
}

async fn stage() -> (Simulator, Session) {
    let simulator = sample().start().await.unwrap();
    let session = builder(&simulator).build().unwrap();
    (simulator, session)
}

fn share() -> Instance {
    Instance::new("Win32_Share")
        .with_key("Name", "logs")
        .with("Path", r"C:\logs")
}

fn is_created(simulator: &Simulator) -> bool {
    let path = InstancePath::new("Win32_Share").with_key("Name", "logs");
    simulator.instance(&path).is_some()
}

/// Creates a Create that runs a script and requests these callbacks.
fn creating(
    simulator: &Simulator,
    session: &Session,
    script: Script,
    wanted: Callbacks,
) -> Operation<InstancePath> {
    simulator.next(Knob::Callbacks(script));
    session.create_instance(&share()).callbacks(wanted).start()
}

/// Collects all callbacks up to the end.
async fn all<T: Send + 'static>(operation: &mut Operation<T>) -> Vec<Callback> {
    let mut callbacks = operation.callbacks();
    let mut all = Vec::new();
    while let Some(callback) = callbacks.next().await {
        all.push(callback);
    }
    all
}

/// Summarises a callback.
fn said(callback: &Callback) -> String {
    match callback {
        Callback::Started => "started".to_owned(),
        Callback::Message { channel, text } => format!("{channel:?} {text}"),
        Callback::Progress(report) => format!("{} {:?}", report.activity, report.percent_complete),
        Callback::Parameter { name, value } => format!("{name}={:?}", value.elements()),
        Callback::Error(report) => report.instance().get("Message").unwrap(),
        Callback::Prompt(prompt) => prompt.text().to_owned(),
        other => panic!("{other:?}"),
    }
}

/// Waits until a condition holds.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(10), "{what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Returns the requests with an action that ends like this.
fn requests(simulator: &Simulator, action: &str) -> Vec<String> {
    let is_wanted = |request: &SeenRequest| {
        let found = request.action.as_deref();
        found.is_some_and(|found| found.ends_with(action))
    };
    let all = simulator.requests();
    let wanted = all.iter().filter(|request| is_wanted(request));
    wanted
        .map(|request| String::from_utf8(request.body.clone()).unwrap())
        .collect()
}

/// Returns the text of the first element with a local name.
fn element<'a>(message: &'a str, name: &str) -> &'a str {
    let start = message.find(&format!(":{name}")).unwrap();
    let text = &message[start..];
    let text = &text[text.find('>').unwrap() + 1..];
    &text[..text.find('<').unwrap()]
}
