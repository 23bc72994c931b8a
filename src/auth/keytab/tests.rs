//! Reading, choosing and writing keys.

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
fn is_written_as_it_is_read() {
    let records: [&[u8]; 4] = [
        &entry(&SERVICE, (3, None), 18, &[1; 32]),
        &entry(&["ops"], (44, Some(300)), 17, &[2; 16]),
        &entry(&[], (0, None), 3, &[]),
        &entry(&["ops"], (255, Some(255)), 23, &[4; 16]),
    ];
    let keytab = Keytab::read(&file(&records)).unwrap();
    assert_eq!(keytab.0.len(), 4);
    assert_eq!(Keytab::read(&keytab.to_bytes()).unwrap(), keytab);
    // What was read with both versions is written byte for byte.
    let whole = file(&[&entry(&["ops"], (44, Some(300)), 17, &[2; 16])]);
    assert_eq!(Keytab::read(&whole).unwrap().to_bytes(), whole);
    let long = "x".repeat(70_000);
    let mut entries = keytab.0.to_vec();
    entries[0].name = vec![long];
    let cut = Keytab(entries.into()).to_bytes();
    assert!(Keytab::read(&cut).unwrap().0[..] == keytab.0[1..]);
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
