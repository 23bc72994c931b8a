//! A recording proxy between a session and a server.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// Both directions of all connections.
pub(crate) struct Wire {
    address: SocketAddr,
    carried: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Wire {
    pub(crate) async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let carried = Arc::default();
        tokio::spawn(accept(listener, target, Arc::clone(&carried)));
        Self { address, carried }
    }

    /// Where it begins.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> Url {
        format!("http://{}/wsman", self.address).parse().unwrap()
    }

    /// Returns the values of `Authorization` and `WWW-Authenticate` that hold more than the name of a
    /// scheme.
    pub(crate) fn logins(&self) -> Vec<String> {
        let carried = self.carried.lock().unwrap();
        let text = carried.iter().map(|bytes| String::from_utf8_lossy(bytes));
        let lines = text.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
        let values = lines.filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            let is_login = ["authorization", "www-authenticate"].contains(&&*name.to_lowercase());
            is_login.then(|| value.trim().to_owned())
        });
        values.filter(|value| value.contains(' ')).collect()
    }

    /// Returns all bytes, one connection and direction after the other.
    pub(crate) fn carried(&self) -> Vec<u8> {
        self.carried.lock().unwrap().concat()
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, carried: Arc<Mutex<Vec<Vec<u8>>>>) {
    while let Ok((client, _)) = listener.accept().await {
        let Ok(server) = TcpStream::connect(target).await else {
            continue;
        };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::spawn(carry(from_client, to_server, Arc::clone(&carried)));
        tokio::spawn(carry(from_server, to_client, Arc::clone(&carried)));
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, carried: Arc<Mutex<Vec<Vec<u8>>>>) {
    let place = {
        let mut carried = carried.lock().unwrap();
        carried.push(Vec::new());
        carried.len() - 1
    };
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let bytes = &bytes[..read];
        carried.lock().unwrap()[place].extend_from_slice(bytes);
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
}
