//! The published examples (MS-NLMP 4.2), and the handling of CHALLENGE messages.

use std::time::{Duration, UNIX_EPOCH};

use super::av_pairs::{AvPairs, id};
use super::crypt::{Block, hmac_md5, nt_hash, password_key, utf16};
use super::flags;
use super::login::{Nonces, NtlmLogin};
use super::message::{Authenticate, VERSION, WANTED, field, message_type, negotiate, number};
use super::response::{Proven, Response, file_time};
use super::user::NtlmUser;
use crate::auth::negotiate::{ConnectionLogin as _, Environment};

/// MS-NLMP 4.2.4.3.
pub(crate) const CHALLENGE: &str = "4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef\
    00000000000000002400240044000000060070170000000f53006500720076006500720002000c0044006f006d00\
    610069006e0001000c0053006500720076006500720000000000";
pub(crate) const AUTHENTICATE: &str = "4e544c4d5353500003000000180018006c00000054005400840000000c000c00\
    48000000080008005400000010001000\
    5c00000010001000d8000000358288e20501280a0000000f44006f006d00610069006e00550073006500720043004f\
    004d005000550054004500520086c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa68cd0ab851e51c96aabc\
    927bebef6a1c01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069\
    006e0001000c005300650072007600650072000000000000000000c5dad2544fc9799094ce1ce90bc9d03e";

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .map(|digit| u8::try_from(digit).unwrap())
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

pub(crate) fn block(hex: &str) -> Block {
    bytes(hex).try_into().unwrap()
}

/// The response of MS-NLMP 4.2.4.2.
fn published() -> Response {
    let key = password_key("Password", "User", "Domain");
    let challenge = bytes(CHALLENGE);
    Proven {
        server_nonce: *challenge[24..].first_chunk().unwrap(),
        client_nonce: [0xAA; 8],
        time: 0,
        target_info: field(&challenge, 40).unwrap(),
    }
    .respond(&key)
}

/// MS-NLMP 4.2.2.1.2 and 4.2.4.1.
#[test]
fn a_password_has_the_published_keys() {
    assert_eq!(
        *nt_hash("Password"),
        block("a4f49c406510bdcab6824ee7c30fd852")
    );
    let key = block("0c868a403bfd7a93a3001ef22ef02e3f");
    assert_eq!(*password_key("Password", "User", "Domain"), key);
    assert_eq!(*password_key("Password", "uSER", "Domain"), key);
    assert_ne!(*password_key("Password", "User", "domain"), key);
}

/// MS-NLMP 4.2.4.2.
#[test]
fn the_response_is_the_published_one() {
    let response = published();
    let lm = "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa";
    assert_eq!(response.lm.to_vec(), bytes(lm));
    let proof = "68cd0ab851e51c96aabc927bebef6a1c";
    assert_eq!(response.nt[..16], bytes(proof));
    let base = block("8de40ccadbc14a82f15cb0ad0de95ca3");
    assert_eq!(*response.session_base_key, base);
}

/// MS-NLMP 4.2.4.3.
#[test]
fn the_authenticate_message_is_the_published_one() {
    let response = published();
    let challenge = bytes(CHALLENGE);
    let flags = number(&challenge, 20).unwrap() & WANTED | flags::REQUEST_TARGET;
    let mut session_key = [0x55; 16];
    super::crypt::Cipher::new(response.session_base_key.as_slice()).apply(&mut session_key);
    let written = Authenticate {
        flags,
        lm_response: &response.lm,
        nt_response: &response.nt,
        domain: "Domain",
        user: "User",
        workstation: "COMPUTER",
        session_key: &session_key,
        code: None,
    };
    let mut expected = bytes(AUTHENTICATE);
    expected[64..72].copy_from_slice(&VERSION);
    assert_eq!(written.write().unwrap(), expected);
}

#[test]
fn the_negotiate_message_asks_for_sealing_with_128_bits() {
    let expected = [
        &b"NTLMSSP\0\x01\0\0\0\x35\x82\x08\xe2"[..],
        &[0; 16],
        &VERSION,
    ];
    assert_eq!(negotiate(), expected.concat());
}

#[test]
fn file_times_count_from_1601() {
    assert_eq!(file_time(UNIX_EPOCH), 116_444_736_000_000_000);
    let later = UNIX_EPOCH + Duration::new(1_795_000_000, 123_456_789);
    assert_eq!(file_time(later), 134_394_736_001_234_567);
    assert_eq!(
        file_time(UNIX_EPOCH - Duration::from_secs(1)),
        116_444_736_000_000_000
    );
}

