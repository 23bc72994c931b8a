//! Keytabs: files of long-lived keys, as MIT Kerberos, Samba and `ktpass` write them.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;
use zeroize::Zeroizing;

use super::KerberosEtype;
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

/// The limit of keys.
const MOST_ENTRIES: usize = 65_536;

#[derive(PartialEq, Eq)]
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
mod tests {
    use super::*;

    fn entry(name: &[&str], (version, long): (u8, Option<u32>), etype: u16, key: &[u8]) -> Vec<u8> {
        let text = |text: &str| {
            let length = u16::try_from(text.len()).unwrap();
            [&length.to_be_bytes()[..], text.as_bytes()].concat()
        };
        let mut bytes = u16::try_from(name.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend(text("EXAMPLE.TEST"));
        name.iter().for_each(|part| bytes.extend(text(part)));
        bytes.extend([0, 0, 0, 1, 0, 0, 0, 0, version]);
        bytes.extend(etype.to_be_bytes());
        bytes.extend(u16::try_from(key.len()).unwrap().to_be_bytes());
        bytes.extend(key);
        bytes.extend(long.into_iter().flat_map(u32::to_be_bytes));
        let length = i32::try_from(bytes.len()).unwrap();
        [&length.to_be_bytes()[..], &bytes].concat()
    }

    fn file(records: &[&[u8]]) -> Vec<u8> {
        [&[5, 2][..], &records.concat()].concat()
    }

    const SERVICE: [&str; 2] = ["HTTP", "host.example"];

    /// Returns the keys of the service, each by its first byte, and their version.
    fn newest(records: &[&[u8]], etypes: &[KerberosEtype]) -> Result<(Vec<u8>, u32), NoKey> {
        let keytab = Keytab::read(&file(records)).unwrap();
        let (keys, version) = keytab.newest("EXAMPLE.TEST", &SERVICE, etypes)?;
        Ok((keys.iter().map(|key| key.bytes()[0]).collect(), version))
    }

    #[test]
    fn only_keys_of_the_newest_version_are_used() {
        let default = KerberosEtype::DEFAULT;
        let rc4 = [KerberosEtype::Rc4Hmac, KerberosEtype::Aes128Sha1];
        let hole = [&(-7_i32).to_be_bytes()[..], &[9; 7]].concat();
        let records: [&[u8]; 7] = [
            &entry(&SERVICE, (3, None), 18, &[1; 32]),
            &entry(&SERVICE, (4, None), 17, &[2; 16]),
            &entry(&SERVICE, (4, Some(0)), 23, &[3; 16]),
            &hole,
            &entry(&["ops"], (9, None), 18, &[5; 32]),
            &[0; 4],
            b"what is left of a longer one",
        ];
        // The stronger key of an older version is not the account's any more.
        assert_eq!(newest(&records, &default), Ok((vec![2], 4)));
        // A weak key is used only if the caller asks for it.
        assert_eq!(newest(&records, &rc4), Ok((vec![3, 2], 4)));
        let keytab = Keytab::read(&file(&records)).unwrap();
        let principals = ["HTTP/host.example@EXAMPLE.TEST", "ops@EXAMPLE.TEST"];
        assert_eq!(keytab.principals(), principals);
        let shown = format!("{keytab:?}");
        assert!(
            shown.contains("ops@EXAMPLE.TEST") && !shown.contains('3'),
            "{shown}"
        );
    }

    #[test]
    fn a_version_is_long_or_wraps() {
        let default = KerberosEtype::DEFAULT;
        let long = entry(&SERVICE, (255, Some(300)), 18, &[1; 32]);
        let short = entry(&SERVICE, (200, None), 18, &[2; 32]);
        let wrapped = entry(&SERVICE, (3, None), 18, &[3; 32]);
        assert_eq!(newest(&[&short, &long], &default), Ok((vec![1], 300)));
        assert_eq!(newest(&[&wrapped, &short], &default), Ok((vec![2], 200)));
        for records in [[&long, &wrapped], [&wrapped, &long]] {
            assert_eq!(
                newest(&records.map(Vec::as_slice), &default),
                Ok((vec![3], 3))
            );
        }
        // A small version that was written earlier has not wrapped.
        let mut earlier = long.clone();
        let time = earlier.len() - 32 - 4 - 4 - 1 - 4;
        earlier[time + 3] = 1;
        assert_eq!(newest(&[&earlier, &wrapped], &default), Ok((vec![1], 300)));
    }

    #[test]
    fn an_error_says_why_no_key_can_be_used() {
        use NoKey::{NoPrincipal, NotAllowed, NotSupported};
        let default = KerberosEtype::DEFAULT;
        let of = |etype: u16, key: &[u8]| entry(&SERVICE, (2, None), etype, key);
        let old = entry(&SERVICE, (1, None), 18, &[1; 32]);
        let other = entry(&["ops"], (1, None), 18, &[1; 32]);
        let rc4 = of(23, &[2; 16]);
        let sha2 = of(20, &[3; 32]);
        let des = of(3, &[4; 8]);
        for (records, etypes, expected) in [
            (vec![&other], &default[..], NoPrincipal),
            (
                vec![&old, &rc4],
                &default,
                NotAllowed(KerberosEtype::Rc4Hmac),
            ),
            (
                vec![&sha2],
                &[KerberosEtype::Aes256Sha1],
                NotAllowed(KerberosEtype::Aes256Sha384),
            ),
            (vec![&des], &default, NotSupported(3)),
        ] {
            let records: Vec<&[u8]> = records.into_iter().map(Vec::as_slice).collect();
            assert_eq!(newest(&records, etypes), Err(expected));
        }
    }

    #[test]
    fn the_number_of_keys_is_limited() {
        let one = entry(&["o"], (1, None), 1, &[]);
        let most = file(&vec![one.as_slice(); MOST_ENTRIES]);
        assert!(Keytab::read(&most).is_ok());
        let more = [most, one].concat();
        assert!(matches!(
            Keytab::read(&more),
            Err(KeytabError::TooManyKeys(_))
        ));
    }

    #[test]
    fn rejects_an_invalid_keytab() {
        assert!(matches!(Keytab::read(b""), Err(KeytabError::NotAKeytab)));
        assert!(matches!(
            Keytab::read(b"\x05\x01"),
            Err(KeytabError::Version(1))
        ));
        assert!(Keytab::read(b"\x05\x02").unwrap().principals().is_empty());
        let whole = file(&[&entry(&["ops"], (1, None), 18, &[5; 32])]);
        for end in 3..whole.len() {
            let error = Keytab::read(&whole[..end]).unwrap_err();
            assert!(matches!(error, KeytabError::Cut(2)), "{end}: {error}");
        }
        // A key of the wrong length, and a name that is no text.
        let short = file(&[&entry(&["ops"], (1, None), 18, &[5; 31])]);
        let short = Keytab::read(&short).unwrap();
        let keys = short.newest("EXAMPLE.TEST", &["ops"], &KerberosEtype::DEFAULT);
        assert!(keys.is_err());
        let minimum = [&[5, 2][..], &i32::MIN.to_be_bytes()].concat();
        assert!(matches!(Keytab::read(&minimum), Err(KeytabError::Cut(2))));
    }

    #[test]
    fn a_changed_byte_never_panics() {
        let whole = file(&[&entry(&["HTTP", "host"], (1, Some(7)), 18, &[5; 32])]);
        let mut read = 0;
        for position in 0..whole.len() {
            for value in [0, 1, 0x7F, 0x80, 0xFF] {
                let mut changed = whole.clone();
                changed[position] = value;
                read += usize::from(Keytab::read(&changed).is_ok());
            }
        }
        assert!(read > whole.len(), "{read}");
    }
}
