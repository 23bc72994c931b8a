//! Starts a put, watches its status and cancels it. Runs on the embedded simulator, or on the host of
//! `WSMAN_URL` with `WSMAN_USER` and `WSMAN_PASSWORD`, which has a share `public`:
//!
//! ```sh
//! cargo run --features simulator --example semisync_cancel
//! ```

use std::env::var;
use std::time::Duration;

use wsman::simulator::{Knob, Script};
use wsman::{Callback, Callbacks, Credentials, Error, Instance, Session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = wsman::simulator::sample().start().await?;
    let slow = Script::new()
        .progress("sharing", 10)
        .progress("sharing", 20);
    simulator.next(Knob::Callbacks(slow.wait(Duration::from_secs(60))));
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
    let share = Instance::new("Win32_Share")
        .with_key("Name", "public")
        .with("Description", "by an example");

    let put = session.modify_instance(&share);
    let mut operation = put.callbacks(Callbacks::all()).start();
    say(&format!("{:?}", operation.status()));
    while let Some(callback) = operation.callbacks().next().await {
        say(&format!("{callback:?}"));
        if matches!(&callback, Callback::Progress(at) if at.percent_complete >= Some(20)) {
            break; // Takes too long.
        }
    }
    match operation.cancel().await {
        Ok(put) => say(&format!("completed before the cancel: {:?}", put.outcome)),
        Err(error @ Error::Cancelled(_)) => say(&format!("{:?}: {error}", error.delivery())),
        Err(error) => return Err(error.into()),
    }
    let path = share.path().ok_or("no path")?;
    let now = session.get_instance(&path).await?;
    say(&format!("{:?}", now.value("Description")));
    Ok(())
}

#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