/// Returns a user with a fixed clock and constant random bytes.
pub(crate) fn user(name: &str, password: &str) -> NtlmUser {
    let fill = |bytes: &mut [u8]| {
        bytes.fill(0xAA);
        true
    };
    user_with(name, password, fill)
}

fn user_with(name: &str, password: &str, fill: fn(&mut [u8]) -> bool) -> NtlmUser {
    let now = || UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    let environment = Environment {
        now,
        monotonic: std::time::Instant::now,
        fill,
    };
    let service = "HTTP/host.example".to_owned();
    NtlmUser::new(name, password.into(), service, environment).unwrap()
}

const CLIENT: [u8; 8] = [0xAA; 8];
const SESSION_KEY: Block = [0x55; 16];

fn answer(login: &NtlmLogin, challenge: &[u8]) -> Option<Vec<u8>> {
    let nonces = Nonces {
        client: CLIENT,
        session_key: SESSION_KEY.into(),
    };
    let answered = login.authenticate(challenge, &nonces);
    answered.ok().map(|(message, _)| message)
}

/// Builds a CHALLENGE message with these attributes.
fn challenge(flags: u32, target_info: &[u8]) -> Vec<u8> {
    let length = u16::try_from(target_info.len()).unwrap().to_le_bytes();
    [
        b"NTLMSSP\0\x02\0\0\0\0\0\0\0\x38\0\0\0".as_slice(),
        &flags.to_le_bytes(),
        b"\x01\x23\x45\x67\x89\xab\xcd\xef",
        &[0; 8],
        &[length, length].concat(),
        &[0x38, 0, 0, 0],
        &VERSION,
        target_info,
    ]
    .concat()
}

/// Returns the attributes that every server sends.
fn named() -> AvPairs {
    let mut pairs = AvPairs::default();
    pairs.set(id::DOMAIN, &utf16("D"));
    pairs.set(id::COMPUTER, &utf16("S"));
    pairs
}

/// Returns the attributes in an AUTHENTICATE message.
fn told(message: &[u8]) -> AvPairs {
    AvPairs::read(&field(message, 20).unwrap()[16 + 28..]).unwrap()
}

#[test]
fn the_client_adds_flags_binding_and_target_to_the_attributes() {
    let mut pairs = named();
    pairs.set(id::FLAGS, &1_u32.to_le_bytes());
    pairs.set(id::TIME, &7_u64.to_le_bytes());
    let mut login = user(r"DOM\ops", "hunter2").login();
    let sent = challenge(WANTED, &pairs.write().unwrap());
    for (channel, binding) in [
        (None, [0; 16]),
        (
            Some(b"channel"),
            crate::auth::channel_binding::gss_hash(b"channel"),
        ),
    ] {
        if let Some(channel) = channel {
            login.bind(channel);
        }
        let message = answer(&login, &sent).unwrap();
        // Set in place, without duplicates.
        let mut expected = pairs.clone();
        expected.set(id::FLAGS, &3_u32.to_le_bytes());
        expected.set(id::CHANNEL_BINDING, &binding);
        expected.set(id::TARGET_NAME, &utf16("HTTP/host.example"));
        assert_eq!(told(&message), expected);
        assert_eq!(field(&message, 28).unwrap(), utf16("DOM"));
        assert_eq!(field(&message, 36).unwrap(), utf16("ops"));
        assert_eq!(field(&message, 44).unwrap(), b"");
    }
}

#[test]
fn a_server_that_tells_its_time_gets_it_back_and_no_lmv2_response() {
    let login = user("ops", "hunter2").login();
    let answered = |pairs: &AvPairs| {
        let message = answer(&login, &challenge(WANTED, &pairs.write().unwrap())).unwrap();
        let nt = field(&message, 20).unwrap();
        let time = u64::from_le_bytes(*nt[24..].first_chunk().unwrap());
        (field(&message, 12).unwrap().to_vec(), time)
    };
    let mut pairs = named();
    let (lm, time) = answered(&pairs);
    assert_eq!(time, 134_394_736_000_000_000);
    assert_eq!(lm[16..], CLIENT);
    pairs.set(id::TIME, &7_u64.to_le_bytes());
    assert_eq!(answered(&pairs), (vec![0; 24], 7));
}

