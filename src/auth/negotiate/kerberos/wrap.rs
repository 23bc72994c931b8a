//! Sealed messages (RFC 4121 4.2), in the form that MS-WSMV 2.2.9.1.2.2 cuts in two.

use super::super::LoginError;
use super::crypt::{Key, Usage};
use crate::auth::seal::Sealed;

/// The keys of a login, and how far its messages are counted.
#[derive(Debug)]
pub(super) struct Context {
    key: Key,
    /// Whether the key is one that the service has made.
    is_theirs: bool,
    /// The number of the next message to the server.
    next: u64,
    /// The least number that the next one of the server may have.
    expected: Option<u64>,
}

/// The head of a token, in bytes.
const HEAD: usize = 16;

/// What is encrypted before a message, and what follows it: the confounder, the head again, the code.
const CONFOUNDER: usize = 16;
const TAIL: usize = HEAD + 12;

/// What goes before the data: RFC 4121 lets a sender turn the bytes so that all that is added stands in
/// front (the field `RRC`), and Windows wants it so.
const HEADER: usize = HEAD + TAIL + CONFOUNDER;

const TOKEN: [u8; 2] = [5, 4];
const SENT_BY_ACCEPTOR: u8 = 1;
const IS_SEALED: u8 = 2;
const ACCEPTOR_KEY: u8 = 4;

impl Context {
    pub(super) fn new(key: Key, is_theirs: bool, next: u32, expected: Option<u32>) -> Self {
        Self {
            key,
            is_theirs,
            next: next.into(),
            expected: expected.map(u64::from),
        }
    }

    pub(super) fn seal(&mut self, message: &[u8]) -> Result<Sealed, LoginError> {
        let flags = match self.is_theirs {
            true => IS_SEALED | ACCEPTOR_KEY,
            false => IS_SEALED,
        };
        let head = Head {
            flags,
            extra: 0,
            turned: 0,
            number: self.next,
        };
        self.next += 1;
        let plain = [message, &head.write()].concat();
        let mut data = self.key.encrypt(Usage::InitiatorSeal, &plain)?;
        let by = TAIL.min(data.len());
        data.rotate_right(by);
        let turned = Head {
            turned: TAIL as u16,
            ..head
        };
        let token = [&turned.write()[..], &data].concat();
        match token.split_at_checked(HEADER) {
            Some((header, data)) => Ok(Sealed {
                header: header.to_vec(),
                data: data.to_vec(),
            }),
            None => Err(LoginError::new("the message cannot be sealed")),
        }
    }

    /// Opens a token, turned by as much as it says: MIT does not turn, and OMI cuts where it likes.
    pub(super) fn unseal(&mut self, token: &[u8]) -> Result<Vec<u8>, LoginError> {
        let broken = || LoginError::new("the seal of the answer is broken");
        let (head, data) = token.split_first_chunk::<HEAD>().ok_or_else(broken)?;
        let head = Head::read(head).ok_or_else(broken)?;
        let is_right_key = (head.flags & ACCEPTOR_KEY != 0) == self.is_theirs;
        if head.flags & SENT_BY_ACCEPTOR == 0 || head.flags & IS_SEALED == 0 || !is_right_key {
            return Err(broken());
        }
        if self.expected.is_some_and(|expected| head.number < expected) {
            return Err(LoginError::new("the sealed answer was sent before"));
        }
        let message = self.open(&head, data).ok_or_else(broken)?;
        self.expected = head.number.checked_add(1);
        Ok(message)
    }

    /// Signs a message (RFC 4121 4.2.6.1).
    pub(super) fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, LoginError> {
        let flags = match self.is_theirs {
            true => ACCEPTOR_KEY,
            false => 0,
        };
        let head = signature_head(flags, self.next);
        self.next += 1;
        let code = self
            .key
            .checksum(Usage::InitiatorSign, &[message, &head].concat())?;
        Ok([&head[..], &code].concat())
    }

    /// Checks a signature of the server's.
    pub(super) fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), LoginError> {
        let flags = match self.is_theirs {
            true => SENT_BY_ACCEPTOR | ACCEPTOR_KEY,
            false => SENT_BY_ACCEPTOR,
        };
        let wrong = || LoginError::new("the signature of the server is wrong");
        let number = signature
            .get(8..HEAD)
            .and_then(|number| number.first_chunk());
        let number = number
            .map(|number| u64::from_be_bytes(*number))
            .ok_or_else(wrong)?;
        if self.expected.is_some_and(|expected| number < expected) {
            return Err(wrong());
        }
        let head = signature_head(flags, number);
        let code = self
            .key
            .checksum(Usage::AcceptorSign, &[message, &head].concat())?;
        if signature != [&head[..], &code].concat() {
            return Err(wrong());
        }
        self.expected = number.checked_add(1);
        Ok(())
    }

    fn open(&self, head: &Head, data: &[u8]) -> Option<Vec<u8>> {
        // Windows turns by the filler, too, where there is one (MS-KILE 3.4.5.4.1).
        let extra = usize::from(head.extra);
        let turned = usize::from(head.turned);
        let turns = [turned, turned + extra];
        let plain = turns
            .iter()
            .take(1 + usize::from(extra != 0))
            .find_map(|by| {
                let mut data = data.to_vec();
                let by = by.checked_rem(data.len())?;
                data.rotate_left(by);
                self.key.decrypt(Usage::AcceptorSeal, &data).ok()
            })?;
        let (rest, inner) = plain.split_last_chunk::<HEAD>()?;
        let outer = Head { turned: 0, ..*head };
        if *inner != outer.write() {
            return None;
        }
        let length = rest.len().checked_sub(extra)?;
        rest.get(..length).map(<[u8]>::to_vec)
    }
}

