//! The published examples: RFC 3961 A, RFC 3962 B, RFC 8009 A. For RC4 those of MIT Kerberos, since
//! RFC 4757 has only that of a password.

use super::nfold::n_fold;
use super::*;
use crate::auth::negotiate::ntlm::tests::bytes;

use KerberosEtype::{Aes128Sha1, Aes128Sha256, Aes256Sha1, Aes256Sha384, Rc4Hmac};

const ALL: [KerberosEtype; 5] = [Aes256Sha384, Aes128Sha256, Aes256Sha1, Aes128Sha1, Rc4Hmac];

/// Returns ascending bytes from zero, as in the examples of RFC 8009.
fn counted(length: u8) -> Vec<u8> {
    (0..length).collect()
}

/// RFC 3961 A.1.
#[test]
fn n_fold_gives_the_published_bytes() {
    for (text, folded) in [
        ("012345", "be072631276b1955"),
        ("password", "78a07b6caf85fa"),
        ("Rough Consensus, and Running Code", "bb6ed30870b7f0e0"),
        ("password", "59e4a8ca7c0385c3c37b3f6d2000247cb6e6bd5b3e"),
        (
            "MASSACHVSETTS INSTITVTE OF TECHNOLOGY",
            "db3b0d8f0b061e603282b308a50841229ad798fab9540c1b",
        ),
        ("Q", "518a54a215a8452a518a54a215a8452a518a54a215"),
        ("ba", "fb25d531ae8974499f52fd92ea9857c4ba24cf297e"),
        ("kerberos", "6b65726265726f73"),
        ("kerberos", "6b65726265726f737b9b5b2b93132b93"),
        ("kerberos", "8372c236344e5f1550cd0747e15d62ca7a5a3bcea4"),
        (
            "kerberos",
            "6b65726265726f737b9b5b2b93132b935c9bdcdad95c9899c4cae4dee6d6cae4",
        ),
    ] {
        let folded = bytes(folded);
        assert_eq!(n_fold(text.as_bytes(), folded.len()), folded, "{text}");
    }
    assert_eq!(n_fold(b"", 4), [0; 4]);
    assert!(n_fold(b"a", 0).is_empty());
}

/// RFC 3962 B.
#[test]
fn passwords_give_the_published_keys_with_sha1() {
    let block = "X".repeat(64);
    let longer = "X".repeat(65);
    let salt = b"ATHENA.MIT.EDUraeburn";
    for (rounds, password, salt, short, long) in [
        (
            1,
            "password",
            &salt[..],
            "42263c6e89f4fc28b8df68ee09799f15",
            "fe697b52bc0d3ce14432ba036a92e65bbb52280990a2fa27883998d72af30161",
        ),
        (
            2,
            "password",
            salt,
            "c651bf29e2300ac27fa469d693bdda13",
            "a2e16d16b36069c135d5e9d2e25f896102685618b95914b467c67622225824ff",
        ),
        (
            1200,
            "password",
            salt,
            "4c01cd46d632d01e6dbe230a01ed642a",
            "55a6ac740ad17b4846941051e1e8b0a7548d93b0ab30a8bc3ff16280382b8c2a",
        ),
        (
            5,
            "password",
            b"\x124VxxV4\x12",
            "e9b23d52273747dd5c35cb55be619d8e",
            "97a4e786be20d81a382d5ebc96d5909cabcdadc87ca48f574504159f16c36e31",
        ),
        (
            1200,
            &block,
            b"pass phrase equals block size",
            "59d1bb789a828b1aa54ef9c2883f69ed",
            "89adee3608db8bc71f1bfbfe459486b05618b70cbae22092534e56c553ba4b34",
        ),
        (
            1200,
            &longer,
            b"pass phrase exceeds block size",
            "cb8005dc5f90179a7f02104c0018751d",
            "d78c5c9cb872a8c9dad4697f0bb5b2d21496c82beb2caeda2112fceea057401b",
        ),
        (
            50,
            "\u{1D11E}",
            b"EXAMPLE.COMpianist",
            "f149c1f2e154a73452d43e7fe62a56e5",
            "4b6d9839f84406df1f09cc166db4b83c571848b784a3d6bdc346589a3e393f9e",
        ),
    ] {
        for (length, key) in [(16, short), (32, long)] {
            let made = aes_sha1::key_of_password(length, password, salt, rounds).unwrap();
            assert_eq!(*made, bytes(key), "{password} {rounds} {length}");
        }
    }
}