#[test]
fn the_integrity_code_is_over_all_three_messages() {
    let login = user("ops", "hunter2").login();
    let sent = challenge(WANTED, &named().write().unwrap());
    let mut message = answer(&login, &sent).unwrap();
    let code: Block = *message[72..].first_chunk().unwrap();
    message[72..88].fill(0);
    assert_eq!(
        code,
        hmac_md5(&SESSION_KEY, &[&negotiate(), &sent, &message])
    );
}

/// MS-NLMP 3.1.5.1.2: without key exchange, the key derived from the password is the session key.
#[test]
fn a_server_without_key_exchange_gets_no_session_key() {
    let login = user("ops", "hunter2").login();
    let without = WANTED & !flags::KEY_EXCHANGE;
    let unused = WANTED & !flags::SIGN & !flags::SEAL;
    for flags in [without, unused] {
        let sent = challenge(flags, &named().write().unwrap());
        let mut message = answer(&login, &sent).unwrap();
        assert_eq!(field(&message, 52).unwrap(), b"");
        assert_eq!(number(&message, 60), Some(flags));
        let proof: Block = *field(&message, 20).unwrap().first_chunk().unwrap();
        let key = hmac_md5(&password_key("hunter2", "ops", ""), &[&proof]);
        let code: Block = *message[72..].first_chunk().unwrap();
        message[72..88].fill(0);
        assert_eq!(code, hmac_md5(&key, &[&negotiate(), &sent, &message]));
    }
}

#[test]
fn rejects_a_server_that_cannot_seal_with_ntlmv2() {
    let login = user("ops", "hunter2").login();
    let all = named().write().unwrap();
    let is_answered =
        |flags, target_info: &[u8]| answer(&login, &challenge(flags, target_info)).is_some();
    assert!(is_answered(WANTED, &all));
    for missing in [
        flags::UNICODE,
        flags::EXTENDED_SESSION_SECURITY,
        flags::TARGET_INFO,
    ] {
        assert!(!is_answered(WANTED & !missing, &all), "{missing:x}");
    }
    for nameless in [
        &[0; 4][..],
        &[1, 0, 0, 0, 0, 0, 0, 0],
        &[2, 0, 0, 0, 0, 0, 0, 0],
        &[],
    ] {
        assert!(!is_answered(WANTED, nameless), "{nameless:?}");
    }
    for (id, value) in [(id::TIME, &[0; 7][..]), (id::FLAGS, &[0; 5])] {
        let mut pairs = named();
        pairs.set(id, value);
        assert!(!is_answered(WANTED, &pairs.write().unwrap()), "{id}");
    }
    // The client's attributes do not fit.
    let mut pairs = named();
    pairs.set(99, &[0; 0xFFA0]);
    assert!(!is_answered(WANTED, &pairs.write().unwrap()));
}

#[test]
fn rejects_a_challenge_that_is_cut() {
    let login = user("ops", "hunter2").login();
    let sent = challenge(WANTED, &named().write().unwrap());
    for end in 0..sent.len() {
        assert_eq!(answer(&login, &sent[..end]), None, "{end}");
    }
    for message in [negotiate(), bytes(AUTHENTICATE)] {
        assert_eq!(answer(&login, &message), None);
    }
}

#[test]
fn the_password_is_taken_as_it_is() {
    let hash = "$NTLM$:a4f49c406510bdcab6824ee7c30fd852";
    let looks_like_a_hash = user("ops", hash);
    assert_eq!(looks_like_a_hash.key(), password_key(hash, "ops", ""));
    assert_ne!(looks_like_a_hash.key(), user("ops", "Password").key());
}

#[test]
fn fails_without_random_bytes_and_never_sends_zeros() {
    let mut login = user_with("ops", "hunter2", |_| false).login();
    let step = |login: &mut NtlmLogin, token: Option<&[u8]>| login.next_token(token);
    let first = step(&mut login, None).unwrap().unwrap();
    assert_eq!(message_type(&first), Some(1));
    let sent = challenge(WANTED, &named().write().unwrap());
    let error = step(&mut login, Some(&sent)).unwrap_err();
    assert!(error.to_string().contains("random source"), "{error}");
    assert!(!login.is_complete());
    step(&mut login, None).unwrap_err();
}

#[test]
fn debug_shows_no_password() {
    let user = user("ops", "hunter2");
    let shown = format!("{user:?} {:?}", user.login());
    assert!(!shown.contains("hunter2"), "{shown}");
}
