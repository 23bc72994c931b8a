//! Sends requests to KDCs over TCP (RFC 4120 7.2.2).

mod keytab;
mod krb5_conf;
mod settings;

use std::fmt;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

pub(crate) use krb5_conf::Krb5Conf;
pub(crate) use settings::{KerberosSettings, environment};

use crate::auth::LoginProblem;
use crate::auth::negotiate::{Kdc, KdcFuture, KdcRequest, LoginError};

/// The known KDCs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kdcs {
    /// The KDCs of the user's realm that the caller set, as `host:port` or `host`.
    pub(crate) given: Vec<String>,
    /// The KDCs of other realms, and of the user's realm if the caller set none.
    pub(crate) conf: Krb5Conf,
    /// The time limit of each KDC.
    pub(crate) patience: Duration,
}

/// The limit of an answer, in bytes: a ticket with a user's groups stays far below.
const LARGEST: u32 = 1 << 20;

/// The default port of a KDC (RFC 4120 7.2.1).
const PORT: u16 = 88;

impl Kdc for Kdcs {
    fn ask(&self, request: KdcRequest) -> KdcFuture<'_> {
        Box::pin(self.ask_each(request))
    }
}

impl Kdcs {
    async fn ask_each(&self, request: KdcRequest) -> Result<Vec<u8>, LoginError> {
        let mut failed = Vec::new();
        for address in self.of_realm(&request) {
            match timeout(self.patience, ask(&address, &request.message)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => failed.push(format!("{address}: {error}")),
                Err(_) => failed.push(format!("{address}: no answer in time")),
            }
        }
        let tried = format!("the realm {} ({})", request.realm, failed.join("; "));
        Err(LoginError::of(LoginProblem::KdcUnreachable, tried))
    }

    /// Returns the KDCs of a realm, in order.
    fn of_realm(&self, request: &KdcRequest) -> Vec<String> {
        let known = self.conf.kdcs(&request.realm);
        let addresses = match (request.is_home, known) {
            (true, _) if !self.given.is_empty() => &self.given,
            // The controllers of a Windows domain answer to the name of the domain. The name may
            // come from a KDC, which must not choose the port.
            (_, []) => return vec![format!("{}:{PORT}", request.realm.to_lowercase())],
            _ => known,
        };
        addresses.iter().map(|address| with_port(address)).collect()
    }
}

fn with_port(address: &str) -> String {
    let has_port = match address.rsplit_once(':') {
        // In brackets or alone, a colon belongs to an IPv6 address.
        Some((host, port)) => {
            let is_number = port.parse::<u16>().is_ok();
            is_number && (host.ends_with(']') || !host.contains(':'))
        }
        None => false,
    };
    match has_port {
        true => address.to_owned(),
        false if address.contains(':') && !address.starts_with('[') => {
            format!("[{address}]:{PORT}")
        }
        false => format!("{address}:{PORT}"),
    }
}

/// Sends a request and reads its answer, each with its length before it.
async fn ask(address: &str, message: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(message.len()).map_err(io::Error::other)?;
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(message).await?;
    let length = stream.read_u32().await?;
    if length > LARGEST {
        return Err(too_large(length));
    }
    let mut answer = Vec::new();
    let read = stream.take(length.into()).read_to_end(&mut answer).await?;
    if u32::try_from(read) == Ok(length) {
        Ok(answer)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn too_large(length: impl fmt::Display) -> io::Error {
    io::Error::other(format!("invalid answer length: {length} bytes"))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn answered(answer: &'static [u8]) -> Result<Vec<u8>, LoginError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let given = vec![
            "127.0.0.1:1".to_owned(),
            listener.local_addr().unwrap().to_string(),
        ];
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 7];
            stream.read_exact(&mut request).await.unwrap();
            assert_eq!(&request, b"\0\0\0\x03ask");
            stream.write_all(answer).await.unwrap();
        });
        let patience = Duration::from_secs(5);
        let request = KdcRequest {
            realm: "EXAMPLE.TEST".to_owned(),
            is_home: true,
            message: b"ask".to_vec(),
        };
        let kdcs = Kdcs {
            given,
            patience,
            ..Kdcs::default()
        };
        kdcs.ask(request).await
    }

    #[tokio::test]
    async fn the_next_centre_is_asked_when_one_does_not_answer() {
        assert_eq!(answered(b"\0\0\0\x04told").await.unwrap(), b"told");
    }

    #[tokio::test]
    async fn rejects_a_truncated_or_oversized_answer() {
        for answer in [&b"\0\0\0\x05told"[..], b"\0\0", b"\x7f\xff\xff\xfftold"] {
            let error = answered(answer).await.unwrap_err();
            assert_eq!(error.problem(), Some(LoginProblem::KdcUnreachable));
        }
    }

    #[test]
    fn treats_an_unknown_realm_as_a_domain() {
        let mut kdcs = Kdcs::default();
        let mut asked = |realm: &str, is_home: bool, given: &[&str]| {
            kdcs.given = given.iter().map(|kdc| (*kdc).to_owned()).collect();
            kdcs.of_realm(&KdcRequest {
                realm: realm.to_owned(),
                is_home,
                message: Vec::new(),
            })
        };
        assert_eq!(asked("CORP.TEST", true, &[]), ["corp.test:88"]);
        assert_eq!(asked("CORP.TEST", true, &["a", "b:99"]), ["a:88", "b:99"]);
        assert_eq!(asked("CORP.TEST", false, &["a"]), ["corp.test:88"]);
        // A realm may come from the network, and must not set a port.
        assert_eq!(asked("CORP.TEST:22", false, &[]), ["corp.test:22:88"]);
    }

    #[test]
    fn an_address_may_leave_the_port_out() {
        for (given, address) in [
            ("kdc", "kdc:88"),
            ("kdc:750", "kdc:750"),
            ("[2001:db8::1]", "[2001:db8::1]:88"),
            ("[2001:db8::1]:750", "[2001:db8::1]:750"),
            ("2001:db8::1", "[2001:db8::1]:88"),
            ("10.0.0.1", "10.0.0.1:88"),
        ] {
            assert_eq!(with_port(given), address);
        }
    }
}
