//! AES in CBC mode with ciphertext stealing, as in Kerberos (CS3, RFC 3962 5), with a zero vector.
//!
//! A single block is plain CBC.

use aes::cipher::array::Array;
use aes::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt as _, BlockModeEncrypt as _,
    InnerIvInit as _, KeyInit, typenum::U16,
};
use aes::{Aes128, Aes256};

/// The length of a block in bytes.
pub(super) const BLOCK: usize = 16;

/// Encrypts the data in place (at least one block), with a key of 16 or 32 bytes.
pub(super) fn encrypt(key: &[u8], data: &mut Vec<u8>) -> Option<()> {
    match key.len() {
        16 => encrypt_with(&Aes128::new_from_slice(key).ok()?, data),
        32 => encrypt_with(&Aes256::new_from_slice(key).ok()?, data),
        _ => None,
    }
}

/// Decrypts the data in place.
pub(super) fn decrypt(key: &[u8], data: &mut Vec<u8>) -> Option<()> {
    match key.len() {
        16 => decrypt_with(&Aes128::new_from_slice(key).ok()?, data),
        32 => decrypt_with(&Aes256::new_from_slice(key).ok()?, data),
        _ => None,
    }
}

fn encrypt_with<C: BlockCipherEncrypt<BlockSize = U16>>(
    cipher: &C,
    data: &mut Vec<u8>,
) -> Option<()> {
    let length = data.len();
    if length < BLOCK {
        return None;
    }
    data.resize(length.next_multiple_of(BLOCK), 0);
    let (blocks, _) = Array::<u8, U16>::slice_as_chunks_mut(data);
    let mut cbc = cbc::Encryptor::inner_iv_slice_init(cipher, &[0; BLOCK]).ok()?;
    cbc.encrypt_blocks(blocks);
    // Swaps the last two blocks, and cuts the padding off the one that is now last.
    if let [.., before, last] = blocks {
        std::mem::swap(before, last);
    }
    data.truncate(length);
    Some(())
}

fn decrypt_with<C: BlockCipherDecrypt<BlockSize = U16>>(
    cipher: &C,
    data: &mut Vec<u8>,
) -> Option<()> {
    let length = data.len();
    if length < BLOCK {
        return None;
    }
    let kept = match length % BLOCK {
        0 => BLOCK,
        kept => kept,
    };
    data.resize(length.next_multiple_of(BLOCK), 0);
    let (blocks, _) = Array::<u8, U16>::slice_as_chunks_mut(data);
    if let [.., before, last] = blocks {
        // The missing end of the cut block is recovered from the zero padding.
        let mut whole = *before;
        cipher.decrypt_block(&mut whole);
        for (to, from) in last.iter_mut().zip(&whole).skip(kept) {
            *to = *from;
        }
        std::mem::swap(before, last);
    }
    let mut cbc = cbc::Decryptor::inner_iv_slice_init(cipher, &[0; BLOCK]).ok()?;
    cbc.decrypt_blocks(blocks);
    data.truncate(length);
    Some(())
}
