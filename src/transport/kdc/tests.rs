//! Tests logins with KDCs that are silent, refuse, or answer nonsense.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};

use super::*;
use crate::auth::der::{application, integer, sequence, tagged, written};

/// What a KDC of the tests does over one protocol.
#[derive(Clone, Copy, Debug)]
enum Does {
    /// Nothing is bound to the port.
    Refuses,
    /// Reads the request, and says nothing.
    IsSilent,
    /// Answers with an error of this code.
    Answers(u32),
    /// Answers with these bytes.
    Sends(&'static [u8]),
    /// Announces so many bytes, and sends one in each second.
    Drips(u32),
}

/// A KDC of the tests.
struct FakeKdc {
    address: String,
    asked: Arc<AtomicUsize>,
}

impl FakeKdc {
    async fn start(udp: Does, tcp: Does) -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let (listener, socket) = bind().await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        if !matches!(udp, Does::Refuses) {
            tokio::spawn(serve_udp(socket, udp, Arc::clone(&asked)));
        }
        if !matches!(tcp, Does::Refuses) {
            tokio::spawn(serve_tcp(listener, tcp, Arc::clone(&asked)));
        }
        Self { address, asked }
    }

    /// Returns the number of requests over both protocols.
    fn asked(&self) -> usize {
        self.asked.load(Ordering::Acquire)
    }
}

/// Binds one port for both protocols.
async fn bind() -> io::Result<(TcpListener, UdpSocket)> {
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        if let Ok(socket) = UdpSocket::bind(listener.local_addr()?).await {
            return Ok((listener, socket));
        }
    }
}

async fn serve_udp(socket: UdpSocket, does: Does, asked: Arc<AtomicUsize>) {
    let mut request = vec![0; 1 << 16];
    while let Ok((_, client)) = socket.recv_from(&mut request).await {
        asked.fetch_add(1, Ordering::AcqRel);
        let answer = match does {
            Does::Answers(code) => krb_error(code),
            Does::Sends(bytes) => bytes.to_vec(),
            Does::Refuses | Does::IsSilent | Does::Drips(_) => continue,
        };
        socket.send_to(&answer, client).await.unwrap();
    }
}

async fn serve_tcp(listener: TcpListener, does: Does, asked: Arc<AtomicUsize>) {
    let mut held = Vec::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        let length = stream.read_u32().await.unwrap();
        let mut request = vec![0; length.try_into().unwrap()];
        stream.read_exact(&mut request).await.unwrap();
        asked.fetch_add(1, Ordering::AcqRel);
        let answer = match does {
            Does::Answers(code) => krb_error(code),
            Does::Sends(bytes) => bytes.to_vec(),
            Does::Drips(length) => {
                tokio::spawn(async move {
                    stream.write_u32(length).await.unwrap();
                    while stream.write_u8(0).await.is_ok() {
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                });
                continue;
            }
            Does::Refuses | Does::IsSilent => {
                held.push(stream);
                continue;
            }
        };
        let length = u32::try_from(answer.len()).unwrap();
        let framed = [&length.to_be_bytes()[..], &answer].concat();
        stream.write_all(&framed).await.unwrap();
    }
}

/// Encodes a `KRB-ERROR` (RFC 4120 5.9.1).
fn krb_error(code: u32) -> Vec<u8> {
    let fields = [
        tagged(0, &integer(5)),
        tagged(1, &integer(30)),
        tagged(6, &integer(code.into())),
    ];
    written(application(30), &[&sequence(&[&fields.concat()])])
}

const REALM: &str = "EXAMPLE.TEST";

/// The default limit of an answer.
const ANSWER_BYTES: u32 = 1 << 20;

fn kdcs(given: &[&FakeKdc]) -> Kdcs {
    let given = given.iter().map(|kdc| kdc.address.clone()).collect();
    Kdcs::new(given, Krb5Conf::default(), Duration::from_secs(10))
}

