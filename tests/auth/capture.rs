//! What anybody on the way sees of sealed messages, whatever happens to the connections: nothing.

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

/// Keeps every byte that goes either way, whole messages or not.
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

/// One end of a connection takes the other with it.
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

/// What can happen to a message, of a login or sealed.
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

/// A first session has two messages of a login, a probe, and the messages of its operations.
const MESSAGES: usize = 7;

fn secret() -> Instance {
    Instance::new("Win32_Share")
        .key("Name", "secretname")
        .with("Path", r"C:\secretpath")
        .with("Type", 271_828_182u32)
        .with("Description", "secretdescription")
}

/// A session in which one message meets a knob, and a server that is started anew in the middle.
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
        // Some fail; what counts is what they showed.
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
async fn nothing_of_a_message_is_in_the_clear_whatever_happens() {
    let places = (0..MESSAGES).map(|place| {
        tokio::spawn(async move {
            let schemes = [LoginScheme::Ntlm(NtlmScheme::new())];
            let simulator = sample().logins(schemes).start().await.unwrap();
            let listener = Listener::before(&simulator).await;
            let mut successes = 0;
            for trouble in troubles() {
                successes += visit(&simulator, &listener.url, place, trouble).await;
            }
            // Of four operations at a time, most got through.
            assert!(successes > 2 * troubles().len(), "{successes} at {place}");
            let heard = listener.heard.lock().unwrap().clone();
            assert_sealed(&heard, &simulator, &listener.url);
        })
    });
    for place in places.collect::<Vec<_>>() {
        place.await.unwrap();
    }
}

/// So many bytes in the clear, in a row, would not be there by chance.
const WINDOW: usize = 8;

fn assert_sealed(heard: &[u8], simulator: &Simulator, url: &Url) {
    let text = String::from_utf8_lossy(heard);
    assert!(text.contains("HTTP-SPNEGO-session-encrypted"));
    // Shorter ones would be found by chance in what is sealed.
    for clear in ["secret", "Win32_", "271828182", "Envelope", "cimv2"] {
        assert!(!text.contains(clear), "{clear} is in the clear");
    }
    for clear in forms_of(PASSWORD) {
        assert!(!contains(heard, &clear), "the password is in the clear");
    }
    // Every message that the server has opened, but for what the headers of HTTP have to tell as well:
    // the address, and whose server it is.
    let seen: HashSet<&[u8]> = heard.windows(WINDOW).collect();
    let told = [url.as_str(), "Microsoft"].concat();
    let messages = simulator.requests();
    assert!(messages.iter().any(|message| !message.body.is_empty()));
    for message in &messages {
        for window in message.body.windows(WINDOW) {
            assert!(
                !seen.contains(window) || contains(told.as_bytes(), window),
                "{} is in the clear",
                String::from_utf8_lossy(window)
            );
        }
    }
}

/// A password as it is, in UTF-16 as NTLM has it, in hexadecimal and in Base64.
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
