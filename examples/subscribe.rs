//! Receives events, and handles a gap in them. Runs on the embedded simulator, or on the host of
//! `WSMAN_URL` with `WSMAN_USER` and `WSMAN_PASSWORD`:
//!
//! ```sh
//! cargo run --features simulator --example subscribe
//! ```

use std::env::var;
use std::time::Duration;

use wsman::{Credentials, Error, Instance, Session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let simulator = wsman::simulator::sample().start().await?;
    let (builder, query) = match var("WSMAN_URL") {
        Ok(url) => (
            Session::builder(url).credentials(Credentials::basic(
                var("WSMAN_USER")?,
                var("WSMAN_PASSWORD")?,
            )),
            "SELECT * FROM Win32_ProcessStartTrace",
        ),
        Err(_) => (
            Session::builder(simulator.url())
                .credentials(Credentials::basic(simulator.user(), simulator.password()))
                .allow_unencrypted(),
            "SELECT * FROM Demo_Tick WHERE Number > 1",
        ),
    };
    let session = builder.namespace("root/cimv2").build()?;
    let mut events = session.subscribe(query).send_bookmarks().await?;
    for number in 1..=3u32 {
        simulator.emit(Instance::new("Demo_Tick").with("Number", number))?;
    }

    for _ in 0..2 {
        let wait = tokio::time::timeout(Duration::from_secs(60), events.next());
        match wait.await {
            Ok(Some(Ok(event))) => say(&format!("{:?} {:?}", event.instance, event.bookmark)),
            Ok(Some(Err(Error::EventsMissed(_)))) => {
                say("events were missed: read the current state again")
            }
            Ok(Some(Err(error))) => return Err(error.into()),
            Ok(None) | Err(_) => break,
        }
    }
    events.close().await?;
    Ok(())
}

#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
