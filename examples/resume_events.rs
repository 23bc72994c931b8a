//! Receives events, keeps the bookmark in a file, and goes on from it after a restart of the program:
//!
//! ```sh
//! cargo run --features simulator --example resume_events
//! ```
#![allow(clippy::print_stdout)]

use std::path::Path;

use wsman::simulator::{Simulator, sample};
use wsman::subscribe::Bookmark;
use wsman::{Credentials, Instance, Session, Subscription};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Subscribes as a program does that starts: from the bookmark that the one before it has kept.
async fn subscribe(simulator: &Simulator, file: &Path) -> Outcome<Subscription> {
    let session = Session::builder(simulator.url())
        .credentials(Credentials::basic(simulator.user(), simulator.password()))
        .allow_unencrypted()
        .namespace("root/cimv2")
        .build()?;
    let mut request = session
        .subscribe("SELECT * FROM Demo_Tick")
        .send_bookmarks();
    if let Ok(text) = std::fs::read_to_string(file) {
        request = request.bookmark(Bookmark::from(text));
    }
    Ok(request.await?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let simulator = sample().start().await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("bookmark");
    let tick = |number: u32| simulator.emit(Instance::new("Demo_Tick").with("Number", number));
    for (last, missed) in [(2, 4), (4, 4)] {
        let mut events = subscribe(&simulator, &file).await?;
        if last == 2 {
            (1..=last).try_for_each(tick)?;
        }
        while let Some(event) = events.next().await {
            let event = event?; // Error::EventsMissed: read the current state anew
            let number: u32 = event.instance.get("Number")?;
            println!("event {number}");
            if let Some(bookmark) = event.bookmark {
                std::fs::write(&file, bookmark.to_string())?;
            }
            if number == last {
                break;
            }
        }
        events.close().await?;
        (last + 1..=missed).try_for_each(tick)?; // while no program runs
    }
    Ok(())
}
