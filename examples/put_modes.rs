//! Shows the three modes of a put, on the embedded simulator:
//!
//! ```sh
//! cargo run --features simulator --example put_modes
//! ```

use wsman::{Credentials, Error, Instance, PutMode, Session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = wsman::simulator::sample().start().await?;
    let session = Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .allow_unencrypted()
        .namespace("root/cimv2")
        .build()?;
    let share = Instance::new("Win32_Share")
        .with_key("Name", "logs")
        .with("Path", r"C:\logs")
        .with("Type", 0u32);

    for mode in [
        PutMode::UpdateOnly,     // not found
        PutMode::CreateOnly,     // created
        PutMode::CreateOnly,     // already exists
        PutMode::CreateOrUpdate, // updated
    ] {
        match session.put_instance(&share).mode(mode).await {
            Ok(put) => say(&format!("{mode:?}: {:?} {}", put.outcome, put.path)),
            Err(error @ (Error::NotFound(_) | Error::AlreadyExists(_))) => {
                say(&format!("{mode:?}: {error}"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
