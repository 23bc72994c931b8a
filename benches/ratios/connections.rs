//! `dials`: the connections opened by serial messages.

use super::measure::Measured;
use super::server::{Kind, Server};
use super::{Outcome, sample};

const MESSAGES: usize = 1000;

/// Counts the connections that the server accepts while one session sends messages one by one. The value
/// is for 1,000 messages.
pub(super) fn dials() -> Outcome<Measured> {
    let server = Server::start(Kind::Canned)?;
    let runtime = sample::runtime()?;
    let session = sample::session(&server.url)?;
    let service = sample::service();
    runtime.block_on(async {
        for _ in 0..MESSAGES {
            session.put_instance(&service).await?;
        }
        Outcome::Ok(())
    })?;
    let (connections, messages) = server.counts()?;
    if messages != MESSAGES {
        return Err(format!("the server counted {messages} messages").into());
    }
    Ok(Measured {
        value: connections as f64,
        spread: format!("{connections} connections for {messages} messages"),
    })
}
