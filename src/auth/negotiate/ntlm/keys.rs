//! Seals and signs with the keys of a login (MS-NLMP 3.4).

use std::fmt;

use zeroize::Zeroizing;

use super::crypt::{Block, Cipher, hmac_md5, md5};
use super::flags;
use crate::auth::negotiate::kerberos::is_same;
use crate::auth::seal::{Sealed, Sealer};

/// The sender of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    #[cfg_attr(not(feature = "simulator"), allow(dead_code, reason = "for servers"))]
    Server,
}

/// The keys of a login with extended session security: one side unseals what the other sealed.
pub(crate) struct NtlmKeys {
    incoming: Direction,
    outgoing: Direction,
}

/// The keys and the sequence number of one direction.
struct Direction {
    signing_key: Zeroizing<Block>,
    sealing_key: Zeroizing<Block>,
    cipher: Cipher,
    count: u32,
    seals_codes: bool,
}

/// The seal or the signature of a message is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

impl NtlmKeys {
    pub(crate) fn new(key: &Block, flags: u32, side: Side) -> Self {
        let from_client = Direction::new(key, flags, "client-to-server");
        let from_server = Direction::new(key, flags, "server-to-client");
        let (incoming, outgoing) = match side {
            Side::Client => (from_server, from_client),
            Side::Server => (from_client, from_server),
        };
        Self { incoming, outgoing }
    }

    /// Signs SPNEGO's list of mechanisms. Afterwards the cipher restarts, and the sequence number
    /// continues (MS-SPNG 3.3.5.1).
    pub(crate) fn sign(&mut self, message: &[u8]) -> Vec<u8> {
        let signature = self.outgoing.signature(message);
        self.outgoing.restart();
        signature
    }

    /// Verifies the other side's signature of that list.
    pub(crate) fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), Broken> {
        let expected = self.incoming.signature(message);
        self.incoming.restart();
        if is_same(&expected, signature) {
            Ok(())
        } else {
            Err(Broken)
        }
    }
}

impl Direction {
    fn new(key: &Block, flags: u32, name: &str) -> Self {
        // Only with extended session security; older keys are shortened (MS-NLMP 3.4.5.3).
        let length = match flags {
            _ if flags & flags::KEY_128 != 0 => 16,
            _ if flags & flags::KEY_56 != 0 => 7,
            _ => 5,
        };
        let derived = |key: &[u8], use_of_key: &str| {
            let constant = format!("session key to {name} {use_of_key} key magic constant\0");
            Zeroizing::new(md5(&[key, constant.as_bytes()]))
        };
        let sealing_key = derived(key.get(..length).unwrap_or(key), "sealing");
        Self {
            signing_key: derived(key, "signing"),
            cipher: Cipher::new(sealing_key.as_slice()),
            sealing_key,
            count: 0,
            seals_codes: flags & flags::KEY_EXCHANGE != 0,
        }
    }

    fn restart(&mut self) {
        self.cipher = Cipher::new(self.sealing_key.as_slice());
    }

    /// Encrypts a message; returns it with its signature (MS-NLMP 3.4.4.2).
    fn seal(&mut self, message: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut data = message.to_vec();
        self.cipher.apply(&mut data);
        (self.signature(message), data)
    }

    /// Decrypts a message; returns it with its expected signature.
    fn unseal(&mut self, data: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut message = data.to_vec();
        self.cipher.apply(&mut message);
        (self.signature(&message), message)
    }

    /// Returns the signature of the next message, whose data went through the cipher first.
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

impl Sealer for NtlmKeys {
    type Error = Broken;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, Broken> {
        let (header, data) = self.outgoing.seal(message);
        Ok(Sealed {
            header,
            data: data.into(),
        })
    }

    fn unseal(&mut self, header: &[u8], data: &[u8]) -> Result<Vec<u8>, Broken> {
        let (expected, message) = self.incoming.unseal(data);
        if is_same(&expected, header) {
            Ok(message)
        } else {
            Err(Broken)
        }
    }
}

impl fmt::Debug for NtlmKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NtlmKeys").finish_non_exhaustive()
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid signature: the message was changed or reordered")
    }
}
