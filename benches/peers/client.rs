//! This crate as a client: the work of one process.

use std::hint::black_box;

use tokio::runtime::Builder;
use wsman::cim::DateTime;
use wsman::{Credentials, Instance, Session};

use super::{Outcome, Work};

/// The argument that turns the bench into this client; those of every client follow.
pub(super) const ARGUMENT: &str = "--client";

const CLASS: &str = "Peer_Item";

/// Does the work that the arguments name: URL, user, password, work, count.
pub(super) fn run(arguments: &[String]) -> Outcome<()> {
    let [url, user, password, work, count] = arguments else {
        return Err("expected URL, user, password, work and count".into());
    };
    let count: u64 = count.parse()?;
    let mut works = Work::ALL.into_iter();
    let work = works
        .find(|known| known.argument() == work)
        .ok_or("unknown work")?;
    let session = Session::builder(url.as_str())
        .credentials(Credentials::basic(user, password.as_str()))
        .namespace("root/peer")
        .allow_unencrypted()
        .build()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match work {
            Work::Puts => puts(&session, count).await,
            Work::Rows if count > 0 => rows(&session, false, count).await,
            Work::RowsWithPaths if count > 0 => rows(&session, true, count).await,
            Work::Rows | Work::RowsWithPaths => Ok(()),
        }
    })
}

async fn puts(session: &Session, count: u64) -> Outcome<()> {
    let item = Instance::new(CLASS)
        .with_key("Name", "item-100007")
        .with("Caption", "Item 100007")
        .with("Description", "Counts what item 100007 has done")
        .with("Enabled", true)
        .with("Count", 100_007u32)
        .with("Size", 1u64 << 40)
        .with("Ratio", 0.25)
        .with("State", 5u16)
        .with("Status", "OK")
        .with("Changed", "20261128113000.000000+000".parse::<DateTime>()?);
    for _ in 0..count {
        black_box(session.put_instance(black_box(&item)).await?);
    }
    Ok(())
}

/// Reads every row with its values, as a caller gets it.
async fn rows(session: &Session, with_paths: bool, count: u64) -> Outcome<()> {
    let request = session.enumerate_instances(CLASS);
    let request = if with_paths {
        request
    } else {
        request.without_paths()
    };
    let mut rows = request.stream();
    let mut read = 0;
    while let Some(row) = rows.next().await {
        let row = row?;
        let is_whole = row.properties().len() == 10 && row.path().is_some() == with_paths;
        read += u64::from(is_whole);
    }
    if read == count {
        Ok(())
    } else {
        Err(format!("{read} whole rows of {count}").into())
    }
}
