//! `put_over_floor`, `put_over_post` and `parallel`: a Put on a kept connection.
//!
//! The instance is that of the other rows: a Windows service with 25 properties. The response holds the
//! whole instance, as most servers answer a Put. A smaller instance would flatter the ratio, because a
//! POST of a few bytes costs nearly as much as one of some thousand.
//!
//! The POST is what a user of reqwest would write: the address as text, the same headers, and the same
//! bytes over the same kind of connection. It reads the whole response.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use wsman::{Instance, Session};

use super::measure::{self, Measured};
use super::server::{Kind, Server};
use super::{Outcome, decode, encode, sample};

/// The number of exchanges in one round.
const EXCHANGES: usize = 400;

const ROUNDS: usize = 31;

/// The tasks of `parallel`, and the exchanges of each in one round.
const TASKS: usize = 256;
const EXCHANGES_OF_A_TASK: usize = 10;

/// The connections of each side of `parallel`: those of a session by default. reqwest has no limit, and
/// would open one for each task.
const CONNECTIONS: usize = 8;

/// What both sides of a row need.
struct Setup {
    /// Ends with this.
    _server: Server,
    session: Session,
    service: Instance,
    parts: Vec<encode::Part>,
    bare: Bare,
}

impl Setup {
    fn new() -> Outcome<Self> {
        let server = Server::start(Kind::Canned)?;
        let session = sample::session(&server.url)?;
        let service = sample::service();
        let message = session.put_instance(&service).to_message()?;
        let bare = Bare {
            client: client()?,
            url: server.url.clone(),
            body: message.as_slice().into(),
            places: Arc::new(Semaphore::new(CONNECTIONS)),
        };
        Ok(Self {
            parts: encode::parts(std::str::from_utf8(&message)?)?,
            _server: server,
            session,
            service,
            bare,
        })
    }

    fn puts(&self, runtime: &Runtime) -> Outcome<()> {
        runtime.block_on(puts(&self.session, &self.service, EXCHANGES))
    }

    fn posts(&self, runtime: &Runtime) -> Outcome<()> {
        runtime.block_on(self.bare.posts(EXCHANGES))
    }

    fn posts_with_quick_xml(&self, runtime: &Runtime) -> Outcome<()> {
        runtime.block_on(async {
            for _ in 0..EXCHANGES {
                black_box(encode::write(black_box(&self.parts))?);
                let answer = self.bare.post().await?;
                decode::read(std::str::from_utf8(&answer)?)?;
            }
            Ok(())
        })
    }
}

/// Measures from the instance to the result, against a POST of the same bytes with quick-xml writing the
/// request and reading the response.
pub(super) fn over_floor() -> Outcome<Measured> {
    let (setup, runtime) = (Setup::new()?, sample::runtime()?);
    let ours = || setup.puts(&runtime);
    let theirs = || setup.posts_with_quick_xml(&runtime);
    measure::ratio(ROUNDS, measure::cpu, ours, theirs)
}

/// Measures from the instance to the result, against a bare POST of the same bytes.
pub(super) fn over_post() -> Outcome<Measured> {
    let (setup, runtime) = (Setup::new()?, sample::runtime()?);
    let ours = || setup.puts(&runtime);
    let theirs = || setup.posts(&runtime);
    measure::ratio(ROUNDS, measure::cpu, ours, theirs)
}

/// Measures the Puts per second of many tasks against the bare POSTs per second of as many.
pub(super) fn parallel() -> Outcome<Measured> {
    let setup = Setup::new()?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let (session, service) = (&setup.session, &setup.service);
    let ours = || {
        at_once(&runtime, || {
            let (session, service) = (session.clone(), service.clone());
            async move { puts(&session, &service, EXCHANGES_OF_A_TASK).await }
        })
    };
    let theirs = || setup.bare.posts_at_once(&runtime, None);
    // The ratio of the times is that of the rates, turned around.
    measure::ratio(ROUNDS, measure::wall(), theirs, ours)
}

/// Measures the POSTs of many tasks that write and read with quick-xml against bare ones. A client whose codec
/// costs as much cannot do better in `parallel`.
pub(super) fn parallel_floor() -> Outcome<Measured> {
    let setup = Setup::new()?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let parts = Arc::new(setup.parts);
    let with_quick_xml = || setup.bare.posts_at_once(&runtime, Some(&parts));
    let theirs = || setup.bare.posts_at_once(&runtime, None);
    measure::ratio(ROUNDS, measure::wall(), theirs, with_quick_xml)
}

fn at_once<F>(runtime: &Runtime, task: impl Fn() -> F) -> Outcome<()>
where
    F: Future<Output = Outcome<()>> + Send + 'static,
{
    runtime.block_on(async {
        let mut tasks: JoinSet<Outcome<()>> = JoinSet::new();
        for _ in 0..TASKS {
            tasks.spawn(task());
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        Ok(())
    })
}

async fn puts(session: &Session, service: &Instance, times: usize) -> Outcome<()> {
    for _ in 0..times {
        session.put_instance(service).await?;
    }
    Ok(())
}

#[derive(Clone)]
struct Bare {
    client: reqwest::Client,
    url: String,
    body: Arc<[u8]>,
    places: Arc<Semaphore>,
}

impl Bare {
    async fn posts(&self, times: usize) -> Outcome<()> {
        for _ in 0..times {
            self.post().await?;
        }
        Ok(())
    }

    /// Does the exchanges of many tasks.
    fn posts_at_once(
        &self,
        runtime: &Runtime,
        parts: Option<&Arc<Vec<encode::Part>>>,
    ) -> Outcome<()> {
        at_once(runtime, || {
            let (bare, parts) = (self.clone(), parts.cloned());
            async move {
                let parts = parts.as_deref().map(Vec::as_slice);
                bare.posts_in_turn(EXCHANGES_OF_A_TASK, parts).await
            }
        })
    }

    /// Does exchanges one after the other, on a limited number of connections. With the parts of a request,
    /// quick-xml writes it and reads the response.
    async fn posts_in_turn(&self, times: usize, parts: Option<&[encode::Part]>) -> Outcome<()> {
        for _ in 0..times {
            if let Some(parts) = parts {
                black_box(encode::write(black_box(parts))?);
            }
            let place = self.places.acquire().await?;
            let answer = self.post().await?;
            drop(place);
            if parts.is_some() {
                decode::read(std::str::from_utf8(&answer)?)?;
            }
        }
        Ok(())
    }

    async fn post(&self) -> Outcome<Bytes> {
        let response = self
            .client
            .post(&self.url)
            .header(ACCEPT, "*/*")
            .header(CONTENT_TYPE, "application/soap+xml;charset=UTF-8")
            .header(AUTHORIZATION, sample::BASIC)
            .body(Bytes::from_owner(Arc::clone(&self.body)))
            .send()
            .await?;
        let answer = response.bytes().await?;
        if answer.len() != sample::put_answer().len() {
            return Err("another answer".into());
        }
        Ok(answer)
    }
}

/// Configured as a session configures its connections.
fn client() -> Outcome<reqwest::Client> {
    Ok(reqwest::Client::builder()
        .user_agent("wsman/bench")
        .http1_only()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(60))
        .build()?)
}
