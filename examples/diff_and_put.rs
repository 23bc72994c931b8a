//! Prints an instance, changes a copy of it, shows what differs, and puts it; then puts a copy under another
//! key:
//!
//! ```sh
//! cargo run --features simulator --example diff_and_put
//! ```
#![allow(clippy::print_stdout)]

use wsman::simulator::sample;
use wsman::{Credentials, Session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = sample().start().await?;
    let session = Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .allow_unencrypted()
        .namespace("root/cimv2")
        .build()?;
    let before = session.get_instance(r#"Win32_Share.Name="public""#).await?;
    println!("{before}");
    let mut after = before.clone();
    after
        .set("Description", "changed")
        .set("MaximumAllowed", 5u32);
    for change in before.diff(&after) {
        println!("{change}");
    }
    let put = session.modify_instance(&after).await?;
    let now = session.get_instance(&put.path).await?;
    println!(
        "{:?}, {} differ from what was put",
        put.outcome,
        now.diff(&after).len()
    );

    // Without its path the copy is no longer the instance that was read.
    let copy = before.without_path().with_key("Name", "public2");
    println!("created {}", session.create_instance(&copy).await?);
    Ok(())
}
