//! The tokens of SPNEGO, NTLM and Kerberos, the answers of a KDC, and their encoding.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, UNIX_EPOCH};

use crate::auth::channel_binding::tls_server_end_point;
use crate::auth::der::{Der, SEQUENCE, application, int32, integer, sequence, tagged, written};
use crate::auth::negotiate::kerberos::message::{
    ApReply, Authenticator, Encrypted, KdcReply, KrbError, PaData, ReplyPart, etype_infos, fields,
};
use crate::auth::negotiate::kerberos::{
    self, ContextKey, KerberosEtype, Key, NameKind, PrincipalName, Realms, Role, TargetService,
    Usage,
};
use crate::auth::negotiate::ntlm::NtlmUser;
use crate::auth::negotiate::ntlm::av_pairs::AvPairs;
use crate::auth::negotiate::ntlm::flags;
use crate::auth::negotiate::ntlm::keys::{NtlmKeys, Side};
use crate::auth::negotiate::ntlm::message::{SIGNATURE, message_type};
use crate::auth::negotiate::spnego::{Mechanism, NegTokenInit, Reply, State};
use crate::auth::negotiate::{
    BoundUser, ConnectionLogin, Environment, Kdc, KdcAnswer, KdcFuture, KdcRequest, LoginError,
};
use crate::auth::seal::{Sealed, Sealer};
use crate::auth::x509::Certificate;
use crate::auth::{Credentials, Keytab, LoginLimits, Secret};
use crate::simulator::Realm;

const REALM: &str = "EXAMPLE.TEST";
const SERVICE: &str = "HTTP/localhost";

/// A clock that stands still and random bytes that do not vary: a run can be repeated.
fn constant() -> Environment {
    Environment {
        now: || UNIX_EPOCH + Duration::new(1_790_000_000, 123_456_000),
        monotonic: Instant::now,
        fill: |bytes| {
            bytes.fill(0x35);
            true
        },
    }
}

/// Returns the result of a future that waits for nothing.
fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the future is always ready"),
    }
}

/// KDCs with these answers.
struct Answers(Mutex<VecDeque<Vec<u8>>>);

impl Answers {
    fn new<'a>(answers: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self(Mutex::new(
            answers.into_iter().map(<[u8]>::to_vec).collect(),
        ))
    }
}

impl Kdc for Answers {
    fn ask(&self, _: KdcRequest) -> KdcFuture<'_> {
        let next = self
            .0
            .lock()
            .ok()
            .and_then(|mut answers| answers.pop_front());
        let next = next.ok_or_else(|| LoginError::new("no KDC answers"));
        Box::pin(std::future::ready(next))
    }
}

/// Reads DER element by element, also inside, without recursion; numbers come back.
pub fn der(data: &[u8]) {
    let mut open = vec![Der(data)];
    let mut elements = 0_usize;
    while let Some(mut list) = open.pop() {
        while let Some(element) = list.next() {
            elements += 1;
            assert!(element.content.len() < element.whole.len());
            let again = written(element.tag, &[element.content]);
            let mut reread = Der(&again);
            assert!(
                reread
                    .next()
                    .is_some_and(|it| it.content == element.content)
                    && reread.0.is_empty()
            );
            if element.tag & 0x20 != 0 && elements < 10_000 {
                open.push(Der(element.content));
            }
        }
    }
    for number in 0..4 {
        let mut fields = Der(data);
        let _ = fields
            .field(number)
            .map(|mut field| (field.number(), field.0));
        let _ = Der(data).only(SEQUENCE);
    }
    if let Some(number) = Der(data).number() {
        assert_eq!(Der(&integer(number)).number(), Some(number));
    }
    if let Some(number) = Der(data).int32() {
        assert_eq!(Der(&int32(number)).int32(), Some(number));
    }
}

/// Reads the parts of a certificate that are shown: each is printable.
pub fn certificate(data: &[u8]) {
    let Some(certificate) = Certificate::read(data) else {
        return;
    };
    let texts = [certificate.subject(), certificate.issuer()];
    let texts = texts.into_iter().flatten().chain(certificate.hosts());
    for text in texts {
        assert!(!text.contains(char::is_control), "{text:?}");
    }
    let _ = certificate.not_after();
    let _ = tls_server_end_point(data);
    #[cfg(feature = "rustls")]
    {
        let _ = (certificate.version(), certificate.broken_hash());
        let _ = certificate.key().map(|key| key.rsa_size());
    }
}

/// Reads a token of SPNEGO, and lets the client answer tokens; what is read is written and read back.
pub fn spnego(tokens: &[&[u8]]) {
    for token in tokens {
        if let Some(reply) = Reply::read(token) {
            assert_eq!(Reply::read(&reply.written()), Some(reply));
        }
        if let Some(init) = NegTokenInit::read(token) {
            let _ = init.mechanisms().count();
            assert_eq!(NegTokenInit::read(&init.written()), Some(init));
        }
    }
    let credentials = Credentials::negotiate("ops@EXAMPLE.TEST", "hunter2");
    log_in(&credentials, tokens, &Answers::new([]));
}

