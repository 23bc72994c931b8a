//! `roundtrip_cpu`: the processor time of a Put on a kept connection, in user mode and in the kernel.
//!
//! The instance is that of the other rows: a Windows service with 25 properties. The response holds the
//! whole instance, as most servers answer a Put. A smaller instance would flatter the ratio, because a
//! POST of a few bytes costs nearly as much as one of some thousand.
//!
//! The POST is what a user of hyper's pooled client would write: the address as text, the same headers,
//! and the same bytes over the same kind of connection. It reads the whole response without parsing it.
//!
//! The output also states the ratio if quick-xml did all work beside the POST: wrote the message from
//! prepared texts, and read the response and kept nothing. That is not a lower bound, because this
//! crate writes tags and reads some text without quick-xml. It shows the size of the task.

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::runtime::Runtime;
use wsman::{Instance, Session};

use super::measure::{self, Measured};
use super::server::{Kind, Server};
use super::{Outcome, decode, encode, sample};

/// The number of exchanges in one round.
const EXCHANGES: usize = 400;

/// Measures from the instance to the result, against a bare POST of the same bytes that reads the same
/// response.
pub(super) fn cpu() -> Outcome<Measured> {
    let server = Server::start(Kind::Canned)?;
    let runtime = sample::runtime()?;
    let session = sample::session(&server.url)?;
    let service = sample::service();
    let message = session.put_instance(&service).to_message()?;
    let parts = encode::parts(std::str::from_utf8(&message)?)?;
    let bare = Bare {
        client: client(),
        url: server.url.clone(),
        body: message.into(),
    };
    let ours = || puts(&runtime, &session, &service);
    let theirs = || bare.posts(&runtime);
    let with_quick_xml = || bare.posts_with_quick_xml(&runtime, &parts);
    let measured = measure::ratio(31, measure::cpu, ours, theirs)?;
    let least = measure::ratio(31, measure::cpu, with_quick_xml, theirs)?;
    Ok(measured.and(&format!("with quick-xml alone {:.2}", least.value)))
}

fn puts(runtime: &Runtime, session: &Session, service: &Instance) -> Outcome<()> {
    runtime.block_on(async {
        for _ in 0..EXCHANGES {
            session.put_instance(service).await?;
        }
        Ok(())
    })
}

struct Bare {
    client: Client<HttpConnector, Full<Bytes>>,
    url: String,
    body: Arc<[u8]>,
}

impl Bare {
    fn posts(&self, runtime: &Runtime) -> Outcome<()> {
        runtime.block_on(async {
            for _ in 0..EXCHANGES {
                self.post().await?;
            }
            Ok(())
        })
    }

    fn posts_with_quick_xml(&self, runtime: &Runtime, parts: &[encode::Part]) -> Outcome<()> {
        runtime.block_on(async {
            for _ in 0..EXCHANGES {
                black_box(encode::write(black_box(parts))?);
                let answer = self.post().await?;
                decode::read(std::str::from_utf8(&answer)?)?;
            }
            Ok(())
        })
    }

    async fn post(&self) -> Outcome<Bytes> {
        let request = Request::post(&self.url)
            .header(USER_AGENT, "wsman/bench")
            .header(ACCEPT, "*/*")
            .header(CONTENT_TYPE, "application/soap+xml;charset=UTF-8")
            .header(AUTHORIZATION, sample::BASIC)
            .body(Full::new(Bytes::from_owner(Arc::clone(&self.body))))?;
        let response = self.client.request(request).await?;
        let answer = response.into_body().collect().await?.to_bytes();
        if answer.len() != sample::put_answer().len() {
            return Err("another answer".into());
        }
        Ok(answer)
    }
}

/// Configured as a session configures its connections.
fn client() -> Client<HttpConnector, Full<Bytes>> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(1)
        .build(connector)
}
