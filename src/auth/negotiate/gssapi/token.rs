//! Splits sealed Kerberos messages (RFC 4121 4.2.6.2) into the two parts of WS-Management.

use crate::auth::seal::Sealed;

/// The length of the unencrypted header, in bytes.
const HEADER: usize = 16;

/// The length of the encrypted confounder before the message: one block of AES or Camellia.
const CONFOUNDER: usize = 16;

/// The header flag of an encrypted message.
const IS_SEALED: u8 = 0x02;

/// Splits the output of `gss_wrap` for a message of `length` bytes; `None` if it is not sealed as
/// required.
///
/// The bytes after the encrypted message are rotated before it, so that the data is as long as the
/// message (MS-WSMV 2.2.9.1.2.2.2). The rotation count is not signed.
pub(super) fn cut(mut token: Vec<u8>, length: usize) -> Option<Sealed> {
    let behind = token.len().checked_sub(HEADER + CONFOUNDER + length)?;
    let (head, rotated) = token.split_first_chunk_mut::<HEADER>()?;
    let [5, 4, flags, 0xFF, 0, 0, count @ .., _, _, _, _, _, _, _, _] = head else {
        return None;
    };
    if *flags & IS_SEALED == 0 || rotated.is_empty() {
        return None;
    }
    let already = usize::from(u16::from_be_bytes(*count));
    rotated.rotate_left(already % rotated.len());
    rotated.rotate_right(behind);
    *count = u16::try_from(behind).ok()?.to_be_bytes();
    let data = token.split_off(HEADER + behind + CONFOUNDER);
    Some(Sealed {
        header: token,
        data: data.into(),
    })
}

/// Joins the two parts of a message, whatever its rotation; `None` if it is only signed, or has the
/// older form of RC4 (RFC 4757 7.3).
pub(super) fn join(header: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    match header {
        [5, 4, flags, ..] if flags & IS_SEALED != 0 => Some([header, data].concat()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds a token with an empty confounder, a message of 1 byte and a tail of 2, rotated right
    /// by `rotated`.
    fn token(flags: u8, rotated: usize) -> Vec<u8> {
        let mut body = [vec![0; 16], vec![1; 5], vec![2; 28]].concat();
        body.rotate_right(rotated);
        let count = u16::try_from(rotated).unwrap().to_be_bytes();
        let head = [5, 4, flags, 0xFF, 0, 0, count[0], count[1]];
        [&head[..], &[0; 8], &body].concat()
    }

    #[test]
    fn the_data_is_the_message_however_it_was_rotated() {
        for rotated in [0, 12, 28] {
            let sealed = cut(token(2, rotated), 5).unwrap();
            assert_eq!(sealed.data, [1; 5].as_slice(), "{rotated}");
            assert_eq!(sealed.header.len(), 60);
            assert_eq!(sealed.header[4..8], [0, 0, 0, 28]);
            assert_eq!(sealed.header[16..44], [2; 28]);
            assert_eq!(sealed.header[44..], [0; 16]);
            let joined = join(&sealed.header, &sealed.data).unwrap();
            assert_eq!(joined, token(2, 28));
        }
    }

    #[test]
    fn rejects_an_unsealed_message() {
        assert_eq!(cut(token(1, 0), 5), None);
        assert_eq!(join(&token(1, 0), &[]), None);
        assert_eq!(join(&[0x60, 0x2B, 6, 9], &[0; 40]), None);
        assert_eq!(join(&[5, 4], &[2]), None);
    }

    #[test]
    fn rejects_a_truncated_token() {
        let whole = token(2, 0);
        for end in 0..whole.len() - 28 {
            assert_eq!(cut(whole[..end].to_vec(), 5), None, "{end}");
        }
    }
}