/// The head of a token (RFC 4121 4.2.6.2).
#[derive(Clone, Copy, Debug)]
struct Head {
    flags: u8,
    /// How many bytes of filler follow the message (`EC`).
    extra: u16,
    /// By how many bytes the rest is turned to the right (`RRC`).
    turned: u16,
    number: u64,
}

impl Head {
    fn write(&self) -> [u8; HEAD] {
        let mut head = [0xFF; HEAD];
        let pieces = [
            &TOKEN[..],
            &[self.flags, 0xFF],
            &self.extra.to_be_bytes(),
            &self.turned.to_be_bytes(),
            &self.number.to_be_bytes(),
        ];
        for (to, from) in head.iter_mut().zip(pieces.concat()) {
            *to = from;
        }
        head
    }

    fn read(head: &[u8; HEAD]) -> Option<Self> {
        let [t0, t1, flags, _, e0, e1, r0, r1, number @ ..] = *head;
        ([t0, t1] == TOKEN).then_some(Self {
            flags,
            extra: u16::from_be_bytes([e0, e1]),
            turned: u16::from_be_bytes([r0, r1]),
            number: u64::from_be_bytes(number),
        })
    }
}

/// The head of a signature (RFC 4121 4.2.6.1).
fn signature_head(flags: u8, number: u64) -> [u8; HEAD] {
    let mut head = [0xFF; HEAD];
    let pieces = [&[4, 4, flags][..], &[0xFF; 5], &number.to_be_bytes()];
    for (to, from) in head.iter_mut().zip(pieces.concat()) {
        *to = from;
    }
    head
}

#[cfg(test)]
mod tests {
    use super::super::crypt::Etype;
    use super::*;

    fn key() -> Key {
        Key::new(Etype::Aes256, [9; 32]).unwrap()
    }

    /// What a server seals, with filler, and turned.
    fn sealed(number: u64, (extra, turned, by): (u16, u16, usize), message: &[u8]) -> Vec<u8> {
        let head = Head {
            flags: SENT_BY_ACCEPTOR | IS_SEALED | ACCEPTOR_KEY,
            extra,
            turned: 0,
            number,
        };
        let filler = vec![0; extra.into()];
        let plain = [message, &filler, &head.write()].concat();
        let mut data = key().encrypt(Usage::AcceptorSeal, &plain).unwrap();
        data.rotate_right(by);
        [&Head { turned, ..head }.write()[..], &data].concat()
    }

    fn context() -> Context {
        Context::new(key(), true, 5, Some(7))
    }

    #[test]
    fn an_answer_may_be_turned_in_any_way() {
        for form in [
            (0, 0, 0),
            (0, 28, 28),
            (0, 999, 999 % (16 + 6 + 28)),
            (16, 28, 28),
            (16, 28, 44),
        ] {
            let token = sealed(7, form, b"answer");
            assert_eq!(context().unseal(&token).unwrap(), b"answer", "{form:?}");
        }
    }

    #[test]
    fn answers_are_taken_in_their_order_alone() {
        let mut context = context();
        let tokens = [7, 8, 10].map(|number| sealed(number, (0, 28, 28), b"answer"));
        for token in &tokens {
            context.unseal(token).unwrap();
        }
        for token in &tokens {
            assert!(context.unseal(token).is_err());
        }
    }

    #[test]
    fn a_changed_answer_is_not_opened() {
        let token = sealed(7, (0, 28, 28), b"answer");
        for position in 0..token.len() {
            assert!(context().unseal(&token[..position]).is_err());
            // The fourth byte says nothing (RFC 4121 4.2.6.2 lets a reader pass over it).
            if position != 3 {
                let mut changed = token.clone();
                changed[position] ^= 4;
                assert!(context().unseal(&changed).is_err(), "{position}");
            }
        }
        // One's own messages, sent back.
        let own = context().seal(b"message").unwrap();
        assert!(context().unseal(&[own.header, own.data].concat()).is_err());
    }

    #[test]
    fn a_signature_is_of_one_message() {
        let head = signature_head(SENT_BY_ACCEPTOR | ACCEPTOR_KEY, 7);
        let code = key().checksum(Usage::AcceptorSign, &[b"list", &head[..]].concat());
        let signature = [&head[..], &code.unwrap()].concat();
        let mut context = context();
        assert!(context.verify(b"liszt", &signature).is_err());
        context.verify(b"list", &signature).unwrap();
        assert!(context.verify(b"list", &signature).is_err());
        let own = context.sign(b"list").unwrap();
        assert_eq!((own.len(), &own[..3]), (28, &[4, 4, ACCEPTOR_KEY][..]));
        assert!(context.verify(b"list", &own).is_err());
    }

    #[test]
    fn the_data_is_as_long_as_the_message() {
        let sealed = context().seal(b"a message").unwrap();
        assert_eq!((sealed.header.len(), sealed.data.len()), (60, 9));
        let first = [5, 4, 6, 0xFF, 0, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0, 5];
        assert_eq!(sealed.header[..16], first);
    }
}
