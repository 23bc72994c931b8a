//! Keytabs: files of long-lived keys, as MIT Kerberos, Samba and `ktpass` write them.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;
use zeroize::Zeroizing;

use super::KerberosEtype;
use super::limits::KEYTAB_KEYS as MOST_ENTRIES;
use super::negotiate::Key;

/// The keys of a keytab, for [`Credentials::keytab`](super::Credentials::keytab).
///
/// Clones share the keys, which are wiped from memory with the last of them and never shown.
///
/// ```
/// use wsman::auth::Keytab;
///
/// // One entry of `ops@EXAMPLE.TEST`, with a key of zeros.
/// let mut file = b"\x05\x02\0\0\0\x46\0\x01\0\x0cEXAMPLE.TEST\0\x03ops".to_vec();
/// file.extend(b"\0\0\0\x01\x65\0\0\0\x02\0\x12\0\x20");
/// file.extend([0; 32]);
/// file.extend(2_u32.to_be_bytes());
/// let keytab = Keytab::read(&file)?;
/// assert_eq!(keytab.principals(), ["ops@EXAMPLE.TEST"]);
/// # Ok::<(), wsman::auth::KeytabError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Keytab(Arc<[Entry]>);

/// A keytab that cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeytabError {
    /// The file does not start with the signature of a keytab.
    #[error("invalid keytab: expected a file that begins with the bytes 05 02")]
    NotAKeytab,
    /// The file has an old version, whose byte order depends on the machine that wrote it. Version
    /// 2 is supported.
    #[error("unsupported keytab version {0}: expected 2")]
    Version(u8),
    /// An entry is truncated.
    #[error("the keytab entry at byte {0} is truncated")]
    Cut(usize),
    /// The file cannot be read.
    #[error("the keytab cannot be read")]
    File(#[from] std::io::Error),
    /// The file is larger than the limit.
    #[error("the keytab is larger than {0} bytes")]
    TooLarge(u64),
    /// The file has more keys than the limit.
    #[error("the keytab has more than {0} keys")]
    TooManyKeys(usize),
}

/// Why a keytab has no key for a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// It has no key of the principal.
    NoPrincipal,
    /// The session does not allow the encryption type of the newest keys; the strongest of them.
    NotAllowed(KerberosEtype),
    /// The encryption type of the newest keys is not supported.
    NotSupported(i32),
}

#[derive(Clone, PartialEq, Eq)]
struct Entry {
    realm: String,
    name: Vec<String>,
    /// The version of the key (kvno): a new password gets a higher one.
    version: u32,
    /// When the entry was written, in seconds since 1970.
    time: u32,
    etype: i32,
    key: Zeroizing<Vec<u8>>,
}

impl Keytab {
    /// Parses the bytes of a keytab, which may have 65,536 keys.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are no keytab, have another version, or are truncated: see
    /// [`KeytabError`].
    pub fn read(bytes: &[u8]) -> Result<Self, KeytabError> {
        let mut rest = match bytes {
            [5, 2, rest @ ..] => Cursor(rest),
            [5, version, ..] => return Err(KeytabError::Version(*version)),
            _ => return Err(KeytabError::NotAKeytab),
        };
        let mut entries = Vec::new();
        while !rest.0.is_empty() {
            let start = bytes.len() - rest.0.len();
            let cut = || KeytabError::Cut(start);
            let size = rest.array().map(i32::from_be_bytes).ok_or_else(cut)?;
            // A negative size marks a deleted entry; a zero size ends the file.
            if size == 0 {
                break;
            }
            let length = usize::try_from(size.unsigned_abs()).map_err(|_| cut())?;
            let record = rest.take(length).ok_or_else(cut)?;
            if entries.len() == MOST_ENTRIES {
                return Err(KeytabError::TooManyKeys(MOST_ENTRIES));
            }
            if size > 0 {
                entries.push(Entry::read(Cursor(record)).ok_or_else(cut)?);
            }
        }
        Ok(Self(entries.into()))
    }

