//! Prints a line for each message and each operation, without bodies, values and secrets:
//!
//! ```sh
//! cargo run --features simulator --example tracing
//! ```

use tracing_subscriber::filter::LevelFilter;
use wsman::simulator::sample;
use wsman::{Credentials, Instance, PutMode, Session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .without_time()
        .init();
    let simulator = sample().start().await?;
    let session = Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .allow_unencrypted()
        .namespace("root/cimv2")
        .build()?;
    let share = Instance::new("Win32_Share")
        .with_key("Name", "logs")
        .with("Path", "not-traced");
    session.put_instance(&share).await?;
    let again = session.put_instance(&share).mode(PutMode::CreateOnly).await;
    assert!(again.is_err());
    Ok(())
}
