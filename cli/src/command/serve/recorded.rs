//! `serve --load`: answers from recordings, as the recorded server gave them.
//!
//! A request is answered by the recorded exchange with the same action, resource, selectors and body.
//! Of several, each answers once, in order; the last one answers again.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wsman::Url;
use wsman::record::{Exchange, Replay};
use wsman::transport::{OutgoingMessage, Transport as _};

use super::http;
use crate::failure::Failure;

/// A running server of recordings; dropping it stops it.
pub(super) struct Server {
    pub(super) url: Url,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The exchanges of a folder, as `case.toml` lists them.
#[derive(Deserialize)]
struct Case {
    #[serde(default, rename = "exchange")]
    exchanges: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    request: String,
    /// Without one, no answer came.
    response: Option<String>,
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// The status, the headers and the body of an answer; `None` if none came.
type Answer = Option<(u16, Vec<(String, String)>, Bytes)>;

/// A recorded exchange.
struct Recorded {
    asked: Asked,
    answer: Answer,
    is_used: bool,
}

/// What makes two requests the same: all but their identifiers.
#[derive(PartialEq, Eq)]
struct Asked(Vec<String>);

/// Starts the server.
pub(super) async fn start(folder: &Path, address: Option<SocketAddr>) -> Result<Server, Failure> {
    let exchanges = load(folder)?;
    if exchanges.is_empty() {
        return Err(Failure::Usage(
            "--load: the folder has no recordings".into(),
        ));
    }
    let address = address.unwrap_or((Ipv4Addr::LOCALHOST, 0).into());
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|error| super::cannot_start(&error))?;
    let address = listener
        .local_addr()
        .map_err(|error| super::cannot_start(&error))?;
    let url = Url::parse(&format!("http://{address}/wsman"));
    let url = url.map_err(|error| Failure::usage("--listen", &error))?;
    let exchanges = Arc::new(Mutex::new(exchanges));
    Ok(Server {
        url,
        task: tokio::spawn(accept(listener, exchanges)),
    })
}

async fn accept(listener: TcpListener, exchanges: Arc<Mutex<Vec<Recorded>>>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let exchanges = Arc::clone(&exchanges);
        tokio::spawn(async move {
            let answer = |request| answer(Arc::clone(&exchanges), request);
            // A connection that breaks off concerns its client alone.
            let _ = http::serve(stream, answer).await;
        });
    }
}

async fn answer(exchanges: Arc<Mutex<Vec<Recorded>>>, request: Bytes) -> io::Result<http::Answer> {
    let Some(found) = find(&exchanges, &Asked::of(&request)) else {
        return Ok(http::Answer {
            status: 501,
            headers: Vec::new(),
            body: Bytes::from_static(b"no recorded exchange has this request"),
        });
    };
    // The recorded server did not answer: the connection ends.
    let (status, headers, answer) = found.ok_or_else(|| io::Error::other("no answer"))?;
    Ok(http::Answer {
        status,
        headers,
        body: related(status, answer, request).await?,
    })
}

/// Returns the answer to a request; `None` if it was not recorded.
fn find(exchanges: &Mutex<Vec<Recorded>>, asked: &Asked) -> Option<Answer> {
    let mut exchanges = exchanges.lock().unwrap_or_else(PoisonError::into_inner);
    let same = |exchange: &&mut Recorded| exchange.asked == *asked;
    let fresh = exchanges
        .iter_mut()
        .filter(same)
        .find(|exchange| !exchange.is_used);
    if let Some(fresh) = fresh {
        fresh.is_used = true;
        return Some(fresh.answer.clone());
    }
    let last = exchanges.iter_mut().rfind(same)?;
    Some(last.answer.clone())
}

/// Relates an answer to its request, as the recorded one was.
async fn related(status: u16, answer: Bytes, request: Bytes) -> io::Result<Bytes> {
    let replay = Replay::from_exchanges(vec![Exchange::answered(status, answer)]).relate(true);
    let message = OutgoingMessage::new(request);
    let answer = replay.exchange(message).await.map_err(io::Error::other)?;
    let body = answer.body.whole(usize::MAX).await;
    body.map_err(io::Error::other)
}

impl Asked {
    /// Reads the parts of a request that name what is asked.
    fn of(body: &[u8]) -> Self {
        const NAMING: [&str; 5] = [
            "Action",
            "ResourceURI",
            "SelectorSet",
            "OptionSet",
            "FragmentTransfer",
        ];
        let text = String::from_utf8_lossy(body);
        let Ok(document) = roxmltree::Document::parse(&text) else {
            return Self(vec![text.into_owned()]);
        };
        let nodes = document.root_element().children().flat_map(|part| {
            let is_body = part.tag_name().name() == "Body";
            let header = part
                .children()
                .filter(move |node| is_body || NAMING.contains(&node.tag_name().name()));
            header.filter(|node| node.is_element()).collect::<Vec<_>>()
        });
        let raw =
            |node: roxmltree::Node<'_, '_>| text.get(node.range()).unwrap_or_default().to_owned();
        Self(nodes.map(raw).collect())
    }
}

/// Reads every `case.toml` below a folder, sorted by name.
fn load(folder: &Path) -> Result<Vec<Recorded>, Failure> {
    let failed = |path: &Path, error: &io::Error| {
        Failure::usage(format!("--load {}", path.display()), error)
    };
    let mut exchanges = Vec::new();
    let list = folder.join("case.toml");
    if list.is_file() {
        let text = fs::read_to_string(&list).map_err(|error| failed(&list, &error))?;
        let case: Case = toml::from_str(&text)
            .map_err(|error| Failure::usage(format!("--load {}", list.display()), &error))?;
        for listed in case.exchanges {
            exchanges.push(read(folder, listed).map_err(|error| failed(folder, &error))?);
        }
    }
    let entries = fs::read_dir(folder).map_err(|error| failed(folder, &error))?;
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    for inner in folders {
        exchanges.extend(load(&inner)?);
    }
    Ok(exchanges)
}

fn read(folder: &Path, listed: Listed) -> io::Result<Recorded> {
    let request = fs::read(folder.join(&listed.request))?;
    let answer = match &listed.response {
        Some(name) => Some((
            listed.status.unwrap_or(200),
            listed.headers.into_iter().collect(),
            Bytes::from(fs::read(folder.join(name))?),
        )),
        None => None,
    };
    Ok(Recorded {
        asked: Asked::of(&request),
        answer,
        is_used: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_requests_are_the_same_but_for_their_identifiers() {
        let request = |id: &str, name: &str| {
            format!(
                "<E><Header><MessageID>{id}</MessageID><Action>Get</Action>\
                 <SelectorSet><Selector>{name}</Selector></SelectorSet></Header><Body/></E>"
            )
        };
        let asked = |id: &str, name: &str| Asked::of(request(id, name).as_bytes());
        assert!(asked("1", "a") == asked("2", "a"));
        assert!(asked("1", "a") != asked("1", "b"));
    }
}
