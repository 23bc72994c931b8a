//! `roundtrip_cpu`: the processor time of a Put on a kept connection.

use std::sync::Arc;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, redirect, retry};
use tokio::runtime::Runtime;
use wsman::{Instance, Session};

use super::measure::{self, Measured};
use super::server::Server;
use super::{Outcome, sample};

/// How many exchanges there are in one round.
const EXCHANGES: usize = 400;

/// From the instance to the result, over a bare POST of the same bytes that reads the same answer.
pub(super) fn cpu() -> Outcome<Measured> {
    let server = Server::start()?;
    let runtime = sample::runtime()?;
    let session = sample::session(&server.url)?;
    let service = sample::service();
    let bare = Bare {
        client: client()?,
        url: server.url.clone(),
        body: session.__put_message(&service)?.into(),
    };
    let ours = || puts(&runtime, &session, &service);
    let theirs = || bare.posts(&runtime);
    measure::ratio(31, measure::cpu, ours, theirs)
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
    client: Client,
    url: String,
    body: Arc<[u8]>,
}

impl Bare {
    fn posts(&self, runtime: &Runtime) -> Outcome<()> {
        runtime.block_on(async {
            for _ in 0..EXCHANGES {
                let request = self
                    .client
                    .post(&self.url)
                    .header(CONTENT_TYPE, "application/soap+xml;charset=UTF-8")
                    .header(AUTHORIZATION, sample::BASIC)
                    .body(bytes::Bytes::from_owner(Arc::clone(&self.body)));
                let answer = request.send().await?.bytes().await?;
                if answer.len() != sample::put_answer().len() {
                    return Err("another answer".into());
                }
            }
            Ok(())
        })
    }
}

/// Set up as a session sets up its own.
fn client() -> Outcome<Client> {
    let client = Client::builder()
        .http1_only()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .user_agent("wsman/bench")
        .tcp_nodelay(true)
        .pool_max_idle_per_host(1);
    Ok(client.build()?)
}