/// Lets a login of the client take tokens, and asserts that it ends, and is complete only without an error.
fn log_in(credentials: &Credentials, tokens: &[&[u8]], kdc: &dyn Kdc) {
    let place = (SERVICE.to_owned(), constant());
    let user = BoundUser::of(credentials, Ok(&realms()), place);
    let Some(mut login) = user.ok().flatten().and_then(|user| user.login().ok()) else {
        return;
    };
    let mut token = None;
    for next in tokens.iter().map(Some).chain([None]) {
        match ready(login.step(token, kdc)) {
            Ok(Some(sent)) => assert!(!sent.is_empty()),
            Ok(None) => break,
            Err(error) => {
                assert!(!error.to_string().contains(char::is_control), "{error}");
                return;
            }
        }
        token = next.copied();
    }
    let _ = (login.attempts(), format!("{login:?}"));
    // The client has proven nothing about the server by such tokens, so nothing is unsealed.
    let unsealed = login.unseal(&[0; 16], b"data");
    assert!(unsealed.is_err());
}

fn realms() -> Realms {
    Realms {
        default: None,
        target: TargetService {
            service: PrincipalName::new(NameKind::Service, &["HTTP", "localhost"]),
            realm: None,
        },
        environment: constant(),
        etypes: KerberosEtype::DEFAULT.to_vec(),
        kdcs: String::new(),
        most_messages: LoginLimits::default().ticket_messages,
    }
}

/// Reads a CHALLENGE message of NTLM and answers it, and reads data with the keys of a login.
pub fn ntlm(data: &[u8]) {
    if let Some(pairs) = AvPairs::read(data) {
        let _ = pairs.flags();
        let back = pairs.write().and_then(|bytes| AvPairs::read(&bytes));
        assert_eq!(back.as_ref(), Some(&pairs));
    }
    let user = NtlmUser::new(
        r"DOMAIN\ops",
        Secret::from("hunter2"),
        SERVICE.to_owned(),
        constant(),
    );
    if let Ok(user) = user {
        let mut login = user.login();
        let _ = login.next_token(None);
        match login.next_token(Some(data)) {
            Ok(token) => {
                assert!(login.is_complete());
                assert!(token.is_some_and(|token| message_type(&token) == Some(3)));
            }
            Err(_) => assert!(!login.is_complete()),
        }
    }
    let flags = flags::EXTENDED_SESSION_SECURITY | flags::KEY_128 | flags::KEY_EXCHANGE;
    let mut server = NtlmKeys::new(&[3; 16], flags, Side::Server);
    let mut client = NtlmKeys::new(&[3; 16], flags, Side::Client);
    let (header, rest) = data.split_at_checked(16).unwrap_or((data, &[]));
    assert!(client.unseal(header, rest).is_err());
    let mut client = NtlmKeys::new(&[3; 16], flags, Side::Client);
    if let Ok(Sealed {
        header,
        data: sealed,
    }) = server.seal(data)
    {
        assert!(
            client
                .unseal(&header, &sealed)
                .is_ok_and(|message| message == data)
        );
    }
}

/// Reads the tokens of a service: its answer to a ticket, as anyone may send it and as it is when the
/// sender knows the key, and sealed messages.
pub fn kerberos(data: &[u8]) {
    let _ = kerberos::read_token(data).map(|(kind, message)| {
        assert_eq!(
            kerberos::write_token(kind, message),
            data,
            "DER has one form"
        );
    });
    for etype in KerberosEtype::all() {
        let Some(key) = Key::new(*etype, vec![5; etype.key_length()]) else {
            continue;
        };
        assert!(ApReply::open(data, &key).is_none(), "the key is not known");
        let proof = |part: &[u8]| {
            let part = Encrypted::with((&key, Usage::ApReply), part, constant()).ok()?;
            let fields = [
                tagged(0, &integer(5)),
                tagged(1, &integer(15)),
                tagged(2, &part.write()),
            ];
            let reply = written(application(15), &[&sequence(&[&fields.concat()])]);
            ApReply::open(&reply, &key)
        };
        let _ = proof(data);
        let _ = proof(&written(application(27), &[data]));
        wrapped(&key, data);
    }
    let _ = Authenticator::read(data);
}

/// Unseals what may be a token, and a token that was sealed.
fn wrapped(key: &Key, data: &[u8]) {
    let side = |role| {
        kerberos::Context::new(ContextKey {
            key: key.clone(),
            is_of_acceptor: false,
            role,
            next: 1,
            expected: Some(1),
            environment: constant(),
        })
    };
    let (mut client, mut server) = (side(Role::Initiator), side(Role::Acceptor));
    let (header, sealed) = data.split_at(data.len().min(16));
    assert!(client.unseal(header, sealed).is_err(), "it has no seal");
    assert!(client.verify(b"list", data).is_err(), "it is no signature");
    if let Ok(Sealed {
        header,
        data: sealed,
    }) = server.seal(data)
    {
        let back = client.unseal(&header, &sealed);
        assert!(back.is_ok_and(|message| message == data));
        assert!(client.unseal(&header, &sealed).is_err(), "a replay");
    }
}

