//! Records one exchange into a folder and replays it without a server. Uses the embedded simulator, or
//! the host of `WSMAN_URL`, `WSMAN_USER` and `WSMAN_PASSWORD`:
//!
//! ```sh
//! cargo run --features simulator,record --example record_fixture -- my-fixtures
//! ```
//!
//! Review a recording before sharing it. Only the login, the host and the values registered with
//! `Recorder::scrub` are removed.

use std::env::{args, var};
use std::path::PathBuf;
use std::sync::Arc;

use wsman::record::Replay;
use wsman::{Credentials, Session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let temporary = tempfile::tempdir()?;
    let folder = args().nth(1).map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| temporary.path().join("fixtures"));

    let simulator = wsman::simulator::sample().start().await?;
    let (url, builder) = match var("WSMAN_URL") {
        Ok(url) => {
            let login = Credentials::basic(var("WSMAN_USER")?, var("WSMAN_PASSWORD")?);
            let url: wsman::Url = url.parse()?;
            (url.clone(), Session::builder(url).credentials(login))
        }
        Err(_) => {
            let login = Credentials::basic(simulator.user(), simulator.password());
            let builder = Session::builder(simulator.url()).credentials(login);
            (simulator.url(), builder.allow_unencrypted())
        }
    };
    let live = builder.record(&folder, "example").build()?;
    let server = live.identify().await?;
    say(&format!("{url}: {}", server.product_vendor));

    let replay = Replay::load(&folder)?;
    let recorded = Session::builder(url).transport(Arc::new(replay)).build()?;
    let same = recorded.identify().await?;
    say(&format!("{}: {}", folder.display(), same.product_vendor));
    assert_eq!(server, same);
    Ok(())
}

#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
