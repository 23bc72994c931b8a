//! Minimal proxies that count their connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::authority::{Authority, Issued};

/// A listening proxy, the connections it passed, and the requests it received.
pub(crate) struct TestProxy {
    pub(crate) address: SocketAddr,
    passed: Arc<AtomicUsize>,
    certificates: Arc<AtomicUsize>,
}

/// The login that a proxy requires.
pub(crate) type Login = Option<(&'static str, &'static str)>;

impl TestProxy {
    /// An HTTP proxy that tunnels and forwards; its login is the value of `Proxy-Authorization`.
    pub(crate) async fn http(login: Option<&'static str>) -> Self {
        Self::start(move |stream| http(stream, login)).await
    }

    /// The same over TLS, with this certificate. It requests a certificate of the client's authority.
    pub(crate) async fn https(
        issued: &Issued,
        clients: &Authority,
        login: Option<&'static str>,
    ) -> Self {
        let acceptor = acceptor(issued, clients);
        let certificates = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&certificates);
        let proxy = Self::start(move |stream| {
            let accepting = acceptor.accept(stream);
            let counter = Arc::clone(&counter);
            async move {
                let stream = accepting.await.ok()?;
                let is_shown = stream.get_ref().1.peer_certificates().is_some();
                counter.fetch_add(usize::from(is_shown), Ordering::SeqCst);
                http(stream, login).await
            }
        });
        Self {
            certificates,
            ..proxy.await
        }
    }

    /// A SOCKS 5 proxy.
    pub(crate) async fn socks(login: Login) -> Self {
        Self::start(move |stream| socks(stream, login)).await
    }

    async fn start<F, Done>(serve: F) -> Self
    where
        F: Fn(TcpStream) -> Done + Send + 'static,
        Done: Future<Output = Option<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let passed = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&passed);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counter = Arc::clone(&counter);
                let served = serve(stream);
                tokio::spawn(async move {
                    let let_through = served.await.is_some();
                    counter.fetch_add(usize::from(let_through), Ordering::SeqCst);
                });
            }
        });
        Self {
            address,
            passed,
            certificates: Arc::default(),
        }
    }

    /// Returns how many clients showed a certificate.
    pub(crate) fn certificates(&self) -> usize {
        self.certificates.load(Ordering::SeqCst)
    }

    /// Returns how many passed connections have ended.
    pub(crate) fn passed(&self) -> usize {
        self.passed.load(Ordering::SeqCst)
    }
}

fn acceptor(issued: &Issued, clients: &Authority) -> TlsAcceptor {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(clients.der().to_vec()))
        .unwrap();
    let chain = vec![CertificateDer::from(issued.der.clone())];
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .allow_unauthenticated()
            .build();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients.unwrap())
        .with_single_cert(chain, key);
    Arc::new(config.unwrap()).into()
}

/// Reads the head of a message, with the empty line.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

/// Returns `Some` if it let the client through.
async fn http<S>(mut stream: S, login: Option<&str>) -> Option<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let head = head(&mut stream).await?;
    let given = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("proxy-authorization")
            .then_some(value)
    });
    if login.is_some() && given != login {
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\n\
            Proxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        stream.write_all(refusal).await.ok()?;
        // Reads to the end, so that the response is not lost to a reset.
        stream.shutdown().await.ok()?;
        tokio::io::copy(&mut stream, &mut tokio::io::sink())
            .await
            .ok()?;
        return None;
    }
    let mut words = head.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    if method == "CONNECT" {
        let mut server = TcpStream::connect(target).await.ok()?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
        // A client whose process ends does not end TLS.
        let _ = copy_bidirectional(&mut stream, &mut server).await;
        return Some(());
    }
    let url: wsman::Url = target.parse().ok()?;
    let mut server = TcpStream::connect((url.host_str()?, url.port()?))
        .await
        .ok()?;
    let head = head.replacen(target, url.path(), 1);
    server.write_all(head.as_bytes()).await.ok()?;
    let _ = copy_bidirectional(&mut stream, &mut server).await;
    Some(())
}

/// Implements RFC 1928, with RFC 1929 if there is a login.
async fn socks(mut stream: TcpStream, login: Login) -> Option<()> {
    let [5, count] = read::<2>(&mut stream).await? else {
        return None;
    };
    let mut methods = vec![0; count.into()];
    stream.read_exact(&mut methods).await.ok()?;
    let method = if login.is_some() { 2 } else { 0 };
    if !methods.contains(&method) {
        stream.write_all(&[5, 0xFF]).await.ok()?;
        return None;
    }
    stream.write_all(&[5, method]).await.ok()?;
    if let Some((user, password)) = login {
        let [1] = read::<1>(&mut stream).await? else {
            return None;
        };
        let given = (text(&mut stream).await?, text(&mut stream).await?);
        let right = given == (user.to_owned(), password.to_owned());
        stream.write_all(&[1, u8::from(!right)]).await.ok()?;
        right.then_some(())?;
    }
    let [5, 1, 0, kind] = read::<4>(&mut stream).await? else {
        return None;
    };
    let host = match kind {
        1 => std::net::Ipv4Addr::from(read::<4>(&mut stream).await?).to_string(),
        3 => text(&mut stream).await?,
        _ => return None,
    };
    let port = u16::from_be_bytes(read::<2>(&mut stream).await?);
    let mut server = TcpStream::connect((host, port)).await.ok()?;
    stream
        .write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        .await
        .ok()?;
    copy_bidirectional(&mut stream, &mut server).await.ok()?;
    Some(())
}

async fn read<const N: usize>(stream: &mut TcpStream) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}

/// Reads a text after its length.
async fn text(stream: &mut TcpStream) -> Option<String> {
    let [length] = read::<1>(stream).await?;
    let mut bytes = vec![0; length.into()];
    stream.read_exact(&mut bytes).await.ok()?;
    String::from_utf8(bytes).ok()
}
