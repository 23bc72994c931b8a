//! A KDC that rejects every request (RFC 4120 5.9.1).

use std::time::{Duration, SystemTime};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wsman::cim::Timestamp;

/// Starts a KDC that answers with an error of this code and a clock this many seconds ahead; returns
/// its address.
pub(crate) async fn refusing(code: u8, ahead: u64) -> String {
    refusing_with(code, ahead, &[]).await
}

/// Like [`refusing`], and names these kinds of pre-authentication.
pub(crate) async fn refusing_with(code: u8, ahead: u64, kinds: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let length = stream.read_u32().await.unwrap();
            let mut request = vec![0; length.try_into().unwrap()];
            stream.read_exact(&mut request).await.unwrap();
            let now = SystemTime::now() + Duration::from_secs(ahead);
            let error = krb_error(code, now, kinds);
            let length = u32::try_from(error.len()).unwrap();
            stream.write_all(&length.to_be_bytes()).await.unwrap();
            stream.write_all(&error).await.unwrap();
        }
    });
    address
}

fn krb_error(code: u8, now: SystemTime, kinds: &[u8]) -> Vec<u8> {
    let now = Timestamp::try_from(now).unwrap();
    let time = format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}Z",
        now.year().unwrap(),
        now.month().unwrap(),
        now.day().unwrap(),
        now.hour().unwrap(),
        now.minute().unwrap(),
        now.second().unwrap()
    );
    let realm = element(0x1B, b"EXAMPLE.TEST");
    let name = element(0x30, &element(0x1B, b"krbtgt"));
    let name = [field(0, &element(0x02, &[2])), field(1, &name)].concat();
    let kind = |kind: &u8| {
        // Below 0x80 the number has one byte.
        let number = if *kind < 0x80 {
            vec![*kind]
        } else {
            vec![0, *kind]
        };
        let fields = [
            field(1, &element(0x02, &number)),
            field(2, &element(0x04, &[])),
        ];
        element(0x30, &fields.concat())
    };
    let kinds: Vec<u8> = kinds.iter().flat_map(kind).collect();
    let fields = [
        field(0, &element(0x02, &[5])),
        field(1, &element(0x02, &[30])),
        field(4, &element(0x18, time.as_bytes())),
        field(5, &element(0x02, &[0])),
        field(6, &element(0x02, &[code])),
        field(9, &realm),
        field(10, &element(0x30, &name)),
        field(12, &element(0x04, &element(0x30, &kinds))),
    ];
    element(0x7E, &element(0x30, &fields.concat()))
}

fn field(number: u8, content: &[u8]) -> Vec<u8> {
    element(0xA0 | number, content)
}

/// Writes an element with a length of two bytes.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    [&[tag, 0x81, length], content].concat()
}
