//! The published examples (MS-NLMP 4.2.4), and invalid messages.

use proptest::prelude::*;

use super::challenge;
use super::message::{Authenticate, without_code};
use super::verify::{Demands, Exchange, NtlmRejection};
use crate::auth::channel_binding::gss_hash;
use crate::auth::negotiate::ntlm::crypt::{Block, Cipher, hmac_md5, password_key, utf16};
use crate::auth::negotiate::ntlm::keys::{Broken, NtlmKeys, Side};
use crate::auth::negotiate::ntlm::message::SIGNATURE;
use crate::auth::negotiate::ntlm::tests::{AUTHENTICATE, CHALLENGE, block, bytes};
use crate::auth::seal::Sealer as _;
use crate::simulator::login::CbtHardening;

const USER: [&str; 2] = ["User", "Password"];

fn published() -> Exchange {
    Exchange {
        negotiate: Vec::new(),
        challenge: bytes(CHALLENGE),
        channel: None,
    }
}

#[test]
fn keys_and_proof() {
    let key = password_key("Password", "User", "Domain");
    assert_eq!(*key, block("0c868a403bfd7a93a3001ef22ef02e3f"));
    let message = bytes(AUTHENTICATE);
    let read = Authenticate::read(&message).unwrap();
    assert_eq!(
        (read.user.as_str(), read.domain.as_str()),
        ("User", "Domain")
    );
    assert_eq!(read.proof, block("68cd0ab851e51c96aabc927bebef6a1c"));
    let challenge = bytes("0123456789abcdef");
    assert_eq!(hmac_md5(&key, &[&challenge, read.proven]), read.proof);
    let base = hmac_md5(&key, &[&read.proof]);
    assert_eq!(base, block("8de40ccadbc14a82f15cb0ad0de95ca3"));
    let mut session_key: Block = read.session_key.try_into().unwrap();
    Cipher::new(&base).apply(&mut session_key);
    assert_eq!(session_key, [0x55; 16]);
}

/// MS-NLMP 4.2.4.4.
#[test]
fn the_sealed_message() {
    let plain = utf16("Plaintext");
    let mut client = client();
    let sealed = client.seal(&plain).unwrap();
    assert_eq!(sealed.data, bytes("54e50165bf1936dc996020c1811b0f06fb5f"));
    assert_eq!(sealed.header, bytes("010000007fb38ec5c55d497600000000"));
    // The same with the session of the complete published login.
    let login = bytes(AUTHENTICATE);
    let mut server = published()
        .verify(&login, USER, &Demands::default())
        .unwrap();
    assert_eq!(server.unseal(&sealed.header, &sealed.data).unwrap(), plain);
    // Sealing again gives another message, and the first one is not accepted twice.
    let again = client.seal(&plain).unwrap();
    assert_ne!(again, sealed);
    assert_eq!(server.unseal(&sealed.header, &sealed.data), Err(Broken));
    let answer = server.seal(b"answer").unwrap();
    assert_eq!(
        client.unseal(&answer.header, &answer.data).unwrap(),
        b"answer"
    );
}

#[test]
fn rejects_other_logins() {
    let refused = |message: &[u8], user, demands: &Demands| {
        published()
            .verify(message, user, demands)
            .map(|_| ())
            .unwrap_err()
    };
    let (login, lenient) = (bytes(AUTHENTICATE), Demands::default());
    assert!(
        published()
            .verify(&login, ["USER", "Password"], &lenient)
            .is_ok()
    );
    assert_eq!(
        refused(&login, ["User", "password"], &lenient),
        NtlmRejection::Password
    );
    assert_eq!(
        refused(&login, ["Other", "Password"], &lenient),
        NtlmRejection::User
    );
    assert_eq!(
        refused(&bytes(CHALLENGE), USER, &lenient),
        NtlmRejection::Malformed
    );
    let strict = Demands {
        code: true,
        ..Demands::default()
    };
    assert_eq!(refused(&login, USER, &strict), NtlmRejection::NoCode);
    let mut elsewhere = published();
    elsewhere.challenge[24] ^= 1;
    let elsewhere = elsewhere.verify(&login, USER, &lenient);
    assert_eq!(elsewhere.map(|_| ()).unwrap_err(), NtlmRejection::Password);
}

