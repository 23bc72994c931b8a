//! Invokes a method of a class and a method of an instance. Runs on the embedded simulator, or on the
//! host of `WSMAN_URL` with `WSMAN_USER` and `WSMAN_PASSWORD`, where it creates a share and deletes it
//! again:
//!
//! ```sh
//! cargo run --features simulator --example invoke
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

    // A static method: its target is the class.
    let created = session
        .invoke_method("Win32_Share", "Create")
        .arg("Name", "wsman-example")
        .arg("Path", r"C:\Windows\Temp")
        .arg("Type", 0u32)
        .await?;
    say(&format!("Create: {}", created.return_code()?));

    // A method of an instance. The caller evaluates its return value.
    let path = InstancePath::new("Win32_Share").with_key("Name", "wsman-example");
    let changed = session
        .invoke_method(&path, "SetShareInfo")
        .arg("Description", "made by an example")
        .await?;
    say(&format!("SetShareInfo: {}", changed.return_code()?));

    // The same on an instance that was read.
    let share = session.get_instance(&path).await?;
    say(&format!(
        "{:?}",
        share.get::<Option<String>>("Description")?
    ));
    let deleted = session.invoke_method(&share, "Delete").await?;
    say(&format!("Delete: {}", deleted.return_code()?));
    Ok(())
}

#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
