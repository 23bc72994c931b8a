//! Sealing with the keys of a login (MS-NLMP 3.4).

use super::crypt::{Block, Cipher, hmac_md5, md5};
use super::message::flags;
use crate::auth::seal::{Sealed, Sealer};

/// The server's side of a session: it opens what the client sealed, and seals what it answers.
pub(in crate::simulator::login) struct Session {
    incoming: Direction,
    outgoing: Direction,
}

/// The keys of one direction, and how many messages went in it.
struct Direction {
    signing_key: Block,
    cipher: Cipher,
    count: u32,
    seals_codes: bool,
}

/// The seal of a message is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator::login) struct Broken;

impl Session {
    pub(super) fn new(key: &Block, flags: u32) -> Self {
        Self {
            incoming: Direction::new(key, flags, "client-to-server"),
            outgoing: Direction::new(key, flags, "server-to-client"),
        }
    }

    /// The same keys as the client has them.
    #[cfg(test)]
    pub(super) fn of_client(key: &Block, flags: u32) -> Self {
        let Self { incoming, outgoing } = Self::new(key, flags);
        Self {
            incoming: outgoing,
            outgoing: incoming,
        }
    }
}

impl Direction {
    fn new(key: &Block, flags: u32, name: &str) -> Self {
        // With extended session security alone; the oldest keys are shortened (MS-NLMP 3.4.5.3).
        let length = match flags {
            _ if flags & flags::KEY_128 != 0 => 16,
            _ if flags & flags::KEY_56 != 0 => 7,
            _ => 5,
        };
        let derived = |key: &[u8], use_of_key: &str| {
            let constant = format!("session key to {name} {use_of_key} key magic constant\0");
            md5(&[key, constant.as_bytes()])
        };
        let shortened = key.get(..length).unwrap_or(key);
        Self {
            signing_key: derived(key, "signing"),
            cipher: Cipher::new(&derived(shortened, "sealing")),
            count: 0,
            seals_codes: flags & flags::KEY_EXCHANGE != 0,
        }
    }

    /// Encrypts a message; its signature (MS-NLMP 3.4.4.2).
    fn seal(&mut self, message: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut data = message.to_vec();
        self.cipher.apply(&mut data);
        (self.signature(message), data)
    }

    /// Decrypts a message; with the signature that it should have.
    fn unseal(&mut self, data: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut message = data.to_vec();
        self.cipher.apply(&mut message);
        (self.signature(&message), message)
    }

    /// The signature of the next message, which its data went through the cipher before.
    fn signature(&mut self, message: &[u8]) -> Vec<u8> {
        let count = self.count.to_le_bytes();
        self.count = self.count.wrapping_add(1);
        let code = hmac_md5(&self.signing_key, &[&count, message]);
        let mut code = code.first_chunk::<8>().copied().unwrap_or_default();
        if self.seals_codes {
            self.cipher.apply(&mut code);
        }
        [1_u32.to_le_bytes().as_slice(), &code, &count].concat()
    }
}

impl Sealer for Session {
    type Error = Broken;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, Broken> {
        let (header, data) = self.outgoing.seal(message);
        Ok(Sealed { header, data })
    }

    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, Broken> {
        let (expected, message) = self.incoming.unseal(data);
        match expected == header {
            true => Ok(message),
            false => Err(Broken),
        }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