fn request(message: &[u8]) -> KdcRequest {
    KdcRequest {
        realm: REALM.to_owned(),
        is_home: true,
        message: message.to_vec(),
    }
}

/// Asks within a minute, and returns the answer's code and the seconds that passed.
async fn ask(kdcs: &Kdcs) -> (Result<Vec<u8>, LoginError>, f32) {
    let began = Instant::now();
    let until = kdcs.until(deadline(Duration::from_secs(60)));
    let answer = until.ask(request(b"request")).await;
    (answer, began.elapsed().as_secs_f32())
}

/// The code of a final error, which stands for a ticket.
const FINAL: u32 = 6;

async fn right() -> FakeKdc {
    FakeKdc::start(Does::Answers(FINAL), Does::Answers(FINAL)).await
}

#[tokio::test(start_paused = true)]
async fn the_next_kdc_answers_beside_a_bad_one() {
    let garbage = Does::Sends(b"\x7Egarbage");
    for (udp, tcp, most) in [
        (Does::IsSilent, Does::IsSilent, 1.5),
        (Does::Refuses, Does::Refuses, 0.5),
        (garbage, garbage, 0.5),
        (Does::Sends(b""), Does::Sends(b""), 0.5),
        (Does::IsSilent, Does::Drips(1000), 1.5),
        (Does::Refuses, Does::Drips(u32::MAX), 1.5),
        (Does::Refuses, Does::Drips(ANSWER_BYTES), 1.5),
        (Does::Answers(29), Does::Answers(29), 0.5),
        (Does::Answers(29), Does::IsSilent, 1.5),
    ] {
        let bad = FakeKdc::start(udp, tcp).await;
        let good = right().await;
        let kdcs = kdcs(&[&bad, &good]);
        let (answer, seconds) = ask(&kdcs).await;
        assert_eq!(answer.unwrap(), krb_error(FINAL), "{udp:?} {tcp:?}");
        assert!(seconds < most, "{udp:?} {tcp:?}: {seconds} s");
        // The one that answered is remembered.
        let before = bad.asked();
        let (answer, seconds) = ask(&kdcs).await;
        assert_eq!(answer.unwrap(), krb_error(FINAL));
        assert!(seconds < 0.5, "{seconds} s");
        assert_eq!(bad.asked(), before, "{udp:?} {tcp:?}");
        assert_eq!(good.asked(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_remembered_kdc_that_falls_silent_is_left() {
    let good = right().await;
    let kdcs = kdcs(&[&FakeKdc::start(Does::IsSilent, Does::IsSilent).await, &good]);
    ask(&kdcs).await.0.unwrap();
    let gone = FakeKdc::start(Does::IsSilent, Does::IsSilent).await;
    let winner = Winner {
        server: Server::of(&gone.address),
        address: gone.address.parse().unwrap(),
        protocol: Protocol::Udp,
    };
    kdcs.answered().insert(REALM.to_owned(), winner);
    let (answer, seconds) = ask(&kdcs).await;
    answer.unwrap();
    assert!(seconds < 3.0, "{seconds} s");
    assert_eq!(gone.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn tcp_follows_udp() {
    for (udp, most) in [
        (Does::IsSilent, 1.5),
        (Does::Refuses, 0.5),
        // KRB_ERR_RESPONSE_TOO_BIG.
        (Does::Answers(52), 0.5),
        (Does::Sends(b"garbage"), 0.5),
    ] {
        let kdc = FakeKdc::start(udp, Does::Answers(FINAL)).await;
        let kdcs = kdcs(&[&kdc]);
        let (answer, seconds) = ask(&kdcs).await;
        assert_eq!(answer.unwrap(), krb_error(FINAL), "{udp:?}");
        assert!(seconds < most, "{udp:?}: {seconds} s");
        // The protocol is remembered too.
        let before = kdc.asked();
        ask(&kdcs).await.0.unwrap();
        assert_eq!(kdc.asked(), before + 1, "{udp:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_large_request_goes_over_tcp_first() {
    for (length, protocol) in [(1465, Protocol::Udp), (1466, Protocol::Tcp)] {
        let kdc = right().await;
        let kdcs = kdcs(&[&kdc]);
        let until = kdcs.until(deadline(Duration::from_secs(60)));
        until.ask(request(&vec![7; length])).await.unwrap();
        assert_eq!(kdcs.answered()[REALM].protocol, protocol);
    }
}

/// Larger requests do not fit a datagram that every system carries.
#[tokio::test(start_paused = true)]
async fn a_request_that_is_too_large_for_udp_goes_over_tcp_alone() {
    for (length, is_asked) in [(limits::UDP_BYTES, true), (limits::UDP_BYTES + 1, false)] {
        let kdc = FakeKdc::start(Does::Answers(FINAL), Does::Refuses).await;
        let kdcs = kdcs(&[&kdc]);
        let until = kdcs.until(deadline(Duration::from_secs(60)));
        let answer = until.ask(request(&vec![7; length])).await;
        assert_eq!(answer.is_ok(), is_asked);
        assert_eq!(kdc.asked(), usize::from(is_asked));
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_names_each_address_and_what_it_did() {
    let (silent, none, busy) = (
        FakeKdc::start(Does::IsSilent, Does::IsSilent).await,
        FakeKdc::start(Does::Refuses, Does::Refuses).await,
        FakeKdc::start(Does::Answers(29), Does::Drips(ANSWER_BYTES + 1)).await,
    );
    let mut kdcs = kdcs(&[&silent, &none, &busy]);
    kdcs.given.push("https://proxy.example/KdcProxy".to_owned());
    kdcs.given.push("kdc:none".to_owned());
    let (answer, seconds) = ask(&kdcs).await;
    let error = answer.unwrap_err();
    assert_eq!(error.problem(), Some(LoginProblem::KdcUnreachable));
    // Far before the minute ends.
    assert!((9.0..11.0).contains(&seconds), "{seconds} s");
    let expected = format!(
        "the realm {REALM} (\
         {}: no answer in time over UDP, no answer in time over TCP; \
         {}: connection refused over UDP, connection refused over TCP; \
         {}: unavailable (KDC_ERR_SVC_UNAVAILABLE) over UDP, \
         answer of 1048577 bytes, beyond the limit of 1048576 (LoginLimits::kdc_answer_bytes) over TCP; \
         https://proxy.example/KdcProxy: a proxy for KDCs over HTTPS is not supported; \
         kdc:none: invalid address: expected host or host:port)",
        silent.address, none.address, busy.address
    );
    let text = error.to_string();
    assert!(text.starts_with(&expected), "{text}\n{expected}");
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_an_answer_can_be_set() {
    let length = krb_error(FINAL).len();
    let only_tcp = FakeKdc::start(Does::Refuses, Does::Answers(FINAL)).await;
    let only_udp = FakeKdc::start(Does::Answers(FINAL), Does::Refuses).await;
    for (kdc, protocol) in [(&only_tcp, "TCP"), (&only_udp, "UDP")] {
        let mut kdcs = kdcs(&[kdc]);
        kdcs.answer_bytes = length;
        assert_eq!(ask(&kdcs).await.0.unwrap(), krb_error(FINAL), "{protocol}");
        kdcs.answer_bytes = length - 1;
        let error = ask(&kdcs).await.0.unwrap_err().to_string();
        let expected = format!(
            "answer of {length} bytes, beyond the limit of {} (LoginLimits::kdc_answer_bytes) over {protocol}",
            length - 1
        );
        assert!(error.contains(&expected), "{error}");
    }
}

/// However many KDCs are silent and however short the time, each is asked, and enough time is left for
/// another login.
#[tokio::test(start_paused = true)]
async fn a_short_operation_ends_in_time() {
    let mut silent = Vec::new();
    for _ in 0..5 {
        silent.push(FakeKdc::start(Does::IsSilent, Does::IsSilent).await);
    }
    let kdcs = kdcs(&silent.iter().collect::<Vec<_>>());
    let began = Instant::now();
    let until = kdcs.until(deadline(Duration::from_secs(3)));
    let answer = until.ask(request(b"request")).await;
    assert_eq!(
        answer.unwrap_err().problem(),
        Some(LoginProblem::KdcUnreachable)
    );
    let seconds = began.elapsed().as_secs_f32();
    assert!(seconds < 2.0, "{seconds} s");
    for kdc in &silent {
        assert!(kdc.asked() > 0);
    }
}

#[tokio::test]
async fn the_kdcs_of_a_realm_come_from_the_caller_or_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("krb5.conf");
    let text = "[libdefaults]\ndns_lookup_kdc = no\n[realms]\nA.TEST = {\nprimary_kdc = c\nkdc = b:99\nkdc = c\nkdc = b:99\n}\n";
    std::fs::write(&file, text).unwrap();
    let conf = Krb5Conf::open(&file).unwrap();
    let mut kdcs = Kdcs::new(Vec::new(), conf, Duration::ZERO);
    let many: Vec<String> = (0..100).map(|number| format!("kdc{number}:88")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (realm, is_home, given, expected) in [
        ("A.TEST", true, &[][..], &["b:99", "c:88"][..]),
        ("A.TEST", true, &["d", "e:89"], &["d:88", "e:89"]),
        ("A.TEST", false, &["d"], &["b:99", "c:88"]),
        ("CORP.TEST", true, &[], &["corp.test:88"]),
        // A realm may come from the network, and must not set a port.
        ("CORP.TEST:22", false, &[], &["[corp.test:22]:88"]),
        ("A.TEST", true, &many, &many[..limits::SERVERS]),
    ] {
        kdcs.given = given.iter().map(|kdc| (*kdc).to_owned()).collect();
        let request = KdcRequest {
            realm: realm.to_owned(),
            is_home,
            message: Vec::new(),
        };
        let servers = kdcs.of_realm(&request, &Log::default()).await;
        let servers: Vec<String> = servers.iter().map(Server::to_string).collect();
        assert_eq!(servers, expected);
    }
}

/// The DNS is asked only for a realm that nothing else names.
#[cfg(feature = "dns-srv")]
#[tokio::test]
async fn the_dns_names_the_kdcs_of_another_realm() {
    let kdc = right().await;
    let address: std::net::SocketAddr = kdc.address.parse().unwrap();
    let port = address.port();
    let dns = dns::tests::asking(dns::tests::serve(vec![("_tcp", 0, 0, port, "127.0.0.1")]).await);
    let mut kdcs = kdcs(&[]);
    kdcs.dns = dns;
    ask(&kdcs).await.0.unwrap();
    assert_eq!(kdcs.answered()[REALM].server.speaks, server::Speaks::Tcp);
    kdcs.dns = dns::tests::asking(dns::tests::serve(vec![("_udp", 0, 0, 0, ".")]).await);
    kdcs.answered().clear();
    let error = ask(&kdcs).await.0.unwrap_err().to_string();
    let question = format!("the DNS at _kerberos._udp.{REALM} and _kerberos._tcp.{REALM}");
    let expected = format!("the realm {REALM} ({question}: the realm has no KDC)");
    assert!(error.starts_with(&expected), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_realms_that_are_remembered_are_limited() {
    let kdc = right().await;
    let kdcs = kdcs(&[&kdc]);
    for number in 0..limits::REALMS + 5 {
        let request = KdcRequest {
            realm: format!("R{number}"),
            ..request(b"request")
        };
        kdcs.ask_within(request, Duration::from_secs(5))
            .await
            .unwrap();
    }
    assert_eq!(kdcs.answered().len(), limits::REALMS);
}
