//! What the benches measure and no caller can reach. Not part of the API: it may change in any version.

use crate::auth::negotiate::Environment;
use crate::auth::negotiate::kerberos::{Context, ContextKey, KerberosEtype, Key, Role};
use crate::auth::negotiate::ntlm::flags;
use crate::auth::negotiate::ntlm::keys::{NtlmKeys, Side};
use crate::auth::seal::{MimeForm, Protocol, Sealer, seal, unseal};

/// Both ends of a sealed channel: the client seals, and the server opens.
pub struct Sealing(Ends);

enum Ends {
    Ntlm {
        client: Box<NtlmKeys>,
        server: Box<NtlmKeys>,
    },
    Kerberos {
        client: Box<Context>,
        server: Box<Context>,
    },
}

impl Sealing {
    /// Makes a channel with keys of NTLM.
    pub fn ntlm() -> Option<Self> {
        let flags = flags::KEY_128 | flags::KEY_EXCHANGE;
        let keys = |side| Box::new(NtlmKeys::new(&[7; 16], flags, side));
        Some(Self(Ends::Ntlm {
            client: keys(Side::Client),
            server: keys(Side::Server),
        }))
    }

    /// Makes a channel with a key of Kerberos, AES-256 with SHA-1.
    pub fn kerberos() -> Option<Self> {
        let context = |role| {
            let key = ContextKey {
                key: Key::new(KerberosEtype::Aes256Sha1, vec![7; 32])?,
                is_of_acceptor: true,
                role,
                next: 0,
                expected: Some(0),
                environment: Environment {
                    now: || std::time::UNIX_EPOCH,
                    monotonic: std::time::Instant::now,
                    fill: |bytes| {
                        bytes.fill(7);
                        true
                    },
                },
            };
            Some(Box::new(Context::new(key)))
        };
        Some(Self(Ends::Kerberos {
            client: context(Role::Initiator)?,
            server: context(Role::Acceptor)?,
        }))
    }

    /// Seals a message, into the body that is sent.
    pub fn seal(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        match &mut self.0 {
            Ends::Ntlm { client, .. } => sealed(client.as_mut(), message),
            Ends::Kerberos { client, .. } => sealed(client.as_mut(), message),
        }
    }

    /// Opens such a body.
    pub fn open(&mut self, body: &[u8]) -> Option<Vec<u8>> {
        match &mut self.0 {
            Ends::Ntlm { server, .. } => unseal(server.as_mut(), body, usize::MAX).ok(),
            Ends::Kerberos { server, .. } => unseal(server.as_mut(), body, usize::MAX).ok(),
        }
    }
}

fn sealed<S: Sealer>(sealer: &mut S, message: &[u8]) -> Option<Vec<u8>> {
    seal(sealer, Protocol::Spnego, MimeForm::Tabbed, message).ok()
}