/// RFC 3962 B, with the plain text "I would like the General Gau's Chicken, please, and wonton soup."
#[test]
fn ciphertext_stealing_gives_the_published_bytes() {
    let plain = b"I would like the General Gau's Chicken, please, and wonton soup.";
    for (length, sealed) in [
        (17, "c6353568f2bf8cb4d8a580362da7ff7f97"),
        (
            31,
            "fc00783e0efdb2c1d445d4c8eff7ed2297687268d6ecccc0c07b25e25ecfe5",
        ),
        (
            32,
            "39312523a78662d5be7fcbcc98ebf5a897687268d6ecccc0c07b25e25ecfe584",
        ),
        (
            47,
            "97687268d6ecccc0c07b25e25ecfe584b3fffd940c16a18c1b5549d2f838029e\
             39312523a78662d5be7fcbcc98ebf5",
        ),
        (
            48,
            "97687268d6ecccc0c07b25e25ecfe5849dad8bbb96c4cdc03bc103e1a194bbd8\
             39312523a78662d5be7fcbcc98ebf5a8",
        ),
        (
            64,
            "97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a8\
             4807efe836ee89a526730dbc2f7bc8409dad8bbb96c4cdc03bc103e1a194bbd8",
        ),
    ] {
        let mut data = plain[..length].to_vec();
        cts::encrypt(b"chicken teriyaki", &mut data).unwrap();
        assert_eq!(data, bytes(sealed), "{length}");
        cts::decrypt(b"chicken teriyaki", &mut data).unwrap();
        assert_eq!(data, plain[..length], "{length}");
    }
}

/// One block is plain AES, as in the example of FIPS 197 C.1; two blocks are the shortest stealing
/// case.
#[test]
fn one_block_alone_is_plain_cbc() {
    let key = bytes("000102030405060708090a0b0c0d0e0f");
    let plain = bytes("00112233445566778899aabbccddeeff");
    let mut data = plain.clone();
    cts::encrypt(&key, &mut data).unwrap();
    assert_eq!(data, bytes("69c4e0d86a7b0430d8cdb78070b4c55a"));
    cts::decrypt(&key, &mut data).unwrap();
    assert_eq!(data, plain);
    for length in 0..16 {
        assert_eq!(cts::encrypt(&key, &mut vec![0; length]), None);
        assert_eq!(cts::decrypt(&key, &mut vec![0; length]), None);
    }
    assert_eq!(cts::encrypt(&key[1..], &mut vec![0; 16]), None);
}

/// RFC 8009 A.
#[test]
fn passwords_give_the_published_keys_with_sha2() {
    let random = bytes("10df9dd783e5bc8acea1730e74355f61");
    let salt = [&random[..], b"ATHENA.MIT.EDUraeburn"].concat();
    for (etype, key) in [
        (Aes128Sha256, "089bca48b105ea6ea77ca5d2f39dc5e7"),
        (
            Aes256Sha384,
            "45bd806dbf6a833a9cffc1c94589a222367a79bc21c413718906e9f578a78467",
        ),
    ] {
        let made = Key::of_password(etype, "password", &salt).unwrap();
        assert_eq!(made.bytes(), bytes(key), "{etype}");
    }
}

const KEY_128: &str = "3705d96080c17728a0e800eab6e0d23c";
const KEY_256: &str = "6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52";

