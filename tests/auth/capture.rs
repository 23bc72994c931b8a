//! Tests that an eavesdropper sees nothing of sealed messages, whatever happens to the connections.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use wsman::cim::CimStatus;
use wsman::simulator::{
    Knob, LoginScheme, NtlmScheme, PASSWORD, RawAnswer, Simulator, USER, sample,
};
use wsman::{Credentials, Instance, InstancePath, Session};

/// Keeps every byte in both directions, of whole and of partial messages.
struct Listener {
    url: Url,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Listener {
    async fn before(simulator: &Simulator) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/wsman", listener.local_addr().unwrap());
        let heard = Arc::default();
        let (target, kept) = (simulator.address(), Arc::clone(&heard));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, target, Arc::clone(&kept)));
            }
        });
        Self {
            url: url.parse().unwrap(),
            heard,
        }
    }
}

/// Closing one end of a connection closes the other.
async fn carry(client: TcpStream, target: SocketAddr, heard: Arc<Mutex<Vec<u8>>>) {
    let server = TcpStream::connect(target).await.unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = listen(from_client, to_server, &heard) => {}
        () = listen(from_server, to_client, &heard) => {}
    }
}

async fn listen(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    heard: &Mutex<Vec<u8>>,
) {
    let mut piece = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        heard.lock().unwrap().extend(&piece[..count]);
        if to.write_all(&piece[..count]).await.is_err() {
            return;
        }
    }
}

/// The knobs for a message of a login or a sealed message.
fn troubles() -> Vec<Knob> {
    vec![
        Knob::Pass,
        Knob::CloseBeforeReading,
        Knob::CutRequestAt(0),
        Knob::CutRequestAt(150),
        Knob::CutRequestAt(1200),
        Knob::DropAnswer,
        Knob::CutAnswerAt(20),
        Knob::CutAnswerAt(300),
        Knob::CloseAfterAnswer,
        Knob::RepeatAnswer,
        Knob::OldAnswer,
        Knob::AlterAnswer(400),
        Knob::Restart,
        Knob::Unauthorized,
        Knob::Answer(RawAnswer::new(500)),
        Knob::Answer(RawAnswer::new(503)),
        Knob::Fault(CimStatus::Failed),
    ]
}

/// A first session sends two messages of a login, a probe, and the messages of its operations.
const MESSAGES: usize = 7;

fn secret() -> Instance {
    Instance::new("Win32_Share")
        .with_key("Name", "secretname")
        .with("Path", r"C:\secretpath")
        .with("Type", 271_828_182u32)
        .with("Description", "secretdescription")
}

/// A session in which a knob applies to one message, and whose server restarts during the session.
async fn visit(simulator: &Simulator, url: &Url, place: usize, trouble: Knob) -> usize {
    let session = Session::builder(url.clone())
        .credentials(Credentials::ntlm(USER, PASSWORD))
        .namespace("root/cimv2")
        .build()
        .unwrap();
    for _before in 0..place {
        simulator.next(Knob::Pass);
    }
    simulator.next(trouble);
    let path = InstancePath::new("Win32_Share").with_key("Name", "secretname");
    let mut successes = 0;
    for _turn in 0..2 {
        // Some operations fail; only the captured bytes matter.
        let put = session.put_instance(&secret()).await;
        successes += usize::from(put.is_ok());
        let got = session.get_instance(&path).await;
        successes += usize::from(got.is_ok());
        simulator.restart();
        simulator.clear_knobs();
    }
    successes
}

#[tokio::test]
async fn never_sends_unsealed_text_under_disturbance() {
    let places = (0..MESSAGES).map(|place| {
        tokio::spawn(async move {
            let schemes = [LoginScheme::Ntlm(NtlmScheme::new())];
            let simulator = sample().logins(schemes).start().await.unwrap();
            let listener = Listener::before(&simulator).await;
            let mut successes = 0;
            for trouble in troubles() {
                successes += visit(&simulator, &listener.url, place, trouble).await;
            }
            // With four operations at a time, most succeeded.
            assert!(successes > 2 * troubles().len(), "{successes} at {place}");
            let heard = listener.heard.lock().unwrap().clone();
            assert_sealed(&heard, &simulator, &listener.url);
        })
    });
    for place in places.collect::<Vec<_>>() {
        place.await.unwrap();
    }
}

/// Unsealed text of this length in a row cannot occur by chance.
const WINDOW: usize = 8;

fn assert_sealed(heard: &[u8], simulator: &Simulator, url: &Url) {
    let text = String::from_utf8_lossy(heard);
    assert!(text.contains("HTTP-SPNEGO-session-encrypted"));
    // Shorter texts could occur in sealed bytes by chance.
    for clear in ["secret", "Win32_", "271828182", "Envelope", "cimv2"] {
        assert!(!text.contains(clear), "{clear} is unsealed");
    }
    for clear in forms_of(PASSWORD) {
        assert!(!contains(heard, &clear), "the password is unsealed");
    }
    // Every message that the server opened, except for what the HTTP headers also contain: the address
    // and the kind of server.
    let seen: HashSet<&[u8]> = heard.windows(WINDOW).collect();
    let told = [url.as_str(), "Microsoft"].concat();
    let messages = simulator.requests();
    assert!(messages.iter().any(|message| !message.body.is_empty()));
    for message in &messages {
        for window in message.body.windows(WINDOW) {
            assert!(
                !seen.contains(window) || contains(told.as_bytes(), window),
                "{} is unsealed",
                String::from_utf8_lossy(window)
            );
        }
    }
}

/// Returns a password as it is, in UTF-16 as in NTLM, in hexadecimal and in Base64.
fn forms_of(password: &str) -> Vec<Vec<u8>> {
    let utf16: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let plain = password.as_bytes().to_vec();
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let coded = [&plain, &utf16].map(|bytes| [hex(bytes), BASE64.encode(bytes)]);
    let coded = coded.into_iter().flatten().map(String::into_bytes);
    coded.chain([plain.clone(), utf16.clone()]).collect()
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