/// Reads an answer of a KDC, and lets the client take answers.
pub fn kdc(answers: &[&[u8]]) {
    for answer in answers {
        let _ = KdcAnswer::of(answer);
        if let Some(reply) = KdcReply::read(answer) {
            infos(&reply.data);
        }
        if let Some(error) = KrbError::read(answer) {
            let problem = error.problem((constant().now)());
            assert!(!problem.to_string().contains(char::is_control));
            infos(&error.preauth_data());
        }
        if let Some(part) = ReplyPart::read(answer) {
            assert!(
                !format!("{part:?}").contains("5, 5, 5"),
                "no key is printed"
            );
        }
        let _ = fields(answer, 30, 0);
    }
    // The key of a password takes 4096 rounds or more: a keytab has it ready.
    let credentials = Credentials::keytab("ops@EXAMPLE.TEST", keytab());
    log_in(&credentials, &[], &Answers::new(answers.iter().copied()));
}

fn infos(data: &[PaData]) {
    for info in etype_infos(data, &KerberosEtype::DEFAULT) {
        assert!(KerberosEtype::DEFAULT.contains(&info.etype));
    }
}

fn keytab() -> Keytab {
    let etype = KerberosEtype::Aes256Sha1;
    let key = Key::new(etype, vec![5; etype.key_length()]);
    Keytab::of(REALM, key.iter().map(|key| ("ops", key)))
}

/// Returns messages to start from, each with the name of its target.
pub fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let mut samples = Vec::new();
    let realm = Realm::new(REALM).user("ops", "hunter2").service(SERVICE);
    let (keytab, kdc) = realm.without_network();
    samples.push(("keytab", keytab.to_bytes()));
    let recorded = Mutex::new(Vec::new());
    let kdc = Recorded(&recorded, kdc);
    let credentials = Credentials::keytab("ops@EXAMPLE.TEST", keytab);
    let mut realms = realms();
    realms.environment.now = std::time::SystemTime::now;
    let place = (SERVICE.to_owned(), realms.environment);
    let user = BoundUser::of(&credentials, Ok(&realms), place)
        .ok()
        .flatten();
    if let Some(mut login) = user.and_then(|user| user.login().ok())
        && let Ok(Some(token)) = ready(login.step(None, &kdc))
    {
        if let Some(token) = NegTokenInit::read(&token).and_then(|init| init.token) {
            samples.push(("kerberos", token));
        }
        samples.push(("spnego", token));
    }
    let messages = recorded.into_inner().unwrap_or_default();
    samples.extend(messages.iter().map(|message| ("kdc", message.clone())));
    samples.extend(messages.into_iter().map(|message| ("der", message)));
    let challenge = ntlm_challenge();
    samples.push((
        "spnego",
        Reply {
            state: Some(State::Incomplete),
            mechanism: Some(Mechanism::Ntlm),
            token: Some(challenge.clone()),
            signature: None,
        }
        .written(),
    ));
    samples.push(("ntlm", challenge));
    samples
}

/// A KDC whose requests and answers are kept.
struct Recorded<'a, F>(&'a Mutex<Vec<Vec<u8>>>, F);

impl<F: Fn(&[u8]) -> Vec<u8> + Send + Sync> Kdc for Recorded<'_, F> {
    fn ask(&self, request: KdcRequest) -> KdcFuture<'_> {
        let answer = self.1(&request.message);
        if let Ok(mut kept) = self.0.lock() {
            kept.extend([request.message, answer.clone()]);
        }
        Box::pin(std::future::ready(Ok(answer)))
    }
}

/// Returns a CHALLENGE message with a computer, a domain and a time.
fn ntlm_challenge() -> Vec<u8> {
    let mut pairs = AvPairs::default();
    for (id, value) in [(1, &b"H\0V\0"[..]), (2, b"D\0"), (7, &[1; 8])] {
        pairs.set(id, value);
    }
    let info = pairs.write().unwrap_or_default();
    let length = u16::try_from(info.len()).unwrap_or_default().to_le_bytes();
    let flags = 0xE28A_8215_u32.to_le_bytes();
    [
        &SIGNATURE[..],
        &2_u32.to_le_bytes(),
        &[0; 4],
        &56_u32.to_le_bytes(),
        &flags,
        b"servers!",
        &[0; 8],
        &length,
        &length,
        &56_u32.to_le_bytes(),
        &[10, 0, 0x63, 0x45, 0, 0, 0, 15],
        &info,
    ]
    .concat()
}
