//! The encryption types.

use std::fmt;

/// A Kerberos encryption type (RFC 3961), ordered from the strongest to the weakest.
///
/// A login uses those of
/// [`SessionBuilder::kerberos_etypes`](crate::SessionBuilder::kerberos_etypes), which defaults to
/// [`DEFAULT`](Self::DEFAULT).
///
/// ```
/// use wsman::auth::KerberosEtype;
///
/// assert_eq!(KerberosEtype::Aes256Sha1.to_string(), "aes256-cts-hmac-sha1-96");
/// assert!(!KerberosEtype::DEFAULT.contains(&KerberosEtype::Rc4Hmac));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum KerberosEtype {
    /// `aes256-cts-hmac-sha384-192` (RFC 8009).
    Aes256Sha384,
    /// `aes128-cts-hmac-sha256-128` (RFC 8009).
    Aes128Sha256,
    /// `aes256-cts-hmac-sha1-96` (RFC 3962), which every current KDC supports.
    Aes256Sha1,
    /// `aes128-cts-hmac-sha1-96` (RFC 3962).
    Aes128Sha1,
    /// `rc4-hmac` (RFC 4757): weak, deprecated by RFC 8429, and used only if the caller names it.
    Rc4Hmac,
}

impl KerberosEtype {
    /// The encryption types that a login uses by default: AES with SHA-2 and with SHA-1.
    pub const DEFAULT: [Self; 4] = [
        Self::Aes256Sha384,
        Self::Aes128Sha256,
        Self::Aes256Sha1,
        Self::Aes128Sha1,
    ];

    const ALL: [Self; 5] = [
        Self::Aes256Sha384,
        Self::Aes128Sha256,
        Self::Aes256Sha1,
        Self::Aes128Sha1,
        Self::Rc4Hmac,
    ];

    /// All encryption types, for servers, which accept those in their keytab.
    #[cfg(feature = "simulator")]
    pub(crate) fn all() -> &'static [Self] {
        &Self::ALL
    }

    pub(crate) fn of(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|etype| etype.number() == number)
    }

    /// The number of the encryption type (RFC 3962 7, RFC 8009 6, RFC 4757 8).
    pub(crate) fn number(self) -> i32 {
        match self {
            Self::Aes256Sha384 => 20,
            Self::Aes128Sha256 => 19,
            Self::Aes256Sha1 => 18,
            Self::Aes128Sha1 => 17,
            Self::Rc4Hmac => 23,
        }
    }

    /// The number of its checksum type.
    pub(crate) fn checksum_number(self) -> i32 {
        match self {
            Self::Aes256Sha384 => 20,
            Self::Aes128Sha256 => 19,
            Self::Aes256Sha1 => 16,
            Self::Aes128Sha1 => 15,
            Self::Rc4Hmac => -138,
        }
    }

    /// The length of its keys in bytes.
    pub(crate) fn key_length(self) -> usize {
        match self {
            Self::Aes256Sha384 | Self::Aes256Sha1 => 32,
            Self::Aes128Sha256 | Self::Aes128Sha1 | Self::Rc4Hmac => 16,
        }
    }

    /// The length of its checksums in bytes.
    pub(crate) fn code_length(self) -> usize {
        match self {
            Self::Aes256Sha384 => 24,
            Self::Aes128Sha256 | Self::Rc4Hmac => 16,
            Self::Aes256Sha1 | Self::Aes128Sha1 => 12,
        }
    }

    /// The length of the random bytes before a message.
    pub(super) fn confounder_length(self) -> usize {
        match self {
            Self::Rc4Hmac => 8,
            Self::Aes256Sha384 | Self::Aes128Sha256 | Self::Aes256Sha1 | Self::Aes128Sha1 => 16,
        }
    }

    /// The default number of rounds to derive a key from a password (RFC 3962 4, RFC 8009 4).
    pub(crate) fn rounds(self) -> u32 {
        match self {
            Self::Aes256Sha384 | Self::Aes128Sha256 => 0x8000,
            Self::Aes256Sha1 | Self::Aes128Sha1 => 0x1000,
            Self::Rc4Hmac => 0,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Aes256Sha384 => "aes256-cts-hmac-sha384-192",
            Self::Aes128Sha256 => "aes128-cts-hmac-sha256-128",
            Self::Aes256Sha1 => "aes256-cts-hmac-sha1-96",
            Self::Aes128Sha1 => "aes128-cts-hmac-sha1-96",
            Self::Rc4Hmac => "rc4-hmac",
        }
    }
}

/// Writes the name in the IANA registry.
impl fmt::Display for KerberosEtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