/// RFC 8009 A, with the usage 2.
#[test]
fn derived_keys_are_the_published_ones() {
    for (etype, key, derived) in [
        (
            Aes128Sha256,
            KEY_128,
            [
                "b31a018a48f54776f403e9a396325dc3",
                "9b197dd1e8c5609d6e67c3e37c62c72e",
                "9fda0e56ab2d85e1569a688696c26a6c",
            ],
        ),
        (
            Aes256Sha384,
            KEY_256,
            [
                "ef5718be86cc84963d8bbb5031e9f5c4ba41f28faf69e73d",
                "56ab22bee63d82d7bc5227f6773f8ea7a5eb1c825160c38312980c442e5c7e49",
                "69b16514e3cd8e56b82010d5c73012b622c4d00ffc23ed1f",
            ],
        ),
    ] {
        for (purpose, expected) in [0x99, 0xAA, 0x55].into_iter().zip(derived) {
            let made = aes_sha2::of_usage(etype, &bytes(key), 2, purpose).unwrap();
            assert_eq!(*made, bytes(expected), "{etype} {purpose:x}");
        }
    }
}

/// RFC 8009 A, with the usage 2.
#[test]
fn checksums_are_the_published_ones() {
    for (etype, key, code) in [
        (Aes128Sha256, KEY_128, "d78367186643d67b411cba9139fc1dee"),
        (
            Aes256Sha384,
            KEY_256,
            "45ee791567eefca37f4ac1e0222de80d43c3bfa06699672a",
        ),
    ] {
        let key = Key::new(etype, bytes(key)).unwrap();
        let code = bytes(code);
        assert_eq!(key.checksum(Usage::Ticket, &counted(21)).unwrap(), code);
        assert!(key.has_checksum(Usage::Ticket, &counted(21), &code));
        assert!(!key.has_checksum(Usage::Ticket, &counted(20), &code));
        assert!(!key.has_checksum(Usage::Ticket, &counted(21), &code[1..]));
    }
}

/// RFC 8009 A, with the usage 2: an empty plain text, one shorter than a block, one block, and more.
#[test]
fn sealed_messages_are_the_published_ones() {
    for (etype, key, length, confounder, sealed) in [
        (
            Aes128Sha256,
            KEY_128,
            0,
            "7e5895eaf2672435bad817f545a37148",
            "ef85fb890bb8472f4dab20394dca781dad877eda39d50c870c0d5a0a8e48c718",
        ),
        (
            Aes128Sha256,
            KEY_128,
            6,
            "7bca285e2fd4130fb55b1a5c83bc5b24",
            "84d7f30754ed987bab0bf3506beb09cfb55402cef7e6877ce99e247e52d16ed4421dfdf8976c",
        ),
        (
            Aes128Sha256,
            KEY_128,
            16,
            "56ab21713ff62c0a1457200f6fa9948f",
            "3517d640f50ddc8ad3628722b3569d2ae07493fa8263254080ea65c1008e8fc2\
             95fb4852e7d83e1e7c48c37eebe6b0d3",
        ),
        (
            Aes128Sha256,
            KEY_128,
            21,
            "a7a4e29a4728ce10664fb64e49ad3fac",
            "720f73b18d9859cd6ccb4346115cd336c70f58edc0c4437c5573544c31c813bc\
             e1e6d072c186b39a413c2f92ca9b8334a287ffcbfc",
        ),
        (
            Aes256Sha384,
            KEY_256,
            0,
            "f764e9fa15c276478b2c7d0c4e5f58e4",
            "41f53fa5bfe7026d91faf9be959195a058707273a96a40f0a01960621ac61274\
             8b9bbfbe7eb4ce3c",
        ),
        (
            Aes256Sha384,
            KEY_256,
            6,
            "b80d3251c1f6471494256ffe712d0b9a",
            "4ed7b37c2bcac8f74f23c1cf07e62bc7b75fb3f637b9f559c7f664f69eab7b60\
             92237526ea0d1f61cb20d69d10f2",
        ),
        (
            Aes256Sha384,
            KEY_256,
            16,
            "53bf8a0d105265d4e276428624ce5e63",
            "bc47ffec7998eb91e8115cf8d19dac4bbbe2e163e87dd37f49beca92027764f6\
             8cf51f14d798c2273f35df574d1f932e40c4ff255b36a266",
        ),
        (
            Aes256Sha384,
            KEY_256,
            21,
            "763e65367e864f02f55153c7e3b58af1",
            "40013e2df58e8751957d2878bcd2d6fe101ccfd556cb1eae79db3c3ee86429f2\
             b2a602ac86fef6ecb647d6295fae077a1feb517508d2c16b4192e01f62",
        ),
    ] {
        let key = Key::new(etype, bytes(key)).unwrap();
        let confounder = bytes(confounder).try_into().unwrap();
        let plain = counted(length);
        let data = key.encrypt(Usage::Ticket, &confounder, &plain).unwrap();
        assert_eq!(data, bytes(sealed), "{etype} {length}");
        assert_eq!(key.decrypt(Usage::Ticket, &data), Some(plain));
    }
}

