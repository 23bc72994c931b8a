//! Reads rows as structs, and prints them as a table and as JSON; an instance without a struct is JSON, too:
//!
//! ```sh
//! cargo run --features simulator --example table_and_json
//! ```
#![allow(clippy::print_stdout)]

use serde::{Deserialize, Serialize};
use wsman::cim::wql::property;
use wsman::{CimClass, Credentials, Session, simulator::sample};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Service {
    name: String,
    start_mode: String,
    process_id: Option<u32>,
}

impl CimClass for Service {
    const CLASS: &'static str = "Win32_Service";
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = sample().start().await?;
    let session = Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .allow_unencrypted()
        .namespace("root/cimv2")
        .build()?;
    let wanted = property("State").eq("Running");
    let wanted = wanted.and(property("Name").starts_with("W"));
    let services = session.query::<Service>(wanted).await?;
    println!("{:<10} {:<6} {:>5}", "Name", "Start", "PID");
    for row in &services {
        let id = row.process_id.map_or("-".to_owned(), |id| id.to_string());
        println!("{:<10} {:<6} {id:>5}", row.name, row.start_mode);
    }
    println!("{}", serde_json::to_string(&services)?);

    // `typed` takes the types from the class, also where a server sends none.
    let winrm = r#"Win32_Service.Name="WinRM""#;
    let untyped = session.get_instance(winrm).await?;
    let typed = session.get_instance(winrm).typed().await?;
    for value in [untyped.value("ProcessId"), typed.value("ProcessId")] {
        println!("{value:?} {}", serde_json::to_string(&value)?);
    }
    Ok(())
}
