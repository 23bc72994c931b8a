//! `seal_ntlm` and `seal_kerberos`: sealing and opening a message of 100 KiB.
//!
//! The other side of the ratio runs the ciphers and the hashes alone, over buffers of the same size that
//! exist already: RC4 and HMAC-MD5 as in MS-NLMP 3.4, AES-256-CBC and HMAC-SHA1 as in RFC 3962, once for
//! each direction.

use std::hint::black_box;

use aes::Aes256;
use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, StreamCipher};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use rc4::Rc4;
use sha1::Sha1;
use wsman::doc_examples::sealing::Sealing;

use super::Outcome;
use super::measure::{self, Measured};

/// The length of a message.
const LENGTH: usize = 100 << 10;

/// The messages of one round.
const MESSAGES: usize = 10;

const ROUNDS: usize = 101;

pub(super) fn ntlm() -> Outcome<Measured> {
    let key = [7; 16];
    let mut cipher = Rc4::new_from_slice(&key)?;
    let mut buffer = vec![0x5A; LENGTH];
    let theirs = || {
        for _ in 0..MESSAGES {
            for _sealed_or_opened in 0..2 {
                cipher.apply_keystream(black_box(&mut buffer));
                let mut mac = Hmac::<Md5>::new_from_slice(&key)?;
                mac.update(&buffer);
                black_box(mac.finalize());
            }
        }
        Ok(())
    };
    against(Sealing::ntlm(), theirs)
}

pub(super) fn kerberos() -> Outcome<Measured> {
    let (key, start) = ([7; 32], [0; 16]);
    let mut buffer = vec![0x5A; LENGTH];
    let theirs = || {
        for _ in 0..MESSAGES {
            let mut encryptor = cbc::Encryptor::<Aes256>::new(&key.into(), &start.into());
            encryptor.encrypt_blocks(blocks(black_box(&mut buffer)));
            hash(&buffer)?;
            let mut decryptor = cbc::Decryptor::<Aes256>::new(&key.into(), &start.into());
            decryptor.decrypt_blocks(blocks(black_box(&mut buffer)));
            hash(&buffer)?;
        }
        Ok(())
    };
    against(Sealing::kerberos(), theirs)
}

fn blocks(buffer: &mut [u8]) -> &mut [Array<u8, U16>] {
    Array::slice_as_chunks_mut(buffer).0
}

fn hash(buffer: &[u8]) -> Outcome<()> {
    let mut mac = Hmac::<Sha1>::new_from_slice(&[7; 32])?;
    mac.update(buffer);
    black_box(mac.finalize());
    Ok(())
}

fn against(sealing: Option<Sealing>, theirs: impl FnMut() -> Outcome<()>) -> Outcome<Measured> {
    let mut sealing = sealing.ok_or("no keys")?;
    let message = vec![0x5A; LENGTH];
    let ours = || {
        for _ in 0..MESSAGES {
            let sealed = sealing.seal(black_box(&message)).ok_or("not sealed")?;
            let opened = sealing.open(&sealed).ok_or("not opened")?;
            if opened.len() != LENGTH {
                return Err("another message".into());
            }
            black_box(opened);
        }
        Ok(())
    };
    measure::ratio(ROUNDS, measure::wall(), ours, theirs)
}