/// RFC 4757 2.
#[test]
fn a_password_gives_the_published_key_of_rc4() {
    let key = Key::of_password(Rc4Hmac, "foo", b"a salt that is not used").unwrap();
    assert_eq!(key.bytes(), bytes("ac8e657f83df82beea5d43bdaf7800cc"));
}

/// The examples of MIT Kerberos (`t_decrypt.c`), and checksums that its library computes.
#[test]
fn rc4_opens_and_signs_what_mit_kerberos_does() {
    for (usage, plain, key, sealed) in [
        (
            Usage::AsTimestamp,
            "1",
            "67d1300d281223867f9647ff48721273",
            "6156e0cc04e0a0874f9fda008f498a7adbbc80b70b14dddbc0",
        ),
        (
            Usage::Ticket,
            "9 bytesss",
            "3e40ab6093695281b3ac1a9304224d98",
            "0f9ad121d99d4a09448e4f1f718c4f5cbe6096262c66f29df232a87c9f98755d55",
        ),
        (
            Usage::AsReply,
            "13 bytes byte",
            "4ba2fbf0379faed87a254d3b353d5a7e",
            "612c57568b17a70352bae8cf26fb9459a6f3353cd35fd439db3107cbec765d326dfc04c1dd",
        ),
    ] {
        let key = Key::new(Rc4Hmac, bytes(key)).unwrap();
        let opened = key.decrypt(usage, &bytes(sealed));
        assert_eq!(opened.as_deref(), Some(plain.as_bytes()));
    }
    let key = Key::new(Rc4Hmac, bytes("f7d3a155af5e238a0b7a871a96ba2ab2")).unwrap();
    for (usage, code) in [
        (Usage::AsTimestamp, "a0d6575bf80153e3e2e47246aaeb77cb"),
        (Usage::AsReply, "21ee67e555425e5446473cc69bdd7c6c"),
        (Usage::TgsChecksum, "b60752d21a4de0cd3f99f51cde06af62"),
        (Usage::AcceptorSign, "315d81ee8598aebf957b8e9140da948c"),
    ] {
        let made = key.checksum(usage, b"fifteen sixteen").unwrap();
        assert_eq!(made, bytes(code), "{usage:?}");
    }
}

#[test]
fn rejects_a_changed_ciphertext() {
    for etype in ALL {
        let key = Key::new(etype, vec![7; etype.key_length()]).unwrap();
        for length in [0, 1, 8, 15, 16, 17, 31, 32, 33] {
            let plain = counted(length);
            let data = key.encrypt(Usage::Ticket, &[9; 16], &plain).unwrap();
            assert_eq!(key.decrypt(Usage::Ticket, &data).as_ref(), Some(&plain));
            assert_eq!(key.decrypt(Usage::AsReply, &data), None);
            for position in 0..data.len() {
                let mut changed = data.clone();
                changed[position] ^= 1;
                assert_eq!(key.decrypt(Usage::Ticket, &changed), None, "{etype}");
                assert_eq!(key.decrypt(Usage::Ticket, &data[..position]), None);
            }
        }
        assert!(Key::new(etype, vec![7; etype.key_length() - 1]).is_none());
    }
}

#[test]
fn a_key_is_not_shown() {
    let key = Key::of_password(Rc4Hmac, "foo", b"").unwrap();
    assert_eq!(format!("{key:?}"), "Key(Rc4Hmac, ***)");
}
