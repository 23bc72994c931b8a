//! Follows associations from an instance: the services it depends on and its dependents. Runs on the
//! embedded simulator, or on the host of `WSMAN_URL` with `WSMAN_USER` and `WSMAN_PASSWORD`:
//!
//! ```sh
//! cargo run --features simulator --example associators
//! ```

use std::env::var;

use wsman::{Credentials, InstancePath, Session};

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
    let rpc = InstancePath::new("Win32_Service").with_key("Name", "RpcSs");

    for (role, what) in [("Antecedent", "is needed by"), ("Dependent", "needs")] {
        let others = session
            .associators(&rpc)
            .association_class("Win32_DependentService")
            .role(role)
            .await?;
        for other in others {
            say(&format!("RpcSs {what} {}", other.get::<String>("Name")?));
        }
    }

    // Lists the associations themselves, as paths.
    for path in session.references(&rpc).paths().await? {
        say(&path.to_string());
    }
    Ok(())
}

#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
