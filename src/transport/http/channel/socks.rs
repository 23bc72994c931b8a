//! The connection through a SOCKS 5 proxy (RFC 1928), with user name and password (RFC 1929).

use std::io;
use std::net::IpAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zeroize::Zeroizing;

use super::dial_error::ProxyFailure;
use super::stream::ByteStream;
use crate::auth::Secret;
use crate::transport::ProxyProblem;

/// The server, as the proxy learns it.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Address(IpAddr),
    Name(String),
}

const VERSION: u8 = 5;

const NO_LOGIN: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;

/// Asks the proxy for a connection to a port of the server.
pub(super) async fn connect(
    stream: &mut Box<dyn ByteStream>,
    (target, port): (&Target, u16),
    login: Option<&(String, Secret)>,
) -> Result<(), ProxyFailure> {
    log_in(stream, login).await?;
    let mut request = vec![VERSION, 1, 0];
    match target {
        Target::Address(IpAddr::V4(address)) => {
            request.push(1);
            request.extend(address.octets());
        }
        Target::Address(IpAddr::V6(address)) => {
            request.push(4);
            request.extend(address.octets());
        }
        Target::Name(name) => {
            request.push(3);
            request.extend(counted(name, ProxyProblem::ServerUnreachable)?);
        }
    }
    request.extend(port.to_be_bytes());
    stream.write_all(&request).await.map_err(broken)?;
    let [version, reply, _, kind] = read(stream).await?;
    if version != VERSION {
        return Err(not_socks());
    }
    if reply != 0 {
        return Err(refusal(reply));
    }
    // The address from which the proxy connects, and its port.
    let length = match kind {
        1 => 4,
        3 => usize::from(stream.read_u8().await.map_err(broken)?),
        4 => 16,
        _ => return Err(not_socks()),
    };
    let mut address = vec![0; length + 2];
    let read = stream.read_exact(&mut address).await;
    read.map(|_| ()).map_err(broken)
}

/// Agrees with the proxy on a method, and logs in if it is by user name and password.
async fn log_in(
    stream: &mut Box<dyn ByteStream>,
    login: Option<&(String, Secret)>,
) -> Result<(), ProxyFailure> {
    let methods: &[u8] = match login {
        None => &[VERSION, 1, NO_LOGIN],
        Some(_) => &[VERSION, 2, NO_LOGIN, USER_AND_PASSWORD],
    };
    stream.write_all(methods).await.map_err(broken)?;
    let [version, method] = read(stream).await?;
    match (version, method, login) {
        (VERSION, NO_LOGIN, _) => Ok(()),
        (VERSION, USER_AND_PASSWORD, Some((user, password))) => {
            let counted = |text| counted(text, ProxyProblem::LoginRequired);
            let user = counted(user)?;
            let password = Zeroizing::new(counted(password.expose())?);
            let request = Zeroizing::new([&[1], user.as_slice(), &password].concat());
            stream.write_all(&request).await.map_err(broken)?;
            let [_, status] = read(stream).await?;
            if status == 0 {
                Ok(())
            } else {
                Err(login_required("it rejects the user name or the password"))
            }
        }
        (VERSION, 0xFF, _) => Err(login_required("it accepts none of the client's methods")),
        _ => Err(not_socks()),
    }
}

/// Tells the replies of a proxy apart that gives no connection (RFC 1928 6).
fn refusal(reply: u8) -> ProxyFailure {
    let problem = match reply {
        1 | 3..=5 => ProxyProblem::ServerUnreachable,
        2 => ProxyProblem::Forbidden,
        6 => ProxyProblem::ServerSilent,
        other => ProxyProblem::Refused(other.into()),
    };
    ProxyFailure::new(problem, format!("SOCKS reply {reply}"))
}

fn login_required(detail: &str) -> ProxyFailure {
    ProxyFailure::new(ProxyProblem::LoginRequired, detail)
}

fn not_socks() -> ProxyFailure {
    ProxyFailure::not_a_proxy("it does not answer in SOCKS 5")
}

fn broken(error: io::Error) -> ProxyFailure {
    ProxyFailure::closed(error)
}

async fn read<const N: usize>(stream: &mut Box<dyn ByteStream>) -> Result<[u8; N], ProxyFailure> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.map_err(broken)?;
    Ok(bytes)
}

/// Returns a text after its length, which is one byte.
fn counted(text: &str, problem: ProxyProblem) -> Result<Vec<u8>, ProxyFailure> {
    let length = u8::try_from(text.len()).map_err(|_| {
        let detail = "SOCKS has at most 255 bytes for a host, a user name and a password";
        ProxyFailure::new(problem, detail)
    })?;
    Ok([&[length], text.as_bytes()].concat())
}