    /// Returns the principals of the keys, each once, such as `HTTP/host.example@EXAMPLE.TEST`.
    pub fn principals(&self) -> Vec<String> {
        let mut names: Vec<String> = self.0.iter().map(Entry::principal).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Writes the keys in the form of a file, which is as secret as the passwords, for programs that read
    /// keytabs, such as `kinit -kt` or a server.
    ///
    /// A name or a key of more than 65,535 bytes does not fit the form; its entry is left out.
    ///
    /// ```
    /// # #[cfg(feature = "simulator")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use wsman::auth::Keytab;
    /// use wsman::simulator::Realm;
    ///
    /// let kdc = Realm::new("EXAMPLE.TEST").user("ops", "secret").start().await?;
    /// let file = kdc.keytab().to_bytes();
    /// assert_eq!(Keytab::read(&file)?, kdc.keytab());
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "simulator"))]
    /// # fn main() {}
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![5, 2];
        for entry in self.0.iter() {
            let record = entry.to_bytes();
            let length = record.as_ref().and_then(|it| i32::try_from(it.len()).ok());
            if let (Some(record), Some(length)) = (record, length) {
                bytes.extend(length.to_be_bytes());
                bytes.extend(record.iter());
            }
        }
        bytes
    }

    /// Returns the keys of a realm's principals, such as `HTTP/localhost`.
    #[cfg(feature = "simulator")]
    pub(crate) fn of<'a>(realm: &str, keys: impl Iterator<Item = (&'a str, &'a Key)>) -> Self {
        let entry = |(name, key): (&str, &Key)| Entry {
            realm: realm.to_owned(),
            name: name.split('/').map(str::to_owned).collect(),
            version: 1,
            time: 0,
            etype: key.etype().number(),
            key: Zeroizing::new(key.bytes().to_vec()),
        };
        Self(keys.map(entry).collect())
    }

    /// Returns the keys of a principal of these encryption types, in their order, whatever their
    /// version.
    #[cfg(feature = "simulator")]
    pub(crate) fn keys(&self, realm: &str, name: &[&str], etypes: &[KerberosEtype]) -> Vec<Key> {
        let entries: Vec<&Entry> = self.of_principal(realm, name).collect();
        let of_kind = |etype| entries.iter().filter_map(move |entry| entry.key(etype));
        etypes.iter().copied().flat_map(of_kind).collect()
    }

    /// Returns the newest keys of a principal and their version: a KDC has no older ones. The keys
    /// are of these encryption types and in their order.
    pub(crate) fn newest(
        &self,
        realm: &str,
        name: &[&str],
        etypes: &[KerberosEtype],
    ) -> Result<(Vec<Key>, u32), NoKey> {
        let mut newest: Option<&Entry> = None;
        for entry in self.of_principal(realm, name) {
            if newest.is_none_or(|newest| entry.is_newer(newest)) {
                newest = Some(entry);
            }
        }
        let version = newest.ok_or(NoKey::NoPrincipal)?.version;
        let entries = self.of_principal(realm, name);
        let entries: Vec<&Entry> = entries.filter(|entry| entry.version == version).collect();
        let key_of = |etype: &KerberosEtype| entries.iter().find_map(|entry| entry.key(*etype));
        let keys: Vec<Key> = etypes.iter().filter_map(key_of).collect();
        if !keys.is_empty() {
            return Ok((keys, version));
        }
        let mut known: Vec<KerberosEtype> = Vec::new();
        known.extend(
            entries
                .iter()
                .filter_map(|entry| KerberosEtype::of(entry.etype)),
        );
        Err(match (known.iter().min(), entries.first()) {
            (Some(etype), _) => NoKey::NotAllowed(*etype),
            (None, Some(entry)) => NoKey::NotSupported(entry.etype),
            (None, None) => NoKey::NoPrincipal,
        })
    }

    fn of_principal(&self, realm: &str, name: &[&str]) -> impl Iterator<Item = &Entry> {
        let entries = self.0.iter();
        entries.filter(move |entry| entry.realm == realm && entry.name == name)
    }
}

impl Entry {
    fn read(mut rest: Cursor<'_>) -> Option<Self> {
        let parts = rest.number()?;
        let realm = rest.text()?;
        let name = (0..parts).map(|_| rest.text()).collect::<Option<_>>()?;
        let _kind = rest.take(4)?;
        let time = rest.array().map(u32::from_be_bytes)?;
        let [version] = rest.array::<1>()?;
        let etype = rest.number()?;
        let length = rest.number()?;
        let key = rest.take(length.into())?;
        // An entry with room for it has a 32-bit version, for versions above 255.
        let long = rest.array().map(u32::from_be_bytes);
        Some(Self {
            realm,
            name,
            version: long.filter(|long| *long != 0).unwrap_or(version.into()),
            time,
            etype: etype.into(),
            key: Zeroizing::new(key.to_vec()),
        })
    }

    /// Writes an entry as [`Entry::read`] reads it; `None` if a length does not fit.
    fn to_bytes(&self) -> Option<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(Vec::new());
        let mut counted = |text: &[u8]| {
            let length = u16::try_from(text.len()).ok()?;
            bytes.extend(length.to_be_bytes());
            bytes.extend(text);
            Some(())
        };
        counted(self.realm.as_bytes())?;
        for part in &self.name {
            counted(part.as_bytes())?;
        }
        let parts = u16::try_from(self.name.len()).ok()?;
        let mut bytes = Zeroizing::new([&parts.to_be_bytes()[..], &bytes].concat());
        // KRB_NT_PRINCIPAL.
        bytes.extend(1_u32.to_be_bytes());
        bytes.extend(self.time.to_be_bytes());
        // The old field of the version keeps its lowest byte.
        bytes.extend(self.version.to_be_bytes().last());
        bytes.extend(u16::try_from(self.etype).ok()?.to_be_bytes());
        bytes.extend(u16::try_from(self.key.len()).ok()?.to_be_bytes());
        bytes.extend(self.key.iter());
        bytes.extend(self.version.to_be_bytes());
        Some(bytes)
    }

    /// Returns the key, if it is of this encryption type.
    fn key(&self, etype: KerberosEtype) -> Option<Key> {
        let key = self.key.as_slice();
        (self.etype == etype.number()).then(|| Key::new(etype, key))?
    }

    /// Whether this key replaced the other one. A small version that was not written earlier than a
    /// large one has wrapped: old programs keep 8 or 16 bits.
    fn is_newer(&self, other: &Self) -> bool {
        let has_wrapped =
            |new: &Self, old: &Self| new.version < 128 && old.version > 240 && new.time >= old.time;
        if has_wrapped(self, other) || has_wrapped(other, self) {
            return has_wrapped(self, other);
        }
        self.version > other.version
    }

    fn principal(&self) -> String {
        [&self.name.join("/"), "@", &self.realm].concat()
    }
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    fn text(&mut self) -> Option<String> {
        let length = self.number()?;
        let bytes = self.take(length.into())?;
        String::from_utf8(bytes.to_vec()).ok()
    }
}

/// Shows the principals and no keys.
impl fmt::Debug for Keytab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keytab").field(&self.principals()).finish()
    }
}

#[cfg(test)]
mod tests;
