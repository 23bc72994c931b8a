//! Both sides of a login, and an attacker between them.

use super::*;
use crate::auth::negotiate::ntlm::tests::bytes;

const NUMBERS: [u32; 2] = [5, 7];

fn context(etype: KerberosEtype, role: Role) -> Context {
    let [ours, theirs] = NUMBERS;
    let (next, expected) = match role {
        Role::Initiator => (ours, theirs),
        Role::Acceptor => (theirs, ours),
    };
    Context::new(ContextKey {
        key: Key::new(etype, vec![9; etype.key_length()]).unwrap(),
        is_of_acceptor: true,
        role,
        next,
        expected: Some(expected),
        environment: Environment {
            now: || std::time::UNIX_EPOCH,
            monotonic: std::time::Instant::now,
            fill: |bytes| {
                bytes.fill(0xC0);
                true
            },
        },
    })
}

fn client(etype: KerberosEtype) -> Context {
    context(etype, Role::Initiator)
}

fn server(etype: KerberosEtype) -> Context {
    context(etype, Role::Acceptor)
}

fn token(sealed: Sealed) -> Vec<u8> {
    [&sealed.header[..], &sealed.data].concat()
}

const ALL: [KerberosEtype; 5] = [
    KerberosEtype::Aes256Sha384,
    KerberosEtype::Aes128Sha256,
    KerberosEtype::Aes256Sha1,
    KerberosEtype::Aes128Sha1,
    KerberosEtype::Rc4Hmac,
];

#[test]
fn each_side_opens_what_the_other_has_sealed() {
    for etype in ALL {
        let (mut client, mut server) = (client(etype), server(etype));
        for message in [&b"a message"[..], b"", &[7; 5000]] {
            let sealed = client.seal(message).unwrap();
            assert_eq!(
                server.unseal(&sealed.header, &sealed.data).unwrap(),
                message
            );
            let sealed = server.seal(message).unwrap();
            assert_eq!(
                client.unseal(&sealed.header, &sealed.data).unwrap(),
                message
            );
            // OMI splits elsewhere.
            let token = token(server.seal(message).unwrap());
            assert_eq!(client.unseal(&token[..9], &token[9..]).unwrap(), message);
        }
    }
}

/// Seals as a server with AES-256 and SHA-1, with padding and a rotation.
fn turned(number: u64, (extra, turned, by): (u16, u16, usize), message: &[u8]) -> Vec<u8> {
    let head = |turned: u16| {
        let pieces = [
            &[5, 4, 7, 0xFF][..],
            &extra.to_be_bytes(),
            &turned.to_be_bytes(),
            &number.to_be_bytes(),
        ];
        pieces.concat()
    };
    let plain = [message, &vec![0; extra.into()], &head(0)].concat();
    let key = Key::new(KerberosEtype::Aes256Sha1, [9; 32]).unwrap();
    let mut data = key.encrypt(Usage::AcceptorSeal, &[1; 16], &plain).unwrap();
    data.rotate_right(by);
    [head(turned), data].concat()
}

#[test]
fn unseals_any_rotation() {
    for form in [
        (0, 0, 0),
        (0, 28, 28),
        (0, 999, 999 % (16 + 6 + 28)),
        (16, 28, 28),
        (16, 28, 44),
    ] {
        let token = turned(7, form, b"answer");
        let mut client = client(KerberosEtype::Aes256Sha1);
        assert_eq!(client.unseal(&token, &[]).unwrap(), b"answer", "{form:?}");
    }
}

#[test]
fn rejects_reordered_answers() {
    for etype in ALL {
        let (mut client, mut server) = (client(etype), server(etype));
        let mut tokens: Vec<_> = (0..4)
            .map(|_| token(server.seal(b"answer").unwrap()))
            .collect();
        tokens.remove(2);
        for token in &tokens {
            client.unseal(token, &[]).unwrap();
        }
        for token in &tokens {
            client.unseal(token, &[]).unwrap_err();
        }
    }
}

#[test]
fn a_changed_answer_is_not_opened() {
    for etype in ALL {
        let whole = token(server(etype).seal(b"answer").unwrap());
        for position in 0..whole.len() {
            client(etype).unseal(&whole[..position], &[]).unwrap_err();
            for change in [0x04, 0x80] {
                let mut changed = whole.clone();
                changed[position] ^= change;
                let opened = client(etype).unseal(&changed, &[]);
                assert!(opened.is_err(), "{etype} {position} {change:x}");
            }
        }
        // The client's own messages, sent back.
        let mut client = client(etype);
        let own = token(client.seal(b"message").unwrap());
        client.unseal(&own, &[]).unwrap_err();
    }
}

#[test]
fn a_signature_is_of_one_message_and_one_side() {
    for etype in ALL {
        let signature = server(etype).sign(b"list").unwrap();
        let mut first = client(etype);
        first.verify(b"liszt", &signature).unwrap_err();
        for position in 0..signature.len() {
            let mut changed = signature.clone();
            changed[position] ^= 1;
            first.verify(b"list", &changed).unwrap_err();
            first.verify(b"list", &signature[..position]).unwrap_err();
        }
        first.verify(b"list", &signature).unwrap();
        first.verify(b"list", &signature).unwrap_err();
        let own = first.sign(b"list").unwrap();
        client(etype).verify(b"list", &own).unwrap_err();
        server(etype).verify(b"list", &own).unwrap();
    }
}

/// The bytes before the data: the header, the rotated part, and the confounder.
#[test]
fn the_data_is_as_long_as_the_message() {
    for (etype, code) in [
        (KerberosEtype::Aes256Sha384, 24),
        (KerberosEtype::Aes128Sha256, 16),
        (KerberosEtype::Aes256Sha1, 12),
        (KerberosEtype::Aes128Sha1, 12),
    ] {
        let sealed = client(etype).seal(b"a message").unwrap();
        assert_eq!(sealed.header.len(), 16 + 16 + code + 16);
        assert_eq!(sealed.data.len(), 9);
        let turned = 16 + u8::try_from(code).unwrap();
        let first = [5, 4, 6, 0xFF, 0, 0, 0, turned, 0, 0, 0, 0, 0, 0, 0, 5];
        assert_eq!(sealed.header[..16], first);
    }
    // RC4 has one byte of padding (RFC 4757 7.3).
    let sealed = client(KerberosEtype::Rc4Hmac).seal(b"a message").unwrap();
    assert_eq!((sealed.header.len(), sealed.data.len()), (45, 10));
    let first = bytes("603506092a864886f71201020202011100 1000ffff");
    assert_eq!(sealed.header[..first.len()], first);
}