/// Builds a login with an integrity code and a channel binding, from functions that the published
/// examples verify; the layout is that of MS-NLMP 2.2.1.3.
pub(in crate::simulator::login) fn login(
    exchange: &Exchange,
    [user, password]: [&str; 2],
    channel: Option<&[u8]>,
) -> Vec<u8> {
    let key = password_key(password, user, "Domain");
    let mut attributes = bytes("0600040002000000");
    if let Some(channel) = channel {
        attributes.extend(bytes("0a001000"));
        attributes.extend(gss_hash(channel));
    }
    let start = bytes("01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000");
    let proven = [start, attributes, vec![0; 8]].concat();
    let proof = hmac_md5(&key, &[&exchange.challenge[24..32], &proven]);
    let base = hmac_md5(&key, &[&proof]);
    let mut session_key = [0x55; 16];
    Cipher::new(&base).apply(&mut session_key);
    let mut message = [SIGNATURE.as_slice(), &3_u32.to_le_bytes()].concat();
    let mut payload = Vec::new();
    let response = [proof.as_slice(), &proven].concat();
    let [domain, user] = ["Domain", user].map(utf16);
    for part in [
        &[0; 24],
        response.as_slice(),
        &domain,
        &user,
        &[],
        &session_key,
    ] {
        let length = u16::try_from(part.len()).unwrap().to_le_bytes();
        let offset = u32::try_from(88 + payload.len()).unwrap();
        message.extend([length, length].concat());
        message.extend(offset.to_le_bytes());
        payload.extend_from_slice(part);
    }
    message.extend(0xe288_8235_u32.to_le_bytes());
    message.extend([0; 8 + 16]);
    message.extend(payload);
    let messages = [
        &exchange.negotiate,
        &exchange.challenge,
        &without_code(&message),
    ];
    let code = hmac_md5(&[0x55; 16], &messages.map(Vec::as_slice));
    message[72..88].copy_from_slice(&code);
    message
}

/// Returns the first message of a login with all options.
pub(in crate::simulator::login) fn negotiate() -> Vec<u8> {
    [SIGNATURE.as_slice(), &bytes("01000000358288e2"), &[0; 16]].concat()
}

/// Returns the keys of a client that logged in with [`login`].
pub(in crate::simulator::login) fn client() -> NtlmKeys {
    NtlmKeys::new(&[0x55; 16], 0xe288_8235, Side::Client)
}

#[test]
fn codes_and_bindings_are_demanded() {
    let negotiate = negotiate();
    let challenge = challenge(&negotiate, *b"8 random").unwrap();
    let channel = b"tls-server-end-point:abc".to_vec();
    let exchange = Exchange {
        negotiate,
        challenge,
        channel: Some(channel.clone()),
    };
    let demands = Demands {
        code: true,
        cbt: CbtHardening::Strict,
    };
    let verify = |message: &[u8]| exchange.verify(message, USER, &demands).map(|_| ());
    let good = login(&exchange, USER, Some(&channel));
    let unbound = login(&exchange, USER, None);
    let other = login(&exchange, USER, Some(b"tls-server-end-point:abd"));
    assert_eq!(verify(&good), Ok(()));
    assert_eq!(verify(&unbound), Err(NtlmRejection::NoBinding));
    assert_eq!(verify(&other), Err(NtlmRejection::Binding));
    for (cbt, of_other) in [
        (CbtHardening::Relaxed, Err(NtlmRejection::Binding)),
        (CbtHardening::None, Ok(())),
    ] {
        let demands = Demands { code: true, cbt };
        let verify = |message: &[u8]| exchange.verify(message, USER, &demands).map(|_| ());
        assert_eq!(verify(&good), Ok(()));
        assert_eq!(verify(&unbound), Ok(()));
        assert_eq!(verify(&other), of_other);
    }
    // An attacker removes a flag from the first message.
    let mut weakened = exchange.clone();
    weakened.negotiate[12] ^= 0x20;
    let weakened = weakened.verify(&good, USER, &demands).map(|_| ());
    assert_eq!(weakened, Err(NtlmRejection::Code));
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1;
        // Every byte is either read or covered by the code.
        assert!(verify(&changed).is_err(), "{at}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_refused(message in prop::collection::vec(any::<u8>(), 0..300)) {
        let message = [SIGNATURE.as_slice(), &[3, 0, 0, 0], &message].concat();
        prop_assert!(published().verify(&message, USER, &Demands::default()).is_err());
        prop_assert!(challenge(&message, [0; 8]).is_none());
    }

    #[test]
    fn a_login_that_is_changed_anywhere_does_no_harm(at: prop::sample::Index, byte: u8) {
        let mut login = bytes(AUTHENTICATE);
        let at = at.index(login.len());
        login[at] = byte;
        // Without an integrity code some changes are accepted; none of them panics.
        let _ = published().verify(&login, USER, &Demands::default());
    }
}
