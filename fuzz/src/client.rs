//! The client as a whole: an operation whose answers are the input.

mod operations;
mod peer;

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use wsman::record::{Exchange, Replay};
use wsman::{Credentials, Session, SessionBuilder};

/// Between two answers.
const NEXT: &[u8] = b"\n#\n";

/// In an answer: the `MessageID` of the request.
const ID: &[u8] = b"@ID@";

/// Runs an operation of a session over a transport that returns complete answers.
pub fn session(data: &[u8]) {
    let Some((operation, data)) = data.split_first() else {
        return;
    };
    let exchanges = answers(data)
        .map(|body| Exchange::answered(200, body.to_vec()))
        .collect();
    let replay = Arc::new(Replay::from_exchanges(exchanges).relate(true));
    let builder =
        Session::builder("http://host.example:5985/wsman").transport(Arc::clone(&replay) as _);
    let session = settings(builder, *operation)
        .build()
        .expect("valid settings");
    // Time passes at once where a task waits for it.
    let runtime = runtime(Builder::new_current_thread().start_paused(true));
    runtime.block_on(operations::run(&session, *operation));
    drop(session);
    operations::check_requests(*operation, &replay.requests());
}

/// Runs an operation against a server that sends these bytes, whatever they are.
pub fn client(data: &[u8]) {
    let Some(([operation, pace], data)) = data.split_first_chunk() else {
        return;
    };
    let runtime = runtime(&mut Builder::new_current_thread());
    runtime.block_on(async {
        let answers: Vec<Vec<u8>> = answers(data).map(<[u8]>::to_vec).collect();
        let peer = peer::Peer::start(answers, *pace).await;
        let builder = Session::builder(peer.url()).allow_unencrypted();
        let builder = builder.credentials(login(*pace));
        let short = Duration::from_millis(200);
        let builder = builder
            .operation_timeout(short)
            .network_delay(short)
            .connect_timeout(short);
        let session = settings(builder, *operation)
            .build()
            .expect("valid settings");
        let run = operations::run(&session, *operation);
        let ended = tokio::time::timeout(Duration::from_secs(20), run).await;
        assert!(ended.is_ok(), "the operation has no end");
    });
}

fn runtime(builder: &mut Builder) -> Runtime {
    builder.enable_all().build().expect("a runtime")
}

fn login(pace: u8) -> Credentials {
    match pace >> 5 {
        0 => Credentials::none(),
        1 => Credentials::basic("ops", "hunter2"),
        2 => Credentials::digest("ops", "hunter2"),
        3 => Credentials::ntlm(r"DOMAIN\ops", "hunter2"),
        4 => Credentials::negotiate(r"DOMAIN\ops", "hunter2"),
        _ => Credentials::password("ops", "hunter2"),
    }
}

fn settings(builder: SessionBuilder, operation: u8) -> SessionBuilder {
    let builder = builder
        .namespace("root/cimv2")
        .row_limit(1000)
        .byte_limit(1 << 20);
    let builder = if operation & 0x10 == 0 {
        builder
    } else {
        builder.lossy_text()
    };
    let builder = if operation & 0x20 == 0 {
        builder
    } else {
        builder.keep_xml()
    };
    let builder = if operation & 0x40 == 0 {
        builder
    } else {
        builder.typed()
    };
    if operation & 0x80 == 0 {
        builder
    } else {
        builder.checked()
    }
}

/// Splits an input into at most 8 answers.
fn answers(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(data);
    std::iter::from_fn(move || {
        let data = rest?;
        let end = data.windows(NEXT.len()).position(|window| window == NEXT);
        rest = end.and_then(|end| data.get(end + NEXT.len()..));
        data.get(..end.unwrap_or(data.len()))
    })
    .take(8)
}
