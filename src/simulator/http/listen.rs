//! Accepts connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
#[cfg(feature = "rustls")]
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::simulator::http;
use crate::simulator::http::connection::Connection;
use crate::simulator::http::stream::Stream;
#[cfg(feature = "rustls")]
use crate::simulator::http::tls;
use crate::simulator::http::wire::Wire;
use crate::simulator::state::{OpenConnection, State};

/// Listens on an address. The returned task owns the listener and all
/// connections: they end with it.
pub(in crate::simulator) async fn start(
    state: Arc<State>,
    address: SocketAddr,
) -> io::Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let panics = state.panics.clone();
    Ok((address, tokio::spawn(panics.catch(accept(listener, state)))))
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let counted = OpenConnection::count(Arc::clone(&state));
                if state.knobs.take_close() {
                    continue;
                }
                connections.spawn(state.panics.catch(until_restart(stream, counted)));
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
}

/// Opens the stream of a connection, and says whether the client sent a certificate; `None` if the
/// TLS handshake failed.
async fn open(stream: TcpStream, state: &State) -> Option<(Stream, bool)> {
    #[cfg(feature = "rustls")]
    if let Some(acceptor) = &state.tls {
        let stream = tls::accept(acceptor, stream).await?;
        let has_certificate = tls::has_client_certificate(&stream);
        let stream = Box::new(BufReader::new(stream));
        return Some((Stream::Tls(stream), has_certificate));
    }
    #[cfg(not(feature = "rustls"))]
    let _ = state;
    Some((Stream::Plain(stream), false))
}

/// Serves a connection until it or the server ends.
fn until_restart(stream: TcpStream, counted: OpenConnection) -> impl Future<Output = ()> {
    let mut restarts = counted.0.restarts.subscribe();
    async move {
        tokio::select! {
            () = connection(stream, counted) => {}
            _restarted = restarts.changed() => {}
        }
    }
}

/// Serves a connection to its end; an interruption is not reported.
async fn connection(stream: TcpStream, counted: OpenConnection) {
    let _ = stream.set_nodelay(true);
    let state = &counted.0;
    let Some((stream, has_certificate)) = open(stream, state).await else {
        return;
    };
    let shared = Arc::new(Connection::new(has_certificate));
    let wire = Wire::new(stream, Arc::clone(&state.knobs), Arc::clone(&shared));
    let service =
        service_fn(|request| http::serve(Arc::clone(state), Arc::clone(&shared), request));
    let served = http1::Builder::new()
        .serve_connection(TokioIo::new(wire), service)
        .await;
    drop(served);
}
