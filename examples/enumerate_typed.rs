//! Reads rows as structs: all of a class, and those that match a condition. Runs on the embedded
//! simulator, or on the host of `WSMAN_URL` with `WSMAN_USER` and `WSMAN_PASSWORD`:
//!
//! ```sh
//! cargo run --features simulator --example enumerate_typed
//! ```

use std::env::var;

use serde::Deserialize;
use wsman::cim::{CimClass, wql::property};
use wsman::{Credentials, Session};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Service {
    name: String,
    state: String,
    process_id: u32,
    description: Option<String>, // None if NULL or omitted by the server
}

impl CimClass for Service {
    const CLASS: &'static str = "Win32_Service";
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = wsman::simulator::sample().start().await?;
    let builder = match var("WSMAN_URL") {
        Ok(url) => Session::builder(url).credentials(Credentials::basic(
            var("WSMAN_USER")?,
            var("WSMAN_PASSWORD")?,
        )),
        Err(_) => Session::builder(simulator.url())
            .credentials(Credentials::basic(simulator.user(), simulator.password()))
            .allow_unencrypted(),
    };
    let session = builder.namespace("root/cimv2").build()?;

    let mut services = session.enumerate::<Service>().max_elements(5).stream();
    while let Some(service) = services.next().await {
        let Service { name, state, .. } = service?;
        say(&format!("{name} is {state}"));
    }

    // The condition escapes its values.
    let wanted = property("State").eq("Running");
    for service in session.query::<Service>(wanted).await? {
        let text = service.description.unwrap_or_default();
        say(&format!("{}: {} {text}", service.name, service.process_id));
    }
    Ok(())
}

#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
