//! A TLS handshake without a request, for diagnosis.

use std::io;
use std::sync::Arc;

use rustls::{ClientConnection, ProtocolVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Handshake, HttpTransport, Reached, failure};
use crate::transport::http::channel::{ByteStream, DialError};
use crate::transport::tls::{Chain, Shown};
use crate::transport::{Delivery, TransportError, TransportErrorKind};

/// Starts TLS on a connection as the session would, and collects the certificates that the server
/// shows.
pub(super) async fn look(transport: &HttpTransport, Reached(stream): Reached) -> Handshake {
    let (shown, chain) = (Shown::default(), Chain::default());
    let mut connection = match prepared(transport, &shown, &chain) {
        Ok(connection) => connection,
        Err(error) => {
            return Handshake {
                error: Some(error),
                ..Handshake::default()
            };
        }
    };
    let shaken = transport
        .in_time(Box::pin(shake(&mut connection, stream)))
        .await;
    let error = match shaken {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(failed(transport, &shown, error)),
        Err(late) => Some(late),
    };
    Handshake {
        version: connection.protocol_version().and_then(name),
        chain: chain.all(),
        error,
    }
}

fn prepared(
    transport: &HttpTransport,
    shown: &Shown,
    chain: &Chain,
) -> Result<ClientConnection, TransportError> {
    let none = || {
        let text = "the address of the server is not https://";
        TransportError::new(TransportErrorKind::Tls, Delivery::NotSent, text)
    };
    let tls = transport.connections.dialler.tls().ok_or_else(none)?;
    let config = tls.looking(shown, chain);
    let name = transport.connections.dialler.server_name();
    let name = name.map_err(|error| {
        let text = "the host of the URL cannot be the name of a certificate";
        TransportError::new(TransportErrorKind::Tls, Delivery::NotSent, text).with_source(error)
    })?;
    let connection = ClientConnection::new(Arc::new(config), name);
    connection.map_err(|error| failed(transport, shown, io::Error::other(error)))
}

async fn shake(
    connection: &mut ClientConnection,
    mut stream: Box<dyn ByteStream>,
) -> io::Result<()> {
    let mut piece = [0; 4096];
    loop {
        send(connection, &mut stream).await?;
        if !connection.is_handshaking() {
            return Ok(());
        }
        let read = stream.read(&mut piece).await?;
        let mut arrived = piece.get(..read).unwrap_or_default();
        if arrived.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        while !arrived.is_empty() {
            connection.read_tls(&mut arrived)?;
            if let Err(error) = connection.process_new_packets() {
                // The diagnosis does not depend on whether the server receives this.
                let _told = send(connection, &mut stream).await;
                return Err(io::Error::other(error));
            }
        }
    }
}

/// Sends the pending data of the client.
async fn send(
    connection: &mut ClientConnection,
    stream: &mut Box<dyn ByteStream>,
) -> io::Result<()> {
    let mut message = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut message)?;
    }
    stream.write_all(&message).await
}

fn name(version: ProtocolVersion) -> Option<&'static str> {
    match version {
        ProtocolVersion::TLSv1_2 => Some("TLS 1.2"),
        ProtocolVersion::TLSv1_3 => Some("TLS 1.3"),
        _ => None,
    }
}

/// Maps the error as that of a session.
fn failed(transport: &HttpTransport, shown: &Shown, error: io::Error) -> TransportError {
    let error = DialError::Tls {
        error,
        is_certificate_requested: shown.is_requested(),
    };
    failure::dialling(error, transport.connections.dialler.path())
}
